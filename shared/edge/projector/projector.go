// Package projector follows the changes of the table: what was recorded goes to
// the mail queue and the bus, what is listed goes to the search, what was
// answered is counted. Every step may be repeated: a batch that failed comes
// again whole.
package projector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"

	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// Queue takes what asks for a mail: SQS, or the local queue.
type Queue interface {
	Send(ctx context.Context, jobs []store.Job) error
}

// Bus publishes what happened: EventBridge, or the local feed.
type Bus interface {
	Publish(ctx context.Context, events []store.Outbox) error
}

// Index takes what the search is to know: the search's writer, in the cloud or
// beside the reader of the same process.
type Index interface {
	Apply(ctx context.Context, changes []search.Change) error
}

// Projector handles changes. All fields are required.
type Projector struct {
	Store *store.Store
	Queue Queue
	Bus   Bus
	Index Index
	Log   *slog.Logger
}

// Project handles the changes, in order. On an error the batch does not count as
// done; doing it again has no second effect.
func (p *Projector) Project(ctx context.Context, changes []table.Change) error {
	var work batch
	for _, ch := range changes {
		if err := work.add(ch); err != nil {
			return fmt.Errorf("change %s: %w", ch.Seq, err)
		}
	}
	return errors.Join(p.send(ctx, work.jobs), p.publishShown(ctx, work.published), p.count(ctx, work.invitations), p.keepLedgers(ctx, work.invitations), p.index(ctx, &work))
}

// Each of the five is tried whatever became of the others: while one of the
// things behind them is down, a batch comes again and again, and may be given up
// in the end. Mail, which nothing makes up for, goes first.

func (p *Projector) send(ctx context.Context, jobs []store.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	if err := p.Queue.Send(ctx, jobs); err != nil {
		return fmt.Errorf("queue mail: %w", err)
	}
	return nil
}

func (p *Projector) publish(ctx context.Context, events []store.Outbox) error {
	if len(events) == 0 {
		return nil
	}
	if err := p.Bus.Publish(ctx, events); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

func (p *Projector) count(ctx context.Context, invitations map[string][]table.Change) error {
	var failed error
	for event, changes := range invitations {
		if err := p.Store.CountChanges(ctx, event, changes); err != nil {
			failed = errors.Join(failed, fmt.Errorf("count: %w", err))
		}
	}
	return failed
}

// batch is what a batch of changes asks for.
type batch struct {
	entries     map[string]search.Change // by stakeholder: the last one counts
	invitations map[string][]table.Change
	asked       map[string]bool // stakeholders whose ledger changed
	jobs        []store.Job
	published   []store.Outbox
}

func (b *batch) add(ch table.Change) error {
	if event, ok := store.InvitationEvent(ch); ok {
		if b.invitations == nil {
			b.invitations = map[string][]table.Change{}
		}
		b.invitations[event] = append(b.invitations[event], ch)
		return nil
	}
	if stakeholder, ok := store.LedgerOf(ch); ok {
		if b.asked == nil {
			b.asked = map[string]bool{}
		}
		b.asked[stakeholder] = true
		return nil
	}
	if err := b.addEntry(ch); err != nil {
		return err
	}
	o, ok, err := store.DecodeOutbox(ch)
	if err != nil || !ok {
		return err
	}
	if mailed(o.Type) {
		b.jobs = append(b.jobs, o.Job())
	}
	if published(o.Type) {
		b.published = append(b.published, o)
	}
	return nil
}

func (b *batch) addEntry(ch table.Change) error {
	it, removed := ch.New, ch.New == nil
	if removed {
		it = ch.Old
	}
	e, ok, err := store.DecodeStakeholder(it)
	if err != nil || !ok {
		return err
	}
	if b.entries == nil {
		b.entries = map[string]search.Change{}
	}
	entry := listing.Change(e)
	if removed {
		entry.Removed, entry.Version = true, math.MaxInt64/2 // it never comes back, whatever its ledger said
	}
	b.entries[e.ID] = entry
	return nil
}

// mailed reports whether an event asks for a mail.
func mailed(kind string) bool {
	switch kind {
	case "sign_in.requested",
		"registration.submitted",
		"registration.listed",
		"registration.returned",
		"registration.declined",
		"verification.expiring",
		"verification.lapsed",
		"verification.suspended",
		"verification.reinstated",
		"verification.appeal_decided",
		"verification.change_accepted",
		"verification.change_returned",
		"verification.reference_asked",
		"verification.sponsorship_asked",
		"claim.sponsorship_asked",
		"verification.reference_given",
		"verification.reference_refused",
		"claim.asked",
		"claim.granted",
		"claim.refused",
		"claim.ended",
		"contact.added",
		"contact.mandate_asked",
		"contact.mandate_waiting",
		"contact.mandate_approved",
		"contact.mandate_refused",
		"relay.sent",
		"invitation.queued",
		"invitation.reminded",
		"invitation.accepted",
		"invitation.tentative",
		"invitation.waiting",
		"invitation.withdrawn",
		"invitation.offered",
		"invitation.unplaced",
		"invitation.declined",
		"invitation.delegated",
		"invitation.returned",
		"invitation.vacated",
		"invitation.seated",
		"panel.seat_passed",
		"invitation.announced",
		"invitation.thanked",
		"letter.issued",
		"event.test_mail",
		"accreditation.applied",
		"accreditation.objected",
		"accreditation.decided",
		"protection.requested",
		"invitation.changed",
		"invitation.cancelled",
		"event.opened",
		"search.matched":
		return true
	}
	return false
}

// published reports whether an event goes to the bus. What concerns one person's
// access stays inside, and so does what a moderator held of a suspicion.
func published(kind string) bool {
	if strings.HasPrefix(kind, "protection.") {
		return kind == withdrawn
	}
	switch noun, _, _ := strings.Cut(kind, "."); noun {
	case "sign_in", "contact", "relay", "relation", "merge", "search", "claim", "screening", "sanctions", "case", "accreditation": // between two, or of one person
		return false
	}
	switch kind {
	case "stakeholder.revised", "stakeholder.tied", "stakeholder.composed", "stakeholder.distinguished", "stakeholder.absorbed", "stakeholder.released", "invitation.moved",
		"verification.reference_asked", "verification.reference_given", "verification.reference_refused", "verification.sponsorship_asked", // who vouches for whom
		"certificate.issued", "certificate.revised", "certificate.taken_away", "invitation.certified",
		"letter.issued", "letter.revoked", "letter.expired", "invitation.letter_issued", // who travels
		"invitation.announced", "invitation.thanked", "event.announced", "event.thanked", "event.names_forgotten", "event.places_offered", "event.test_mail", "announcement.made", "announcement.sent", // an organiser's letters
		"panel.seat_passed", // what follows from panel.alternate_seated and panel.seat_open
		"upload.asked", "upload.kept", "upload.looked_at", "upload.released", "upload.dropped":
		return false
	}
	return true
}
