package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// hall is a published event with a number of places, to which many are invited.
type hall struct {
	*opened
	event    *convening.Event
	contacts []string
}

func (o *opened) hall(t *testing.T, seats, perOrganisation, invited, ofOne int) *hall {
	t.Helper()
	p := plan()
	p.Capacity, p.PlacesPerOrganisation = seats, perOrganisation
	e, err := convening.NewEvent(o.NewID(), "geneva", "Seminar series", p, o.now)
	if err == nil {
		err = errors.Join(e.Publish(o.now), o.CreateEvent(t.Context(), e))
	}
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{opened: o, event: e}
	var list []*convening.Invitation
	for n := range invited {
		i := convening.NewInvitation(e, fmt.Sprintf("S%04d", n/ofOne), fmt.Sprintf("C%04d", n), o.now)
		i.Advance(o.now)
		h.contacts, list = append(h.contacts, i.Contact), append(list, i)
	}
	if _, err := o.PlanInvitations(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	return h
}

// answer answers for a contact, through a store of its own: what keeps two apart
// is the table alone.
func (h *hall) answer(t *testing.T, contact string, answer convening.InvitationStatus) convening.InvitationStatus {
	s := &store.Store{Table: h.Table, Now: h.Now, NewID: h.NewID}
	i, err := s.UpdateInvitation(t.Context(), h.event.ID, contact, func(i *convening.Invitation) error {
		return i.Answer(convening.Answer{Answer: answer}, h.now)
	})
	if err != nil {
		t.Errorf("%s answers %s: %v", contact, answer, err)
		return ""
	}
	return i.Status
}

// everyone does the same for each contact at the same time.
func (h *hall) everyone(contacts []string, do func(string)) {
	var group sync.WaitGroup
	for _, c := range contacts {
		group.Go(func() { do(c) })
	}
	group.Wait()
}

func (h *hall) standing(t *testing.T) map[convening.InvitationStatus][]*convening.Invitation {
	t.Helper()
	by, cursor := map[convening.InvitationStatus][]*convening.Invitation{}, ""
	for {
		page, next, err := h.Invitations(t.Context(), h.event.ID, cursor, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range page {
			by[i.Status] = append(by[i.Status], i)
		}
		if cursor = next; cursor == "" {
			return by
		}
	}
}

// offers returns to whom places were offered, in the order in which that was
// written.
func (h *hall) offers(t *testing.T) (contacts []string) {
	t.Helper()
	for cursor := ""; ; {
		changes, next, err := h.Table.Changes(t.Context(), cursor, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 {
			return contacts
		}
		for _, ch := range changes {
			if o, ok, err := store.DecodeOutbox(ch); err != nil {
				t.Fatal(err)
			} else if ok && o.Type == "invitation.offered" {
				contacts = append(contacts, o.Data["contact"])
			}
		}
		cursor = next
	}
}

func (h *hall) inLine(t *testing.T) (contacts []string) {
	t.Helper()
	err := h.Table.Walk(t.Context(), func(it table.Item) error {
		if it.Type == "WAITING" {
			contacts = append(contacts, it.SK)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(contacts)
	for i, sk := range contacts {
		contacts[i] = sk[strings.LastIndexByte(sk, '#')+1:]
	}
	return contacts
}

// TestSeats lets many accept at the same time where few have a place, then lets
// some of those give theirs back. Never more are taken than there are; who
// accepted holds a place; who waits is offered one in order, each place once.
func TestSeats(t *testing.T) {
	seeds, answers, seats := 2, 120, 12
	if os.Getenv("CONVOKE_SCORECARD") != "" {
		seeds, answers, seats = 50, 1000, 100
	}
	held, injected := 0, 0
	for seed := range seeds {
		injected += answers
		if t.Run(fmt.Sprint(seed), func(t *testing.T) { seated(t, uint64(seed), answers, seats) }) {
			held += answers
		}
	}
	t.Attr("scorecard", fmt.Sprintf("7 seats, concurrent answers: injected %d, held %d", injected, held))
}

func seated(t *testing.T, seed uint64, answers, seats int) {
	r := rand.New(rand.NewPCG(seed, 7))
	h := open(t).hall(t, seats, 0, answers, 1)
	contacts := slices.Clone(h.contacts)
	r.Shuffle(len(contacts), func(i, j int) { contacts[i], contacts[j] = contacts[j], contacts[i] })
	h.everyone(contacts, func(c string) {
		if taken, err := h.SeatsTaken(t.Context(), h.event.ID); err != nil || taken > seats {
			t.Errorf("%d of %d places are taken, %v", taken, seats, err)
		}
		h.answer(t, c, convening.Accepted)
	})
	h.balance(t, seats)
	line := h.inLine(t)
	if len(line) != answers-seats {
		t.Fatalf("%d wait, want %d", len(line), answers-seats)
	}
	leaving := h.standing(t)[convening.Accepted]
	leaving = leaving[:1+r.IntN(len(leaving)-1)]
	var gone []string
	for _, i := range leaving {
		gone = append(gone, i.Contact)
	}
	h.now = h.now.Add(time.Minute)
	h.everyone(gone, func(c string) { h.answer(t, c, convening.Declined) })
	h.balance(t, seats)
	offered := h.offers(t)
	if want := line[:len(gone)]; !slices.Equal(offered, want) {
		t.Errorf("places were offered to %v, in line stood %v", offered, want)
	}
	h.everyone(offered, func(c string) {
		h.answer(t, c, []convening.InvitationStatus{convening.Accepted, convening.Declined}[len(c)%2])
	})
	h.balance(t, seats)
}

// balance holds the count of places to what the invitations say.
func (h *hall) balance(t *testing.T, seats int) {
	t.Helper()
	by := h.standing(t)
	taken, err := h.SeatsTaken(t.Context(), h.event.ID)
	if n := len(by[convening.Accepted]) + len(by[convening.Offered]); err != nil || n != taken || taken > seats {
		t.Errorf("%d hold a place, %d are counted of %d, %v", n, taken, seats, err)
	}
	if free := seats - taken; free > 0 && len(by[convening.Waiting]) > 0 {
		t.Errorf("%d wait while %d places are free", len(by[convening.Waiting]), free)
	}
}

func TestPlacesOfOneOrganisation(t *testing.T) {
	h := open(t).hall(t, 3, 1, 6, 2) // three organisations of two, three places, one each
	for n, want := range []convening.InvitationStatus{
		convening.Accepted, convening.Waiting, convening.Accepted, convening.Waiting, convening.Accepted, convening.Waiting,
	} {
		h.now = h.now.Add(time.Second)
		if got := h.answer(t, h.contacts[n], convening.Accepted); got != want {
			t.Errorf("%s is %s, want %s", h.contacts[n], got, want)
		}
	}
	// The colleague stands third in line, behind others whose organisation has its place.
	h.answer(t, h.contacts[4], convening.Declined)
	if got := h.offers(t); !slices.Equal(got, []string{h.contacts[5]}) {
		t.Errorf("offered to %v, want the colleague", got)
	}
	h.balance(t, 3)
}

func TestAnOfferThatIsNotTakenPassesOn(t *testing.T) {
	h := open(t).hall(t, 1, 0, 3, 1)
	for _, c := range h.contacts {
		h.now = h.now.Add(time.Second)
		h.answer(t, c, convening.Accepted)
	}
	h.answer(t, h.contacts[0], convening.Declined)
	h.now = h.now.Add(49 * time.Hour)
	_, err := h.UpdateInvitation(t.Context(), h.event.ID, h.contacts[1], func(i *convening.Invitation) error { i.Advance(h.now); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := h.offers(t); !slices.Equal(got, h.contacts[1:]) {
		t.Errorf("offered to %v", got)
	}
	if got := h.answer(t, h.contacts[2], convening.Accepted); got != convening.Accepted {
		t.Errorf("the last is %s", got)
	}
	h.balance(t, 1)
}

func TestAnAlternateStepsIn(t *testing.T) {
	h := open(t).hall(t, 0, 0, 1, 1)
	ask := func(contact string, alternates ...string) *convening.Invitation {
		i := convening.NewInvitation(h.event, "S"+contact, contact, h.now)
		i.Alternates = alternates
		return i
	}
	first, second, third := ask("A1", "A2", "A3"), ask("A2"), ask("A3")
	second.StandBy()
	third.StandBy()
	first.Advance(h.now)
	if _, err := h.PlanInvitations(t.Context(), []*convening.Invitation{first, second, third}); err != nil {
		t.Fatal(err)
	}
	h.answer(t, "A1", convening.Declined)
	h.answer(t, "A1", convening.Accepted) // a change of mind calls nobody off, and asks nobody twice
	h.answer(t, "A1", convening.Declined)
	second, err := h.Invitation(t.Context(), h.event.ID, "A2")
	if err != nil || second.Status != convening.Queued || !second.AnswerBy.Before(*h.event.AnswerBy) {
		t.Fatalf("the first alternate is %+v, %v", second, err)
	}
	h.now = second.AnswerBy
	if _, err := h.UpdateInvitation(t.Context(), h.event.ID, "A2", func(i *convening.Invitation) error { i.Advance(h.now); return nil }); err != nil {
		t.Fatal(err)
	}
	third, err = h.Invitation(t.Context(), h.event.ID, "A3")
	if err != nil || third.Status != convening.Queued || !third.AnswerBy.Equal(*h.event.AnswerBy) {
		t.Errorf("the second alternate is %+v, %v", third, err)
	}
}

// TestALimitThatComesLate gives an event that is out a limit of places, takes it
// away, and gives it another one: who accepted in between, while nothing was
// counted, holds a place all the same.
func TestALimitThatComesLate(t *testing.T) {
	h := open(t).hall(t, 0, 0, 12, 2)
	limit := func(capacity, perOrganisation int) {
		t.Helper()
		_, err := h.UpdateEvent(t.Context(), h.event.ID, func(e *convening.Event) error {
			p := e.Plan
			p.Capacity, p.PlacesPerOrganisation = capacity, perOrganisation
			return e.Revise(e.Convener, p, h.now)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	say := func(n int, answer, want convening.InvitationStatus) {
		t.Helper()
		h.now = h.now.Add(time.Second)
		if got := h.answer(t, h.contacts[n], answer); got != want {
			t.Errorf("%s is %s, want %s", h.contacts[n], got, want)
		}
	}
	for n := range 4 {
		say(n, convening.Accepted, convening.Accepted)
	}
	limit(5, 0)
	say(4, convening.Accepted, convening.Accepted)
	say(5, convening.Accepted, convening.Waiting)
	h.balance(t, 5)
	limit(0, 0)
	say(6, convening.Accepted, convening.Accepted)
	limit(5, 2) // six hold a place by now: none is free before two are given back
	say(8, convening.Accepted, convening.Waiting)
	limit(7, 1)
	say(9, convening.Accepted, convening.Accepted)
	say(10, convening.Accepted, convening.Waiting)
	say(0, convening.Declined, convening.Declined)
	if got := h.offers(t); !slices.Equal(got, []string{h.contacts[10]}) {
		t.Errorf("offered to %v: those of 4 and 9 have a place already", got)
	}
	h.balance(t, 7)
}
