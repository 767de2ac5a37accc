package likeness

import (
	"slices"
	"testing"

	"convoke/shared/domain/directory"
)

func profile(country string, names ...string) directory.Profile {
	p := directory.Profile{Country: country}
	for _, n := range names {
		p.Names = append(p.Names, directory.Name{Text: n, Kind: directory.NameLegal})
	}
	return p
}

func acronym(text string) directory.Name {
	return directory.Name{Text: text, Kind: directory.NameAcronym}
}

// What is one organisation, and by what it is recognised.
func TestRecognised(t *testing.T) {
	for _, c := range []struct{ name, a, b, code string }{
		{"case, accents, dashes", "Association des Migrants de Genève", "ASSOCIATION DES MIGRANTS DE GENEVE", SameName},
		{"legal form", "Migrants Forum", "Migrants Forum Ltd.", LegalForm},
		{"German legal form", "Forum der Wanderer e.V.", "Forum der Wanderer", LegalForm},
		{"small words", "Association des migrants de Genève", "Association migrants Genève", SmallWords},
		{"spaces", "Migra Net Forum", "MigraNet Forum", Spacing},
		{"order", "Geneva Migrants Forum", "Migrants Forum Geneva", WordOrder},
		{"Cyrillic", "Ассоциация мигрантов", "Assotsiatsiya migrantov", Transliteration},
		{"Greek", "Φόρουμ μεταναστών", "Foroum metanaston", Transliteration},
		{"one edit", "Asociation des migrants de Genève", "Association des migrants de Genève", Spelling},
		{"two edits", "Asociation des migrnats de Genève", "Association des migrants de Genève", Spelling},
		{"Arabic letter forms", "جمعية المهاجرين", "جمعيه المهاجرين", SameName},
		{"Chinese", "移民协会", "移民协会", SameName},
	} {
		r := Compare(Of(profile("CH", c.a), nil), Of(profile("CH", c.b), nil))
		if r.Score < Warns || r.Reasons[0].Code != c.code {
			t.Errorf("%s: %.2f for %v, want %s", c.name, r.Score, r.Reasons, c.code)
		}
	}
}

// What is not, or not surely.
func TestNotTakenForOne(t *testing.T) {
	for _, c := range []struct{ name, a, b, at string }{
		{"other words", "Association des migrants de Genève", "Association des migrants de Lausanne", "CH"},
		{"a branch", "University of Exampleland Hospital Foundation", "University of Exampleland", "CH"},
		{"numbers", "Section 2 of the Forum", "Section 3 of the Forum", "CH"},
		{"short words", "Iran Forum", "Iraq Forum", "CH"},
		{"another country", "Ministry of Labour", "Ministry of Labour", "FR"},
		{"legal forms alone", "Ltd", "Inc", "CH"},
		{"no words and Arabic", "-", "جمعية المهاجرين", "CH"},
		{"no words and Chinese", "!", "移民协会", "CH"},
	} {
		r := Compare(Of(profile("CH", c.a), nil), Of(profile(c.at, c.b), nil))
		if r.Score >= Warns {
			t.Errorf("%s: %.2f for %v", c.name, r.Score, r.Reasons)
		}
	}
}

func TestAcronyms(t *testing.T) {
	long := profile("CH", "Association des migrants de Genève")
	short := profile("CH")
	short.Names = []directory.Name{acronym("A.M.G.")}
	if r := Compare(Of(short, nil), Of(long, nil)); r.Score < Warns || r.Reasons[0].Code != Acronym {
		t.Errorf("initials at home: %.2f %v", r.Score, r.Reasons)
	}
	long.Country = "FR"
	if r := Compare(Of(short, nil), Of(long, nil)); r.Score >= 0.5 {
		t.Errorf("initials abroad: %.2f %v", r.Score, r.Reasons)
	}
	if got, want := Keys(short, nil), []string{"short:amg"}; !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
}

func TestIdentifiersAndDomains(t *testing.T) {
	a, b := profile("CH", "Une association"), profile("FR", "Another name")
	a.Identifiers = []directory.Identifier{{Scheme: "ror", ID: "04wxnsj81"}}
	b.Identifiers = []directory.Identifier{{Scheme: "ror", ID: "04wxnsj81"}}
	if r := Compare(Of(a, nil), Of(b, nil)); r.Score < 0.7 || !has(r, SameIdentifier) {
		t.Errorf("one number: %.2f %v", r.Score, r.Reasons)
	}
	b.Identifiers[0].ID = "013meh722"
	b.Names, b.Country = a.Names, a.Country
	if r := Compare(Of(a, nil), Of(b, nil)); r.Score >= Warns || !has(r, DifferentIdentifier) {
		t.Errorf("two numbers: %.2f %v", r.Score, r.Reasons)
	}
	c, d := profile("CH", "Une association"), profile("CH", "Une tout autre chose")
	c.Website = "https://www.example.org/fr"
	mail := []directory.Contact{{Email: "focal@example.org"}}
	if r := Compare(Of(c, nil), Of(d, mail)); !has(r, SameDomain) {
		t.Errorf("a domain in common: %v", r.Reasons)
	}
	free := []directory.Contact{{Email: "someone@gmail.com"}}
	if got := Domains(directory.Profile{Website: "https://www.facebook.com/forum"}, free); len(got) != 0 {
		t.Errorf("domains of all the world: %v", got)
	}
}

func has(r Result, code string) bool {
	return slices.ContainsFunc(r.Reasons, func(reason Reason) bool { return reason.Code == code })
}

// A comparison has no direction.
func TestCompareIsSymmetric(t *testing.T) {
	names := []string{"Association des migrants de Genève", "Asociation migrants Geneve", "AMG", "Ассоциация мигрантов", "Forum Ltd", "移民协会", ""}
	for _, x := range names {
		for _, y := range names {
			a, b := Of(profile("CH", x), nil), Of(profile("FR", y), nil)
			if there, back := Compare(a, b), Compare(b, a); there.Score != back.Score {
				t.Errorf("%q and %q: %v, and %v", x, y, there, back)
			}
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"kitten", "sitting", 3}, {"", "abc", 3}} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
