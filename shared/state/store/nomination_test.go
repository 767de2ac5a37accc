package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/fault"
)

// nominate puts names for the places of the organisation of a contact.
func (h *hall) nominate(t *testing.T, contact string, names ...string) error {
	t.Helper()
	_, err := h.Nominate(t.Context(), h.event.ID, contact, func(i *convening.Invitation) ([]*convening.Invitation, error) {
		list := make([]convening.Nominee, len(names))
		for k, n := range names {
			list[k] = h.nominee(n)
		}
		return i.Nominate(list, convening.Vacancies{PerOrganisation: h.event.PlacesPerOrganisation}, h.now)
	})
	return err
}

func (h *hall) nominee(name string) convening.Nominee {
	return convening.Nominee{Contact: name, Person: &convening.Colleague{Name: "Nominee", Email: name + "@example.org", Language: "fr"}}
}

// swap puts another name in the place of one that the contact has put.
func (h *hall) swap(t *testing.T, contact, nominee, name string) error {
	t.Helper()
	first, err := h.Invitation(t.Context(), h.event.ID, contact)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Swap(t.Context(), h.event.ID, nominee, func(i *convening.Invitation) (*convening.Invitation, error) {
		return i.Swap(first, h.nominee(name), convening.Vacancies{PerOrganisation: h.event.PlacesPerOrganisation}, h.now)
	})
	return err
}

// names holds the names that stand by the lists of those who put them to the
// invitations that stand.
func (h *hall) names(t *testing.T) {
	t.Helper()
	for _, contact := range h.contacts {
		first, err := h.Invitation(t.Context(), h.event.ID, contact)
		if err != nil {
			t.Fatal(err)
		}
		list, err := h.Nominees(t.Context(), first)
		if err != nil || len(list) != len(first.Nominees) {
			t.Fatalf("%d of %d names, %v", len(list), len(first.Nominees), err)
		}
		for k, i := range list {
			if i.NominatedBy != contact || i.GoesBack() || i.Contact != first.Nominees[k] {
				t.Fatalf("%s has the name of %+v", contact, i)
			}
		}
	}
}

// TestNamesAreAccounted lets focal points put, swap and take back names at random
// while everybody answers: at every moment as many places are counted as are held,
// and the lists name who stands.
func TestNamesAreAccounted(t *testing.T) {
	refusedRightly := func(err error) bool {
		k := fault.KindOf(err)
		return err == nil || k == fault.Gone || k == fault.Invalid || k == fault.Conflict || k == fault.NotFound
	}
	for seed := range uint64(6) {
		h := open(t).hall(t, 5, 3, 4, 1)
		random := rand.New(rand.NewPCG(seed, 7))
		people, put, swapped, left := slices.Clone(h.contacts), 0, 0, 0
		for step := range 120 {
			focal, who := h.contacts[random.IntN(len(h.contacts))], people[random.IntN(len(people))]
			name := fmt.Sprintf("N%04d", step)
			var err error
			switch random.IntN(5) {
			case 0:
				if err = h.nominate(t, focal, name, name+"B"); err == nil {
					people, put = append(people, name, name+"B"), put+2
				}
			case 1:
				if err = h.nominate(t, focal, name); err == nil {
					people, put = append(people, name), put+1
				}
			case 2:
				named, e := h.Invitation(t.Context(), h.event.ID, who)
				if e != nil {
					t.Fatal(e)
				}
				if named.NominatedBy != "" && random.IntN(4) > 0 { // else by who did not put the name
					focal = named.NominatedBy
				}
				if err = h.swap(t, focal, who, name); err == nil {
					people, swapped = append(people, name), swapped+1
				}
			default:
				answer := []convening.InvitationStatus{convening.Accepted, convening.Accepted, convening.Tentative, convening.Declined}[random.IntN(4)]
				var i *convening.Invitation
				i, err = h.UpdateInvitation(t.Context(), h.event.ID, who, func(i *convening.Invitation) error {
					return i.Answer(convening.Answer{Answer: answer}, h.now)
				})
				if err == nil && i.GoesBack() {
					left++
				}
			}
			if !refusedRightly(err) {
				t.Fatal(err)
			}
			h.accounted(t, 5, 3)
			h.names(t)
		}
		if put == 0 || swapped == 0 || left == 0 {
			t.Fatalf("seed %d: %d put, %d swapped, %d left", seed, put, swapped, left)
		}
	}
}

// TestSwapKeepsThePlace swaps somebody who has a place while another waits for one:
// it is the new name's, and goes to who waits when that one declines.
func TestSwapKeepsThePlace(t *testing.T) {
	h := open(t).hall(t, 1, 1, 2, 1)
	focal, waits := h.contacts[0], h.contacts[1]
	if err := h.nominate(t, focal, "N1"); err != nil {
		t.Fatal(err)
	}
	h.answer(t, "N1", convening.Accepted)
	if got := h.answer(t, waits, convening.Accepted); got != convening.Waiting {
		t.Fatal(got)
	}
	if err := h.swap(t, focal, "N1", "N2"); err != nil {
		t.Fatal(err)
	}
	if i, err := h.Invitation(t.Context(), h.event.ID, "N1"); err != nil || i.Status != convening.Withdrawn || i.HoldsSeat() {
		t.Errorf("who left has %+v, %v", i, err)
	}
	h.accounted(t, 1, 1)
	if got := h.answer(t, "N2", convening.Accepted); got != convening.Accepted {
		t.Errorf("who came is %s", got)
	}
	h.accounted(t, 1, 1)
	h.answer(t, "N2", convening.Declined)
	if i, err := h.Invitation(t.Context(), h.event.ID, waits); err != nil || i.Status != convening.Offered {
		t.Errorf("who waited has %+v, %v", i, err)
	}
	h.names(t)
}

// TestNamedOnceMore names somebody again who was taken back: by a new link, and
// the old one does not answer.
func TestNamedOnceMore(t *testing.T) {
	h := open(t).hall(t, 2, 2, 1, 1)
	focal := h.contacts[0]
	if err := h.nominate(t, focal, "N1"); err != nil {
		t.Fatal(err)
	}
	if err := h.nominate(t, focal, "N1"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("who stands: %v", err)
	}
	first, err := h.Invitation(t.Context(), h.event.ID, focal)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.UpdateInvitation(t.Context(), h.event.ID, "N1", func(i *convening.Invitation) error { return i.Recall(first, h.now) }); err != nil {
		t.Fatal(err)
	}
	h.names(t)
	if err := h.nominate(t, focal, "N1"); err != nil {
		t.Fatal(err)
	}
	if i, err := h.Invitation(t.Context(), h.event.ID, "N1"); err != nil || i.Generation != 2 || i.Shift != 2 || i.Status != convening.Queued {
		t.Errorf("%+v, %v", i, err)
	}
	h.names(t)
}

// TestOneOfManyNamesIsTaken puts many names for one place at the same time.
func TestOneOfManyNamesIsTaken(t *testing.T) {
	h := open(t).hall(t, 5, 1, 1, 1)
	focal, results := h.contacts[0], make(chan error, 16)
	for k := range cap(results) {
		go func() {
			_, err := h.Nominate(t.Context(), h.event.ID, focal, func(i *convening.Invitation) ([]*convening.Invitation, error) {
				return i.Nominate([]convening.Nominee{h.nominee(fmt.Sprintf("N%02d", k))}, convening.Vacancies{PerOrganisation: 1}, h.now)
			})
			results <- err
		}()
	}
	taken := 0
	for range cap(results) {
		switch err := <-results; {
		case err == nil:
			taken++
		case fault.KindOf(err) != fault.Invalid:
			t.Error(err)
		}
	}
	if taken != 1 {
		t.Errorf("%d names for one place", taken)
	}
	h.names(t)
}
