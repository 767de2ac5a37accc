package opensearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"convoke/shared/state/search"
)

type object = map[string]any

// mapping is the index as the queries want it. The ICU plugin, which every domain
// of Amazon's has, folds and parts words in all scripts and sorts names.
func mapping() object {
	text := object{"type": "text", "analyzer": "folded"}
	return object{
		"settings": object{"analysis": object{"analyzer": object{
			"folded": object{"type": "custom", "tokenizer": "icu_tokenizer", "filter": []string{"icu_folding", "cjk_bigram"}}, //nolint:gosec // a tokenizer, no token
		}}},
		"mappings": object{
			"dynamic": true,
			"dynamic_templates": []object{
				{"facets": object{"path_match": "facets.*", "mapping": object{"type": "keyword"}}},
				{"numbers": object{"path_match": "numbers.*", "mapping": object{"type": "long"}}},
			},
			"properties": object{
				"id": object{"type": "keyword"}, "order": object{"type": "icu_collation_keyword", "index": false, "numeric": true},
				"display": text, "acronym": text, "other": text, "topics": text, "text": text,
				"stored": object{"type": "object", "enabled": false},
			},
		},
	}
}

// Create makes the index; one that is there already is left as it is.
func (c *Client) Create(ctx context.Context) error {
	body, err := json.Marshal(mapping())
	if err != nil {
		return fmt.Errorf("opensearch: %w", err)
	}
	err = c.do(ctx, http.MethodPut, "", "application/json", body, &struct{}{})
	if refused, ok := errors.AsType[*RefusedError](err); ok && refused.Type == "resource_already_exists_exception" {
		return nil
	}
	return err
}

// Apply makes changes to the index as search.Writer does: one that is older than
// what the index holds has no effect, so changes may be repeated and may arrive in
// any order. A search sees them after the index's next refresh, a second unless it
// is set otherwise.
func (c *Client) Apply(ctx context.Context, changes []search.Change) error {
	if len(changes) == 0 {
		return nil
	}
	var body bytes.Buffer
	lines := json.NewEncoder(&body) // ends each value with a newline, as bulk wants it
	for i := range changes {
		d := &changes[i].Document
		head := object{"_id": d.ID, "version": d.Version, "version_type": "external_gte"}
		var err error
		if changes[i].Removed {
			err = lines.Encode(object{"delete": head})
		} else {
			err = errors.Join(lines.Encode(object{"index": head}), lines.Encode(source(d)))
		}
		if err != nil {
			return fmt.Errorf("opensearch: %s: %w", d.ID, err)
		}
	}
	var answer struct {
		Errors bool
		Items  []map[string]struct {
			ID     string `json:"_id"`
			Status int
			Error  struct{ Type string }
		}
	}
	if err := c.do(ctx, http.MethodPost, "/_bulk", "application/x-ndjson", body.Bytes(), &answer); err != nil {
		return err
	}
	var failed []error
	for _, item := range answer.Items {
		for _, done := range item {
			known := done.Status == http.StatusConflict || done.Status == http.StatusNotFound // newer there, or gone already
			if done.Status >= 300 && !known {
				failed = append(failed, fmt.Errorf("%s: %w", done.ID, &RefusedError{done.Status, done.Error.Type}))
			}
		}
	}
	return errors.Join(failed...)
}

// source is a document as it is indexed.
func source(d *search.Document) object {
	by := map[string][]string{}
	order := ""
	for _, n := range d.Names {
		kind := n.Kind
		if kind != search.KindDisplay && kind != search.KindAcronym {
			kind = search.KindOther
		}
		by[kind] = append(by[kind], n.Text)
	}
	switch {
	case len(by[search.KindDisplay]) > 0:
		order = by[search.KindDisplay][0]
	case len(d.Names) > 0:
		order = d.Names[0].Text
	}
	return object{
		"id": d.ID, "order": order, "display": by[search.KindDisplay], "acronym": by[search.KindAcronym], "other": by[search.KindOther],
		"topics": d.Topics, "text": d.Text, "facets": d.Facets, "numbers": d.Numbers, "stored": d.Stored,
	}
}
