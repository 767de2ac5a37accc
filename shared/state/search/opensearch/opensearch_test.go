package opensearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"convoke/shared/state/search"
)

// exchange is one request and its answer, written after OpenSearch's documentation:
// a file of testdata.
type exchange struct {
	Method, Path, ContentType string
	Request                   []json.RawMessage // one, or the lines of a bulk request
	Status                    int
	Response                  json.RawMessage
}

// replay serves an exchange and fails when what is asked is not what it holds.
func replay(t *testing.T, name string) *Client {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var x exchange
	if err := json.Unmarshal(text, &x); err != nil {
		t.Fatal(err)
	}
	return serving(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != x.Method || r.URL.Path != x.Path || r.Header.Get("Content-Type") != x.ContentType {
			t.Errorf("%s %s as %s, %v", r.Method, r.URL, r.Header.Get("Content-Type"), err)
		}
		var want []any
		for _, line := range x.Request {
			want = append(want, plain(t, line))
		}
		var got []any
		for lines := json.NewDecoder(strings.NewReader(string(body))); lines.More(); {
			var line json.RawMessage
			if err := lines.Decode(&line); err != nil {
				t.Fatal(err)
			}
			got = append(got, plain(t, line))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: request (-want +got):\n%s", name, d)
		}
		var answer bytes.Buffer // as a server writes it: on one line
		if err := json.Compact(&answer, x.Response); err != nil {
			t.Error(err)
		}
		w.WriteHeader(x.Status)
		_, _ = answer.WriteTo(w)
	})
}

func serving(t *testing.T, handle http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return &Client{Endpoint: server.URL, Index: "convoke", HTTP: server.Client()}
}

func plain(t *testing.T, text json.RawMessage) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

var ctx = context.Background()

func TestCreate(t *testing.T) {
	if err := replay(t, "create").Create(ctx); err != nil {
		t.Error(err)
	}
	exists := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"type":"resource_already_exists_exception"},"status":400}`)
	})
	if err := exists.Create(ctx); err != nil {
		t.Errorf("an index that is there already: %v", err)
	}
}

func changes() []search.Change {
	return []search.Change{
		{Document: search.Document{
			ID: "a", Version: 3, Text: []string{"Works in Geneva."}, Topics: []string{"return"},
			Names: []search.Name{
				{Text: "Association des migrants de Genève", Lang: "fr", Kind: search.KindDisplay},
				{Text: "AMG", Kind: search.KindAcronym},
				{Text: "Geneva Migrants' Association", Lang: "en", Kind: "former"},
			},
			Facets: map[string][]string{"country": {"CH"}, "seen_by": {"public"}}, Numbers: map[string]int64{"invited": 2}, Stored: json.RawMessage(`{"id":"a"}`),
		}},
		{Document: search.Document{ID: "b", Version: 7}, Removed: true},
	}
}

func TestApply(t *testing.T) {
	if err := replay(t, "bulk").Apply(ctx, changes()); err != nil {
		t.Error(err)
	}
	var refused *RefusedError
	err := replay(t, "bulk-refused").Apply(ctx, changes())
	if !errors.As(err, &refused) || refused.Type != "mapper_parsing_exception" || !strings.Contains(err.Error(), "a: ") {
		t.Errorf("a document that is refused: %v", err)
	}
}

func query() search.Query {
	return search.Query{
		Text: `migrants genev "de Genève" -workers`, Limit: 2, Facets: []string{"country", "category"},
		Where: []search.Filter{
			{Field: "country", AnyOf: []string{"CH", "FR"}},
			{Field: "category", NoneOf: []string{"media"}},
			{Field: "topic", AnyOf: []string{"gcm:1"}},
			{Field: "seen_by", AnyOf: []string{"public"}, Fixed: true},
		},
		Ranges: []search.Range{{Field: "invited", From: -search.MaxNumber, To: 3, OrNone: true}},
		Boost:  []search.Boost{{Field: "category", AnyOf: []string{"migrant_association"}, Factor: 2}},
	}
}

// TestSearch asks, reads the answer, and goes on after its last hit.
func TestSearch(t *testing.T) {
	q := query()
	got, err := replay(t, "search").Search(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	q.Cursor = got.Cursor
	got.Cursor = ""
	want := search.Result{
		Total: 3, Hits: []search.Hit{{ID: "a", Score: 21.5, Stored: json.RawMessage(`{"id":"a"}`)}, {ID: "c", Score: 20.25, Stored: json.RawMessage(`{"id":"c"}`)}},
		Facets: map[string][]search.Count{"country": {{Value: "CH", N: 2}, {Value: "FR", N: 1}, {Value: "SN", N: 1}}, "category": {{Value: "ngo", N: 3}}},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(search.Hit{})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	next, err := replay(t, "search-next").Search(ctx, q)
	if err != nil || len(next.Hits) != 1 || next.Cursor != "" {
		t.Errorf("the next page: %+v, %v", next, err)
	}
	q.Text = "other"
	if _, err := replay(t, "search-next").Search(ctx, q); !errors.Is(err, search.ErrCursor) {
		t.Errorf("the cursor of another query: %v", err)
	}
}

func TestOrders(t *testing.T) {
	for name, q := range map[string]search.Query{
		`[{"order":{"order":"asc"}},{"id":{"order":"asc"}}]`:   {},
		`[{"_score":{"order":"desc"}},{"id":{"order":"asc"}}]`: {Text: `"world bank"`},
		`[{"numbers.invited":{"missing":"_last","order":"desc","unmapped_type":"long"}},{"order":{"order":"asc"}},{"id":{"order":"asc"}}]`: {
			Text: "a", Sort: search.Sort{By: "invited", Descending: true},
		},
	} {
		if got, err := json.Marshal(order(q)); err != nil || string(got) != name {
			t.Errorf("%+v sorts by %s, %v", q.Sort, got, err)
		}
	}
	for text, want := range map[string]string{"!!!": `[{"match_none":{}}]`, "  ": "[]"} {
		must, _ := words(text)
		if got, err := json.Marshal(must); err != nil || string(got) != want {
			t.Errorf("%q must have %s, %v", text, got, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for status, unavailable := range map[int]bool{http.StatusBadRequest: false, http.StatusTooManyRequests: true, http.StatusServiceUnavailable: true} {
		c := serving(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"error":{"type":"some_exception","reason":"about a secret"},"status":0}`)
		})
		_, err := c.Search(ctx, search.Query{})
		if errors.Is(err, search.ErrUnavailable) != unavailable || err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("status %d: %v", status, err)
		}
	}
	late := serving(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"timed_out":true}`) })
	if _, err := late.Search(ctx, search.Query{}); !errors.Is(err, search.ErrUnavailable) {
		t.Errorf("an answer of some shards: %v", err)
	}
	for _, q := range []search.Query{{Limit: -1}, {Limit: search.MaxLimit + 1}, {Facets: make([]string, search.MaxFacets+1)}} {
		if _, err := late.Search(ctx, q); !errors.Is(err, search.ErrQuery) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestRequestsAreSigned(t *testing.T) {
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		signed := r.Header.Get("Authorization")
		if !strings.Contains(signed, "AKIDEXAMPLE/20260102/eu-west-1/es/aws4_request") || !strings.Contains(signed, "x-amz-content-sha256") {
			t.Errorf("signed as %s", signed)
		}
		_, _ = io.WriteString(w, `{}`)
	})
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
	})
	c.Sign = SigV4(keys, "eu-west-1", "es", func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) })
	if _, err := c.Search(ctx, search.Query{}); err != nil {
		t.Error(err)
	}
}
