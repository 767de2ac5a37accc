// Package searchsite is the whole HTTP interface over an index in a folder, and how
// it is asked: what the benchmarks of the search measure.
package searchsite

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"convoke/shared/local/runtime"
	"convoke/shared/platform/mail"
	maildir "convoke/shared/platform/mail/dir"
	"convoke/shared/state/search/searchtest"
	"convoke/shared/state/table/bolt"
)

// Handler answers from the index in a data folder, with a table that is empty;
// base is the address that it is served under.
func Handler(ctx context.Context, dir, base string) (http.Handler, error) {
	table, err := bolt.Open(filepath.Join(dir, "convoke.db"), bolt.Options{})
	if err != nil {
		return nil, err
	}
	mailbox := filepath.Join(dir, "mail")
	if err := os.Mkdir(mailbox, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	process, err := runtime.Open(ctx, runtime.Options{
		Dir: dir, BaseURL: base, Stage: "bench", From: mail.Address{Addr: "convoke@example.org"}, Domain: "example.org", Table: table,
		Sender: &maildir.Sender{Path: mailbox, Now: time.Now}, Clock: &runtime.Clock{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	return process.Handler(), nil
}

// URL asks a of the server at the address base: of the typeahead where fewer hits
// are wanted than a page has.
func URL(base string, a *searchtest.Ask) string {
	if a.Limit < 20 {
		return base + "/v1/typeahead?" + url.Values{"q": {a.Text}}.Encode()
	}
	v := url.Values{"limit": {strconv.Itoa(a.Limit)}}
	if a.Text != "" {
		v.Set("q", a.Text)
	}
	for field, wanted := range a.Where {
		v[field] = wanted
	}
	if len(a.Facets) > 0 {
		v["facet"] = a.Facets
	}
	return base + "/v1/stakeholders?" + v.Encode()
}
