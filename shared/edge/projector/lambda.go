package projector

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"convoke/shared/state/table"
	"convoke/shared/state/table/dynamo"
)

// Handle takes a batch of the table's stream. It reports the SequenceNumber of
// the first record that was not dealt with; Lambda brings that one and all later
// ones again, and gives them up together in the end. So what can be read is done
// whatever stands before it: one record that nobody can read takes no other with
// it.
func (p *Projector) Handle(ctx context.Context, records events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	var out events.DynamoDBEventResponse
	changes := make([]table.Change, 0, len(records.Records))
	for _, r := range records.Records {
		ch, err := decodeRecord(r)
		if err == nil {
			err = new(batch).add(ch)
		}
		if err == nil {
			changes = append(changes, ch)
			continue
		}
		p.Log.ErrorContext(ctx, "change not readable", "sequence", r.Change.SequenceNumber, "error", err.Error())
		if out.BatchItemFailures == nil {
			out = failedFrom(r)
		}
	}
	if err := p.Project(ctx, changes); err != nil {
		p.Log.ErrorContext(ctx, "changes not projected", "sequence", records.Records[0].Change.SequenceNumber, "error", err.Error())
		out = failedFrom(records.Records[0])
	}
	return out, nil
}

// failedFrom names the record to begin again from.
func failedFrom(r events.DynamoDBEventRecord) events.DynamoDBEventResponse {
	return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: r.Change.SequenceNumber}}}
}

func decodeRecord(r events.DynamoDBEventRecord) (table.Change, error) {
	ch := table.Change{Seq: strings.TrimLeft(r.Change.SequenceNumber, "0")}
	var err error
	if ch.Old, err = decodeImage(r.Change.OldImage); err != nil {
		return ch, err
	}
	if ch.New, err = decodeImage(r.Change.NewImage); err != nil {
		return ch, err
	}
	for _, it := range []*table.Item{ch.Old, ch.New} {
		if it != nil {
			ch.Key = it.Key
		}
	}
	return ch, nil
}

func decodeImage(image map[string]events.DynamoDBAttributeValue) (*table.Item, error) {
	if len(image) == 0 {
		return nil, nil
	}
	b, err := json.Marshal(image)
	if err != nil {
		return nil, fmt.Errorf("encode image: %w", err)
	}
	it, err := dynamo.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("decode image: %w", err)
	}
	return &it, nil
}
