package likeness

import (
	"fmt"
	"testing"

	"convoke/shared/domain/directory"
)

func watchlist() *Watchlist {
	return NewWatchlist("E1", []directory.SanctionsEntry{
		{Reference: "EXe.001", Kind: directory.SanctionedEntity, Names: []string{"EXAMPLE FRONT FOR LIBERATION", "EFL", "Пример Фронт"}},
		{Reference: "EXe.002", Kind: directory.SanctionedEntity, Names: []string{"NORTHERN TRADING COMPANY LTD"}},
		{Reference: "EXi.003", Kind: directory.SanctionedPerson, Names: []string{"FIRSTNAME MIDDLENAME LASTNAME", "مثال الأول"}},
	})
}

func TestWatchlist(t *testing.T) {
	w := watchlist()
	for _, c := range []struct {
		name, contact string
		want          string // reference and reason, or nothing
	}{
		{"Example Front for Liberation", "", "EXe.001 name.same"},
		{"Exampel Front for Liberation", "", "EXe.001 name.spelling"},
		{"Liberation Front, Example", "", "EXe.001 name.word_order"},
		{"The Example Front for Liberation", "", "EXe.001 name.small_words"},
		{"ExampleFront for Liberation", "", "EXe.001 name.spacing"},
		{"EFL", "", "EXe.001 acronym.same"},
		{"Primer Front", "", "EXe.001 name.transliteration"},
		{"Northern Trading", "", "EXe.002 name.legal_form"},
		{"Northern Trading Geneva", "", "EXe.002 name.part"},
		{"Association", "Middlename Firstname Lastname", "EXi.003 name.word_order"},
		{"Association", "مثال الأول", "EXi.003 name.same"},
		{"Lastname Firstname Middlename", "", "EXi.003 name.word_order"},
		{"Association", "Example Front for Liberation", ""}, // a person is no entity
		{"Liberation", "", ""},
		{"Front for Employment and Liberation of Labour", "", ""},
		{"Northern Fisheries Company", "", ""},
		{"Association", "Firstname", ""},
		{"Euro Film Lab", "", ""}, // its initials say nothing
		{"", "", ""},
	} {
		e := &directory.Stakeholder{Profile: directory.Profile{Names: []directory.Name{{Text: c.name, Kind: directory.NameLegal}}}}
		if c.contact != "" {
			e.Contacts = []directory.Contact{{ID: "C", Name: c.contact}}
		}
		got := ""
		if list := w.Find(e); len(list) > 0 {
			got = list[0].Reference + " " + list[0].Reason
			if (list[0].Contact == "C") != (c.contact != "") || list[0].Ours == "" || list[0].Theirs == "" {
				t.Errorf("%+v", list[0])
			}
		}
		if got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.name, c.contact, got, c.want)
		}
	}
}

func BenchmarkWatchlist(b *testing.B) {
	var entries []directory.SanctionsEntry
	for i := range 1000 {
		entries = append(entries, directory.SanctionsEntry{
			Reference: fmt.Sprintf("EXe.%d", i), Kind: directory.SanctionedEntity,
			Names: []string{fmt.Sprintf("International Foundation Alpha%d Beta%d", i, i%37), fmt.Sprintf("Gamma%d Delta%d Epsilon", i%91, i)},
		})
	}
	w := NewWatchlist("E", entries)
	e := &directory.Stakeholder{Profile: directory.Profile{Names: []directory.Name{
		{Text: "International Foundation for Migration Research", Kind: directory.NameLegal}, {Text: "Alpha Beta Institute", Kind: directory.NameAlias},
	}}}
	for b.Loop() {
		w.Find(e)
	}
}
