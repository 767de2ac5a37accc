package directory

import (
	"errors"
	"testing"
	"time"
)

func TestHasDomain(t *testing.T) {
	p := Profile{Website: "https://www.Network.example.org/en", Domains: []string{"bücher.example", "gmail.com"}}
	for address, want := range map[string]bool{
		"office@network.example.org":        true,
		"Office@NETWORK.EXAMPLE.ORG":        true,
		"office@xn--bcher-kva.example":      true,
		"office@Bücher.example":             true,
		"office@geneva.network.example.org": false, // a part may be somebody else's
		"office@example.org":                false,
		"office@gmail.com":                  false, // declared, and everybody's
		"office@mynetwork.example.org":      false,
		"office":                            false,
		"":                                  false,
	} {
		if got := p.HasDomain(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func claimRequest() ClaimRequest {
	return ClaimRequest{
		Name: "Focal Point", Email: "office@elsewhere.example.org", Language: "en", Text: "I am the secretary.", Sponsor: "geneva",
		Consent: ConsentGiven{Directory: true, TextVersion: ConsentText},
	}
}

// stub is an entry that nobody acts for, and a claim to it whose address is proved.
func stub(t *testing.T, now time.Time) (*Stakeholder, *Claim) {
	t.Helper()
	s, err := Enter("S", Profile{Category: "ngo", Country: "KE", Names: []Name{{Text: "Forum", Lang: "en", Kind: NameLegal}}}, now)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewClaim("1", s, claimRequest(), "api", func() string { return "C" }, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Confirm(s, 0, now); err != nil {
		t.Fatal(err)
	}
	return s, c
}

func TestClaimsAreRefusedWhereNothingIsLeftToClaim(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	s, c := stub(t, now)
	if err := c.Decide(s, ClaimDecision{Outcome: ClaimGranted}, now); err != nil {
		t.Fatal(err)
	}
	if s.Unclaimed() || s.Tier != TierReviewed || len(s.Checks) != 1 || s.Checks[0].Kind != CheckedClaim {
		t.Errorf("%+v", s)
	}
	focal, ok := s.FocalPoint()
	if !ok || focal.ID != "C" || focal.ConfirmedAt == nil || s.ValidUntil == nil || !s.Consented(ConsentDirectory) {
		t.Errorf("%+v", s)
	}
	for name, err := range map[string]error{
		"again":   c.Decide(s, ClaimDecision{Outcome: ClaimGranted}, now),
		"vouched": c.Vouch(s, "geneva", Word{Vouch: true}, false, 0, now),
		"taken":   c.Withdraw(now),
	} {
		if !errors.Is(err, ErrClaimNotOpen) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewClaim("2", s, claimRequest(), "api", func() string { return "D" }, now); !errors.Is(err, ErrClaimed) {
		t.Errorf("another: %v", err)
	}
	_, late := stub(t, now)
	if late.Advance(s, *late.DueAt); late.State != ClaimEnded {
		t.Errorf("%s of what was claimed", late.State)
	}
}
