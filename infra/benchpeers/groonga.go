package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"

	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// groonga answers over its own HTTP interface: words from a lexicon of words, typing
// errors by fuzzy_search, filters by in_values and counts by drilldown. Its cache of
// answers is off, since it would answer a query that is repeated without a search.
type groonga struct {
	address string
	server  *process
}

func (*groonga) name() string { return "Groonga" }

const groongaSchema = `table_create Docs TABLE_HASH_KEY ShortText
column_create Docs names COLUMN_SCALAR Text
column_create Docs public COLUMN_SCALAR Bool
table_create Words TABLE_PAT_KEY ShortText --default_tokenizer TokenDelimit --normalizer NormalizerAuto
column_create Words names COLUMN_INDEX|WITH_POSITION Docs names
`

func (g *groonga) start(ctx context.Context, dir string, documents iter.Seq2[search.Document, error]) ([]int, error) {
	database := filepath.Join(dir, "db")
	if err := g.fill(ctx, database, documents); err != nil {
		return nil, err
	}
	var err error
	if g.address, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(g.address)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "groonga", "--protocol", "http", "--bind-address", "127.0.0.1", "-p", port,
		"--cache-limit", "0", "--log-path", filepath.Join(dir, "log"), "-s", database)
	if g.server, err = startProcess(cmd); err != nil {
		return nil, err
	}
	return []int{g.server.cmd.Process.Pid}, listening(ctx, "tcp", g.address)
}

// fill makes the database by commands, as groonga reads them from a file.
func (g *groonga) fill(ctx context.Context, database string, documents iter.Seq2[search.Document, error]) error {
	path := database + ".grn"
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	if err := groongaCommands(w, documents); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "groonga", "--log-path", database+".log", "--file", path, "-n", database)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "[[-") {
		return fmt.Errorf("filling: %w: %.500s", err, out)
	}
	return nil
}

func groongaCommands(w io.Writer, documents iter.Seq2[search.Document, error]) error {
	fmt.Fprint(w, groongaSchema)
	for _, f := range searchtest.SixFacets() {
		fmt.Fprintf(w, "table_create V_%s TABLE_PAT_KEY ShortText\ncolumn_create Docs %s_ COLUMN_VECTOR V_%s\ncolumn_create V_%s docs COLUMN_INDEX Docs %s_\n", f, f, f, f, f)
	}
	fmt.Fprint(w, "load --table Docs\n[\n")
	comma := ""
	for d, err := range documents {
		if err != nil {
			return err
		}
		record := map[string]any{"_key": d.ID, "names": strings.Join(wordsOf(&d), " "), "public": isPublic(&d)}
		for _, f := range searchtest.SixFacets() {
			record[f+"_"] = d.Facets[f]
		}
		text, err := json.Marshal(record)
		if err != nil {
			return err
		}
		fmt.Fprint(w, comma, string(text))
		comma = ",\n"
	}
	_, err := fmt.Fprint(w, "\n]\n")
	return err
}

// wordsOf returns a document's names with spaces for what parts words.
func wordsOf(d *search.Document) (names []string) {
	for _, n := range d.Names {
		names = append(names, strings.Join(words(n.Text), " "))
	}
	return names
}

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.-()&'’\"", r) })
}

func isPublic(d *search.Document) bool { return d.Facets["seen_by"][0] == "public" }

func (g *groonga) url(a *searchtest.Ask) string {
	v := url.Values{
		"table": {"Docs"}, "filter": {groongaFilter(a)}, "output_columns": {"_key"}, "sort_keys": {"-_score"}, "limit": {fmt.Sprint(a.Limit)},
	}
	if len(a.Facets) > 0 {
		v.Set("drilldown", strings.Join(a.Facets, "_,")+"_")
		v.Set("drilldown_limit", "300")
	}
	return "http://" + g.address + "/d/select?" + v.Encode()
}

// groongaFilter wants all words, forgiving as many edits as we do where the words
// are a name with a typo, the last one as a beginning too.
func groongaFilter(a *searchtest.Ask) string {
	var all []string
	list := words(a.Text)
	for i, w := range list {
		exact := fmt.Sprintf("names @ %q", w)
		switch edits := editsOf(w); {
		case len(a.Facets) == 0 && i == len(list)-1:
			all = append(all, fmt.Sprintf(`(fuzzy_search(names, %q, {"max_distance": %d}) || query("names", %q))`, w, edits, w+"*"))
		case len(a.Facets) == 0 && edits > 0:
			all = append(all, fmt.Sprintf(`fuzzy_search(names, %q, {"max_distance": %d})`, w, edits))
		default:
			all = append(all, exact)
		}
	}
	for _, field := range []string{"country", "category", "topic"} {
		var quoted []string
		for _, value := range a.Where[field] {
			quoted = append(quoted, fmt.Sprintf("%q", value))
		}
		if len(quoted) > 0 {
			all = append(all, fmt.Sprintf("in_values(%s_, %s)", field, strings.Join(quoted, ", ")))
		}
	}
	return strings.Join(append(all, "public == true"), " && ")
}

func editsOf(word string) int {
	switch n := len([]rune(word)); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	default:
		return 2
	}
}

func (g *groonga) stop() error { return g.server.stop(syscall.SIGTERM) }
