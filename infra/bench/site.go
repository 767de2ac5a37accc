package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/local/runtime"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/dir"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

// site is a whole Convoke on a table in a file, spoken to over HTTP.
type site struct {
	process *runtime.Process
	table   *table.Counted
	file    *bolt.Table
	server  *http.Server
	url     string
	http    *http.Client
	ids     []string // of listed stakeholders
}

func open(ctx context.Context, home string) (*site, error) {
	file, err := bolt.Open(filepath.Join(home, "convoke.db"), bolt.Options{})
	if err != nil {
		return nil, err
	}
	mailbox := filepath.Join(home, "mail")
	if err := os.Mkdir(mailbox, 0o700); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &site{table: table.Count(file), file: file, url: "http://" + listener.Addr().String()}
	s.process, err = runtime.Open(ctx, runtime.Options{
		Dir: home, BaseURL: s.url, Stage: "bench", From: mail.Address{Addr: "convoke@example.org"}, Domain: "example.org", Table: s.table,
		Sender: &dir.Sender{Path: mailbox, Now: time.Now}, Clock: &runtime.Clock{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	s.server = &http.Server{Handler: s.process.Handler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = s.server.Serve(listener) }()
	s.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}}
	return s, nil
}

func (s *site) close() {
	_ = s.server.Close()
	_ = s.file.Close()
}

// ask makes a request and reads the whole answer. The token may be empty.
func (s *site) ask(ctx context.Context, token, method, path, body string, want int) error {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != want {
		err = fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
	return err
}

// application is a registration unlike all others.
func application(i int) directory.Application {
	words := strings.Fields("Association Migrants Solidarity Diaspora Network Forum Women Workers Rights Refugees Return Development")
	name := fmt.Sprintf("%s %s %s %d", words[i%len(words)], words[(i/7)%len(words)], words[(i/49)%len(words)], i)
	countries := []string{"CH", "US", "MX", "PH", "MA", "SN", "EC", "IN", "FR", "KE"}
	return directory.Application{
		Profile: directory.Profile{
			Category: []string{"migrant_association", "ngo", "academic", "trade_union"}[i%4], Country: countries[i%len(countries)],
			Names:  []directory.Name{{Text: name, Lang: "en", Kind: directory.NameLegal}},
			Topics: []string{"gcm:1", "gcm:6"}, Languages: []string{"en", "fr"}, Website: "https://www.example.org",
			Identifiers: []directory.Identifier{{Scheme: "local", ID: fmt.Sprint(i)}},
		},
		Contacts: []directory.Contact{{Name: "Focal Point", Role: directory.RoleFocalPoint, Email: fmt.Sprintf("focal%d@example.org", i), Language: "en"}},
		Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}
}

func (s *site) register(ctx context.Context, n int) (result, error) {
	bodies := make([]string, n)
	for i := range bodies {
		b, err := json.Marshal(application(i))
		if err != nil {
			return result{}, err
		}
		bodies[i] = string(b)
	}
	s.table.Reset()
	latencies, took, err := spread(n, func(_, i int) error {
		return s.ask(ctx, "", "POST", "/v1/registrations", bodies[i], http.StatusAccepted)
	})
	return result{count: n, took: took, latencies: latencies, requests: s.table.Snapshot()}, err
}

// registerAtWork registers while everything else runs too, which shares the two
// ends of the machine; its count of requests is that of all of them.
func (s *site) registerAtWork(ctx context.Context, n int) (result, error) {
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { s.process.Run(ctx) })
	r, err := s.register(ctx, n)
	stop()
	running.Wait()
	return r, err
}

// list puts stakeholders into the directory, as confirmations and decisions would.
func (s *site) list(ctx context.Context, n int) error {
	now := time.Now()
	_, _, err := spread(n, func(_, i int) error {
		e, err := directory.Register(s.process.Store.NewID(), application(1_000_000+i), s.process.Store.NewID, now)
		if err != nil {
			return err
		}
		if err := e.ConfirmAddress(e.Contacts[0].ID, now); err != nil {
			return err
		}
		if err := e.Decide(directory.Decision{Outcome: directory.Listed}, now); err != nil {
			return err
		}
		e.Take() // the mails of this are not what is measured
		return s.process.Store.Register(ctx, e)
	})
	if err != nil {
		return err
	}
	if _, err := s.process.Indexer.Rebuild(ctx, nil); err != nil {
		return err
	}
	if err := s.process.Index.Refresh(ctx); err != nil {
		return err
	}
	list, _, err := s.process.Store.Registrations(ctx, directory.Listed, "", table.MaxPage)
	for _, e := range list {
		s.ids = append(s.ids, e.ID)
	}
	return err
}

func (s *site) readProfiles(ctx context.Context, listed, n int) (result, error) {
	if err := s.list(ctx, listed); err != nil {
		return result{}, err
	}
	s.table.Reset()
	latencies, took, err := spread(n, func(_, i int) error {
		return s.ask(ctx, "", "GET", "/v1/stakeholders/"+s.ids[i%len(s.ids)], "", http.StatusOK)
	})
	return result{count: n, took: took, latencies: latencies, requests: s.table.Snapshot()}, err
}

func (s *site) search(ctx context.Context, n int) (result, error) {
	queries := []string{"asociation migrants", "womn workers", "diaspora netwrk", "refugees return", "solidarity forum 12"}
	s.table.Reset()
	latencies, took, err := spread(n, func(_, i int) error {
		q := url.Values{"q": {queries[i%len(queries)]}, "country": {"CH", "MX"}, "facet": {"category", "region", "topic"}}
		return s.ask(ctx, "", "GET", "/v1/stakeholders?"+q.Encode(), "", http.StatusOK)
	})
	return result{count: n, took: took, latencies: latencies, requests: s.table.Snapshot()}, err
}

// draft puts an event into the table whose audience is every tenth.
func (s *site) draft(ctx context.Context) (*convening.Event, error) {
	now := time.Now()
	e, err := convening.NewEvent(s.process.Store.NewID(), "bench", "Seminar series", convening.Plan{
		Kind: "panel_discussion", Titles: []directory.Text{{Lang: "en", Text: "Political rights of migrants"}}, Zone: "America/New_York",
		Starts: now.AddDate(0, 2, 0), Ends: now.AddDate(0, 2, 0).Add(2 * time.Hour),
		Audience: convening.Audience{Filters: map[string][]string{"country": {"CH"}}},
	}, now)
	if err != nil {
		return nil, err
	}
	return e, s.process.Store.CreateEvent(ctx, e)
}

// suggest asks, one after the other, for the best whole panel of eight seats under
// ten targets from 5,000 candidates.
func (s *site) suggest(ctx context.Context, n int) (result, error) {
	e, err := s.draft(ctx)
	if err != nil {
		return result{}, err
	}
	token, err := s.process.Issuer.Token(auth.Organiser, "bench", "", time.Hour)
	if err != nil {
		return result{}, err
	}
	var plan convening.PanelPlan
	for i, role := range strings.Fields("moderator speaker speaker speaker speaker discussant discussant rapporteur") {
		plan.Seats = append(plan.Seats, convening.Seat{ID: fmt.Sprint("s", i), Role: role})
	}
	plan.Targets = []convening.Target{
		{Rule: convening.AtLeast, Count: 2, Of: convening.ByCategory, Values: []string{"migrant_association"}},
		{Rule: convening.AtMost, Count: 2, Of: convening.ByCategory, Values: []string{"academic"}},
		{Rule: convening.AtLeast, Count: 1, Of: convening.ByCategory, Values: []string{"trade_union"}},
		{Rule: convening.AtLeast, Count: 2, Of: convening.ByRegion, Values: []string{"002"}},
		{Rule: convening.AtLeast, Count: 1, Of: convening.ByRegion, Values: []string{"019"}},
		{Rule: convening.AtLeast, Count: 1, Of: convening.ByGroup, Values: []string{taxonomy.LeastDeveloped}},
		{Rule: convening.AtLeast, Count: 3, Of: convening.ByLanguage, Values: []string{"fr"}},
		{Rule: convening.AtLeast, Count: 4, Of: convening.ByFirst, Values: []string{convening.NeverInvited}},
		{Rule: convening.AtMost, Count: 1, Of: convening.ByOrganisation},
		{Rule: convening.AtMost, Count: 2, Of: convening.ByEachCountry},
	}
	if _, err := s.process.Store.UpdatePanel(ctx, e.ID, func(p *convening.Panel) error { return p.Revise(plan, time.Now()) }); err != nil {
		return result{}, err
	}
	pools := strings.Fields("migrants diaspora solidarity women workers rights return development")
	s.table.Reset()
	r, start := result{count: n}, time.Now()
	for i := range n {
		began := time.Now()
		wish := fmt.Sprintf(`{"whole":true,"pool":{"text":%q}}`, pools[i%len(pools)])
		if err := s.ask(ctx, token, "POST", "/v1/events/"+e.ID+"/panel/suggestions", wish, http.StatusOK); err != nil {
			return result{}, err
		}
		r.latencies = append(r.latencies, time.Since(began))
	}
	r.took, r.requests = time.Since(start), s.table.Snapshot()
	return r, nil
}

// plan resolves an audience of every tenth and writes an invitation for each, in
// batches.
func (s *site) plan(ctx context.Context) (result, error) {
	now := time.Now()
	e, err := s.draft(ctx)
	if err != nil {
		return result{}, err
	}
	if e, err = s.process.Store.UpdateEvent(ctx, e.ID, func(e *convening.Event) error { return e.Publish(now) }); err != nil {
		return result{}, err
	}
	s.table.Reset()
	start := time.Now()
	n, err := s.process.Plan(ctx, e)
	took := time.Since(start)
	if err != nil || n == 0 {
		return result{}, fmt.Errorf("planned %d: %w", n, err)
	}
	return result{count: n, took: took, requests: s.table.Snapshot()}, nil
}
