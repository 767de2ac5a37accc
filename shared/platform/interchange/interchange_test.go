package interchange_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-vcard"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/interchange"
)

func entry() interchange.Entry {
	return interchange.Entry{
		ID: "01JD4Z7X9M3T5V8B2C6D0E1F4G", Address: "https://convoke.example.org/stakeholders/01JD4Z7X9M3T5V8B2C6D0E1F4G",
		Profile: directory.Profile{
			Category: "migrant_association", Country: "CH", Website: "https://geneva.example.org", Founded: 1998,
			Names: []directory.Name{
				{Text: "Association des migrants; Genève, et environs", Lang: "fr", Kind: directory.NameLegal},
				{Text: "جمعية المهاجرين", Lang: "ar", Kind: directory.NameAlias},
				{Text: "AMG", Kind: directory.NameAcronym},
				{Text: "Ancien nom", Lang: "fr", Kind: directory.NameFormer},
			},
			Descriptions: []directory.Text{{Lang: "fr", Text: strings.Repeat("Une très longue description. ", 8)}},
			Identifiers:  []directory.Identifier{{Scheme: "ror", ID: "000025p04"}, {Scheme: "local", ID: "12/98"}},
			Topics:       []string{"gcm:1", "topic:remittances"}, Languages: []string{"fr", "ar"}, WorksIn: []string{"FR"},
		},
		UpdatedAt: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC),
	}
}

func TestJSONLD(t *testing.T) {
	got := interchange.JSONLD(entry(), "ar")
	for member, want := range map[string]any{
		"@type": "NGO", "name": "جمعية المهاجرين", "url": "https://geneva.example.org", "foundingDate": "1998",
		"alternateName": []string{"Association des migrants; Genève, et environs", "AMG", "Ancien nom"},
		"sameAs":        []string{"https://ror.org/000025p04"}, "areaServed": []string{"FR"},
	} {
		if diff := cmp.Diff(want, got[member]); diff != "" {
			t.Errorf("%s: %s", member, diff)
		}
	}
	if _, there := interchange.JSONLD(interchange.Entry{Profile: directory.Profile{Names: []directory.Name{{Text: "X"}}}})["url"]; there {
		t.Error("what is not known is written")
	}
}

// An independent reader finds in the card what was put in.
func TestVCardIsReadBack(t *testing.T) {
	b, err := interchange.VCard(entry(), "fr")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(b), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line of %d octets: %q", len(line), line)
		}
	}
	card, err := vcard.NewDecoder(bytes.NewReader(b)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	if card.Kind() != vcard.KindOrganization || card.PreferredValue(vcard.FieldFormattedName) != "Association des migrants; Genève, et environs" {
		t.Errorf("%v %q", card.Kind(), card.PreferredValue(vcard.FieldFormattedName))
	}
	if names := card.Values(vcard.FieldFormattedName); len(names) != 2 || names[1] != "جمعية المهاجرين" {
		t.Errorf("names %q", names)
	}
	if address := card.Address(); address == nil || address.Country != "Suisse" {
		t.Errorf("address %+v", address)
	}
	if note := card.Value(vcard.FieldNote); note != strings.Repeat("Une très longue description. ", 8) {
		t.Errorf("note %q", note)
	}
	for _, field := range []string{vcard.FieldEmail, vcard.FieldTelephone} {
		if card.Value(field) != "" {
			t.Errorf("%s is in the card", field)
		}
	}
}

func TestHSDSIsTheSameEachTime(t *testing.T) {
	got := interchange.HSDS(entry())
	if diff := cmp.Diff(got, interchange.HSDS(entry())); diff != "" {
		t.Error(diff)
	}
	if id, ok := interchange.StakeholderID(got.ID); !ok || id != entry().ID {
		t.Errorf("%s leads to %q, %v", got.ID, id, ok)
	}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var back interchange.Organization
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, back); diff != "" {
		t.Error(diff)
	}
	if len(got.Identifiers) != 2 || len(got.Attributes) != 5 || got.AlternateName != "جمعية المهاجرين" {
		t.Errorf("%+v", got)
	}
}

func TestStakeholderID(t *testing.T) {
	for _, text := range []string{"", "x", "0193c9f3-9d34-d0e8-b588-4c3340e0bc9", "0193C9F3-9d34-d0e8-b588-4c3340e0bc90", "0193c9f39d34d0e8b5884c3340e0bc90", "0193c9f3-9d34-d0e8-b588-4c3340e0bc900"} {
		if id, ok := interchange.StakeholderID(text); ok {
			t.Errorf("%q is taken for %s", text, id)
		}
	}
}
