package web

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/local/depot"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/auth/authtest"
	"convoke/shared/platform/boot"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

// testServer is the edge on a real table and a real index, with an issuer of its
// own and a clock that stands still.
type testServer struct {
	*testing.T
	*Server
	handler http.Handler
	issuer  *authtest.Issuer
	writer  *search.Writer
	table   *table.Counted
	now     atomic.Pointer[time.Time]
}

var testStart = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func newTestServer(t *testing.T) *testServer {
	t.Helper()
	b, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	blobs, err := dir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	index, err := search.Open(t.Context(), blobs)
	if err != nil {
		t.Fatal(err)
	}
	key, err := auth.NewKey("k1", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	links, err := auth.ParseKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	s := &testServer{T: t, table: table.Count(b)}
	s.at(testStart)
	clock := func() time.Time { return *s.now.Load() }
	s.issuer = authtest.NewIssuer(t)
	tokens, err := auth.NewVerifier(auth.Config{Issuer: s.issuer.URL, Audience: []string{authtest.Audience}, PlainHTTP: true, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	s.writer = &search.Writer{Store: blobs, Now: clock}
	s.Server = &Server{
		Store: &store.Store{Table: s.table, Now: clock, NewID: boot.NewIDs()}, Index: index, Links: links, Tokens: tokens,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Random: rand.Reader, BaseURL: "http://localhost:8080", Domain: "convoke.example.org", Release: "test", Plain: true,
	}
	documents, err := dir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.Depot = &depot.Depot{Blobs: documents, Links: links, BaseURL: s.BaseURL, Now: clock}
	s.handler = underContract(t, s.Handler())
	return s
}

// at moves the clock.
func (s *testServer) at(t time.Time) { s.now.Store(&t) }

// do makes one request and returns the answer.
func (s *testServer) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// as returns the header of who is signed in with a role, for a unit if given.
func (s *testServer) as(role auth.Role, unit string) []string {
	s.Helper()
	group := string(role)
	if unit != "" {
		group += ":" + unit
	}
	token := s.issuer.Token(s.T, *s.now.Load(), map[string]any{auth.DefaultRolesClaim: []string{group}})
	return []string{"Authorization", "Bearer " + token}
}

// session returns the header of a contact that is signed in.
func (s *testServer) session(stakeholder, contact string) []string {
	s.Helper()
	link, linkHash, err := auth.NewToken(rand.Reader)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.Store.KeepSignInLink(s.Context(), linkHash, store.ContactRef{Stakeholder: stakeholder, Contact: contact}); err != nil {
		s.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := s.enter(w, httptest.NewRequestWithContext(s.Context(), "POST", "/", nil), link); err != nil {
		s.Fatal(err)
	}
	cookie := w.Result().Cookies()[0]
	return []string{"Cookie", cookie.Name + "=" + cookie.Value}
}

func testApplication(name string) directory.Application {
	return directory.Application{
		Profile: directory.Profile{
			Category: "migrant_association", Country: "CH", Names: []directory.Name{{Text: name, Lang: "fr", Kind: directory.NameLegal}},
			Topics: []string{"gcm:1"}, Languages: []string{"fr"},
		},
		Contacts: []directory.Contact{{Name: "Focal Point", Role: directory.RoleFocalPoint, Email: "focal@association.example.org", Language: "fr"}},
		Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}
}

// listed puts a stakeholder into the directory and the index.
func (s *testServer) listed(name string, change func(*directory.Application)) *directory.Stakeholder {
	s.Helper()
	a := testApplication(name)
	if change != nil {
		change(&a)
	}
	e, err := directory.Register(s.Store.NewID(), a, s.Store.NewID, s.Store.Now())
	if err != nil {
		s.Fatal(err)
	}
	if err := s.Store.Register(s.Context(), e); err != nil {
		s.Fatal(err)
	}
	e, err = s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) error {
		if err := e.ConfirmAddress(e.Contacts[0].ID, s.Store.Now()); err != nil {
			return err
		}
		return e.Decide(directory.Decision{Outcome: directory.Listed}, s.Store.Now())
	})
	if err != nil {
		s.Fatal(err)
	}
	if err := s.writer.Apply(s.Context(), []search.Change{listing.Change(e)}); err != nil {
		s.Fatal(err)
	}
	if err := s.Index.Refresh(s.Context()); err != nil {
		s.Fatal(err)
	}
	return e
}

// invited publishes an event and invites the stakeholder's focal point.
func (s *testServer) invited(e *directory.Stakeholder) (*convening.Event, *convening.Invitation) {
	s.Helper()
	now := s.Store.Now()
	event, err := convening.NewEvent(s.Store.NewID(), "geneva", "Seminar series", convening.Plan{
		Kind: "panel_discussion", Titles: []directory.Text{{Lang: "en", Text: "Political rights of migrants"}}, Zone: "America/New_York",
		Starts: now.AddDate(0, 0, 46), Ends: now.AddDate(0, 0, 46).Add(2 * time.Hour), Online: "https://meet.example.org/room",
		Audience: convening.Audience{Filters: map[string][]string{"category": {"migrant_association"}}},
	}, now)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.Store.CreateEvent(s.Context(), event); err != nil {
		s.Fatal(err)
	}
	event, err = s.Store.UpdateEvent(s.Context(), event.ID, func(e *convening.Event) error { return e.Publish(now) })
	if err != nil {
		s.Fatal(err)
	}
	i := convening.NewInvitation(event, e.ID, e.Contacts[0].ID, now)
	if _, err := s.Store.PlanInvitations(s.Context(), []*convening.Invitation{i}); err != nil {
		s.Fatal(err)
	}
	i, err = s.Store.UpdateInvitation(s.Context(), event.ID, i.Contact, func(i *convening.Invitation) error {
		i.Advance(now)
		i.MarkSent(now)
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return event, i
}
