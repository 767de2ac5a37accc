package convening

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
)

// Limits of nominations. Of one place no more names can be put than an invitation
// can be handed on: each time somebody is written to who never asked for it.
const (
	maxNamesAtOnce = 20 // so that all of them are written in one transaction
	maxNominees    = 50 // who stand at the same time
)

// Faults of nominations.
var (
	ErrNominatesNot     = fault.New(fault.Conflict, "nomination.not_focal_point") // who was named by another, or is no focal point
	ErrNoPlaces         = fault.New(fault.Conflict, "nomination.no_places")       // the event does not say how many an organisation has
	ErrNominatedOften   = fault.New(fault.Conflict, "nomination.too_often")
	ErrNotNominated     = fault.New(fault.NotFound, "nomination.unknown")
	errNominationFaulty = fault.New(fault.Invalid, "nomination.invalid")
)

// Nomination is what an invitation knows of the names that a focal point puts for
// the places of the organisation. Each of them has an invitation of its own.
type Nomination struct {
	Nominees    []string `json:"nominees,omitempty"`     // of who nominates: the contacts of those who stand, in the order of their names
	Nominated   int      `json:"nominated,omitempty"`    // of who nominates: how many names there were in all
	NominatedBy string   `json:"nominated_by,omitempty"` // of who was nominated: the contact of who put the name
}

// Nominee is somebody whose name is put: Person is nil for a contact of the
// stakeholder.
type Nominee struct {
	Contact string
	Person  *Colleague
}

// Vacancies are the places for which names can be put.
type Vacancies struct {
	PerOrganisation int
	Limited         bool // the event has a capacity
	Free            int  // of the capacity, neither taken nor kept
}

// CheckNames returns nil, or one fault with everything that is wrong with the names
// as they were given.
func CheckNames(names []Colleague) error {
	var faults fault.List
	switch n := len(names); {
	case n == 0:
		faults.Add("/names", "list.empty")
	case n > maxNamesAtOnce:
		faults.Add("/names", "list.too_long", "max", strconv.Itoa(maxNamesAtOnce))
		names = nil
	}
	seen := map[string]bool{}
	for k, c := range names {
		at, part := "/names/"+strconv.Itoa(k), fault.List{}
		c.check(&part)
		if address := directory.CanonicalAddress(c.Email); seen[address] {
			part.Add("/email", "nomination.twice")
		} else {
			seen[address] = true
		}
		faults.Under(at, &part)
	}
	return faults.Err(errNominationFaulty.Code)
}

// AlreadyNamed is the fault of the names, by their place in the list, that have an
// invitation to the event.
func AlreadyNamed(at ...int) error {
	var faults fault.List
	for _, k := range at {
		faults.Add("/names/"+strconv.Itoa(k)+"/email", "delegation.already_invited")
	}
	return faults.Err(errNominationFaulty.Code)
}

// Nominates refuses who can put no names: who was named by another, and whoever's
// invitation is closed. Until the cut-off who has declined can nominate too.
func (i *Invitation) Nominates(now time.Time) error {
	switch {
	case i.NamedBy() != "":
		return ErrNominatesNot
	case i.Status == Planned, i.Status == Bounced, i.Status == Expired, i.Status == Withdrawn, !i.MindUntil().After(now):
		return ErrInvitationClosed
	}
	return nil
}

// Nominate puts names for the places of the organisation: each is asked by a new
// invitation, has half of the time that is left, and takes a place on confirming
// it. All of the names are taken, or none.
func (i *Invitation) Nominate(names []Nominee, v Vacancies, now time.Time) ([]*Invitation, error) {
	if err := i.mayName(len(names), v, now); err != nil {
		return nil, err
	}
	var faults fault.List
	left := v.Left(i)
	for k := range names {
		switch at := "/names/" + strconv.Itoa(k); {
		case k >= left:
			faults.Add(at, "nomination.too_many", "max", strconv.Itoa(left))
		case v.Limited && k >= v.Free:
			faults.Add(at, "nomination.over_capacity", "max", strconv.Itoa(max(v.Free, 0)))
		}
	}
	if err := faults.Err(errNominationFaulty.Code); err != nil {
		return nil, err
	}
	asked := make([]*Invitation, len(names))
	for k, n := range names {
		if n.Contact == i.Contact {
			return nil, AlreadyNamed(k)
		}
		asked[k] = i.nominee(n, now)
		i.Nominees = append(i.Nominees, n.Contact)
	}
	i.Nominated += len(names)
	i.record("invitation.nominated")
	return asked, nil
}

// mayName refuses names that cannot be put whatever they are.
func (i *Invitation) mayName(n int, v Vacancies, now time.Time) error {
	switch err := i.Nominates(now); {
	case err != nil:
		return err
	case v.PerOrganisation == 0:
		return ErrNoPlaces
	case i.Nominated+n > maxHandedOn*v.most():
		return ErrNominatedOften
	}
	return nil
}

func (v Vacancies) most() int { return min(v.PerOrganisation, maxNominees) }

// Left is for how many places no name stands: the recipient's own counts as one
// unless they have said no, or nothing.
func (v Vacancies) Left(i *Invitation) int {
	left := v.most() - len(i.Nominees)
	switch i.Status {
	case Accepted, Tentative, Waiting, Offered, Delegated:
		left--
	}
	return max(left, 0)
}

// nominee is the invitation of somebody whose name the recipient puts. A focal point
// who speaks nominates participants.
func (i *Invitation) nominee(n Nominee, now time.Time) *Invitation {
	named := i.another(n.Contact, n.Person, i.MindUntil(), now)
	named.Role, named.NominatedBy = participant, i.Contact
	return named
}

// Swap puts another name in the place of the one that has this invitation, which is
// taken back. What it held, a place or one on the waiting list, is kept for who
// comes; first is the invitation of who nominated both.
func (i *Invitation) Swap(first *Invitation, n Nominee, v Vacancies, now time.Time) (*Invitation, error) {
	switch err := first.mayName(1, v, now); {
	case i.NominatedBy != first.Contact:
		return nil, ErrNotNominated
	case err != nil:
		return nil, err
	case n.Contact == first.Contact, n.Contact == i.Contact:
		return nil, ErrAlreadyInvited
	}
	kept, line := i.HoldsSeat(), i.WaitingFrom
	if line == nil {
		line = i.Line
	}
	if err := i.Recall(first, now); err != nil {
		return nil, err
	}
	named := first.nominee(n, now)
	named.Kept, named.Line = kept, line
	return named, nil
}

// Vacate takes a name that stands no more off the list of who nominated it, and
// puts the one that came in its place, nil when there is none. It fails when
// another came where nobody stood, and reports whether anything changed.
func (i *Invitation) Vacate(left, came *Invitation) (bool, error) {
	at := slices.Index(i.Nominees, left.Contact)
	if at < 0 {
		if came != nil {
			return false, ErrNotNominated
		}
		return false, nil
	}
	if came != nil {
		i.Nominees[at] = came.Contact
		i.Nominated++
	} else {
		i.Nominees = slices.Delete(i.Nominees, at, at+1)
	}
	if left.Recalled {
		i.record("invitation.nominated")
	} else {
		i.record("invitation.vacated")
	}
	return true, nil
}
