package main

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/standard"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"

	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// bleveEngine is Bleve with the same documents, its own analysis, and each word of
// a query forgiven as many edits as ours.
type bleveEngine struct {
	dir   string
	index bleve.Index
}

func (b *bleveEngine) path() string { return filepath.Join(b.dir, "bleve") }

func bleveMapping() *mapping.IndexMappingImpl {
	text := bleve.NewTextFieldMapping()
	text.Analyzer, text.Store, text.IncludeTermVectors, text.DocValues = standard.Name, false, false, false
	value := bleve.NewTextFieldMapping()
	value.Analyzer, value.Store, value.IncludeTermVectors, value.IncludeInAll = keyword.Name, false, false, false
	doc := bleve.NewDocumentStaticMapping()
	for _, field := range []string{"name", "text"} {
		doc.AddFieldMappingsAt(field, text)
	}
	for _, field := range append(searchtest.SixFacets(), "seen_by") {
		doc.AddFieldMappingsAt(field, value)
	}
	m := bleve.NewIndexMapping()
	m.DefaultMapping = doc
	return m
}

func (b *bleveEngine) build(_ context.Context, documents iter.Seq2[search.Document, error]) (err error) {
	if b.index, err = bleve.New(b.path(), bleveMapping()); err != nil {
		return err
	}
	batch := b.index.NewBatch()
	for d, err := range documents {
		if err != nil {
			return err
		}
		fields := map[string]any{"text": strings.Join(append(d.Text, d.Topics...), " . ")}
		var names []string
		for _, n := range d.Names {
			names = append(names, n.Text)
		}
		fields["name"] = names
		for field, values := range d.Facets {
			fields[field] = values
		}
		if err := batch.Index(d.ID, fields); err != nil {
			return err
		}
		if batch.Size() == 1000 {
			if err := b.index.Batch(batch); err != nil {
				return err
			}
			batch = b.index.NewBatch()
		}
	}
	return errorsJoin(b.index.Batch(batch), b.index.Close())
}

func errorsJoin(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bleveEngine) open(context.Context) (err error) {
	b.index, err = bleve.OpenUsing(b.path(), map[string]any{"read_only": true})
	return err
}

func (b *bleveEngine) close() error { return b.index.Close() }

func (b *bleveEngine) ask(ctx context.Context, a *searchtest.Ask) ([]string, error) {
	request := bleve.NewSearchRequestOptions(bleveQuery(a), a.Limit, 0, false)
	for _, field := range a.Facets {
		request.AddFacet(field, bleve.NewFacetRequest(field, 300))
	}
	result, err := b.index.SearchInContext(ctx, request)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(result.Hits))
	for i, h := range result.Hits {
		ids[i] = h.ID
	}
	return ids, nil
}

// bleveQuery wants all words, the last one as a beginning unless a space follows,
// and one of the values of every filter.
func bleveQuery(a *searchtest.Ask) query.Query {
	all := []query.Query{bleveTerm("seen_by", "public")}
	words := strings.FieldsFunc(strings.ToLower(a.Text), func(r rune) bool { return strings.ContainsRune(" ,.-()&'’", r) })
	for i, w := range words {
		fuzzy := bleve.NewFuzzyQuery(w)
		fuzzy.SetField("name")
		if n := len([]rune(w)); n < 4 {
			fuzzy.SetFuzziness(0)
		} else if n >= 8 {
			fuzzy.SetFuzziness(2)
		}
		either := []query.Query{fuzzy}
		if i == len(words)-1 && !strings.HasSuffix(a.Text, " ") {
			prefix := bleve.NewPrefixQuery(w)
			prefix.SetField("name")
			either = append(either, prefix)
		}
		all = append(all, bleve.NewDisjunctionQuery(either...))
	}
	for field, values := range a.Where {
		var any []query.Query
		for _, v := range values {
			any = append(any, bleveTerm(field, v))
		}
		all = append(all, bleve.NewDisjunctionQuery(any...))
	}
	return bleve.NewConjunctionQuery(all...)
}

func bleveTerm(field, value string) query.Query {
	q := bleve.NewTermQuery(value)
	q.SetField(field)
	q.SetBoost(0)
	return q
}

func (b *bleveEngine) megabytes(context.Context) (float64, error) {
	var sum int64
	err := filepath.WalkDir(b.path(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("size of %s: %w", path, err)
		}
		sum += info.Size()
		return nil
	})
	return float64(sum) / 1e6, err
}
