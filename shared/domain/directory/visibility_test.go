package directory

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// whole is a profile with something in each field that can be hidden.
func whole() Profile {
	return Profile{
		Category: "ngo", Country: "CH", Names: []Name{{Text: "Association", Kind: NameLegal}},
		WorksIn: []string{"CH"}, OriginCountries: []string{"GH"}, ResidenceCountries: []string{"CH"},
		Descriptions: []Text{{Lang: "en", Text: "Text."}}, Website: "https://example.org", Domains: []string{"example.org"},
		Identifiers: []Identifier{{Scheme: "local", ID: "1"}}, Topics: []string{"gcm:1"}, Languages: []string{"fr"}, Founded: 1951, Size: "1-9",
		ConsultativeStatus: &ConsultativeStatus{Kind: "special"}, LedBy: []string{"women"}, Serves: []string{"youth"}, AdvocatesFor: []string{"children"},
	}
}

// TestEveryFieldIsHiddenFromWhoMayNotSeeIt tries every field with every least
// reader and every reader, and holds that a field of the profile is either
// hideable or one of the four that are not.
func TestEveryFieldIsHiddenFromWhoMayNotSeeIt(t *testing.T) {
	members := map[string]int{}
	kind := reflect.TypeFor[Profile]()
	for i := range kind.NumField() {
		name, _, _ := cutTag(kind.Field(i).Tag.Get("json"))
		members[name] = i
	}
	for _, fixed := range []string{"category", "names", "country", "at_risk", "visibility"} {
		delete(members, fixed)
	}
	if len(members) != len(HideableFields()) {
		t.Errorf("fields %v can be hidden, the profile has %v", HideableFields(), members)
	}
	for _, field := range HideableFields() {
		for _, least := range Readers() {
			for _, reader := range Readers() {
				p := whole()
				p.Visibility = Visibility{field: least}
				seen := p.For(reader)
				shown := !reflect.ValueOf(seen).Field(members[field]).IsZero()
				if shown != reader.Sees(least) {
					t.Errorf("%s for %s: shown to %s is %v", field, least, reader, shown)
				}
				if hidesIt := seen.Visibility == nil; hidesIt == (reader == ReaderSelf) {
					t.Errorf("%s is told what is hidden: %v", reader, !hidesIt)
				}
			}
		}
	}
}

func cutTag(tag string) (string, string, bool) {
	for i := range tag {
		if tag[i] == ',' {
			return tag[:i], tag[i+1:], true
		}
	}
	return tag, "", false
}

func TestAtRiskNothingIsForLessThanOrganisers(t *testing.T) {
	p := whole()
	p.AtRisk = true
	seen := p.For(ReaderListed)
	if seen.Website != "" || seen.Serves != nil {
		t.Errorf("another stakeholder is shown %+v", seen)
	}
	if p.For(ReaderOrganisers).Website == "" {
		t.Error("organisers are shown nothing")
	}
}

func TestVisibilityIsValidated(t *testing.T) {
	got := refused(t, Visibility{"names": "public", "website": "friends", "topics": "self"}.Validate())
	want := []string{"/names visibility.field_fixed", "/website visibility.unknown"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// TestRiskBeginsAtOnceAndEndsByMail holds that protection needs nobody's consent
// and its end the focal point's, by a link that a later protection voids.
func TestRiskBeginsAtOnceAndEndsByMail(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	s := registered(t)
	if err := s.ConfirmAddress(s.Contacts[0].ID, now); err != nil {
		t.Fatal(err)
	}
	if err := s.Decide(Decision{Outcome: Listed}, now); err != nil {
		t.Fatal(err)
	}
	s.AtRisk = false
	if err := s.Protect(now); err != nil || s.Public() {
		t.Fatalf("public %v, %v", s.Public(), err)
	}
	for _, request := range []string{"R1", "R2"} {
		if err := s.AskExposure(request, now); err != nil || !s.AtRisk {
			t.Fatalf("at risk %v, %v", s.AtRisk, err)
		}
	}
	if err := s.Expose("R1", now); err == nil {
		t.Error("the older of two links holds")
	}
	if err := s.Expose("R2", now.Add(RequestLasts)); err == nil {
		t.Error("a link outlived its time")
	}
	if err := s.Protect(now); err != nil || s.Expose("R2", now) == nil {
		t.Error("protection did not void the link")
	}
	if err := s.AskExposure("R3", now); err != nil {
		t.Fatal(err)
	}
	if err := s.Expose("R3", now); err != nil || !s.Public() {
		t.Errorf("public %v, %v", s.Public(), err)
	}
}
