package main

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/pocketbase/dbx"
	pocketbaselib "github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// pocketBase is asked by its usual filters over an indexed collection, without the
// total. It has no counts by value and no search that forgives: it is not asked
// for facets, which spares it their work.
type pocketBase struct {
	address string
	server  *process
}

func (*pocketBase) name() string { return "PocketBase" }

func openPocketBase(dir string) (core.App, error) {
	app := pocketbaselib.NewWithConfig(pocketbaselib.Config{DefaultDataDir: filepath.Join(dir, "data"), HideStartBanner: true})
	return app, app.Bootstrap()
}

func (p *pocketBase) start(ctx context.Context, dir string, documents iter.Seq2[search.Document, error]) ([]int, error) {
	if err := fillPocketBase(dir, documents); err != nil {
		return nil, err
	}
	var err error
	if p.address, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "address"), []byte(p.address), 0o600); err != nil {
		return nil, err
	}
	if p.server, err = self(ctx, "pocketbase", dir); err != nil {
		return nil, err
	}
	return []int{p.server.cmd.Process.Pid}, listening(ctx, "tcp", p.address)
}

// fillPocketBase makes the collection by PocketBase and its rows by SQL, which
// spares it the checks of each.
func fillPocketBase(dir string, documents iter.Seq2[search.Document, error]) error {
	app, err := openPocketBase(dir)
	if err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	app.Settings().Logs.MaxDays = 0 // no row of a log for each request
	if err := app.Save(app.Settings()); err != nil {
		return err
	}
	c := core.NewBaseCollection("stakeholders")
	c.ListRule = types.Pointer("public = true")
	c.Fields.Add(&core.TextField{Name: "names", Max: 10_000}, &core.TextField{Name: "country"}, &core.TextField{Name: "category"}, &core.JSONField{Name: "topic"}, &core.BoolField{Name: "public"})
	for _, columns := range []string{"names", "country", "category", "country, category"} {
		c.AddIndex("by_"+strings.ReplaceAll(columns, ", ", "_"), false, columns, "")
	}
	if err := app.Save(c); err != nil {
		return err
	}
	if err := app.RunInTransaction(func(tx core.App) error { return insertAll(tx, documents) }); err != nil {
		return err
	}
	if _, err := app.DB().NewQuery("ANALYZE").Execute(); err != nil {
		return err
	}
	return app.ResetBootstrapState()
}

func insertAll(tx core.App, documents iter.Seq2[search.Document, error]) error {
	insert := tx.DB().NewQuery("INSERT INTO stakeholders (id, names, country, category, topic, public) VALUES ({:id}, {:names}, {:country}, {:category}, {:topic}, {:public})").Prepare()
	defer insert.Close()
	for d, err := range documents {
		if err != nil {
			return err
		}
		_, err = insert.Bind(dbx.Params{
			"id": "convoke" + d.ID, "names": lines(namesOf(&d)), "country": d.Facets["country"][0], "category": d.Facets["category"][0],
			"topic": `["` + strings.Join(d.Facets["topic"], `","`) + `"]`, "public": isPublic(&d),
		}).Execute()
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pocketBase) url(a *searchtest.Ask) string {
	v := url.Values{"filter": {pocketBaseFilter(a)}, "perPage": {strconv.Itoa(a.Limit)}, "skipTotal": {"1"}, "fields": {"id"}}
	return "http://" + p.address + "/api/collections/stakeholders/records?" + v.Encode()
}

func pocketBaseFilter(a *searchtest.Ask) string {
	var all []string
	for _, w := range words(a.Text) {
		all = append(all, fmt.Sprintf("names ~ %q", w))
	}
	for _, field := range []string{"country", "category", "topic"} {
		var any []string
		for _, value := range a.Where[field] {
			if field == "topic" {
				any = append(any, fmt.Sprintf(`topic ~ '"%s"'`, value))
			} else {
				any = append(any, fmt.Sprintf("%s = %q", field, value))
			}
		}
		if len(any) > 0 {
			all = append(all, "("+strings.Join(any, " || ")+")")
		}
	}
	return strings.Join(all, " && ")
}

func servePocketBase(dir string) error {
	address, err := os.ReadFile(filepath.Join(dir, "address"))
	if err != nil {
		return err
	}
	app, err := openPocketBase(dir)
	if err != nil {
		return err
	}
	return apis.Serve(app, apis.ServeConfig{HttpAddr: string(address), ShowStartBanner: false})
}

func (p *pocketBase) stop() error { return p.server.stop(syscall.SIGTERM) }
