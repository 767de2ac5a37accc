package infra_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The rings of docs/architecture.md, and what each may import of the others. The
// linter says the same where it can; this test holds over everything that is
// built, its indirect ways in included.
func TestImportsNeverGoUpARing(t *testing.T) {
	allowed := map[string][]string{
		"domain":          {"domain"},
		"state":           {"domain", "state"},
		"platform":        {"domain", "platform"},
		"platform/boot":   {"domain", "platform", "state"},
		"edge":            {"domain", "platform", "state", "edge"},
		"local":           {"domain", "platform", "state", "edge", "local"},
		"functions":       {"platform/boot", "platform/config", "platform/gateway", "platform/mail", "state/search", "edge"},
		"functions/local": {"local/cli"},
		"events":          {"events"},
		"infra":           {"domain", "platform", "state", "edge", "local", "infra"},
	}
	for _, p := range packages(t) {
		from := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "convoke/"), "shared/")
		rule, known := ruleFor(allowed, from)
		if !known {
			t.Errorf("%s is in no ring", p.ImportPath)
			continue
		}
		for _, to := range p.Imports {
			inside, ours := strings.CutPrefix(to, "convoke/")
			if !ours {
				continue
			}
			inside = strings.TrimPrefix(inside, "shared/")
			if !slices.ContainsFunc(rule, func(ring string) bool { return within(inside, ring) }) {
				t.Errorf("%s imports %s", p.ImportPath, to)
			}
			if edge(from) != "" && edge(inside) != "" && edge(from) != edge(inside) {
				t.Errorf("the edge %s imports the edge %s", from, inside)
			}
			if within(from, "domain/directory") && (within(inside, "domain/convening") || within(inside, "domain/followup")) {
				t.Errorf("%s imports %s", p.ImportPath, to)
			}
			if (within(from, "state/table") || within(from, "state/blob")) && within(inside, "domain") {
				t.Errorf("%s knows of the domain", p.ImportPath)
			}
			if within(inside, "functions") {
				t.Errorf("%s imports a function", p.ImportPath)
			}
		}
	}
}

// What only some places may import, and why, is in docs/architecture.md.
func TestForeignImportsStayInTheirRooms(t *testing.T) {
	rooms := map[string][]string{
		"github.com/aws/aws-lambda-go/lambda":        {"functions"},
		"github.com/awslabs/aws-lambda-go-api-proxy": {"functions"},
		"github.com/aws/aws-lambda-go/events":        {"functions", "edge", "platform/gateway"},
		"html/template":                              {},
		"text/template":                              {},
	}
	for _, p := range packages(t) {
		from := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "convoke/"), "shared/")
		for foreign, where := range rooms {
			imports := slices.ContainsFunc(p.Imports, func(to string) bool { return within(to, foreign) })
			if imports && !slices.ContainsFunc(where, func(room string) bool { return within(from, room) }) {
				t.Errorf("%s imports %s", p.ImportPath, foreign)
			}
		}
		if within(from, "domain") {
			for _, to := range p.Imports {
				if strings.Contains(strings.Split(to, "/")[0], ".") && !within(to, "golang.org/x/text") {
					t.Errorf("%s imports %s: the domain has the standard library and golang.org/x/text", p.ImportPath, to)
				}
			}
		}
	}
}

// Papers are written by the mailer alone: the fonts would take what room other
// functions have, above all that of the API.
func TestPapersAreOfTheMailer(t *testing.T) {
	const papers = "convoke/shared/platform/paper"
	for _, p := range packages(t) {
		own := within(p.ImportPath, papers) || p.ImportPath == "convoke/shared/edge/mailer" || within(p.ImportPath, "convoke/shared/local")
		if !own && slices.ContainsFunc(p.Imports, func(to string) bool { return within(to, papers) }) {
			t.Errorf("%s imports what writes papers", p.ImportPath)
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "convoke/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if len(list) < 20 {
		t.Fatalf("go list named %d packages", len(list))
	}
	return list
}

// ruleFor returns the rule of the longest ring that the package is within.
func ruleFor(rules map[string][]string, from string) (rule []string, known bool) {
	longest := -1
	for ring, r := range rules {
		if within(from, ring) && len(ring) > longest {
			rule, known, longest = r, true, len(ring)
		}
	}
	return rule, known
}

func within(path, ring string) bool { return path == ring || strings.HasPrefix(path, ring+"/") }

func edge(path string) string {
	rest, ok := strings.CutPrefix(path, "edge/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}
