package directory

import (
	"cmp"
	"slices"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// RelationState is how far both ends agree on a relation.
type RelationState string

// The states of a relation.
const (
	RelationProposed  RelationState = "proposed"  // one end says so
	RelationConfirmed RelationState = "confirmed" // the other end, or who works the directory, says so too
	RelationEnded     RelationState = "ended"     // over, withdrawn, or never agreed to
)

// Kinds of relation. Each is read from From to To: From is a member of To.
const (
	RelationParent        = "parent" // To is the parent of From
	RelationMemberOf      = "member_of"
	RelationPartnerOf     = "partner_of"
	RelationSecretariatOf = "secretariat_of"
	RelationChairs        = "chairs"
	RelationObserverOf    = "observer_of"
	RelationFundedBy      = "funded_by"
)

// Limits of relations.
const (
	MaxRelations = 200 // that one stakeholder asserts and have not ended
	MaxAncestors = 20  // parents of parents that are walked up
	maxRoleRunes = 100
)

// Faults of relations.
var (
	ErrRelationNotProposed = fault.New(fault.Conflict, "relation.not_proposed")
	ErrRelationEnded       = fault.New(fault.Conflict, "relation.ended")
	ErrRelationExists      = fault.New(fault.Conflict, "relation.exists")
	ErrRelationsTooMany    = fault.New(fault.Conflict, "relation.too_many")
	ErrRelationNotYours    = fault.New(fault.Forbidden, "relation.other_end")
)

// Relation is a dated tie between two stakeholders.
type Relation struct {
	ID      string        `json:"id"`
	Version int64         `json:"-"`
	Kind    string        `json:"kind"`
	From    string        `json:"from"`
	To      string        `json:"to"`
	Role    string        `json:"role,omitempty"`  // as a person would say it: "Vice-chair"
	Since   string        `json:"since,omitempty"` // first day, YYYY-MM-DD; empty when it is not known
	Until   string        `json:"until,omitempty"` // last day; empty while it is open
	State   RelationState `json:"state"`

	AssertedBy  string     `json:"asserted_by"` // the end that said so first, "" for who works the directory
	CreatedAt   time.Time  `json:"created_at"`
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	UpdatedAt   time.Time  `json:"updated_at"`
	Forgotten   bool       `json:"forgotten,omitempty"` // one of its ends was erased
	DueAt       *time.Time `json:"due_at,omitempty"`    // when it begins or ends by itself
	Followed    []Followed `json:"followed,omitempty"`  // merges that it went along with, the oldest first
	Aside       []string   `json:"aside,omitempty"`     // merges because of which it cannot hold, for as long as they stand

	journal.Log `json:"-"`
}

// Tie is what a stakeholder's own record holds of a confirmed relation of which
// it is the From end, so that the search knows of it.
type Tie struct {
	Kind  string `json:"kind"` // member_of, observer_of, parent, ...
	To    string `json:"to"`
	Role  string `json:"role,omitempty"`
	Since string `json:"since,omitempty"`
	Until string `json:"until,omitempty"`
}

// RelationKinds are the kinds of relation.
func RelationKinds() []string {
	return []string{
		RelationParent, RelationMemberOf, RelationPartnerOf, RelationSecretariatOf, RelationChairs, RelationObserverOf, RelationFundedBy,
	}
}

// InverseKind is what a relation of the kind is called from its other end.
func InverseKind(kind string) string {
	switch kind {
	case RelationParent:
		return "parent_of"
	case RelationMemberOf:
		return "has_member"
	case RelationPartnerOf:
		return RelationPartnerOf
	case RelationSecretariatOf:
		return "has_secretariat"
	case RelationChairs:
		return "chaired_by"
	case RelationObserverOf:
		return "has_observer"
	case RelationFundedBy:
		return "funds"
	}
	return ""
}

// Assertion is what one end says of a relation. Kind may be an inverse one.
type Assertion struct {
	Kind        string `json:"kind"`
	Stakeholder string `json:"stakeholder"` // the other end
	Role        string `json:"role,omitempty"`
	Since       string `json:"since,omitempty"`
	Until       string `json:"until,omitempty"`
}

// Assert makes a relation of what a stakeholder says. When who works the
// directory says it, confirmed, nobody need agree.
func Assert(id, by string, a Assertion, confirmed bool, now time.Time) (*Relation, error) {
	if err := a.validate(by); err != nil {
		return nil, err
	}
	r := &Relation{
		Kind: a.Kind, From: by, To: a.Stakeholder, Role: Tidy(a.Role), Since: a.Since, Until: a.Until,
		State: RelationProposed, AssertedBy: by, CreatedAt: now, UpdatedAt: now,
	}
	if !slices.Contains(RelationKinds(), a.Kind) {
		i := slices.IndexFunc(RelationKinds(), func(k string) bool { return InverseKind(k) == a.Kind })
		r.Kind, r.From, r.To = RelationKinds()[i], a.Stakeholder, by
	}
	r.ID = r.From + "." + id // so that the id alone says where it is kept
	if confirmed {
		r.AssertedBy, r.State, r.ConfirmedAt = "", RelationConfirmed, &now
	}
	r.plan(now)
	r.Record("relation.asserted", "relation", r.ID, "stakeholder", r.From, "other", r.To)
	return r, nil
}

func (a Assertion) validate(by string) error {
	var faults fault.List
	inverse := func(k string) bool { return InverseKind(k) == a.Kind }
	if !slices.Contains(RelationKinds(), a.Kind) && !slices.ContainsFunc(RelationKinds(), inverse) {
		faults.Add("/kind", "relation.kind_unknown")
	}
	if a.Stakeholder == by {
		faults.Add("/stakeholder", "relation.self")
	} else if LineFault(a.Stakeholder, 64) != "" {
		faults.Add("/stakeholder", "stakeholder.unknown")
	}
	if a.Role != "" {
		CheckLine(&faults, "/role", a.Role, maxRoleRunes)
	}
	checkSpan(&faults, "", a.Since, a.Until)
	return faults.Err("relation.invalid")
}

// checkSpan records what is wrong with the days of a tie.
func checkSpan(faults *fault.List, at, since, until string) {
	for _, d := range [][2]string{{"/since", since}, {"/until", until}} {
		if code := dayFault(d[1]); code != "" {
			faults.Add(at+d[0], code)
			return
		}
	}
	if since != "" && until != "" && until < since {
		faults.Add(at+"/until", "date.before_start")
	}
}

// dayFault returns the code of what is wrong with a day of the calendar, or "".
// No day at all is right. The years are those in which organisations live.
func dayFault(day string) string {
	if day == "" {
		return ""
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || t.Year() < EarliestYear || t.Year() > 2999 {
		return "date.impossible"
	}
	return ""
}

// holds reports whether a tie holds on a day.
func holds(since, until, day string) bool {
	return (since == "" || since <= day) && (until == "" || day <= until)
}

func dayOf(now time.Time) string { return now.UTC().Format(time.DateOnly) }

// Other returns the end that is not the stakeholder's, and what the relation is
// called from the stakeholder's side.
func (r *Relation) Other(stakeholder string) (id, kind string) {
	if r.From == stakeholder {
		return r.To, r.Kind
	}
	return r.From, InverseKind(r.Kind)
}

// Leading returns the relation of a stakeholder as it reads when its other end is
// the one that it leads to now, because of a merge.
func (r *Relation) Leading(stakeholder, to string) *Relation {
	led := *r
	if r.From == stakeholder {
		led.To = to
	} else {
		led.From = to
	}
	return &led
}

// YieldsTo reports whether a relation gives way to another that says the same: to a
// confirmed one, or to any when it is only proposed itself.
func (r *Relation) YieldsTo(same *Relation) bool {
	return r.State == RelationProposed || same.State == RelationConfirmed
}

// Between reports whether the stakeholder is one of the ends.
func (r *Relation) Between(stakeholder string) bool {
	return r.From == stakeholder || r.To == stakeholder
}

// Current reports whether the relation is confirmed and holds at a time.
func (r *Relation) Current(now time.Time) bool {
	return r.State == RelationConfirmed && len(r.Aside) == 0 && holds(r.Since, r.Until, dayOf(now))
}

// Same reports whether both say the same of the same ends at the same time.
func (r *Relation) Same(o *Relation) bool {
	ends := r.From == o.From && r.To == o.To || r.Kind == RelationPartnerOf && r.From == o.To && r.To == o.From
	if !ends || r.Kind != o.Kind || r.State == RelationEnded || o.State == RelationEnded || len(o.Aside) > 0 {
		return false
	}
	return (r.Until == "" || o.Since <= r.Until) && (o.Until == "" || r.Since <= o.Until)
}

// Confirm agrees for an end; by is the stakeholder, "" for who works the
// directory. Who asserted it cannot confirm it.
func (r *Relation) Confirm(by string, now time.Time) error {
	if r.State != RelationProposed {
		return ErrRelationNotProposed
	}
	if by != "" && (!r.Between(by) || by == r.AssertedBy) {
		return ErrRelationNotYours
	}
	r.State, r.ConfirmedAt, r.UpdatedAt = RelationConfirmed, &now, now
	r.plan(now)
	r.Record("relation.confirmed", "relation", r.ID, "stakeholder", r.From, "other", r.To)
	return nil
}

// End ends the relation on a day, today when none is given: either end may. One
// that was only proposed ends at once, which is how it is withdrawn or declined.
func (r *Relation) End(until string, now time.Time) error {
	if r.State == RelationEnded {
		return ErrRelationEnded
	}
	var faults fault.List
	if until == "" {
		until = dayOf(now)
	}
	checkSpan(&faults, "", r.Since, until)
	if err := faults.Err("relation.invalid"); err != nil && r.State == RelationConfirmed {
		return err
	}
	if r.State == RelationProposed || until <= dayOf(now) {
		r.State = RelationEnded
	}
	r.Until, r.UpdatedAt = until, now
	r.plan(now)
	r.Record("relation.ended", "relation", r.ID, "stakeholder", r.From, "other", r.To)
	return nil
}

// Advance does what its dates ask for: a relation whose last day is over ends,
// one whose first day has come begins.
func (r *Relation) Advance(now time.Time) {
	if r.DueAt == nil || r.DueAt.After(now) {
		return
	}
	kind := "relation.begun"
	if r.Until != "" && r.Until < dayOf(now) {
		r.State, kind = RelationEnded, "relation.ended"
	}
	r.UpdatedAt = now
	r.plan(now)
	r.Record(kind, "relation", r.ID, "stakeholder", r.From, "other", r.To)
}

// plan sets when a confirmed relation begins or ends by itself.
func (r *Relation) plan(now time.Time) {
	r.DueAt = nil
	if r.State != RelationConfirmed {
		return
	}
	day := dayOf(now)
	switch {
	case r.Since > day:
		t, _ := time.Parse(time.DateOnly, r.Since) // it was checked when it came in
		r.DueAt = &t
	case r.Until != "":
		t, _ := time.Parse(time.DateOnly, r.Until)
		t = t.AddDate(0, 0, 1)
		r.DueAt = &t
	}
}

// UnknownEnd is the refusal of an end that is not there, or not to be seen.
func UnknownEnd() error { return refusedEnd("stakeholder.unknown") }

// CyclicParent is the refusal of a parent that is a child.
func CyclicParent() error { return refusedEnd("relation.cycle") }

func refusedEnd(code string) error {
	var faults fault.List
	faults.Add("/stakeholder", code)
	return faults.Err("relation.invalid")
}

// Tie makes the stakeholder's own record agree with a relation of which it is the
// From end, and reports whether that changed anything. It is written together
// with the relation.
func (s *Stakeholder) Tie(r *Relation, now time.Time) bool {
	switch {
	case len(r.Aside) > 0:
		return false // another relation may stand for the same tie
	case r.Current(now):
		return s.tie(r.asTie())
	}
	return s.untie(r.Kind, r.To, r.Since)
}

func (r *Relation) asTie() Tie {
	return Tie{Kind: r.Kind, To: r.To, Role: r.Role, Since: r.Since, Until: r.Until}
}

func (s *Stakeholder) tie(t Tie) bool {
	i := slices.IndexFunc(s.Ties, func(o Tie) bool { return o.Kind == t.Kind && o.To == t.To && o.Since == t.Since })
	switch {
	case i < 0:
		s.Ties = append(slices.Clone(s.Ties), t)
		slices.SortStableFunc(s.Ties, Tie.compare) // in whatever order relations come and go, the same ties are the same record
	case s.Ties[i] == t:
		return false
	default:
		s.Ties = slices.Clone(s.Ties)
		s.Ties[i] = t
	}
	s.Record("stakeholder.tied", "stakeholder", s.ID)
	return true
}

// During returns where another tie leads to on the days on which both hold, false
// when there is none.
func (t Tie) During(o Tie) (Tie, bool) {
	both := Tie{To: o.To, Since: max(t.Since, o.Since), Until: t.Until}
	if t.Until == "" || o.Until != "" && o.Until < t.Until {
		both.Until = o.Until
	}
	return both, both.Until == "" || both.Since <= both.Until
}

func (t Tie) compare(o Tie) int {
	return cmp.Or(cmp.Compare(t.Kind, o.Kind), cmp.Compare(t.To, o.To), cmp.Compare(t.Since, o.Since))
}

func (s *Stakeholder) untie(kind, to, since string) bool {
	kept := slices.DeleteFunc(slices.Clone(s.Ties), func(o Tie) bool { return o.Kind == kind && o.To == to && o.Since == since })
	if len(kept) == len(s.Ties) {
		return false
	}
	if s.Ties = kept; len(kept) == 0 {
		s.Ties = nil
	}
	s.Record("stakeholder.tied", "stakeholder", s.ID)
	return true
}

// TiedTo returns to whom the stakeholder is tied by a kind, each once.
func (s *Stakeholder) TiedTo(kind string) []string {
	var ids []string
	for _, t := range s.Ties {
		if t.Kind == kind && !slices.Contains(ids, t.To) {
			ids = append(ids, t.To)
		}
	}
	return ids
}
