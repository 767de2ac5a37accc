package convening

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
)

var letterNow = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// travelling is an event with a place, and the invitation of who comes.
func travelling() (*Event, *Invitation) {
	starts := time.Date(2026, 12, 18, 14, 0, 0, 0, time.UTC)
	e := &Event{ID: "E1", Unit: "geneva", Convener: "Migration Programme", Status: Published}
	e.Kind, e.Titles, e.Starts, e.Ends, e.Zone, e.Place = "seminar", []directory.Text{{Lang: "en", Text: "Remittances"}}, starts, starts.Add(3*time.Hour), "Europe/Zurich", "Palais des Nations"
	return e, &Invitation{EventID: "E1", Stakeholder: "S1", Contact: "C1", Role: "speaker", Status: Accepted}
}

// TestLetterRequests takes names as passports have them, and nothing that could be
// read as something else.
func TestLetterRequests(t *testing.T) {
	for _, tt := range []struct {
		name, language string
		want           string // pointer and code
	}{
		{"Amina Example-Núñez", "fr", ""},
		{"O’Example, D'Arcy Jr.", "", ""},
		{"Đặng Thị Ngọc", "", ""},
		{"ÅSA ØYEN MÜLLER ẞ", "", ""},
		{"J\u030cana", "", ""},
		{"", "", "/name text.empty"},
		{"...", "", "/name letter.name_latin"},
		{"أمينة", "", "/name letter.name_latin"},
		{"Амина", "", "/name letter.name_latin"},
		{"Аmina", "", "/name letter.name_latin"}, // its first letter is Cyrillic
		{"张伟", "", "/name letter.name_latin"},
		{"Amina 2", "", "/name letter.name_latin"},
		{"<b>Amina</b>", "", "/name letter.name_latin"},
		{"Amina\r\nBcc: x@example.org", "", "/name text.control_character"},
		{"Amina \u202eelpmaxE", "", "/name text.bidi_control"},
		{strings.Repeat("A", 1<<20), "", "/name text.too_long"},
		{"Amina", "no language", "/language language.unknown"},
	} {
		err := LetterRequest{tt.name, tt.language}.Check()
		got := ""
		if refused, ok := errors.AsType[*fault.Error](err); ok {
			got = refused.Fields[0].Pointer + " " + refused.Fields[0].Code
		}
		if got != tt.want {
			t.Errorf("%.40q %s: %q, want %q", tt.name, tt.language, got, tt.want)
		}
	}
}

// TestWhoMayHaveALetter issues letters to who comes, to where one can travel.
func TestWhoMayHaveALetter(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Event, *Invitation)
		want   error
	}{
		"who comes":            {func(*Event, *Invitation) {}, nil},
		"after the cut-off":    {func(e *Event, _ *Invitation) { e.Status = Closed }, nil},
		"who has not answered": {func(_ *Event, i *Invitation) { i.Status = Sent }, ErrLetterNotAccepted},
		"who may come":         {func(_ *Event, i *Invitation) { i.Status = Tentative }, ErrLetterNotAccepted},
		"who waits":            {func(_ *Event, i *Invitation) { i.Status = Waiting }, ErrLetterNotAccepted},
		"withdrawn":            {func(_ *Event, i *Invitation) { i.Status = Withdrawn }, ErrLetterNotAccepted},
		"handed on":            {func(_ *Event, i *Invitation) { i.Status = Delegated }, ErrLetterNotAccepted},
		"cancelled":            {func(e *Event, _ *Invitation) { e.Status = Cancelled }, ErrLetterEventOver},
		"over":                 {func(e *Event, _ *Invitation) { e.Starts, e.Ends = letterNow.Add(-2*time.Hour), letterNow }, ErrLetterEventOver},
		"nowhere":              {func(e *Event, _ *Invitation) { e.Place = "" }, ErrLetterNoPlace},
		"ten times":            {func(_ *Event, i *Invitation) { i.Letters = 10 }, ErrLetterTooOften},
	} {
		e, i := travelling()
		tt.change(e, i)
		l, err := i.IssueLetter(e, LetterRequest{Name: "Amina Example", Language: "fr"}, "CODE", "Association", letterNow)
		if !errors.Is(err, tt.want) || (l == nil) != (tt.want != nil) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// TestLetterStanding follows what becomes of the event and the invitation, without
// anybody's doing.
func TestLetterStanding(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Event, *Invitation, *Letter)
		after  time.Duration
		want   LetterStanding
	}{
		"as it was issued":      {func(*Event, *Invitation, *Letter) {}, 0, LetterValid},
		"after the event":       {func(e *Event, _ *Invitation, _ *Letter) { e.Status = Held }, 40 * 24 * time.Hour, LetterValid},
		"long after the event":  {func(e *Event, _ *Invitation, _ *Letter) { e.Status = Held }, 60 * 24 * time.Hour, LetterExpired},
		"another title":         {func(e *Event, _ *Invitation, _ *Letter) { e.Titles = nil }, 0, LetterValid},
		"another day":           {func(e *Event, _ *Invitation, _ *Letter) { e.Starts = e.Starts.Add(-24 * time.Hour) }, 0, LetterChanged},
		"another place":         {func(e *Event, _ *Invitation, _ *Letter) { e.Place = "Elsewhere" }, 0, LetterChanged},
		"another role":          {func(_ *Event, i *Invitation, _ *Letter) { i.Role = "moderator" }, 0, LetterChanged},
		"declined after all":    {func(_ *Event, i *Invitation, _ *Letter) { i.Status = Declined }, 0, LetterRevoked},
		"withdrawn":             {func(_ *Event, i *Invitation, _ *Letter) { i.Status = Withdrawn }, 0, LetterRevoked},
		"cancelled":             {func(e *Event, _ *Invitation, _ *Letter) { e.Status = Cancelled }, 0, LetterRevoked},
		"another letter":        {func(_ *Event, i *Invitation, _ *Letter) { i.Letter = "OTHER" }, 0, LetterRevoked},
		"revoked":               {func(_ *Event, _ *Invitation, l *Letter) { l.Revoke(letterNow) }, 0, LetterRevoked},
		"forgotten, not before": {func(_ *Event, _ *Invitation, l *Letter) { l.Expire(letterNow) }, 0, LetterValid},
	} {
		e, i := travelling()
		l, err := i.IssueLetter(e, LetterRequest{Name: "Amina Example", Language: "fr"}, "CODE", "Association", letterNow)
		if err != nil {
			t.Fatal(err)
		}
		tt.change(e, i, l)
		if got := l.Standing(e, i, letterNow.Add(tt.after)); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	e, i := travelling()
	l, _ := i.IssueLetter(e, LetterRequest{Name: "Amina Example"}, "CODE", "Association", letterNow)
	if got := []LetterStanding{l.Standing(nil, i, letterNow), l.Standing(e, nil, letterNow)}; !cmp.Equal(got, []LetterStanding{LetterRevoked, LetterRevoked}) {
		t.Errorf("of what is gone: %v", got)
	}
}

// TestLettersForget lets go of the name when it is not needed, and once.
func TestLettersForget(t *testing.T) {
	for name, end := range map[string]func(*Letter){
		"revoked": func(l *Letter) { l.Revoke(letterNow) },
		"expired": func(l *Letter) { l.Expire(l.Until) },
	} {
		e, i := travelling()
		l, err := i.IssueLetter(e, LetterRequest{Name: "Amina Example", Language: "fr"}, "CODE", "Association", letterNow)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range append(l.Take(), i.Take()...) {
			for _, v := range entry.Data {
				if strings.Contains(v, "Amina") || v == "CODE" {
					t.Errorf("%s says %q", entry.Type, v)
				}
			}
		}
		end(l)
		if l.Name != "" || l.Organisation != "" || l.DueAt != nil || !l.Concealed() || len(l.Take()) != 1 {
			t.Errorf("%s: %+v", name, l)
		}
		if end(l); len(l.Take()) != 0 {
			t.Errorf("%s again says something", name)
		}
	}
}
