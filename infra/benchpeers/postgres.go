package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"convoke/infra/load"
	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// postgresBin is where Debian has PostgreSQL 15.
const postgresBin = "/usr/lib/postgresql/15/bin/"

// postgres is PostgreSQL behind a handler in Go with a pool of connections: words
// by full text, typing errors by trigrams, counts by GROUP BY.
type postgres struct {
	address           string
	database, handler *process
}

func (*postgres) name() string { return "PostgreSQL" }

const postgresSchema = `
create extension pg_trgm;
create table docs (id text primary key, names text not null, words tsvector not null, public boolean not null,
	category text[] not null, country text[] not null, region text[] not null, "group" text[] not null, topic text[] not null, language text[] not null)`

const postgresIndexes = `
create index on docs using gin (names gin_trgm_ops) where public;
create index on docs using gin (words) where public;
create index on docs using gin (country) where public;
create index on docs using gin (category) where public;
create index on docs using gin (topic) where public;
vacuum analyze docs`

func (p *postgres) start(ctx context.Context, dir string, documents iter.Seq2[search.Document, error]) ([]int, error) {
	if err := p.startDatabase(ctx, dir); err != nil {
		return nil, err
	}
	if err := fillPostgres(ctx, dir, documents); err != nil {
		return nil, err
	}
	var err error
	if p.address, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "address"), []byte(p.address), 0o600); err != nil {
		return nil, err
	}
	if p.handler, err = self(ctx, "postgres", dir); err != nil {
		return nil, err
	}
	return []int{p.database.cmd.Process.Pid, p.handler.cmd.Process.Pid}, listening(ctx, "tcp", p.address)
}

// startDatabase makes a cluster and starts it on a socket in the directory. It does
// not go over the network: that spares it time.
func (p *postgres) startDatabase(ctx context.Context, dir string) error {
	who, err := postgresUser()
	if err != nil {
		return err
	}
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			return err
		}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, postgresBin+"initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, &syscall.SysProcAttr{Credential: who}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	args := []string{"-D", data, "-k", dir, "-c", "listen_addresses=", "-p", "5432"}
	for _, setting := range strings.Fields("shared_buffers=512MB work_mem=32MB maintenance_work_mem=256MB fsync=off jit=off random_page_cost=1.1 max_parallel_workers_per_gather=0 autovacuum=off log_min_messages=panic") {
		args = append(args, "-c", setting)
	}
	cmd := exec.CommandContext(ctx, postgresBin+"postgres", args...)
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: who}
	if p.database, err = startProcess(cmd); err != nil {
		return err
	}
	return listening(ctx, "unix", filepath.Join(dir, ".s.PGSQL.5432"))
}

// postgresUser is whom PostgreSQL runs as: it refuses root. Nil is who runs this.
func postgresUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

func postgresURL(dir string) string {
	return "host=" + dir + " port=5432 user=postgres dbname=postgres"
}

func fillPostgres(ctx context.Context, dir string, documents iter.Seq2[search.Document, error]) error {
	conn, err := ready(ctx, dir)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, postgresSchema+"; create temp table raw (id text, names text, public boolean, category text[], country text[], region text[], \"group\" text[], topic text[], language text[])"); err != nil {
		return err
	}
	next, stop := iter.Pull2(documents)
	defer stop()
	rows := pgx.CopyFromFunc(func() ([]any, error) {
		d, err, ok := next()
		if !ok || err != nil {
			return nil, err
		}
		row := []any{d.ID, lines(namesOf(&d)), isPublic(&d)}
		for _, f := range searchtest.SixFacets() {
			row = append(row, append([]string{}, d.Facets[f]...))
		}
		return row, nil
	})
	columns := append([]string{"id", "names", "public"}, searchtest.SixFacets()...)
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"raw"}, columns, rows); err != nil {
		return err
	}
	statements := `insert into docs select id, names, to_tsvector('simple', names), public, category, country, region, "group", topic, language from raw;` + postgresIndexes
	for statement := range strings.SplitSeq(statements, ";") {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func namesOf(d *search.Document) (names []string) {
	for _, n := range d.Names {
		names = append(names, n.Text)
	}
	return names
}

// ready connects as soon as the database lets it: it listens a little before.
func ready(ctx context.Context, dir string) (conn *pgx.Conn, err error) {
	for range 100 {
		if conn, err = pgx.Connect(ctx, postgresURL(dir)); err == nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil, err
}

func (p *postgres) url(a *searchtest.Ask) string {
	v := url.Values{"q": {a.Text}, "limit": {strconv.Itoa(a.Limit)}}
	for field, wanted := range a.Where {
		v[field] = wanted
	}
	if len(a.Facets) > 0 {
		v["facet"] = a.Facets
	}
	return "http://" + p.address + "/?" + v.Encode()
}

// servePostgres is the handler.
func servePostgres(ctx context.Context, dir string) error {
	address, err := os.ReadFile(filepath.Join(dir, "address"))
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, postgresURL(dir)+" pool_max_conns="+strconv.Itoa(load.Clients))
	if err != nil {
		return err
	}
	defer pool.Close()
	return serveHTTP(ctx, string(address), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := askPostgres(r.Context(), pool, r.URL.Query())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(answer) // the client is gone
	}))
}

// postgresRow is a hit, or a facet's value with its count.
type postgresRow struct {
	Field, Value string
	Count        int64
}

func askPostgres(ctx context.Context, pool *pgxpool.Pool, v url.Values) ([]postgresRow, error) {
	text, args := postgresQuery(v)
	rows, err := pool.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[postgresRow])
}

// postgresQuery is one statement for hits and counts. Without facets the text is a
// name that may be misspelt.
func postgresQuery(v url.Values) (string, []any) {
	if len(v["facet"]) == 0 {
		return `select '', id, 0::bigint from docs where public and $1 <% names order by word_similarity($1, names) desc limit 20`, []any{v.Get("q")}
	}
	where, rank, args := []string{"public"}, "0", []any{}
	if text := strings.TrimSpace(v.Get("q")); text != "" {
		args = append(args, text)
		where = append(where, "words @@ plainto_tsquery('simple', $1)")
		rank = "ts_rank(words, plainto_tsquery('simple', $1))"
	}
	for _, field := range []string{"country", "category", "topic"} {
		if len(v[field]) > 0 {
			args = append(args, v[field])
			where = append(where, fmt.Sprintf("%s && $%d::text[]", field, len(args)))
		}
	}
	text := `with m as materialized (select *, ` + rank + ` as rank from docs where ` + strings.Join(where, " and ") + `)
		(select '', id, 0::bigint from m order by rank desc limit 20)`
	for _, f := range searchtest.SixFacets() { // never what the client wrote
		text += fmt.Sprintf(` union all (select '%s', value, count(*) from m, unnest(m.%q) value group by value)`, f, f)
	}
	return text, args
}

func (p *postgres) stop() error {
	if err := p.handler.stop(syscall.SIGTERM); err != nil {
		return err
	}
	return p.database.stop(syscall.SIGINT) // fast shutdown
}
