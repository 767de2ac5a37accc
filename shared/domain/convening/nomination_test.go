package convening

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/fault"
)

// askedFor is an invitation that went out on the first day.
func askedFor() *Invitation {
	i := invited(20)
	i.Advance(start)
	i.Take()
	return i
}

func nominees(contacts ...string) []Nominee {
	list := make([]Nominee, len(contacts))
	for k, c := range contacts {
		list[k] = Nominee{c, &Colleague{Name: c, Email: c + "@example.org", Language: "fr"}}
	}
	return list
}

// TestCheckNames names everything that is wrong with a list of names, at its place.
func TestCheckNames(t *testing.T) {
	good := Colleague{Name: "A colleague", Email: "a@example.org", Language: "fr"}
	other := good
	other.Email = "A@Example.org"
	for _, tt := range []struct {
		name  string
		names []Colleague
		want  []fault.Field
	}{
		{"one", []Colleague{good}, nil},
		{"nobody", nil, []fault.Field{{Pointer: "/names", Code: "list.empty"}}},
		{"a crowd", make([]Colleague, 21), []fault.Field{{Pointer: "/names", Code: "list.too_long", Params: map[string]string{"max": "20"}}}},
		{"an address twice", []Colleague{good, other}, []fault.Field{{Pointer: "/names/1/email", Code: "nomination.twice"}}},
		{"a language that there is not", []Colleague{good, {Name: "B", Email: "b@example.org", Language: "xx-yy-zz"}}, []fault.Field{{Pointer: "/names/1/language", Code: "language.unknown"}}},
	} {
		t.Run(tt.name, func(t *testing.T) { refusedAt(t, CheckNames(tt.names), "nomination.invalid", tt.want) })
	}
}

// refusedAt holds an error to the fields that it is to name, none for no error.
func refusedAt(t *testing.T, err error, code string, want []fault.Field) {
	t.Helper()
	f, _ := errors.AsType[*fault.Error](err)
	if f == nil {
		f = &fault.Error{}
	} else if f.Code != code {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff(want, f.Fields); diff != "" {
		t.Error(diff)
	}
}

// TestNominate puts names for the places that an organisation has, and says for
// which of them there is none.
func TestNominate(t *testing.T) {
	free := func(n int) Vacancies { return Vacancies{PerOrganisation: 3, Limited: true, Free: n} }
	for _, tt := range []struct {
		name   string
		before func(*Invitation)
		names  []Nominee
		v      Vacancies
		want   []fault.Field
	}{
		{"three who say nothing themselves", nil, nominees("N1", "N2", "N3"), free(9), nil},
		{"three who decline themselves", func(i *Invitation) { must(i.Answer(Answer{Answer: Declined}, *at(1))) }, nominees("N1", "N2", "N3"), free(9), nil},
		{
			"three beside oneself", func(i *Invitation) { must(i.Answer(Answer{Answer: Accepted}, *at(1))) }, nominees("N1", "N2", "N3"), free(9),
			[]fault.Field{{Pointer: "/names/2", Code: "nomination.too_many", Params: map[string]string{"max": "2"}}},
		},
		{
			"two beside two", func(i *Invitation) { must2(i.Nominate(nominees("M1", "M2"), free(9), *at(1))) }, nominees("N1", "N2"), free(9),
			[]fault.Field{{Pointer: "/names/1", Code: "nomination.too_many", Params: map[string]string{"max": "1"}}},
		},
		{
			"two where one is free", nil, nominees("N1", "N2"), free(1),
			[]fault.Field{{Pointer: "/names/1", Code: "nomination.over_capacity", Params: map[string]string{"max": "1"}}},
		},
		{"no limit but the organisation's", nil, nominees("N1"), Vacancies{PerOrganisation: 1}, nil},
		{"oneself", nil, nominees("N1", invited(20).Contact), free(9), []fault.Field{{Pointer: "/names/1/email", Code: "delegation.already_invited"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := askedFor()
			if tt.before != nil {
				tt.before(i)
				i.Take()
			}
			named, err := i.Nominate(tt.names, tt.v, *at(2))
			refusedAt(t, err, "nomination.invalid", tt.want)
			if err != nil {
				return
			}
			if diff := cmp.Diff([]string{"invitation.nominated"}, kinds(i.Take())); diff != "" || len(i.Nominees) != len(tt.names) {
				t.Errorf("%v: %s", i.Nominees, diff)
			}
			for _, n := range named {
				if n.NamedBy() != i.Contact || n.Role != participant || n.HoldsSeat() || !n.AnswerBy.Equal(*at(11)) || !n.MindUntil().Equal(*at(20)) {
					t.Errorf("%+v", n)
				}
				if _, err := n.Nominate(nominees("X"), tt.v, *at(2)); !errors.Is(err, ErrNominatesNot) {
					t.Errorf("who was nominated nominates: %v", err)
				}
				if _, err := n.HandOn("X", nil, *at(2)); !errors.Is(err, ErrHandedOnOnce) {
					t.Errorf("who was nominated hands on: %v", err)
				}
			}
		})
	}
}

func must2[T any](_ T, err error) { must(err) }

// TestNominationsEnd refuses names after the cut-off, of who is not invited any more,
// where no places are set, and once more than each place can be named anew.
func TestNominationsEnd(t *testing.T) {
	places := Vacancies{PerOrganisation: 1}
	for _, tt := range []struct {
		name   string
		before func(*Invitation)
		v      Vacancies
		now    *time.Time
		want   error
	}{
		{"in time", nil, places, at(19.9), nil},
		{"at the cut-off", nil, places, at(20), ErrInvitationClosed},
		{"before the answer-by of the event", func(i *Invitation) { i.AnswerBy, i.CutOff = *at(5), at(20) }, places, at(6), nil},
		{"unanswered", func(i *Invitation) { i.Advance(i.AnswerBy) }, places, at(21), ErrInvitationClosed},
		{"withdrawn", func(i *Invitation) { i.Withdraw(*at(1)) }, places, at(2), ErrInvitationClosed},
		{"came back", func(i *Invitation) { i.MarkBounced() }, places, at(2), ErrInvitationClosed},
		{"no places", nil, Vacancies{}, at(2), ErrNoPlaces},
		{"too often", func(i *Invitation) { i.Nominated = maxHandedOn }, places, at(2), ErrNominatedOften},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := askedFor()
			if tt.before != nil {
				tt.before(i)
			}
			if _, err := i.Nominate(nominees("N1"), tt.v, *tt.now); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

// TestSwap puts another name in the place of one that stands: the place goes over,
// and who leaves answers no more.
func TestSwap(t *testing.T) {
	places := Vacancies{PerOrganisation: 2}
	i := askedFor()
	named, err := i.Nominate(nominees("N1", "N2"), places, *at(1))
	must(err)
	left := named[0]
	must(left.Answer(Answer{Answer: Accepted}, *at(2)))
	if _, err := left.Swap(i, nominees(left.Contact)[0], places, *at(3)); !errors.Is(err, ErrAlreadyInvited) {
		t.Errorf("with oneself: %v", err)
	}
	if _, err := left.Swap(i, nominees("N3")[0], places, *at(20)); !errors.Is(err, ErrInvitationClosed) {
		t.Errorf("at the cut-off: %v", err)
	}
	if _, err := handOn(t, askedFor(), 1).Swap(i, nominees("N3")[0], places, *at(3)); !errors.Is(err, ErrNotNominated) {
		t.Errorf("with a colleague of another kind: %v", err)
	}
	i.Take()
	came, err := left.Swap(i, nominees("N3")[0], places, *at(3))
	must(err)
	changed, err := i.Vacate(left, came)
	must(err)
	if diff := cmp.Diff([]string{"N3", "N2"}, i.Nominees); !changed || diff != "" || !came.Kept || i.Nominated != 3 {
		t.Errorf("%+v %+v: %s", i, came, diff)
	}
	if left.GiveBack(); left.Status != Withdrawn || left.HoldsSeat() || left.Colleague == nil {
		t.Errorf("who left, and is told so: %+v", left)
	}
	if diff := cmp.Diff([]string{"invitation.nominated"}, kinds(i.Take())); diff != "" {
		t.Error(diff)
	}
	if _, err := i.Vacate(left, came); !errors.Is(err, ErrNotNominated) {
		t.Errorf("again: %v", err)
	}
}

// TestVacated follows a name that comes to nothing, by whatever it does: the place
// can be named for again, and who was taken back can be named again as well.
func TestVacated(t *testing.T) {
	for _, tt := range []struct {
		name string
		then func(named, first *Invitation)
		want string
	}{
		{"declines", func(n, _ *Invitation) { must(n.Answer(Answer{Answer: Declined}, *at(3))) }, "invitation.vacated"},
		{"says nothing", func(n, _ *Invitation) { n.Advance(n.AnswerBy) }, "invitation.vacated"},
		{"is not reached", func(n, _ *Invitation) { n.MarkBounced() }, "invitation.vacated"},
		{"is withdrawn", func(n, _ *Invitation) { n.Withdraw(*at(3)) }, "invitation.vacated"},
		{"is erased", func(n, _ *Invitation) { n.Forget() }, "invitation.vacated"},
		{"is taken back", func(n, i *Invitation) { must(n.Recall(i, *at(3))) }, "invitation.nominated"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := askedFor()
			named, err := i.Nominate(nominees("N1"), Vacancies{PerOrganisation: 1}, *at(1))
			must(err)
			i.Take()
			tt.then(named[0], i)
			if !named[0].GoesBack() {
				t.Fatal("it stands")
			}
			changed, err := i.Vacate(named[0], nil)
			must(err)
			if diff := cmp.Diff([]string{tt.want}, kinds(i.Take())); !changed || diff != "" {
				t.Error(diff)
			}
			if changed, err = i.Vacate(named[0], nil); changed || err != nil {
				t.Errorf("it came to nothing twice: %v", err)
			}
			again, err := i.Nominate(nominees("N1"), Vacancies{PerOrganisation: 1}, *at(4))
			must(err)
			if back := again[0].Again(named[0]); back != (tt.want == "invitation.nominated") || back && (again[0].Generation != 2 || again[0].Shift <= named[0].Shift+1) {
				t.Errorf("named once more: %v, %+v", back, again[0])
			}
		})
	}
}
