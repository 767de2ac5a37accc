// Package outlet is where recorded events leave a function: the mail queue on SQS
// and the event bus on EventBridge.
package outlet

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	bridge "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"convoke/shared/platform/boot"
	"convoke/shared/state/store"
)

// perRequest is how many entries SQS and EventBridge take at once.
const perRequest = 10

// MailQueue is the mail queue on SQS.
type MailQueue struct {
	client *sqs.Client
	url    string
}

// OpenMailQueue opens the mail queue.
func OpenMailQueue(d *boot.Deployment) *MailQueue {
	return &MailQueue{client: sqs.NewFromConfig(d.AWS), url: d.Config.MailQueueURL}
}

// Send puts jobs into the queue. After an error some may be in it: sending them
// again is harmless, because each is done once.
func (q *MailQueue) Send(ctx context.Context, jobs []store.Job) error {
	for chunk := range slices.Chunk(jobs, perRequest) {
		in := &sqs.SendMessageBatchInput{QueueUrl: &q.url}
		for i, j := range chunk {
			body, err := json.Marshal(j)
			if err != nil {
				return fmt.Errorf("encode job: %w", err)
			}
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body))})
		}
		out, err := q.client.SendMessageBatch(ctx, in)
		if err != nil {
			return fmt.Errorf("send to the mail queue: %w", err)
		}
		if len(out.Failed) > 0 {
			return fmt.Errorf("send to the mail queue: %d of %d refused: %s", len(out.Failed), len(chunk), aws.ToString(out.Failed[0].Code))
		}
	}
	return nil
}

// Bus is the event bus on EventBridge.
type Bus struct {
	client *eventbridge.Client
	name   string
	source string
}

// OpenBus opens the event bus.
func OpenBus(d *boot.Deployment) *Bus {
	return &Bus{client: eventbridge.NewFromConfig(d.AWS), name: d.Config.Bus, source: d.Config.BaseURL}
}

// Publish puts events on the bus, each as a CloudEvent in the detail.
func (b *Bus) Publish(ctx context.Context, list []store.Outbox) error {
	for chunk := range slices.Chunk(list, perRequest) {
		in := &eventbridge.PutEventsInput{}
		for _, o := range chunk {
			detail, err := o.CloudEvent(b.source)
			if err != nil {
				return fmt.Errorf("encode event: %w", err)
			}
			in.Entries = append(in.Entries, bridge.PutEventsRequestEntry{
				EventBusName: &b.name, Source: aws.String("convoke"), DetailType: aws.String(o.CloudEventType()),
				Detail: aws.String(string(detail)), Time: aws.Time(o.At),
			})
		}
		out, err := b.client.PutEvents(ctx, in)
		if err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		if out.FailedEntryCount > 0 {
			return fmt.Errorf("publish: %d of %d refused", out.FailedEntryCount, len(chunk))
		}
	}
	return nil
}
