package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

// seatAttempts is how often an answer that lost a race for a place is tried.
// Each round in which it loses, another answer has won; between rounds it waits
// at random, so that of many one comes through.
const seatAttempts = 400

const longestPause = 20 * time.Millisecond

// UpdateInvitation changes one invitation. When the change takes or frees a
// place, the count of places is written in the same transaction: never more are
// taken than there are, whoever answers at the same time. Who accepts when none
// is left gets in line instead; a place that comes free is offered, in the same
// transaction, to the first in line; an alternate steps in for who says no.
//
// The change may be made more than once, each time on what was read anew.
func (s *Store) UpdateInvitation(ctx context.Context, event, contact string, change func(*convening.Invitation) error) (*convening.Invitation, error) {
	return s.amendInvitation(ctx, amendment{store: s, key: invitationKey(event, contact), change: change})
}

func (s *Store) amendInvitation(ctx context.Context, wanted amendment) (*convening.Invitation, error) {
	for attempt := range seatAttempts {
		a := wanted
		err := a.attempt(ctx)
		if !errors.Is(err, ErrBusy) {
			return a.i, err
		}
		if err := pause(ctx, attempt); err != nil {
			return nil, err
		}
	}
	return nil, ErrBusy
}

// pause waits at random, the longer the more attempts were lost.
func pause(ctx context.Context, attempt int) error {
	longest := min(longestPause, time.Duration(attempt+1)*time.Millisecond)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(longest)): //nolint:gosec // only to keep apart who waits
		return nil
	}
}

// amendment is one attempt to change one invitation with all that follows.
type amendment struct {
	store  *Store
	key    table.Key
	change func(*convening.Invitation) error

	name  naming  // instead of change, when others are named by the invitation
	issue issuing // instead of change, when a letter is issued

	read      table.Item
	i         *convening.Invitation
	named     []*convening.Invitation // of who was named, newly
	first     *other                  // whose invitation it is again
	nominator *other                  // who put the name
	letter    *convening.Letter       // that was issued
	stood     string                  // the code of the letter, before
	held      bool                    // a place, before
	was       []claim                 // before
	room      room
	w         *write
}

func (a *amendment) attempt(ctx context.Context) error {
	read, err := a.store.Table.Get(ctx, a.key)
	if err != nil {
		return translate(err)
	}
	a.read = read
	entries, err := a.apply(false)
	if err != nil || len(entries) == 0 {
		return err
	}
	if err := a.passBack(ctx); err != nil {
		return err
	}
	if a.holds() != a.held {
		if a.room, err = a.store.room(ctx, a.i.EventID, a.i.Stakeholder); err != nil {
			return err
		}
		if !a.held && !a.room.free() {
			if entries, err = a.apply(true); err != nil || len(entries) == 0 {
				return err
			}
		}
	}
	return a.commit(ctx, entries)
}

// apply makes the change to what was read.
func (a *amendment) apply(full bool) ([]journal.Entry, error) {
	i, err := invitations.decode(a.read)
	if err != nil {
		return nil, err
	}
	a.i, a.held, a.was, a.stood = i, i.HoldsSeat(), waitingClaims(i), i.Letter
	i.Full = full
	switch {
	case a.name != nil:
		a.named, err = a.name(i)
	case a.issue != nil:
		a.letter, err = a.issue(i)
	default:
		err = a.change(i)
	}
	i.DropLetter()
	return i.Take(), err
}

func (a *amendment) commit(ctx context.Context, entries []journal.Entry) error {
	a.i.Version = a.read.Version + 1
	var behind []string
	alternate := ""
	if a.i.Passes() {
		alternate, behind = a.i.NextAlternate()
	}
	it, trace, err := seal(ctx, a.store, invitations, &a.read, a.i, entries)
	if err != nil {
		return err
	}
	a.w = a.store.write(ctx, table.Op{Verb: table.Put, Item: it, If: table.IfVersion(a.read.Version)}, trace, entries)
	a.w.claim(a.was, waitingClaims(a.i))
	if err := a.pair(ctx); err != nil {
		return err
	}
	if err := a.papers(ctx); err != nil {
		return err
	}
	if err := a.account(ctx); err != nil {
		return err
	}
	if alternate != "" {
		if err := a.amend(ctx, alternate, func(i *convening.Invitation) { i.StepIn(behind, a.store.Now()) }); err != nil {
			return err
		}
	}
	if a.nominator != nil { // last, because the place may be offered to them
		if err := a.join(ctx, a.nominator); err != nil {
			return err
		}
	}
	return a.w.commit(ctx)
}

// account writes what becomes of the places.
func (a *amendment) account(ctx context.Context) error {
	switch holds := a.holds(); {
	case !a.room.limited():
		return nil
	case holds && !a.held:
		a.room.take(a.w, +1)
		return nil
	case a.held && !holds:
		return a.passOn(ctx)
	case a.i.Status == convening.Waiting:
		a.room.check(a.w) // it must still be so that none is free
	}
	return nil
}

// passOn offers the place that came free to the first in line who may have it.
func (a *amendment) passOn(ctx context.Context) error {
	next, err := a.store.firstInLine(ctx, a.i, a.room)
	if err != nil {
		return err
	}
	if next == nil {
		a.room.take(a.w, -1)
		return nil
	}
	if next.Stakeholder == a.i.Stakeholder {
		a.room.check(a.w)
	} else {
		a.room.touch(a.w)
		a.room.own.add(a.w, -1)
		if a.room.perOrganisation > 0 {
			theirs, err := a.store.seats(ctx, a.i.EventID, next.Stakeholder, a.room.counting)
			if err != nil {
				return err
			}
			theirs.add(a.w, +1)
		}
	}
	return a.amend(ctx, next.Contact, func(i *convening.Invitation) { i.Offer(a.store.Now()) })
}

// amend changes another invitation of the event in the same transaction.
func (a *amendment) amend(ctx context.Context, contact string, change func(*convening.Invitation)) error {
	if a.nominator != nil && a.nominator.i.Contact == contact {
		change(a.nominator.i)
		return nil
	}
	o, err := a.store.other(ctx, a.i.EventID, contact)
	if err != nil || o == nil {
		return err
	}
	change(o.i)
	return a.join(ctx, o)
}

// other is another invitation of the event, as it was read.
type other struct {
	read table.Item
	i    *convening.Invitation
	was  []claim
}

// other reads an invitation that changes with another, nil when there is none.
func (s *Store) other(ctx context.Context, event, contact string) (*other, error) {
	read, err := s.Table.Get(ctx, invitationKey(event, contact))
	if errors.Is(err, table.ErrAbsent) {
		return nil, nil
	}
	if err != nil {
		return nil, translate(err)
	}
	i, err := invitations.decode(read)
	if err != nil {
		return nil, err
	}
	return &other{read, i, waitingClaims(i)}, nil
}

// join adds what became of another invitation to the transaction.
func (a *amendment) join(ctx context.Context, o *other) error {
	entries := o.i.Take()
	if len(entries) == 0 {
		return nil
	}
	o.i.Version = o.read.Version + 1
	it, trace, err := seal(ctx, a.store, invitations, &o.read, o.i, entries)
	if err != nil {
		return err
	}
	a.w.add(table.Op{Verb: table.Put, Item: it, If: table.IfVersion(o.read.Version)})
	a.w.add(table.Op{Verb: table.Put, Item: trace, If: table.IfAbsent()})
	for _, e := range entries {
		a.w.announce(ctx, e)
	}
	a.w.claim(o.was, waitingClaims(o.i))
	return nil
}

// counter is an item that counts places that are taken.
type counter struct {
	convening.Seats
	key     table.Key
	version int64
}

func (c counter) condition() table.Condition {
	if c.version == 0 {
		return table.IfAbsent()
	}
	return table.IfVersion(c.version)
}

func (c counter) add(w *write, n int) {
	if c.key.PK == "" {
		return // organisations are not counted
	}
	c.Taken += n
	w.add(table.Op{Verb: table.Put, If: c.condition(), Item: table.Item{Key: c.key, Type: typeSeats, Version: c.version + 1, Attributes: encode(c.Seats)}})
}

func (c counter) check(w *write) {
	if c.key.PK != "" {
		w.add(table.Op{Verb: table.Check, If: c.condition(), Item: table.Item{Key: c.key}})
	}
}

// room is what is known of the places of an event, and of one organisation's.
type room struct {
	capacity, perOrganisation int
	counting                  int // of the event
	all, own                  counter
}

func (r room) limited() bool { return r.capacity > 0 || r.perOrganisation > 0 }

// free reports whether the organisation can have one more place.
func (r room) free() bool {
	return (r.capacity == 0 || r.all.Taken < r.capacity) && (r.perOrganisation == 0 || r.own.Taken < r.perOrganisation)
}

func (r room) take(w *write, n int) { r.all.add(w, n); r.own.add(w, n) }

// check holds the transaction to what was read.
func (r room) check(w *write) { r.all.check(w); r.own.check(w) }

// touch makes a new version of the count of all places without changing it, so
// that of two places that come free at once each finds its own next in line.
func (r room) touch(w *write) { r.all.add(w, 0) }

// room reads the places of an event and of a stakeholder at it.
func (s *Store) room(ctx context.Context, event, stakeholder string) (r room, err error) {
	e, err := s.Event(ctx, event)
	if errors.Is(err, ErrNotFound) {
		return r, nil // nothing says that there is a limit
	}
	if err != nil {
		return r, err
	}
	r.capacity, r.perOrganisation, r.counting = e.Capacity, e.PlacesPerOrganisation, e.Counting
	if !r.limited() {
		return r, nil
	}
	if r.all, err = s.seats(ctx, event, "", r.counting); err != nil || r.perOrganisation == 0 {
		return r, err
	}
	r.own, err = s.seats(ctx, event, stakeholder, r.counting)
	return r, err
}

// seats reads how many places of an event are taken, or how many of them by a
// stakeholder. A count of an earlier counting is made anew from the invitations; it
// is kept with the next answer that takes or frees a place.
func (s *Store) seats(ctx context.Context, event, stakeholder string, counting int) (counter, error) {
	c := counter{key: seatsKey(event, stakeholder)}
	it, err := s.Table.Get(ctx, c.key)
	if err != nil && !errors.Is(err, table.ErrAbsent) {
		return c, translate(err)
	}
	if err == nil {
		c.version = it.Version
		if err := json.Unmarshal(it.Attributes, &c.Seats); err != nil {
			return c, fmt.Errorf("decode seats: %w", err)
		}
	}
	if c.Counting < counting {
		c.Counting = counting
		c.Taken, err = s.holding(ctx, event, stakeholder)
		return c, err
	}
	return c, nil
}

// holding counts the invitations that hold a place at an event, or those of a
// stakeholder.
func (s *Store) holding(ctx context.Context, event, stakeholder string) (n int, err error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*convening.Invitation
		if list, cursor, err = s.Invitations(ctx, event, cursor, holdersAtOnce); err != nil {
			return n, err
		}
		for _, i := range list {
			if i.HoldsSeat() && (stakeholder == "" || i.Stakeholder == stakeholder) {
				n++
			}
		}
	}
	return n, nil
}

const holdersAtOnce = 500

// SeatsTaken returns how many places of an event are taken or kept, whether they
// are limited or not.
func (s *Store) SeatsTaken(ctx context.Context, event string) (int, error) {
	r, err := s.room(ctx, event, "")
	if err != nil || r.limited() {
		return r.all.Taken, err
	}
	return s.holding(ctx, event, "")
}

// WaitingLine returns one page of who waits for a place at an event, in order.
func (s *Store) WaitingLine(ctx context.Context, event, cursor string, limit int) (contacts []string, next string, err error) {
	p, err := s.Table.Query(ctx, table.Query{PK: seatsKey(event, "").PK, SKPrefix: waitingPrefix, Limit: limit, Cursor: cursor})
	if err != nil {
		return nil, "", translate(err)
	}
	for _, it := range p.Items {
		contacts = append(contacts, it.SK[strings.LastIndexByte(it.SK, '#')+1:])
	}
	return contacts, p.Cursor, nil
}

// lineAtOnce is how much of the waiting list is read in one request.
const lineAtOnce = 50

// firstInLine returns the first of the waiting list who may have the place that
// left gives back, nil when there is none.
func (s *Store) firstInLine(ctx context.Context, left *convening.Invitation, r room) (*convening.Invitation, error) {
	for cursor := ""; ; {
		p, err := s.Table.Query(ctx, table.Query{PK: seatsKey(left.EventID, "").PK, SKPrefix: waitingPrefix, Limit: lineAtOnce, Cursor: cursor})
		if err != nil {
			return nil, translate(err)
		}
		for _, it := range p.Items {
			next, err := s.Invitation(ctx, left.EventID, it.SK[strings.LastIndexByte(it.SK, '#')+1:])
			if err != nil {
				return nil, err
			}
			if may, err := s.mayHave(ctx, next, left, r); may || err != nil {
				return next, err
			}
		}
		if cursor = p.Cursor; cursor == "" {
			return nil, nil
		}
	}
}

func (s *Store) mayHave(ctx context.Context, next, left *convening.Invitation, r room) (bool, error) {
	if next.Status != convening.Waiting || !next.AnswerBy.After(s.Now()) {
		return false, nil
	}
	if r.perOrganisation == 0 || next.Stakeholder == left.Stakeholder {
		return true, nil
	}
	theirs, err := s.seats(ctx, left.EventID, next.Stakeholder, r.counting)
	return theirs.Taken < r.perOrganisation, err
}
