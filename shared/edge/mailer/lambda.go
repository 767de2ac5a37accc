package mailer

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/aws-lambda-go/events"

	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// Handle takes a batch of the mail queue and names the messages that failed, each
// on its own: one that cannot be sent does not hold up its neighbours, and ends
// in the dead letters when it has failed often enough.
func (m *Mailer) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	var out events.SQSEventResponse
	for _, record := range batch.Records {
		var job store.Job
		err := json.Unmarshal([]byte(record.Body), &job)
		if err == nil {
			err = m.Do(ctx, job)
		}
		if err != nil {
			m.Log.ErrorContext(ctx, "mail not sent", "message", record.MessageId, "job", job.ID, "permanent", errors.Is(err, mail.ErrPermanent), "error", err.Error())
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
		}
	}
	return out, nil
}
