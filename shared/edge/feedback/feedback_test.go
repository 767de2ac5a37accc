package feedback_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/edge/feedback"
	"convoke/shared/state/store"
	"convoke/shared/state/table/bolt"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// Those of the sample events.
const (
	event   = "01KB0000000000000000000009"
	contact = "01KB0000000000000000000002"
	address = "focal@association.example.org"
)

func open(t *testing.T) *feedback.Feedback {
	t.Helper()
	b, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	var ids atomic.Int64
	s := &store.Store{Table: b, Now: func() time.Time { return start }, NewID: func() string { return fmt.Sprintf("ID%04d", ids.Add(1)) }}
	by := start.AddDate(0, 0, 20)
	i := convening.NewInvitation(&convening.Event{ID: event, Plan: convening.Plan{AnswerBy: &by}}, "S1", contact, start)
	if _, err := s.PlanInvitations(t.Context(), []*convening.Invitation{i}); err != nil {
		t.Fatal(err)
	}
	f := &feedback.Feedback{Store: s, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	change(t, f, func(i *convening.Invitation) error { i.Advance(start); return nil })
	return f
}

func change(t *testing.T, f *feedback.Feedback, fn func(*convening.Invitation) error) {
	t.Helper()
	if _, err := f.Store.UpdateInvitation(t.Context(), event, contact, fn); err != nil {
		t.Fatal(err)
	}
}

func sample(t *testing.T, name string) events.SQSMessage {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../events/sample/aws/ses", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var batch events.SQSEvent
	if err := json.Unmarshal(b, &batch); err != nil {
		t.Fatal(err)
	}
	return batch.Records[0]
}

func handle(t *testing.T, f *feedback.Feedback, messages ...events.SQSMessage) []string {
	t.Helper()
	out, err := f.Handle(t.Context(), events.SQSEvent{Records: messages})
	if err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, b := range out.BatchItemFailures {
		failed = append(failed, b.ItemIdentifier)
	}
	return failed
}

func TestWhatEachEventDoes(t *testing.T) {
	sent := func(i *convening.Invitation) error { i.MarkSent(start); return nil }
	accepted := func(i *convening.Invitation) error {
		return i.Answer(convening.Answer{Answer: convening.Accepted}, start)
	}
	for _, tt := range []struct {
		name       string
		before     func(*convening.Invitation) error
		events     []string
		status     convening.InvitationStatus
		suppressed bool
		delivered  bool
	}{
		{"sent", nil, []string{"send"}, convening.Queued, false, false},
		{"delivered", sent, []string{"delivery"}, convening.Delivered, false, true},
		{"delivered before it was noted as sent", nil, []string{"delivery"}, convening.Delivered, false, true},
		{"delivered after it was answered", accepted, []string{"delivery"}, convening.Accepted, false, true},
		{"mailbox full", sent, []string{"bounce-transient"}, convening.Sent, false, false},
		{"mailbox full, then delivered", sent, []string{"bounce-transient", "delivery"}, convening.Delivered, false, true},
		{"no such mailbox", sent, []string{"bounce-permanent"}, convening.Bounced, true, false},
		{"accepted by the server, then sent back", sent, []string{"delivery", "bounce-permanent"}, convening.Bounced, true, true},
		{"the same, out of order", sent, []string{"bounce-permanent", "delivery"}, convening.Bounced, true, true},
		{"sent back after an answer", accepted, []string{"bounce-permanent"}, convening.Accepted, true, false},
		{"complaint", sent, []string{"delivery", "complaint"}, convening.Delivered, true, true},
		{"complaint before the delivery", sent, []string{"complaint", "delivery"}, convening.Delivered, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t)
			if tt.before != nil {
				change(t, f, tt.before)
			}
			for range 2 { // the whole again, as a queue that lost its place would bring it
				for _, name := range tt.events {
					for range 2 {
						if failed := handle(t, f, sample(t, name)); failed != nil {
							t.Fatalf("%s failed", name)
						}
					}
				}
			}
			i, err := f.Store.Invitation(t.Context(), event, contact)
			if err != nil {
				t.Fatal(err)
			}
			if i.Status != tt.status || (i.DeliveredAt != nil) != tt.delivered {
				t.Errorf("%+v", i)
			}
			if got, err := f.Store.Suppressed(t.Context(), store.AddressHash(address)); err != nil || got != tt.suppressed {
				t.Errorf("suppressed %t, %v", got, err)
			}
			if i.Status == convening.Bounced && i.DueAt != nil {
				t.Error("it would be reminded")
			}
		})
	}
}

func TestEventsOfOtherMails(t *testing.T) {
	f := open(t)
	for name, body := range map[string]string{
		"no invitation of ours": strings.ReplaceAll(sample(t, "delivery").Body, event, "01KB00000000000000000000ZZ"),
		"no invitation":         strings.ReplaceAll(strings.ReplaceAll(sample(t, "delivery").Body, `"event":`, `"x":`), `"contact":`, `"y":`),
		"tags without values":   strings.ReplaceAll(sample(t, "delivery").Body, `["`+event+`"]`, `[]`),
		"another kind":          `{"detail":{"eventType":"Open"}}`,
		"nothing":               `{}`,
	} {
		if failed := handle(t, f, events.SQSMessage{MessageId: "1", Body: body}); failed != nil {
			t.Errorf("%s failed", name)
		}
	}
	if i, err := f.Store.Invitation(t.Context(), event, contact); err != nil || i.Status != convening.Queued {
		t.Errorf("%+v, %v", i, err)
	}
}

func TestRecipientsWithTheirNames(t *testing.T) {
	f := open(t)
	m := sample(t, "bounce-permanent")
	m.Body = strings.ReplaceAll(m.Body, `"emailAddress":"`+address+`"`, `"emailAddress":"\"Point, Focal\" <`+strings.ToUpper(address)+`>"`)
	if failed := handle(t, f, m); failed != nil {
		t.Fatal("failed")
	}
	if got, err := f.Store.Suppressed(t.Context(), store.AddressHash(address)); err != nil || !got {
		t.Errorf("suppressed %t, %v", got, err)
	}
}

// A message that cannot be read does not hold up its neighbours.
func TestHandleNamesWhatFailed(t *testing.T) {
	f := open(t)
	good, broken := sample(t, "delivery"), sample(t, "delivery")
	good.MessageId, broken.MessageId, broken.Body = "good", "broken", "{"
	if diff := cmp.Diff([]string{"broken"}, handle(t, f, broken, good)); diff != "" {
		t.Error(diff)
	}
	if i, err := f.Store.Invitation(t.Context(), event, contact); err != nil || i.Status != convening.Delivered {
		t.Errorf("%+v, %v", i, err)
	}
}

// The provider's report tells that a mail went when its mailer never came to
// know: it is not sent again once the claim's lease has ended.
func TestAReportConfirmsAMailWhoseReplyWasLost(t *testing.T) {
	f := open(t)
	if _, err := f.Store.ClaimMessage(t.Context(), "M1"); err != nil {
		t.Fatal(err)
	}
	e := feedback.Event{Type: "Send"}
	e.Mail.ID, e.Mail.Tags = "provider-1", map[string][]string{"message": {"M1"}}
	for range 2 { // reports come twice
		if err := f.Apply(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	f.Store.Now = func() time.Time { return start.Add(time.Hour) }
	m, err := f.Store.ClaimMessage(t.Context(), "M1")
	if err != nil || m.State != store.MessageSent || m.ProviderID != "provider-1" {
		t.Errorf("%+v, %v", m, err)
	}
	e.Mail.Tags["message"] = []string{"unknown"}
	if err := f.Apply(t.Context(), e); err != nil {
		t.Errorf("a report on a mail that is not kept: %v", err)
	}
}
