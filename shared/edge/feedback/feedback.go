// Package feedback reads what the mail provider says became of mails: deliveries
// and bounces go to the invitation, bounces for good and complaints stop all
// mail to the address.
package feedback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"

	"github.com/aws/aws-lambda-go/events"

	"convoke/shared/domain/convening"
	"convoke/shared/state/store"
)

// Feedback applies events. All fields are required.
type Feedback struct {
	Store *store.Store
	Log   *slog.Logger
}

// Tags by which a mail's events find their way back; the mailer sets them.
const (
	tagMessage = "message"
	tagEvent   = "event"
	tagContact = "contact"
)

// envelope is an EventBridge event with an SES event in it.
type envelope struct {
	Detail Event `json:"detail"`
}

// Event is the part of an SES event that is acted on, as SES publishes it.
type Event struct {
	Type string `json:"eventType"` // Send, Delivery, Bounce, Complaint; others are passed over
	Mail struct {
		ID   string              `json:"messageId"` // the provider's
		Tags map[string][]string `json:"tags"`
	} `json:"mail"`
	Bounce struct {
		Type       string      `json:"bounceType"` // Permanent, Transient, Undetermined
		Recipients []recipient `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		Recipients []recipient `json:"complainedRecipients"`
	} `json:"complaint"`
}

type recipient struct {
	Address string `json:"emailAddress"`
}

// bare is the address alone: SES gives the value of the To field, name and all,
// when no delivery status names the recipient.
func (r recipient) bare() string {
	if a, err := mail.ParseAddress(r.Address); err == nil {
		return a.Address
	}
	return r.Address
}

// Handle takes a batch from the feedback queue and names the messages that
// failed; SQS brings those again.
func (f *Feedback) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	var out events.SQSEventResponse
	for _, m := range batch.Records {
		var e envelope
		err := json.Unmarshal([]byte(m.Body), &e)
		if err == nil {
			err = f.Apply(ctx, e.Detail)
		}
		if err != nil {
			f.Log.ErrorContext(ctx, "feedback not applied", "message", m.MessageId, "error", err.Error())
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return out, nil
}

// Apply does what one event asks. The same event again, or late, changes nothing
// more.
func (f *Feedback) Apply(ctx context.Context, e Event) error {
	ctx = store.As(ctx, store.Actor{ID: "feedback", Role: "system"})
	if err := f.confirm(ctx, e); err != nil {
		return err
	}
	switch e.Type {
	case "Delivery":
		return f.mark(ctx, e, func(i *convening.Invitation) error { i.MarkDelivered(f.Store.Now()); return nil })
	case "Bounce":
		if e.Bounce.Type != "Permanent" {
			return nil // a full mailbox is no reason never to write again
		}
		if err := f.suppress(ctx, e.Bounce.Recipients, store.HardBounce); err != nil {
			return err
		}
		return f.mark(ctx, e, func(i *convening.Invitation) error { i.MarkBounced(); return nil })
	case "Complaint":
		return f.suppress(ctx, e.Complaint.Recipients, store.Complained)
	}
	return nil
}

// confirm notes that the mail went, which its mailer does not know when the
// provider's reply was lost: without it the mail would be sent again once the
// claim's lease has ended.
func (f *Feedback) confirm(ctx context.Context, e Event) error {
	id := first(e.Mail.Tags[tagMessage])
	if id == "" || e.Type == "Reject" || e.Type == "Rendering Failure" {
		return nil
	}
	if err := f.Store.ConfirmMessage(ctx, id, e.Mail.ID); err != nil {
		return fmt.Errorf("confirm message: %w", err)
	}
	return nil
}

func (f *Feedback) suppress(ctx context.Context, list []recipient, why store.SuppressionReason) error {
	for _, r := range list {
		if err := f.Store.Suppress(ctx, store.AddressHash(r.bare()), why); err != nil {
			return fmt.Errorf("suppress: %w", err)
		}
	}
	return nil
}

// mark changes the invitation that the mail carried, if it carried one.
func (f *Feedback) mark(ctx context.Context, e Event, change func(*convening.Invitation) error) error {
	event, contact := first(e.Mail.Tags[tagEvent]), first(e.Mail.Tags[tagContact])
	if event == "" || contact == "" {
		return nil
	}
	_, err := f.Store.UpdateInvitation(ctx, event, contact, change)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
