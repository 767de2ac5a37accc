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
// ones again.
func (p *Projector) Handle(ctx context.Context, batch events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	changes := make([]table.Change, 0, len(batch.Records))
	for _, r := range batch.Records {
		ch, err := decodeRecord(r)
		if err != nil {
			return p.resume(ctx, changes, r, err)
		}
		changes = append(changes, ch)
	}
	if err := p.Project(ctx, changes); err != nil {
		return p.resume(ctx, nil, batch.Records[0], err)
	}
	return events.DynamoDBEventResponse{}, nil
}

// resume does what came before the record that failed, and names the first that
// is not done.
func (p *Projector) resume(ctx context.Context, before []table.Change, failed events.DynamoDBEventRecord, why error) (events.DynamoDBEventResponse, error) {
	p.Log.ErrorContext(ctx, "changes not projected", "sequence", failed.Change.SequenceNumber, "error", why.Error())
	if len(before) > 0 {
		if err := p.Project(ctx, before); err != nil {
			return events.DynamoDBEventResponse{}, fmt.Errorf("before %s: %w", failed.Change.SequenceNumber, err)
		}
	}
	return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: failed.Change.SequenceNumber}}}, nil
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
