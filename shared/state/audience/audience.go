// Package audience resolves who is invited to an event: whom the organiser
// named, and whom the saved search finds, less who is left out. The preview that
// an organiser confirms and the plan that is carried out are the same resolution.
package audience

import (
	"context"
	"fmt"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
)

// hitsAtOnce is how many stakeholders of a search are read at once.
const hitsAtOnce = 500

// The parts of an audience.
const (
	BySearch = "search"
	ByList   = "list"
	ByPanel  = "panel"
)

// Why somebody whom a part leads to is left out.
const (
	NotListed    = "not_listed"
	NoContact    = "no_confirmed_contact"
	OptedOut     = "opted_out" // or its mail came back for good
	Unusable     = "address_unusable"
	Excluded     = "excluded"
	Quota        = "quota"              // of its category
	Organisation = "organisation_quota" // as many of its organisation are invited as may be
)

// Resolver resolves audiences. All fields are required.
type Resolver struct {
	Store *store.Store
	Index *search.Index
}

// Person is somebody that a part of the audience leads to.
type Person struct {
	convening.Guest
	ID      string // of the stakeholder, also when there is none
	Part    string
	Wave    int
	At      time.Time // when the wave goes out
	LeftOut string    // why; empty when invited
}

// Resolve returns everybody that the event's audience leads to, who is invited
// and who is left out and why: first who sits in the panel, if that is part of it,
// then whom the organiser named, in that order, then whom the search finds, the best first. Nobody comes twice.
func (r *Resolver) Resolve(ctx context.Context, e *convening.Event, now time.Time) ([]Person, error) {
	l := &list{
		resolver: r, event: e, now: now, seen: map[string]bool{}, excluded: map[string]bool{},
		categories: map[string]int{}, organisations: map[string]int{},
	}
	for _, id := range e.Audience.Exclude {
		l.excluded[id] = true
	}
	if err := l.addPanel(ctx); err != nil {
		return nil, err
	}
	if err := l.addNamed(ctx); err != nil {
		return nil, err
	}
	if e.Audience.Searches() {
		if err := l.addFound(ctx); err != nil {
			return nil, err
		}
	}
	return l.people, nil
}

// list is an audience that is being resolved.
type list struct {
	resolver      *Resolver
	event         *convening.Event
	now           time.Time
	people        []Person
	seen          map[string]bool // contacts, and stakeholders without one
	excluded      map[string]bool
	categories    map[string]int
	organisations map[string]int
}

// ask is one person to be looked up.
type ask struct {
	stakeholder, contact, role, part string
	alternates                       []string
	standby                          bool
	seat                             convening.PanelSeat
}

// addPanel adds who sits in the panel, in the roles of their seats.
func (l *list) addPanel(ctx context.Context) error {
	if !l.event.Audience.Panel {
		return nil
	}
	p, err := l.resolver.Store.Panel(ctx, l.event.ID)
	if err != nil {
		return fmt.Errorf("read panel: %w", err)
	}
	var asks []ask
	for _, s := range p.Seats {
		if s.Holder != nil {
			asks = append(asks, ask{
				stakeholder: s.Holder.Stakeholder, contact: s.Holder.Contact, role: s.Role, part: ByPanel,
				seat: convening.PanelSeat{Seat: s.ID, Behind: len(s.Alternates)},
			})
		}
	}
	return l.add(ctx, asks)
}

func (l *list) addFound(ctx context.Context) error {
	narrowed, err := l.resolver.Store.ResolveAudience(ctx, l.event.Sent())
	if err != nil {
		return fmt.Errorf("resolve audience: %w", err)
	}
	for cursor := ""; ; {
		found, err := l.resolver.Index.Search(ctx, listing.Audience(narrowed, hitsAtOnce, cursor))
		if err != nil {
			return fmt.Errorf("resolve audience: %w", err)
		}
		asks := make([]ask, len(found.Hits))
		for i, h := range found.Hits {
			asks[i] = ask{stakeholder: h.ID, part: BySearch}
		}
		if err := l.add(ctx, asks); err != nil {
			return err
		}
		if cursor = found.Cursor; cursor == "" {
			return nil
		}
	}
}

// addNamed adds the invitees and, behind each, its alternates.
func (l *list) addNamed(ctx context.Context) error {
	first := len(l.people)
	for start := 0; start < len(l.event.Audience.Invitees); start += hitsAtOnce {
		chunk := l.event.Audience.Invitees[start:min(start+hitsAtOnce, len(l.event.Audience.Invitees))]
		var asks []ask
		for _, v := range chunk {
			asks = append(asks, ask{stakeholder: v.Stakeholder, contact: v.Contact, role: v.Role, part: ByList})
			for _, a := range v.Alternates {
				asks = append(asks, ask{stakeholder: a.Stakeholder, contact: a.Contact, role: a.Role, part: ByList, standby: true})
			}
		}
		if err := l.add(ctx, asks); err != nil {
			return err
		}
	}
	l.tieAlternates(l.people[first:])
	return nil
}

// tieAlternates hands each invitee the contacts of the alternates behind it. When
// the invitee itself is left out, its first alternate is asked in its place.
func (l *list) tieAlternates(named []Person) {
	head := -1
	for i := range named {
		p := &named[i]
		if !p.Standby {
			head = i
		}
		if p.LeftOut != "" || i == head || head < 0 { // of one who sits in the panel, the seat has its own
			continue
		}
		if h := &named[head]; h.LeftOut != "" {
			p.Standby, head = false, i
		} else {
			h.Alternates = append(h.Alternates, p.Contact.ID)
		}
	}
}

// add looks people up, as many as one request of the table takes, and decides on
// each.
func (l *list) add(ctx context.Context, asks []ask) error {
	known, err := l.read(ctx, asks)
	if err != nil {
		return err
	}
	for _, a := range asks {
		p := known.person(a)
		key := p.Contact.ID
		if key == "" {
			key = p.ID
		}
		if l.seen[key] {
			continue
		}
		l.seen[key] = true
		l.decide(&p, known)
		l.people = append(l.people, p)
	}
	return nil
}

// decide says whether the person is invited, and in which wave.
func (l *list) decide(p *Person, known *known) {
	switch {
	case p.Stakeholder == nil || p.Stakeholder.Status != directory.Listed:
		p.LeftOut = NotListed
	case l.excluded[p.ID]:
		p.LeftOut = Excluded
	case p.Contact.ConfirmedAt == nil:
		p.LeftOut = NoContact
	case directory.AddressFault(p.Contact.Email) != "":
		p.LeftOut = Unusable
	case known.suppressed[store.AddressHash(p.Contact.Email)], p.Stakeholder.Withdrawn(directory.ConsentInvitations):
		p.LeftOut = OptedOut
	case p.Standby: // takes the place of who counts already
	default:
		p.LeftOut = l.count(p.Stakeholder)
	}
	if p.LeftOut == "" {
		p.Wave, p.At = l.event.Wave(p.Guest, l.now)
	}
}

// count counts one more invitation, or says which quota has no room for it.
func (l *list) count(s *directory.Stakeholder) string {
	if most, limited := l.event.Quotas[s.Category]; limited && l.categories[s.Category] >= most {
		return Quota
	}
	if most := l.event.InvitationsPerOrganisation; most > 0 && l.organisations[s.ID] >= most {
		return Organisation
	}
	l.categories[s.Category]++
	l.organisations[s.ID]++
	return ""
}

// known is what the table says of a batch of people.
type known struct {
	stakeholders map[string]*directory.Stakeholder
	ledgers      map[string]*convening.Ledger
	suppressed   map[string]bool
	event        string
}

func (l *list) read(ctx context.Context, asks []ask) (*known, error) {
	k := &known{stakeholders: map[string]*directory.Stakeholder{}, event: l.event.ID}
	var ids []string
	for _, a := range asks {
		if _, there := k.stakeholders[a.stakeholder]; !there {
			k.stakeholders[a.stakeholder] = nil
			ids = append(ids, a.stakeholder)
		}
	}
	if len(ids) == 0 {
		return k, nil
	}
	for start := 0; start < len(ids); start += hitsAtOnce {
		found, err := l.resolver.Store.Stakeholders(ctx, ids[start:min(start+hitsAtOnce, len(ids))])
		if err != nil {
			return nil, fmt.Errorf("read audience: %w", err)
		}
		for _, s := range found {
			k.stakeholders[s.ID] = s
		}
	}
	return k, l.readMore(ctx, k, ids, asks)
}

// readMore reads the ledgers, and which addresses take no mail.
func (l *list) readMore(ctx context.Context, k *known, ids []string, asks []ask) (err error) {
	k.ledgers, k.suppressed = map[string]*convening.Ledger{}, map[string]bool{}
	for start := 0; start < len(ids); start += hitsAtOnce {
		some, err := l.resolver.Store.Ledgers(ctx, ids[start:min(start+hitsAtOnce, len(ids))])
		if err != nil {
			return fmt.Errorf("read ledgers: %w", err)
		}
		for id, ledger := range some {
			k.ledgers[id] = ledger
		}
	}
	var hashes []string
	for _, a := range asks {
		if c := k.person(a).Contact; c.Email != "" {
			hashes = append(hashes, store.AddressHash(c.Email))
		}
	}
	k.suppressed, err = l.resolver.Store.SuppressedAmong(ctx, hashes)
	return err
}

// person is who an ask leads to.
func (k *known) person(a ask) Person {
	p := Person{ID: a.stakeholder, Part: a.part}
	p.Role, p.Standby, p.Alternates, p.PanelSeat = a.role, a.standby, a.alternates, a.seat
	if p.Role == "" {
		p.Role = "participant"
	}
	if p.Stakeholder = k.stakeholders[a.stakeholder]; p.Stakeholder == nil {
		return p
	}
	if a.contact == "" {
		p.Contact, _ = p.Stakeholder.FocalPoint()
	} else {
		p.Contact, _ = p.Stakeholder.Contact(a.contact)
	}
	if l := k.ledgers[a.stakeholder]; l != nil {
		p.NeverAsked, p.Newcomer = l.Engagement().Invited == 0, l.NewcomerTo(k.event)
	}
	return p
}

// Count returns how many are invited, those who stand by for another left out.
func Count(people []Person) int {
	n := 0
	for _, p := range people {
		if p.LeftOut == "" && !p.Standby {
			n++
		}
	}
	return n
}
