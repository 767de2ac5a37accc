package opensearch

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"convoke/shared/state/search"
)

// Search answers a query. It gives no Suggestion, no Why and no Marks, and takes no
// account of the reader's language in an order by name. Errors: search.ErrQuery,
// search.ErrCursor, search.ErrUnavailable, *RefusedError.
func (c *Client) Search(ctx context.Context, q search.Query) (search.Result, error) {
	if q.Limit < 0 || q.Limit > search.MaxLimit || len(q.Where)+len(q.Ranges) > search.MaxFilters || len(q.Facets) > search.MaxFacets {
		return search.Result{}, search.ErrQuery
	}
	after, err := placeOf(q)
	if err != nil {
		return search.Result{}, err
	}
	body, err := json.Marshal(request(q, after))
	if err != nil {
		return search.Result{}, fmt.Errorf("opensearch: %w", err)
	}
	var a answer
	if err := c.do(ctx, http.MethodPost, "/_search", "application/json", body, &a); err != nil {
		return search.Result{}, err
	}
	return a.result(q)
}

// answer is what of an answer is read.
type answer struct {
	TimedOut bool `json:"timed_out"`
	Hits     struct {
		Total struct{ Value int }
		Hits  []struct {
			Score  *float64 `json:"_score"`
			Source struct {
				ID     string
				Stored json.RawMessage
			} `json:"_source"`
			Sort json.RawMessage
		}
	}
	Aggregations map[string]struct {
		Values struct {
			Buckets []struct {
				Key string
				N   int `json:"doc_count"`
			}
		}
	}
}

func (a *answer) result(q search.Query) (search.Result, error) {
	if a.TimedOut { // some shards have not answered: the counts would be wrong
		return search.Result{}, search.ErrUnavailable
	}
	r := search.Result{Total: a.Hits.Total.Value}
	for _, h := range a.Hits.Hits {
		hit := search.Hit{ID: h.Source.ID, Stored: h.Source.Stored}
		if h.Score != nil {
			hit.Score = *h.Score
		}
		r.Hits = append(r.Hits, hit)
	}
	if n := len(a.Hits.Hits); n > 0 && n == cmp.Or(q.Limit, 20) {
		r.Cursor = cursor(q, a.Hits.Hits[n-1].Sort)
	}
	if len(q.Facets) > 0 {
		r.Facets = map[string][]search.Count{}
	}
	for field, agg := range a.Aggregations {
		counts := []search.Count{}
		for _, b := range agg.Values.Buckets {
			counts = append(counts, search.Count{Value: b.Key, N: b.N})
		}
		slices.SortFunc(counts, func(a, b search.Count) int {
			return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value))
		})
		r.Facets[field] = counts
	}
	return r, nil
}

// cursor is the digest of the query and the sort values of its last hit.
func cursor(q search.Query, sort json.RawMessage) string {
	return base64.RawURLEncoding.EncodeToString(append(digest(q), sort...))
}

// placeOf reads a cursor; nil for none. Numbers stay as they were written: 64 bits
// do not fit into a float.
func placeOf(q search.Query) ([]any, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	sum := digest(q)
	if err != nil || !bytes.HasPrefix(b, sum) {
		return nil, search.ErrCursor
	}
	values := json.NewDecoder(bytes.NewReader(b[len(sum):]))
	values.UseNumber()
	var after []any
	if values.Decode(&after) != nil || len(after) != len(order(q)) {
		return nil, search.ErrCursor
	}
	return after, nil
}

func digest(q search.Query) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %v %v %v %v", q.Text, q.Where, q.Ranges, q.Sort, q.Boost))
	return sum[:8]
}
