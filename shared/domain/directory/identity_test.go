package directory

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIdentityIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Application)
		want   []string
	}{
		{"script of nobody", func(a *Application) { a.Names[0].Script = "Zzzz" }, []string{"/names/0/script script.unknown"}},
		{"another script", func(a *Application) { a.Names[0].Script = "Cyrl" }, []string{"/names/0/script script.other"}},
		{"its script", func(a *Application) { a.Names[0].Script = "Latn" }, nil},
		{"a path", func(a *Application) { a.Domains = []string{"example.org/about"} }, []string{"/domains/0 domain.malformed"}},
		{"a private name", func(a *Application) { a.Domains = []string{"printer.local"} }, []string{"/domains/0 domain.malformed"}},
		{"a false international name", func(a *Application) { a.Domains = []string{"xn--a.example.org"} }, []string{"/domains/0 domain.malformed"}},
		{"an international name", func(a *Application) { a.Domains = []string{"bücher.example.org"} }, nil},
		{"twice", func(a *Application) { a.Domains = []string{"example.org", "example.org"} }, []string{"/domains/1 list.repeated"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := application()
			c.change(&a)
			if diff := cmp.Diff(c.want, refused(t, a.Validate(start))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDomainsOfAProfile(t *testing.T) {
	p := Profile{Website: "https://www.Example.org/x", Domains: []string{"BÜCHER.example.org", "xn--bcher-kva.example.org"}}.Tidied()
	if diff := cmp.Diff([]string{"xn--bcher-kva.example.org"}, p.Domains); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"xn--bcher-kva.example.org", "example.org"}, p.WebDomains()); diff != "" {
		t.Error(diff)
	}
}

func TestQuadrennialReport(t *testing.T) {
	for _, c := range []struct {
		status *ConsultativeStatus
		year   int
		want   int
	}{
		{nil, 2026, 0},
		{&ConsultativeStatus{Kind: "roster", Year: 2004}, 2026, 0},
		{&ConsultativeStatus{Kind: "special"}, 2026, 0},
		{&ConsultativeStatus{Kind: "special", Year: 2004}, 2026, 2028},
		{&ConsultativeStatus{Kind: "general", Year: 2022}, 2026, 2026},
		{&ConsultativeStatus{Kind: "general", Year: 2025}, 2026, 2029},
	} {
		if got := c.status.ReportDue(c.year); got != c.want {
			t.Errorf("%+v in %d: %d, want %d", c.status, c.year, got, c.want)
		}
	}
}
