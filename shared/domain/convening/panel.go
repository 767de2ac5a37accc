package convening

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// Limits of a panel.
const (
	maxSeats      = 40
	maxAlternates = 20
	maxListed     = 500 // on the shortlist, and of bans and declared conflicts each
)

// Roles in a panel.
const (
	SeatModerator  = "moderator"
	SeatSpeaker    = "speaker"
	SeatDiscussant = "discussant"
	SeatRapporteur = "rapporteur"
)

// SeatRoles are the roles in a panel.
func SeatRoles() []string {
	return []string{SeatModerator, SeatSpeaker, SeatDiscussant, SeatRapporteur}
}

// Faults of panels.
var (
	ErrPanelInvalid    = fault.New(fault.Invalid, "panel.invalid")
	ErrSeatUnknown     = fault.New(fault.NotFound, "panel.seat_unknown")
	ErrNoAlternate     = fault.New(fault.Conflict, "panel.no_alternate")
	ErrConflictingAims = fault.New(fault.Invalid, "panel.targets_conflict")
)

// Person is who can sit: a contact of a stakeholder, or the stakeholder, which
// then sends its focal point.
type Person struct {
	Stakeholder string `json:"stakeholder"`
	Contact     string `json:"contact,omitempty"`
}

// ID names the person among candidates.
func (p Person) ID() string {
	if p.Contact == "" {
		return p.Stakeholder
	}
	return p.Stakeholder + "." + p.Contact
}

// covers reports whether what is said of p holds for q: of a stakeholder, for
// each of its contacts.
func (p Person) covers(q Person) bool {
	return p.Stakeholder == q.Stakeholder && (p.Contact == "" || p.Contact == q.Contact)
}

// Seat is one place in a panel.
type Seat struct {
	ID         string   `json:"id"` // chosen by the organiser
	Role       string   `json:"role"`
	Holder     *Person  `json:"holder,omitempty"` // nil while the seat is open
	Pinned     bool     `json:"pinned,omitempty"` // no suggestion moves the holder
	Alternates []Person `json:"alternates,omitempty"`
	Passed     []Person `json:"passed,omitempty"` // who held it and declined or let the date go by; kept by the system
}

// PanelPlan is what an organiser says of a panel.
type PanelPlan struct {
	Seats     []Seat    `json:"seats"`
	Targets   []Target  `json:"targets,omitempty"`
	Shortlist []Person  `json:"shortlist,omitempty"`
	Bans      []Person  `json:"bans,omitempty"`
	Pool      *Audience `json:"pool,omitempty"` // whom suggestions come from; nil is the audience of the event
}

// Panel is who sits on the podium of an event, and by which rules they are
// chosen.
type Panel struct {
	EventID string `json:"event"`
	Version int64  `json:"-"`
	PanelPlan
	Conflicts []Person  `json:"conflicts,omitempty"` // who declared a conflict of interest
	UpdatedAt time.Time `json:"updated_at"`

	journal.Log `json:"-"`
}

// NewPanel returns the panel of an event before anything was said of it.
func NewPanel(event string) *Panel { return &Panel{EventID: event} }

// Revise replaces what the organiser says. Who was passed over stays so.
func (p *Panel) Revise(plan PanelPlan, now time.Time) error {
	var faults fault.List
	plan.validate(&faults)
	if err := faults.Err(ErrPanelInvalid.Code); err != nil {
		return err
	}
	if err := conflictFault(plan.Targets, len(plan.Seats), now); err != nil {
		return err
	}
	for i := range plan.Seats {
		seat := &plan.Seats[i]
		seat.Passed = nil
		if former := p.seat(seat.ID); former != nil {
			seat.Passed = former.Passed
		}
	}
	p.PanelPlan, p.UpdatedAt = plan, now
	p.Record("panel.revised", "event", p.EventID)
	return nil
}

func (p *Panel) seat(id string) *Seat {
	if i := slices.IndexFunc(p.Seats, func(s Seat) bool { return s.ID == id }); i >= 0 {
		return &p.Seats[i]
	}
	return nil
}

// Declare notes that a person has a conflict of interest. Again changes nothing.
func (p *Panel) Declare(who Person, now time.Time) error {
	var faults fault.List
	who.validate(&faults, "")
	if len(p.Conflicts) >= maxListed {
		faults.Add("", "list.too_long", "max", strconv.Itoa(maxListed))
	}
	if err := faults.Err(ErrPanelInvalid.Code); err != nil {
		return err
	}
	if slices.Contains(p.Conflicts, who) {
		return nil
	}
	p.Conflicts, p.UpdatedAt = append(p.Conflicts, who), now
	p.Record("panel.conflict_declared", "event", p.EventID) // who did is not for subscribers to know
	return nil
}

// conflicted reports whether the person declared a conflict of interest.
func (p *Panel) conflicted(who Person) bool {
	return slices.ContainsFunc(p.Conflicts, func(c Person) bool { return c.covers(who) })
}

// NextAlternate gives a seat whose holder declined, or let the date go by, to its
// first alternate that can take it, and returns who that is. Without one the
// seat is open, and ErrNoAlternate says so only when it was open before.
func (p *Panel) NextAlternate(seat string, now time.Time) (*Person, error) {
	s := p.seat(seat)
	if s == nil {
		return nil, ErrSeatUnknown
	}
	if s.Holder == nil && len(s.Alternates) == 0 {
		return nil, ErrNoAlternate
	}
	if s.Holder != nil {
		s.Passed = append(s.Passed, *s.Holder)
	}
	s.Holder, s.Pinned, p.UpdatedAt = nil, false, now
	for s.Holder == nil && len(s.Alternates) > 0 {
		next := s.Alternates[0]
		s.Alternates = s.Alternates[1:]
		if p.canSit(next) {
			s.Holder = &next
		}
	}
	data := []string{"event", p.EventID, "seat", seat}
	if s.Holder == nil {
		p.Record("panel.seat_open", data...)
		return nil, nil
	}
	data = append(data, "stakeholder", s.Holder.Stakeholder)
	if s.Holder.Contact != "" {
		data = append(data, "contact", s.Holder.Contact)
	}
	p.Record("panel.alternate_seated", data...)
	return s.Holder, nil
}

// canSit reports whether nothing speaks against seating the person.
func (p *Panel) canSit(who Person) bool {
	sits := slices.ContainsFunc(p.Seats, func(s Seat) bool { return s.Holder != nil && *s.Holder == who })
	kept := p.excludesConflicts() && p.conflicted(who)
	return !sits && !kept && !p.banned(who)
}

func (p *Panel) banned(who Person) bool {
	return slices.ContainsFunc(p.Bans, func(b Person) bool { return b.covers(who) })
}

// excludesConflicts reports whether a declared conflict keeps one out.
func (p *Panel) excludesConflicts() bool {
	return slices.ContainsFunc(p.Targets, func(t Target) bool { return t.Of == ByConflict && t.Count == 0 })
}

// SeatOf returns the seat that a person holds.
func (p *Panel) SeatOf(who Person) (Seat, bool) {
	for _, s := range p.Seats {
		if s.Holder != nil && *s.Holder == who {
			return s, true
		}
	}
	return Seat{}, false
}

// Mentioned are the persons that the panel names, each once.
func (p *Panel) Mentioned() []Person {
	var list []Person
	for _, s := range p.Seats {
		if s.Holder != nil {
			list = append(list, *s.Holder)
		}
		list = append(list, s.Alternates...)
	}
	list = append(list, p.Shortlist...)
	seen := map[Person]bool{}
	return slices.DeleteFunc(list, func(who Person) bool {
		again := seen[who]
		seen[who] = true
		return again
	})
}

func (plan PanelPlan) validate(faults *fault.List) {
	if len(plan.Seats) == 0 {
		faults.Add("/seats", "list.empty")
	}
	if len(plan.Seats) > maxSeats {
		faults.Add("/seats", "list.too_long", "max", strconv.Itoa(maxSeats))
		return
	}
	plan.validateSeats(faults)
	validateTargets(faults, plan.Targets)
	validatePersons(faults, "/shortlist", plan.Shortlist, maxListed)
	validatePersons(faults, "/bans", plan.Bans, maxListed)
	if plan.Pool != nil {
		plan.Pool.validate(faults, "/pool")
	}
}

func (plan PanelPlan) validateSeats(faults *fault.List) {
	ids, holders := map[string]bool{}, map[Person]bool{}
	for i, s := range plan.Seats {
		at := "/seats/" + strconv.Itoa(i)
		if !opaque(s.ID) {
			faults.Add(at+"/id", "id.malformed")
		} else if ids[s.ID] {
			faults.Add(at+"/id", "list.repeated")
		}
		ids[s.ID] = true
		if !slices.Contains(SeatRoles(), s.Role) {
			faults.Add(at+"/role", "panel.role_unknown")
		}
		if s.Pinned && s.Holder == nil {
			faults.Add(at+"/pinned", "panel.pinned_open")
		}
		validatePersons(faults, at+"/alternates", s.Alternates, maxAlternates)
		if s.Holder == nil {
			continue
		}
		s.Holder.validate(faults, at+"/holder")
		if holders[*s.Holder] {
			faults.Add(at+"/holder", "panel.seated_twice")
		}
		holders[*s.Holder] = true
		if slices.ContainsFunc(plan.Bans, func(b Person) bool { return b.covers(*s.Holder) }) {
			faults.Add(at+"/holder", "panel.banned")
		}
	}
}

func validatePersons(faults *fault.List, at string, list []Person, most int) {
	if len(list) > most {
		faults.Add(at, "list.too_long", "max", strconv.Itoa(most))
		return
	}
	seen := map[Person]bool{}
	for i, who := range list {
		who.validate(faults, at+"/"+strconv.Itoa(i))
		if seen[who] {
			faults.Add(at+"/"+strconv.Itoa(i), "list.repeated")
		}
		seen[who] = true
	}
}

func (p Person) validate(faults *fault.List, at string) {
	if !opaque(p.Stakeholder) {
		faults.Add(at+"/stakeholder", "id.malformed")
	}
	if p.Contact != "" && !opaque(p.Contact) {
		faults.Add(at+"/contact", "id.malformed")
	}
}

// opaque reports whether s can be an id as events carry it: ASCII letters,
// digits, hyphens and underscores.
func opaque(s string) bool {
	return idLike(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
}
