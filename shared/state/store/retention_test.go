package store_test

import (
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/state/store"
)

// TestRegistrationsThatCameToNothingAreErased moves the clock to just before and
// just past the end of each rule.
func TestRegistrationsThatCameToNothingAreErased(t *testing.T) {
	for _, rule := range directory.Retentions() {
		if rule.Status == "" {
			continue
		}
		o := open(t)
		e := o.register(t.Context(), t, "Association Exemple")
		listed := o.list(t, "Another association")
		if rule.Status != directory.AwaitingEmail {
			decide(t, o, e.ID, directory.Decision{Outcome: rule.Status, Reasons: []string{"incomplete"}})
		}
		for _, c := range []struct {
			after time.Duration
			want  directory.Status
		}{{rule.Keep - time.Second, rule.Status}, {rule.Keep, directory.Erased}} {
			o.now = start.Add(c.after)
			for range 3 { // again changes nothing
				if _, err := o.Retain(t.Context()); err != nil {
					t.Fatal(err)
				}
				finish(t, o, e.ID)
			}
			got, err := o.Stakeholder(t.Context(), e.ID)
			if err != nil || got.Status != c.want {
				t.Errorf("%s after %s: %s, %v", rule.Record, c.after, got.Status, err)
			}
		}
		if kept, err := o.Stakeholder(t.Context(), listed.ID); err != nil || kept.Status != directory.Listed {
			t.Errorf("%s: who is listed became %s, %v", rule.Record, kept.Status, err)
		}
	}
}

func decide(t *testing.T, o *opened, id string, d directory.Decision) {
	t.Helper()
	_, err := o.UpdateStakeholder(t.Context(), id, func(e *directory.Stakeholder) error {
		if err := e.ConfirmAddress(e.Contacts[0].ID, o.now); err != nil {
			return err
		}
		return e.Decide(d, o.now)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// finish does what is left of the erasure of a registration.
func finish(t *testing.T, o *opened, id string) {
	t.Helper()
	for range 100 {
		x, err := o.Erasure(t.Context(), "retention-"+id)
		if err != nil || x.DoneAt != nil {
			return
		}
		if err := o.AdvanceErasure(t.Context(), x.ID, nil); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("an erasure does not end")
}

// TestRetentionsAreWhatTheTableKeeps holds the rules of what expires by itself to
// the dates that are written.
func TestRetentionsAreWhatTheTableKeeps(t *testing.T) {
	for _, rule := range directory.Retentions() {
		switch rule.Record {
		case "session":
			if rule.Keep != store.SessionLasts {
				t.Errorf("%s: %s, and it lasts %s", rule.Record, rule.Keep, store.SessionLasts)
			}
		case "link to sign in":
			if rule.Keep != store.SignInLinkLasts {
				t.Errorf("%s: %s, and it lasts %s", rule.Record, rule.Keep, store.SignInLinkLasts)
			}
		}
	}
}
