package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// Mail is claimed before it is sent, so that two mailers do not send it twice.
const (
	claimLease  = 5 * time.Minute
	messageKept = 90 * 24 * time.Hour
)

// MessageState is where one mail stands.
type MessageState string

// The states of a mail. Claimed is the only one that is not final.
const (
	MessageClaimed MessageState = "claimed"
	MessageSent    MessageState = "sent"
	MessageDropped MessageState = "dropped" // not to be sent: suppressed, or no longer true
)

// Message is the record that makes a mail go out once. It holds no address.
type Message struct {
	ID         string       `json:"id"`
	Kind       string       `json:"kind,omitempty"` // of the job
	To         string       `json:"to,omitempty"`   // the contact, or the hash of an address where no contact is known yet
	State      MessageState `json:"state"`
	Attempts   int          `json:"attempts"`
	ClaimedAt  time.Time    `json:"claimed_at"`
	ProviderID string       `json:"provider_id,omitempty"`
	Reason     string       `json:"reason,omitempty"` // why it was dropped
	version    int64
}

// ErrClaimed says that another mailer has the message now, or had it and died;
// its lease must end first.
var ErrClaimed = errors.New("message is claimed by another mailer")

// ClaimMessage takes the right to send the message. The message that comes back
// in a final state is done with; ErrClaimed means try again later.
func (s *Store) ClaimMessage(ctx context.Context, id string) (*Message, error) {
	return s.ClaimJob(ctx, Job{ID: id})
}

// ClaimJob is ClaimMessage for the mail of a job, which is then also found by whom
// it goes to.
func (s *Store) ClaimJob(ctx context.Context, job Job) (*Message, error) {
	id := job.ID
	now := s.Now().UTC()
	it, err := s.Table.Get(ctx, messageKey(id))
	if errors.Is(err, table.ErrAbsent) {
		m := &Message{ID: id, Kind: job.Kind, To: recipient(job), State: MessageClaimed, Attempts: 1, ClaimedAt: now}
		return m, s.putMessage(ctx, m, table.IfAbsent())
	}
	if err != nil {
		return nil, translate(err)
	}
	m := &Message{version: it.Version}
	if err := json.Unmarshal(it.Attributes, m); err != nil {
		return nil, err
	}
	if m.State != MessageClaimed {
		return m, nil
	}
	if now.Sub(m.ClaimedAt) < claimLease {
		return nil, ErrClaimed
	}
	m.Attempts, m.ClaimedAt = m.Attempts+1, now
	return m, s.putMessage(ctx, m, table.IfVersion(m.version))
}

// recipient is by what the mail of a job is found: one to whoever is the focal
// point, or whom the job does not say, by the stakeholder.
func recipient(job Job) string {
	switch {
	case job.Kind == "panel.seat_passed", job.Kind == "verification.sponsorship_asked", job.Kind == "claim.sponsorship_asked":
		return "" // it goes to the organiser
	case job.Kind == "verification.reference_asked":
		return job.Data["referee"]
	case job.Kind == "contact.mandate_waiting", job.Data["contact"] == directory.ToFocalPoint:
		return job.Data["stakeholder"]
	}
	return cmp.Or(job.Data["contact"], job.Data["address"], job.Data["stakeholder"])
}

// NameInMessage notes whom a mail is going to name beside who it goes to, so that
// an erasure finds it. It comes before the mail goes.
func (s *Store) NameInMessage(ctx context.Context, m *Message, who []ContactRef) error {
	if len(who) == 0 {
		return nil
	}
	expires := s.Now().Add(messageKept).Unix()
	ops := make([]table.Op, len(who))
	for i, ref := range who {
		ops[i] = mentionOp(ref.Stakeholder, mention{typeMessage, strings.TrimSuffix(m.ID+"."+ref.Contact, ".")}, expires)
	}
	return translate(s.Table.Transact(ctx, ops))
}

// eraseMail forgets a mail that names who is erased: the stakeholder, or of its
// contacts the one.
func (s *Store) eraseMail(ctx context.Context, e *directory.Erasure, id string, mails func(context.Context, []string) error) error {
	message, contact, _ := strings.Cut(id, ".")
	if e.Contact != "" && e.Contact != contact {
		return nil
	}
	it, err := s.Table.Get(ctx, messageKey(message))
	if errors.Is(err, table.ErrAbsent) {
		return nil
	}
	if err != nil {
		return translate(err)
	}
	if err := forgetMails(ctx, []table.Item{it}, mails); err != nil {
		return err
	}
	return translate(s.Table.Transact(ctx, []table.Op{{Verb: table.Delete, Item: table.Item{Key: it.Key}}}))
}

// FinishMessage notes that the message was sent or dropped.
func (s *Store) FinishMessage(ctx context.Context, m *Message) error {
	return s.putMessage(ctx, m, table.IfVersion(m.version))
}

// ConfirmMessage notes that the provider reports on the message, so that it was
// sent, whatever its mailer came to know. A message that is not waiting for that
// is left as it is.
func (s *Store) ConfirmMessage(ctx context.Context, id, providerID string) error {
	it, err := s.Table.Get(ctx, messageKey(id))
	if errors.Is(err, table.ErrAbsent) {
		return nil
	}
	if err != nil {
		return translate(err)
	}
	m := &Message{version: it.Version}
	if err := json.Unmarshal(it.Attributes, m); err != nil {
		return err
	}
	if m.State != MessageClaimed {
		return nil
	}
	m.State, m.ProviderID, m.Reason = MessageSent, providerID, ""
	return s.FinishMessage(ctx, m)
}

// ReleaseMessage gives a claim back after a send that certainly did not happen,
// so that the next attempt need not wait for the lease.
func (s *Store) ReleaseMessage(ctx context.Context, m *Message) error {
	m.ClaimedAt = time.Time{}
	return s.putMessage(ctx, m, table.IfVersion(m.version))
}

func (s *Store) putMessage(ctx context.Context, m *Message, when table.Condition) error {
	m.version++
	it := table.Item{Key: messageKey(m.ID), Type: typeMessage, Version: m.version, Expires: s.Now().Add(messageKept).Unix(), Attributes: encode(m)}
	if m.To != "" {
		it.G1 = table.Key{PK: mailedPartition(m.To), SK: m.ID}
	}
	err := s.Table.Transact(ctx, []table.Op{{Verb: table.Put, Item: it, If: when}})
	if raced(err) {
		return ErrClaimed
	}
	return translate(err)
}
