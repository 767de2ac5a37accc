package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/fault"
)

// handOn hands the invitation of a contact on to a new colleague.
func (h *hall) handOn(t *testing.T, contact, colleague string) error {
	t.Helper()
	_, err := h.HandOn(t.Context(), h.event.ID, contact, func(i *convening.Invitation) (*convening.Invitation, error) {
		return i.HandOn(colleague, &convening.Colleague{Name: "Colleague", Email: colleague + "@example.org", Language: "fr"}, h.now)
	})
	return err
}

// recall takes the invitation of a contact back from the colleague, if it is with one.
func (h *hall) recall(t *testing.T, contact string) {
	t.Helper()
	first, err := h.Invitation(t.Context(), h.event.ID, contact)
	if err != nil {
		t.Fatal(err)
	}
	if first.Delegate == nil {
		return
	}
	second, err := h.UpdateInvitation(t.Context(), h.event.ID, first.Delegate.Contact, func(i *convening.Invitation) error { return i.Recall(first, h.now) })
	if err != nil || second.Status != convening.Withdrawn || second.HoldsSeat() {
		t.Fatalf("taken back: %+v, %v", second, err)
	}
	if first, err = h.Invitation(t.Context(), h.event.ID, contact); err != nil || first.Delegate != nil || first.Status == convening.Delegated {
		t.Fatalf("it is with the colleague still: %+v, %v", first, err)
	}
}

// accounted holds the counts of places to the invitations that hold one, and to
// the limits.
func (h *hall) accounted(t *testing.T, seats, perOrganisation int) {
	t.Helper()
	holding, of := 0, map[string]int{}
	for _, list := range h.standing(t) {
		for _, i := range list {
			if i.HoldsSeat() {
				holding++
				of[i.Stakeholder]++
			}
		}
	}
	taken, err := h.SeatsTaken(t.Context(), h.event.ID)
	if err != nil || taken != holding || taken > seats {
		t.Fatalf("%d places are counted and %d held, of %d (%v)", taken, holding, seats, err)
	}
	for id, n := range of {
		if n > perOrganisation {
			t.Fatalf("%s has %d places", id, n)
		}
	}
}

// TestTheSeatIsOne lets people answer, hand on and change their minds at random:
// at every moment as many places are counted as are held.
func TestTheSeatIsOne(t *testing.T) {
	for seed := range uint64(15) {
		h := open(t).hall(t, 4, 2, 12, 3)
		random := rand.New(rand.NewPCG(seed, 1))
		people, handed, returned := slices.Clone(h.contacts), 0, 0
		for step := range 120 {
			who := people[random.IntN(len(people))]
			if random.IntN(8) == 0 {
				h.recall(t, who)
			} else if random.IntN(4) == 0 {
				colleague := fmt.Sprintf("D%04d", step)
				if h.handOn(t, who, colleague) == nil {
					people, handed = append(people, colleague), handed+1
				}
			} else {
				answer := []convening.InvitationStatus{convening.Accepted, convening.Accepted, convening.Tentative, convening.Declined}[random.IntN(4)]
				i, err := h.UpdateInvitation(t.Context(), h.event.ID, who, func(i *convening.Invitation) error {
					return i.Answer(convening.Answer{Answer: answer}, h.now)
				})
				if err != nil && fault.KindOf(err) != fault.Gone {
					t.Fatal(err)
				}
				if err == nil && i.GoesBack() {
					returned++
				}
			}
			h.accounted(t, 4, 2)
		}
		if handed == 0 || returned == 0 {
			t.Fatalf("seed %d: %d handed on, %d came back", seed, handed, returned)
		}
	}
}

// TestHandedOnInOneTransaction keeps the place of who accepted while a colleague
// decides, gives it back when the colleague declines, and passes it on to who
// waits only when nobody of the two wants it.
func TestHandedOnInOneTransaction(t *testing.T) {
	h := open(t).hall(t, 1, 0, 2, 1)
	first, waits := h.contacts[0], h.contacts[1]
	h.answer(t, first, convening.Accepted)
	h.answer(t, waits, convening.Accepted)
	if err := h.handOn(t, first, "D1"); err != nil {
		t.Fatal(err)
	}
	if got := h.answer(t, "D1", convening.Declined); got != convening.Declined {
		t.Fatal(got)
	}
	if i, err := h.Invitation(t.Context(), h.event.ID, first); err != nil || i.Status != convening.Accepted {
		t.Fatalf("it came back as %+v, %v", i, err)
	}
	if err := h.handOn(t, first, waits); !errors.Is(err, convening.ErrAlreadyInvited) {
		t.Errorf("to who is invited: %v", err)
	}
	if err := h.handOn(t, first, "D2"); err != nil {
		t.Fatal(err)
	}
	h.answer(t, "D2", convening.Accepted)
	if n, err := h.SeatsTaken(t.Context(), h.event.ID); n != 1 || err != nil {
		t.Errorf("%d places, %v", n, err)
	}
	h.answer(t, "D2", convening.Declined)
	h.answer(t, first, convening.Declined)
	if i, err := h.Invitation(t.Context(), h.event.ID, waits); err != nil || i.Status != convening.Offered {
		t.Errorf("who waited has %+v, %v", i, err)
	}
	trail, _, err := h.Audit(t.Context(), "INVITATION", h.event.ID+".D1", "", 10)
	if err != nil || len(trail) != 2 {
		t.Fatalf("%d entries, %v", len(trail), err)
	}
	for _, a := range trail {
		if a.Values != nil && len(a.Values.Changes) > 0 {
			t.Errorf("the trail of who declined keeps %+v", a.Values.Changes)
		}
	}
}

// TestRecallMeetsConfirmation lets a colleague confirm while the invitation is taken
// back from them: whichever comes first, it is the first recipient's, and one place
// is taken.
func TestRecallMeetsConfirmation(t *testing.T) {
	for range 10 {
		h := open(t).hall(t, 1, 0, 2, 1)
		first := h.contacts[0]
		h.answer(t, first, convening.Accepted)
		h.answer(t, h.contacts[1], convening.Accepted)
		if err := h.handOn(t, first, "D1"); err != nil {
			t.Fatal(err)
		}
		confirmed := make(chan error, 1)
		go func() {
			_, err := h.UpdateInvitation(t.Context(), h.event.ID, "D1", func(i *convening.Invitation) error {
				return i.Answer(convening.Answer{Answer: convening.Accepted}, h.now)
			})
			confirmed <- err
		}()
		h.recall(t, first)
		if err := <-confirmed; err != nil && fault.KindOf(err) != fault.Gone {
			t.Fatal(err)
		}
		if i, err := h.Invitation(t.Context(), h.event.ID, first); err != nil || i.Status != convening.Accepted {
			t.Fatalf("the first has %+v, %v", i, err)
		}
		h.accounted(t, 1, 1)
	}
}
