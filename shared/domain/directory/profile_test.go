package directory

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"convoke/shared/domain/fault"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// application is one that has nothing wrong with it.
func application() Application {
	return Application{
		Profile: Profile{
			Category: "migrant_association", Country: "CH", WorksIn: []string{"CH", "FR"},
			Names:        []Name{{Text: "Association des voisins", Lang: "fr", Kind: NameLegal}, {Text: "AdV", Kind: NameAcronym}},
			Descriptions: []Text{{Lang: "fr", Text: "Entraide.\n\nChaque semaine."}},
			Website:      "https://voisins.example.org/accueil",
			Identifiers:  []Identifier{{Scheme: "ror", ID: "https://ror.org/02n0bts35"}},
			Languages:    []string{"fr", "de"}, Founded: 1998, Size: "10-49",
			ConsultativeStatus: &ConsultativeStatus{Kind: "special", Year: 2004},
			LedBy:              []string{"women"}, Serves: []string{"refugees"}, AdvocatesFor: []string{"stateless"},
		},
		Contacts: []Contact{
			{Name: "Focal Point", Role: RoleFocalPoint, Email: "focal@association.example.org", Language: "fr"},
			{Name: "Speaker", Role: RoleSpeaker, Email: "speaker@association.example.org", Language: "de", Speaking: &SpeakingProfile{
				Languages: []string{"de"}, Formats: []string{"panel"}, Travel: "regional", Needs: []string{"childcare"},
			}},
		},
		Evidence: []Evidence{
			{Kind: EvidenceIdentifier, Identifier: &Identifier{Scheme: "ror", ID: "02n0bts35"}},
			{Kind: EvidenceReferences, Referees: []string{"S1", "S2"}},
			{Kind: EvidenceSponsorship, Sponsor: "unit-1", Note: "Known since 2001."},
			{Kind: EvidenceCertificate},
		},
		Consent: ConsentGiven{Directory: true, TextVersion: ConsentText},
	}
}

// refused returns the refused fields of err, as "pointer code".
func refused(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Invalid {
		t.Fatalf("%v is no fault of the input", err)
	}
	var list []string
	for _, field := range f.Fields {
		list = append(list, field.Pointer+" "+field.Code)
	}
	return list
}

func times[T any](n int, v T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = v
	}
	return list
}

func TestApplicationValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Application)
		want   []string
	}{
		{"nothing wrong", func(*Application) {}, nil},
		{"least", func(a *Application) {
			*a = Application{
				Profile:  Profile{Category: "migrant_association", Country: "CH", Names: []Name{{Text: "X", Kind: NameAlias}}},
				Contacts: a.Contacts[:1], Consent: a.Consent,
			}
		}, nil},
		{"nothing given", func(a *Application) { *a = Application{} }, []string{
			"/category category.unknown", "/consent/directory consent.required", "/consent/text_version consent.text_version",
			"/contacts contact.missing", "/country country.unknown", "/names name.missing",
		}},
		{"category", func(a *Application) { a.Category = "Migrant_association" }, []string{"/category category.unknown"}},
		{"country in lower case", func(a *Application) { a.Country = "ch" }, []string{"/country country.unknown"}},
		{"country that was", func(a *Application) { a.Country = "YU" }, []string{"/country country.unknown"}},
		{"countries", func(a *Application) {
			a.WorksIn, a.OriginCountries, a.ResidenceCountries = []string{"CH", "CH"}, []string{"ZZ"}, times(251, "CH")
		}, []string{
			"/origin_countries/0 country.unknown", "/residence_countries list.too_long", "/works_in/1 list.repeated",
		}},
		{"name of two lines", func(a *Application) { a.Names[0].Text = "A\r\nBcc: x" }, []string{"/names/0/text text.control_character"}},
		{"name without a kind", func(a *Application) { a.Names[1].Kind = "" }, []string{"/names/1/kind name.kind_unknown"}},
		{"name in no language", func(a *Application) { a.Names[0].Lang = "und" }, []string{"/names/0/lang language.unknown"}},
		{"acronyms alone", func(a *Application) { a.Names = a.Names[1:] }, []string{"/names name.only_acronyms"}},
		{"former name alone", func(a *Application) { a.Names = []Name{{Text: "X", Kind: NameFormer}} }, []string{"/names name.only_acronyms"}},
		{"41 names", func(a *Application) { a.Names = times(41, a.Names[0]) }, []string{"/names list.too_long"}},
		{"description overridden", func(a *Application) { a.Descriptions[0].Text = "a\u202eb" }, []string{"/descriptions/0/text text.bidi_control"}},
		{"description not UTF-8", func(a *Application) { a.Descriptions[0].Text = "a\xff" }, []string{"/descriptions/0/text text.not_utf8"}},
		{"description of 10,000 runes", func(a *Application) { a.Descriptions[0].Text = strings.Repeat("я", 10_000) }, []string{"/descriptions/0/text text.too_long"}},
		{"description twice in one language", func(a *Application) { a.Descriptions = []Text{{"fr", "A"}, {"FR", "B"}} }, []string{"/descriptions/1/lang language.repeated"}},
		{"description in no language", func(a *Application) { a.Descriptions[0].Lang = "" }, []string{"/descriptions/0/lang language.unknown"}},
		{"website", func(a *Application) { a.Website = "javascript:alert(1)" }, []string{"/website website.not_http"}},
		{"identifier with a wrong sum", func(a *Application) { a.Identifiers[0].ID = "02n0bts36" }, []string{"/identifiers/0 identifier.checksum"}},
		{"identifier twice", func(a *Application) {
			a.Identifiers = append(a.Identifiers, Identifier{Scheme: "ror", ID: "ror.org/02N0BTS35"})
		}, []string{"/identifiers/1 list.repeated"}},
		{"identifier of no scheme", func(a *Application) { a.Identifiers[0].Scheme = "passport" }, []string{"/identifiers/0 identifier.scheme_unknown"}},
		{"identifier that once brought the process down", func(a *Application) { a.Identifiers[0].ID = strings.Repeat("Ⱥ", 20) + "ror.org/" }, []string{"/identifiers/0 identifier.malformed"}},
		{"21 identifiers", func(a *Application) { a.Identifiers = times(21, a.Identifiers[0]) }, []string{"/identifiers list.too_long"}},
		{"topics", func(a *Application) { a.Topics = []string{"no such topic"} }, []string{"/topics/0 topic.unknown"}},
		{"languages", func(a *Application) { a.Languages = []string{"fr", "fr", "zxx"} }, []string{"/languages/1 list.repeated", "/languages/2 language.unknown"}},
		{"founded before there were years", func(a *Application) { a.Founded = 999 }, []string{"/founded year.impossible"}},
		{"founded next year", func(a *Application) { a.Founded = 2027 }, []string{"/founded year.impossible"}},
		{"founded this year", func(a *Application) { a.Founded = 2026 }, nil},
		{"founded below zero", func(a *Application) { a.Founded = -1 }, []string{"/founded year.impossible"}},
		{"size", func(a *Application) { a.Size = "many" }, []string{"/size size.unknown"}},
		{"consultative status", func(a *Application) { a.ConsultativeStatus = &ConsultativeStatus{Kind: "observer", Year: 1945} }, []string{
			"/consultative_status/kind consultative_status.unknown", "/consultative_status/year year.impossible",
		}},
		{"groups", func(a *Application) {
			a.LedBy, a.Serves, a.AdvocatesFor = []string{"x"}, []string{"women", "women"}, times(61, "women")
		}, []string{
			"/advocates_for list.too_long", "/led_by/0 group.unknown", "/serves/1 list.repeated",
		}},
		{"contact", func(a *Application) {
			a.Contacts[0] = Contact{Name: "\u202e", Role: RoleFocalPoint, Email: "x", Language: "tlh-"}
		}, []string{"/contacts/0/email email.malformed", "/contacts/0/language language.unknown", "/contacts/0/name text.bidi_control"}},
		{"contact without a role", func(a *Application) { a.Contacts[1].Role = "boss" }, []string{"/contacts/1/role contact.role_unknown"}},
		{"contact twice", func(a *Application) { a.Contacts[1].Email = "FOCAL@Association.Example.org" }, []string{"/contacts/1/email list.repeated"}},
		{"no focal point", func(a *Application) { a.Contacts[0].Role = RoleRepresentative }, []string{"/contacts contact.one_focal_point"}},
		{"two focal points", func(a *Application) { a.Contacts[1].Role = RoleFocalPoint }, []string{"/contacts contact.one_focal_point"}},
		{"21 contacts", func(a *Application) { a.Contacts = times(21, a.Contacts[0]) }, []string{"/contacts list.too_long"}},
		{"speaker", func(a *Application) {
			a.Contacts[1].Speaking = &SpeakingProfile{Topics: []string{"x"}, Languages: []string{"x y"}, Formats: []string{"x"}, Travel: "x", Needs: []string{"x"}}
		}, []string{
			"/contacts/1/speaking/formats/0 speaking.format_unknown", "/contacts/1/speaking/languages/0 language.unknown",
			"/contacts/1/speaking/needs/0 speaking.need_unknown", "/contacts/1/speaking/topics/0 topic.unknown",
			"/contacts/1/speaking/travel speaking.travel_unknown",
		}},
		{"evidence", func(a *Application) {
			a.Evidence = []Evidence{
				{Kind: "oath"},
				{Kind: EvidenceIdentifier},
				{Kind: EvidenceIdentifier, Identifier: &Identifier{Scheme: "lei", ID: "1"}},
				{Kind: EvidenceReferences, Referees: []string{"S1"}},
				{Kind: EvidenceReferences, Referees: []string{"S1", "S1"}},
				{Kind: EvidenceReferences, Referees: []string{"S1", "S\n2"}},
				{Kind: EvidenceSponsorship},
				{Kind: EvidenceCertificate, Note: "a\rb"},
			}
		}, []string{
			"/evidence/0/kind evidence.kind_unknown", "/evidence/1/identifier evidence.identifier_missing",
			"/evidence/2/identifier identifier.malformed", "/evidence/3/referees evidence.two_referees",
			"/evidence/4/referees evidence.two_referees", "/evidence/5/referees/1 stakeholder.unknown",
			"/evidence/6/sponsor text.empty", "/evidence/7/note text.control_character",
		}},
		{"11 pieces of evidence", func(a *Application) { a.Evidence = times(11, a.Evidence[3]) }, []string{"/evidence list.too_long"}},
		{"consent to another text", func(a *Application) { a.Consent.TextVersion = "2020-01" }, []string{"/consent/text_version consent.text_version"}},
		{"no consent", func(a *Application) { a.Consent.Directory = false }, []string{"/consent/directory consent.required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := application()
			tt.change(&a)
			if diff := cmp.Diff(tt.want, refused(t, a.Validate(start))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNamesAreHeldToTheSameRulesAsLines(t *testing.T) {
	for _, tt := range lines {
		a := application()
		a.Names[0].Text = tt.line
		var want []string
		if tt.want != "" {
			want = []string{"/names/0/text " + tt.want}
		}
		if diff := cmp.Diff(want, refused(t, a.Validate(start))); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestWebAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.org":                             true,
		"http://example.org/a?b=c#d":                      true,
		"https://example.org.":                            true,
		"https://EXAMPLE.org":                             true,
		"https://example.org:8443/":                       true,
		"https://организация.рф":                          true,
		"https://xn--p1ai.example.org":                    true,
		"https://उदाहरण.example.org":                      true,
		"https://a_b.example.org":                         true,
		"":                                                false,
		"example.org":                                     false,
		"//example.org":                                   false,
		"https:example.org":                               false,
		"ftp://example.org":                               false,
		"javascript://example.org/%0aalert":               false,
		"data:text/html,x":                                false,
		"https://user@example.org":                        false,
		"https://user:pass@example.org":                   false,
		"https://example.org@127.0.0.1":                   false,
		"https://example.org\\@evil.example":              false,
		"https://localhost":                               false,
		"https://app.localhost":                           false,
		"https://printer.local":                           false,
		"https://metadata.google.internal":                false,
		"https://router.home.arpa":                        false,
		"https://nas.lan":                                 false,
		"https://x.invalid":                               false,
		"https://127.0.0.1":                               false,
		"https://127.1":                                   false,
		"https://0x7f.1":                                  false,
		"https://2130706433":                              false,
		"https://169.254.169.254/latest":                  false,
		"https://１２７.０.０.１":                               false,
		"https://127。0。0。1":                               false,
		"https://ｌｏｃａｌｈｏｓｔ":                               false,
		"https://[::1]":                                   false,
		"https://[::ffff:127.0.0.1]":                      false,
		"https://[fe80::1%25eth0]":                        false,
		"https://.example.org":                            false,
		"https://example..org":                            false,
		"https://-a.example.org":                          false,
		"https://exam ple.org":                            false,
		"https://exa\u200dmple.org":                       false,
		"https://example.org/\r\nX: y":                    false,
		"https://example.org/\u202e":                      false,
		"https://example.org:port":                        false,
		"https://" + strings.Repeat("a", 64) + ".org":     false,
		"https://example.org/" + strings.Repeat("a", 500): false,
		"https://example.org/" + strings.Repeat("\u0301", 10_000) + "": false,
	} {
		if got := WebAddress(address); got != want {
			t.Errorf("%.60q: %t, want %t", address, got, want)
		}
	}
}

func TestAddressFault(t *testing.T) {
	for address, good := range map[string]bool{
		"focal@association.example.org":          true,
		"Focal.Point+un@Example.org":             true,
		"o'neill@example.org":                    true,
		"focal@ассоциация.рф":                    true,
		strings.Repeat("a", 64) + "@a.org":       true,
		"":                                       false,
		"focal":                                  false,
		"focal@":                                 false,
		"@example.org":                           false,
		"focal@example":                          false,
		"focal@localhost.local":                  false,
		"focal@127.0.0.1":                        false,
		"focal@[127.0.0.1]":                      false,
		"focal@example..org":                     false,
		"focal@.example.org":                     false,
		"focal@example.org.":                     false,
		"focal@-example.org":                     false,
		"focal@@example.org":                     false,
		"a@b@example.org":                        false,
		".focal@example.org":                     false,
		"focal.@example.org":                     false,
		"focal..point@example.org":               false,
		`"focal point"@example.org`:              false,
		"Focal <focal@example.org>":              false,
		"<focal@example.org>":                    false,
		"focal@example.org (Focal)":              false,
		"focal@example.org, other@example.org":   false,
		"focal@example.org;other@example.org":    false,
		" focal@example.org":                     false,
		"focal@example.org\r\nBcc: x@y.org":      false,
		"focal@example.org\x00":                  false,
		"fo\u200dcal@example.org":                false,
		"focal@exam\u200dple.org":                false,
		"focal@example.org\u202e":                false,
		"фокал@example.org":                      false, // no mail of ours would reach it
		"focal@example.org\xff":                  false,
		strings.Repeat("a", 65) + "@a.org":       false,
		"a@" + strings.Repeat("a.", 130) + "org": false,
	} {
		if got := AddressFault(address) == ""; got != good {
			t.Errorf("%.60q: good %t, want %t", address, got, good)
		}
	}
}

func TestDisplayName(t *testing.T) {
	p := Profile{Names: []Name{
		{Text: "AdV", Lang: "fr", Kind: NameAcronym},
		{Text: "Les anciens", Lang: "fr", Kind: NameFormer},
		{Text: "Vecinos", Lang: "es-419", Kind: NameAlias},
		{Text: "Association des voisins", Lang: "fr", Kind: NameLegal},
		{Text: "Neighbours", Lang: "en", Kind: NameAlias},
	}}
	for _, tt := range []struct {
		langs []string
		want  string
	}{
		{[]string{"fr"}, "Association des voisins"},
		{[]string{"es"}, "Vecinos"},
		{[]string{"ru", "en"}, "Neighbours"},
		{[]string{"zh"}, "Association des voisins"},
		{nil, "Association des voisins"},
	} {
		if got := p.DisplayName(tt.langs...); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.langs, got, tt.want)
		}
	}
	if got := (Profile{}).DisplayName("en"); got != "" {
		t.Errorf("no names: %q", got)
	}
	if got := (Profile{Names: p.Names[:1]}).DisplayName("en"); got != "AdV" {
		t.Errorf("an acronym alone: %q", got)
	}
}

func TestNameKey(t *testing.T) {
	key := func(country string, names ...Name) string { return Profile{Country: country, Names: names}.NameKey() }
	legal := func(s string) Name { return Name{Text: s, Kind: NameLegal} }
	want := key("CH", legal("Société des Amis"))
	for _, same := range []string{"SOCIÉTÉ  DES AMIS", "Socie\u0301te\u0301 des amis", "« Société-des-Amis »", "Ｓociété des amis", "Sociétédes\u200damis"} {
		if got := key("CH", legal(same)); got != want {
			t.Errorf("%q: %q, want %q", same, got, want)
		}
	}
	for _, other := range []string{"Societe des amis", "Société des amies", "جمعية"} {
		if got := key("CH", legal(other)); got == want {
			t.Errorf("%q is taken for the same", other)
		}
	}
	if key("FR", legal("Société des Amis")) == want {
		t.Error("another country's is taken for the same")
	}
	if got := key("CH", Name{Text: "SdA", Kind: NameAcronym}, legal("Société des Amis")); got != want {
		t.Errorf("with its acronym in front: %q, want %q", got, want)
	}
	if got := key("CH"); got != "" {
		t.Errorf("no names: %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Filter(func(s string) bool { return LineFault(s, 300) == "" }).Draw(t, "name")
		for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
			if got, want := key("CH", legal(form.String(name))), key("CH", legal(name)); got != want {
				t.Errorf("%q: %q, want %q", name, got, want)
			}
		}
		if got, want := key("CH", legal(Tidy(name))), key("CH", legal(name)); got != want {
			t.Errorf("%q changes its key when it is tidied: %q, want %q", name, got, want)
		}
	})
}

func TestTidied(t *testing.T) {
	given := Profile{
		Names:        []Name{{Text: " Socie\u0301te\u0301  X ", Lang: "FR-ch", Kind: NameLegal}},
		Descriptions: []Text{{"EN", " e\u0301 \n"}},
		Identifiers:  []Identifier{{"ror", "https://ror.org/02N0BTS35"}},
		Languages:    []string{"EN", "en", "iw"},
	}
	before := given.Names[0].Text
	want := Profile{
		Names:        []Name{{Text: "Société X", Lang: "fr-CH", Kind: NameLegal}},
		Descriptions: []Text{{"en", "é"}},
		Identifiers:  []Identifier{{"ror", "02n0bts35"}},
		Languages:    []string{"en", "he"},
	}
	if diff := cmp.Diff(want, given.Tidied()); diff != "" {
		t.Error(diff)
	}
	if given.Names[0].Text != before {
		t.Error("what was given was changed too")
	}
}

func TestUnique(t *testing.T) {
	for scheme, want := range map[string]bool{"ror": true, "lei": true, "GB-CHC": true, "local": false, "iati": false, "wikidata": false, "ecosoc": false} {
		if got := (Identifier{Scheme: scheme}).Unique(); got != want {
			t.Errorf("%s: %t", scheme, got)
		}
	}
}
