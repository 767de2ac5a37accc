package runtime

import (
	"testing"

	"convoke/shared/domain/directory"
)

// moderated lets moderators write about the stakeholder, and makes an entry a part
// of it that two persons claimed.
func moderated(t *testing.T, p *Process, e *directory.Stakeholder) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	_, err := p.Store.ChangeCase(ctx, e.ID, func(c *directory.Case) error {
		if err := c.Work(directory.CaseWork{Check: "identity", State: directory.CheckPassed, Note: "Quillfeather was on the telephone.", By: "moderator", At: then}); err != nil {
			return err
		}
		return c.Note(directory.CaseNote{ID: "n", Text: "Brambleshaw called back.", By: "moderator", At: then})
	})
	must(err)
	listed := directory.SanctionsEntry{Reference: "EXi.001", Kind: directory.SanctionedPerson, Names: []string{"ANOTHER"}}
	must(p.Store.KeepScreening(ctx, e.ID, "E", []directory.Match{
		{SanctionsEntry: listed, Score: 0.7, Reason: "name.part", Here: "Zzyzxian Association", There: "ANOTHER"},
		{SanctionsEntry: listed, Contact: e.Contacts[1].ID, Score: 0.7, Reason: "name.part", Here: "Brambleshaw", There: "ANOTHER"},
	}))
	_, err = p.Store.UpdateScreening(ctx, e.ID, func(s *directory.Screening) error {
		return s.Decide(directory.ScreeningDecision{Reference: "EXi.001", Outcome: directory.ScreenedNotSame, Reason: "Quillfeather knows.", By: "moderator"}, then)
	})
	must(err)
	claimed(t, p, e)
}

// claimed has an entry that is claimed by two, one of whom gets it, merged into e.
func claimed(t *testing.T, p *Process, e *directory.Stakeholder) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	profile := marked().Profile
	profile.Names, profile.Identifiers = []directory.Name{{Text: "Zzyzxian Branch", Lang: "en", Kind: directory.NameLegal}}, nil
	stub, err := directory.Enter(p.Store.NewID(), profile, then)
	must(err)
	must(p.Store.Register(ctx, stub))
	for _, email := range []string{"rival@elsewhere.example.org", "branch@zzyzx.example.org"} {
		c, err := directory.NewClaim(p.Store.NewID(), stub, directory.ClaimRequest{
			Name: "Person", Email: email, Language: "en", Text: "I am the Brambleshaw secretary.", Consent: marked().Consent,
		}, "api", p.Store.NewID, then)
		must(err)
		must(p.Store.CreateClaim(ctx, c))
		must(p.Settle(ctx)) // the mail that asks for the proof goes out
		_, _, err = p.Store.UpdateClaim(ctx, c.ID, func(c *directory.Claim, s *directory.Stakeholder) error { return c.Confirm(s, 0, then) })
		must(err)
	}
	must(p.Settle(ctx))
	m, err := p.Store.BeginMerge(ctx, e.ID, stub.ID, func(a, b *directory.Stakeholder) (*directory.Merge, error) {
		return directory.BeginMerge(p.Store.NewID(), a, b, directory.MergeOrder{Merged: b.ID, Reason: "A branch."}, "moderator", then)
	})
	must(err)
	_, err = p.Store.SettleMerge(ctx, m.ID)
	must(err)
}

// TestACaseAndAScreeningGoWithTheStakeholder holds that after an erasure nothing is
// left of what moderators wrote, and that the erasure of one contact takes the
// notes, and of the screening what is about that contact.
func TestACaseAndAScreeningGoWithTheStakeholder(t *testing.T) {
	for _, whole := range []bool{false, true} {
		p, _ := open(t)
		e := lived(t, p)
		contact, left := e.Contacts[1].ID, 1
		if whole {
			contact, left = "", 0
		}
		if err := p.Store.BeginErasure(t.Context(), directory.NewErasure(p.Store.NewID(), e.ID, contact, then)); err != nil {
			t.Fatal(err)
		}
		if err := p.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		c, err := p.Store.Case(t.Context(), e.ID)
		if err != nil || len(c.Notes) != 0 || len(c.Checks) != 1 || c.Checks[0].Note != "" {
			t.Errorf("%+v, %v", c, err)
		}
		s, err := p.Store.Screening(t.Context(), e.ID)
		if err != nil || len(s.Matches) != left {
			t.Errorf("%+v, %v", s, err)
		}
		if _, _, err := p.Store.VerifyTrails(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
