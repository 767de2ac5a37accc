package convening

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
)

func TestTermsAreValidated(t *testing.T) {
	title := []directory.Text{{Lang: "en", Text: "One"}}
	for _, tt := range []struct {
		name   string
		change func(*Plan)
		want   []string
	}{
		{"attribution", func(p *Plan) { p.Attribution = "rumour" }, []string{"/attribution event.attribution_unknown"}},
		{"interpretation", func(p *Plan) { p.Interpretation = []string{"fr", "fr", "?"} }, []string{"/interpretation/1 list.repeated", "/interpretation/2 language.unknown"}},
		{"ids", func(p *Plan) { p.Series, p.Precedes = "a b", strings.Repeat("x", 65) }, []string{"/precedes id.malformed", "/series id.malformed"}},
		{"an organiser without a name", func(p *Plan) { p.CoOrganisers = []CoOrganiser{{Stakeholder: "S1"}, {}} }, []string{"/co_organisers/1/name text.empty"}},
		{"a document", func(p *Plan) { p.Documents = []Document{{URL: "file:///etc/passwd"}} }, []string{"/documents/0/titles event.title_missing", "/documents/0/url website.not_http"}},
		{"sessions of a panel", func(p *Plan) { p.Sessions = []Session{{title, p.Starts, p.Ends}} }, []string{"/sessions event.sessions_of_course"}},
		{"sessions that overlap", func(p *Plan) {
			p.Kind, p.Sessions = "course", []Session{{title, p.Starts, p.Ends}, {title, p.Starts, p.Starts}}
		}, []string{"/sessions/1/ends event.ends_before_start", "/sessions/1/starts event.session_outside"}},
		{"sessions one by one", func(p *Plan) {
			half := p.Starts.Add(p.Ends.Sub(p.Starts) / 2)
			p.Kind, p.Sessions = "course", []Session{{title, p.Starts, half}, {title, half, p.Ends}}
		}, nil},
		{"too many organisers", func(p *Plan) { p.CoOrganisers = make([]CoOrganiser, 41) }, []string{"/co_organisers list.too_long"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := plan()
			tt.change(&p)
			_, err := NewEvent("E1", "unit-1", "Unit One", p, start)
			if diff := cmp.Diff(tt.want, refused(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnEventDoesNotPrecedeItself(t *testing.T) {
	e := published(t)
	p := plan()
	p.Precedes = "E1"
	if diff := cmp.Diff([]string{"/precedes event.precedes_itself"}, refused(t, e.Revise("Unit One", p, start))); diff != "" {
		t.Error(diff)
	}
}
