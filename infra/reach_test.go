package infra_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Row 20 of the scorecard, for the table: a role may do there what the code of
// its function can reach, and no more. What is reached is over-estimated
// (golang.org/x/tools/cmd/deadcode), so that no right is missing on a path that
// no test takes.
func TestRightsAreWhatTheCodeReaches(t *testing.T) {
	if os.Getenv("CONVOKE_TEST_ALL") == "" && os.Getenv("CONVOKE_SCORECARD") == "" {
		t.Skip("builds a tool and reads all the code: make test-all")
	}
	askers := tableAskers(t)
	agreed, all := 0, 0
	for _, f := range functions {
		reached := reachedRights(t, f, askers)
		given := map[string]bool{}
		for _, r := range rights[f] {
			for action := range strings.FieldsSeq(r[0]) {
				for resource := range strings.SplitSeq(r[1], "|") {
					if strings.HasPrefix(action, "dynamodb:") && resource != onStream {
						given[action+" on "+resource] = true
					}
				}
			}
		}
		for right := range maps.Keys(given) {
			all++
			if reached[right] {
				agreed++
			} else {
				t.Errorf("%s may %s, which its code never asks for", f, right)
			}
		}
		for right := range reached {
			if !given[right] {
				all++
				t.Errorf("%s may not %s, which its code may ask for", f, right)
			}
		}
	}
	t.Attr("scorecard", fmt.Sprintf("20 least privilege, rights on the table against what the code reaches: injected %d, held %d", all, agreed))
}

// place is where a function is declared: a file of the module and its line.
type place struct {
	file string
	line int
}

// tableAskers finds the functions that ask the table for something, and the
// rights that each one needs.
func tableAskers(t *testing.T) map[place][]string {
	t.Helper()
	askers := map[place][]string{}
	files, err := filepath.Glob("../shared/*/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				if needs := needsOf(f); len(needs) > 0 {
					askers[place{strings.TrimPrefix(file, "../"), set.Position(f.Name.Pos()).Line}] = needs
				}
			}
		}
	}
	return askers
}

// needsOf reads a function's calls of table.Table, which the code always names
// x.Table, and the verbs and the indexes that it names.
func needsOf(f *ast.FuncDecl) (needs []string) {
	words := map[string]string{
		"Table.Get": "GetItem", "Table.GetMany": "BatchGetItem", "Table.Query": "Query", "Table.Walk": "Scan", "Table.Transact": "PutItem",
		"table.Delete": "DeleteItem", "table.Check": "ConditionCheckItem",
	}
	ast.Inspect(f, func(n ast.Node) bool {
		selected, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		of := ""
		switch x := selected.X.(type) {
		case *ast.SelectorExpr:
			of = x.Sel.Name
		case *ast.Ident:
			of = x.Name
		}
		switch name := of + "." + selected.Sel.Name; name {
		case "table.G1":
			needs = append(needs, "dynamodb:Query on "+onG1)
		case "table.G2":
			needs = append(needs, "dynamodb:Query on "+onG2)
		default:
			if action, ok := words[name]; ok {
				needs = append(needs, "dynamodb:"+action+" on "+onTable)
			}
		}
		return true
	})
	return needs
}

// reachedRights are the rights of those askers that a function is linked with
// and that it can come to.
func reachedRights(t *testing.T, function string, askers map[place][]string) map[string]bool {
	t.Helper()
	var packages []struct {
		Funcs []struct {
			Position struct {
				File string
				Line int
			}
		}
	}
	if err := json.Unmarshal(output(t, "go", "tool", "-modfile=infra/tools/go.mod", "deadcode", "-json", "-tags=lambda.norpc", "-filter=^convoke/", "./functions/"+function), &packages); err != nil {
		t.Fatal(err)
	}
	unreached := map[place]bool{}
	for _, p := range packages {
		for _, f := range p.Funcs {
			unreached[place{f.Position.File, f.Position.Line}] = true
		}
	}
	linked := strings.Fields(string(output(t, "go", "list", "-deps", "./functions/"+function)))
	reached := map[string]bool{}
	for at, needs := range askers {
		if !unreached[at] && slices.Contains(linked, "convoke/"+filepath.Dir(at.file)) {
			for _, need := range needs {
				reached[need] = true
			}
		}
	}
	return reached
}

// output runs a command at the module's root.
func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		if failed, ok := err.(*exec.ExitError); ok { //nolint:errorlint // exec returns it bare
			t.Fatalf("%s: %v\n%s", cmd, err, failed.Stderr)
		}
		t.Fatalf("%s: %v", cmd, err)
	}
	return out
}
