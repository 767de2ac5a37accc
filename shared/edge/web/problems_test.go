package web

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"convoke/shared/platform/i18n"
)

var codePattern = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`)

func isCode(s string) bool { return codePattern.MatchString(s) }

// TestEveryCodeHasItsText reads the source for the codes of faults and holds
// that each has a text in each of the six languages, and that no text is left of
// a code that is gone.
func TestEveryCodeHasItsText(t *testing.T) {
	codes := faultCodes(t, "../..")
	codes["internal.detail"] = "problem.go"
	if len(codes) < 80 {
		t.Fatalf("only %d codes were found; the search misses some", len(codes))
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		for _, lang := range i18n.All() {
			if !i18n.Has(lang, code) {
				t.Errorf("%s (%s) has no text in %s", code, codes[code], lang)
			}
		}
	}
	for code := range problemTexts(t, i18n.English) {
		if _, used := codes[code]; !used {
			t.Errorf("problems.json has a text for %s, which no code uses", code)
		}
	}
}

// TestProblemsSayWhatToDo holds the form of the texts: one sentence or more,
// each ended as its script ends sentences.
func TestProblemsSayWhatToDo(t *testing.T) {
	for _, lang := range i18n.All() {
		for code, text := range problemTexts(t, lang) {
			if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "。") {
				t.Errorf("%s: %s does not end as a sentence: %s", lang, code, text)
			}
		}
	}
}

func problemTexts(t *testing.T, lang i18n.Lang) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../platform/i18n/locales", string(lang), "problems.json"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatalf("problems.json in %s: %v", lang, err)
	}
	return texts
}

// faultCodes returns every code of a fault in the source below root, with the
// file that it stands in.
func faultCodes(t *testing.T, root string) map[string]string {
	t.Helper()
	codes := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		found := codesIn{file: path, codes: codes}
		ast.Inspect(file, found.visit)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

// codesIn gathers the codes of one file. A code stands where a fault or one of
// its fields is made, in an assignment to what is called code, and in what a
// function returns whose name ends in Fault.
type codesIn struct {
	file  string
	codes map[string]string
}

func (c codesIn) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		c.call(n)
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
			c.literals(n.Value)
		}
	case *ast.AssignStmt:
		if name, ok := n.Lhs[0].(*ast.Ident); ok && name.Name == "code" {
			c.literals(n.Rhs...)
		}
	case *ast.FuncDecl:
		if strings.HasSuffix(n.Name.Name, "Fault") && n.Body != nil {
			ast.Inspect(n.Body, c.returned)
		}
	}
	return true
}

// call looks at the calls that take codes: fault.New, List.Add, As and Err, and the
// small functions and methods by which packages make fields of faults.
func (c codesIn) call(n *ast.CallExpr) {
	switch f := n.Fun.(type) {
	case *ast.SelectorExpr:
		pkg, _ := f.X.(*ast.Ident)
		switch {
		case f.Sel.Name == "New" && pkg != nil && pkg.Name == "fault":
			c.plain(n.Args[1])
		case slices.Contains([]string{"Add", "As", "reject", "drop"}, f.Sel.Name) && len(n.Args) >= 2:
			c.literals(n.Args[1])
		case f.Sel.Name == "Err" && len(n.Args) == 1:
			c.literals(n.Args[0])
		}
	case *ast.Ident:
		if slices.Contains([]string{"known", "unless", "badQuery", "malformedAt"}, f.Name) {
			c.literals(n.Args...)
		}
	}
}

func (c codesIn) returned(n ast.Node) bool {
	if r, ok := n.(*ast.ReturnStmt); ok {
		c.literals(r.Results...)
	}
	return true
}

func (c codesIn) literals(exprs ...ast.Expr) {
	for _, e := range exprs {
		if s, ok := literal(e); ok && isCode(s) {
			c.codes[s] = c.file
		}
	}
}

// plain takes a code of one word too.
func (c codesIn) plain(e ast.Expr) {
	if s, ok := literal(e); ok {
		c.codes[s] = c.file
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
