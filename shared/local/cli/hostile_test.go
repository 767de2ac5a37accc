package cli_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/local/cli"
	"convoke/shared/local/mailbox"
	process "convoke/shared/local/runtime"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/mail"
	maildir "convoke/shared/platform/mail/dir"
	"convoke/shared/state/table/bolt"
)

// maxAllocated bounds what one request allocates in all, in bytes: what it holds at
// its peak is less.
const maxAllocated = 64 << 20

// office is the whole product in one process, and who sends it what is hostile.
type office struct {
	*testing.T
	*process.Process
	data    string
	now     time.Time
	invitee *directory.Stakeholder // listed, and invited to every event
	cookie  string                 // of the invitee's focal point
	asked   atomic.Int64           // connections to an address that no program of ours should open
	private string                 // that address
	struck  int
}

func newOffice(t *testing.T) *office {
	o := &office{T: t, data: t.TempDir(), now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	tbl, err := bolt.Open(filepath.Join(o.data, "table.db"), bolt.Options{})
	o.must(err)
	t.Cleanup(func() { _ = tbl.Close() })
	clock := process.ClockAt(o.now)
	o.must(os.MkdirAll(filepath.Join(o.data, "mail"), 0o700))
	o.Process, err = process.Open(t.Context(), process.Options{
		Dir: o.data, BaseURL: "http://localhost:8080", Stage: "local", From: mail.Address{Addr: "convoke@example.org"}, Domain: "example.org",
		Table: tbl, Clock: clock, Log: slog.New(slog.DiscardHandler), Sender: &maildir.Sender{Path: filepath.Join(o.data, "mail"), Now: clock.Now},
	})
	o.must(err)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	o.must(err)
	t.Cleanup(func() { _ = listener.Close() })
	o.private = listener.Addr().String()
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			o.asked.Add(1)
			_ = conn.Close()
		}
	}()
	o.invitee = o.list(o.register("Association of migrants", "certificate"))
	o.signIn()
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// do makes a request and says how much was allocated for it.
func (o *office) do(method, path string, body []byte, headers ...string) (*httptest.ResponseRecorder, uint64) {
	o.Helper()
	r := httptest.NewRequestWithContext(o.Context(), method, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o.Handler().ServeHTTP(w, r)
	runtime.ReadMemStats(&after)
	return w, after.TotalAlloc - before.TotalAlloc
}

func (o *office) staff(role auth.Role, unit string) []string {
	o.Helper()
	token, err := o.Issuer.Token(role, unit, "", time.Hour)
	o.must(err)
	return []string{"Authorization", "Bearer " + token}
}

// document is JSON that keeps its angle brackets.
func (o *office) document(v any) []byte {
	o.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	o.must(e.Encode(v))
	return b.Bytes()
}

type object = map[string]any

// application is a registration whose texts are all the one that is given.
func (o *office) application(text, website string) object {
	o.struck++
	a := object{
		"category": "academic", "country": "CH", "names": []object{{"text": text, "lang": "en", "kind": "legal"}}, "descriptions": []object{{"lang": "en", "text": text}},
		"identifiers": []object{{"scheme": "local", "id": fmt.Sprintf("id-%d", o.struck)}},
		"contacts":    []object{{"name": text, "role": "focal_point", "email": fmt.Sprintf("p%d@academy.example.org", o.struck), "language": "en"}},
		"consent":     object{"directory": true, "text_version": directory.ConsentText},
	}
	if website != "" {
		a["website"] = website
	}
	return a
}

func (o *office) register(name string, evidence ...string) string {
	o.Helper()
	a := o.application(name, "")
	if len(evidence) > 0 {
		a["category"], a["evidence"] = "migrant_association", []object{{"kind": evidence[0]}}
	}
	w, _ := o.do("POST", "/v1/registrations", o.document(a))
	if w.Code != http.StatusAccepted {
		o.Fatal(w.Body)
	}
	return idIn(w)
}

func idIn(w *httptest.ResponseRecorder) string {
	var made struct{ ID string }
	_ = json.Unmarshal(w.Body.Bytes(), &made) // no id is looked up in vain
	return made.ID
}

// list confirms the address and puts the registration into the directory.
func (o *office) list(id string) *directory.Stakeholder {
	o.Helper()
	e, err := o.Store.UpdateStakeholder(o.Context(), id, func(e *directory.Stakeholder) error {
		if err := e.ConfirmAddress(e.Contacts[0].ID, o.now); err != nil {
			return err
		}
		return e.Decide(directory.Decision{Outcome: directory.Listed}, o.now)
	})
	o.must(err)
	o.must(o.Settle(o.Context()))
	return e
}

var signInLink = regexp.MustCompile(`http://localhost:8080(/sign-in/[A-Za-z0-9_.-]+)`)

// signIn signs the invitee's focal point in.
func (o *office) signIn() {
	o.do("POST", "/v1/sign-in", o.document(object{"email": o.invitee.Contacts[0].Email}))
	o.must(o.Settle(o.Context()))
	box := mailbox.Open(filepath.Join(o.data, "mail"))
	names, err := box.Names()
	o.must(err)
	for _, name := range names {
		m, err := box.Message(name)
		o.must(err)
		if link := signInLink.FindStringSubmatch(m.Text); link != nil {
			w, _ := o.do("POST", link[1], nil, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
			for _, c := range w.Result().Cookies() {
				o.cookie = c.Name + "=" + c.Value
			}
			break
		}
	}
	if o.cookie == "" {
		o.Fatal("nobody is signed in")
	}
}

// strike sends one hostile input and looks at all that shows it.
func (o *office) strike(a attack) error {
	status, shown, allocated := a.send(o)
	switch {
	case allocated > maxAllocated:
		return fmt.Errorf("%d bytes were allocated", allocated)
	case status >= 500 || status < 200:
		return fmt.Errorf("it is answered %d", status)
	case status < 300 && a.refused:
		return fmt.Errorf("it is taken with %d", status)
	case o.asked.Load() > 0:
		return fmt.Errorf("somebody asked %s", o.private)
	}
	for _, page := range shown {
		w, _ := o.do("GET", page.path, nil, page.as...)
		if w.Code >= 500 {
			return fmt.Errorf("%s is answered %d", page.path, w.Code)
		}
		if err := harmless(w); err != nil {
			return fmt.Errorf("%s as %s: %w", page.path, w.Header().Get("Content-Type"), err)
		}
	}
	return nil
}

// view is where what was sent can be seen.
type view struct {
	path string
	as   []string
}

// asName registers an organisation of that name.
func asName(text, website string) func(*office) (int, []view, uint64) {
	return func(o *office) (int, []view, uint64) {
		w, allocated := o.do("POST", "/v1/registrations", o.document(o.application(text, website)))
		if w.Code != http.StatusAccepted {
			return w.Code, nil, allocated
		}
		id := idIn(w)
		moderator := o.staff(auth.Moderator, "")
		pages := []view{{"/desk/registrations/" + id, moderator}, {"/desk/registrations", moderator}}
		for _, p := range pages {
			if err := o.see(p); err != nil {
				o.Error(err)
			}
		}
		o.list(id)
		at := "/v1/stakeholders/" + id
		return w.Code, []view{
			{"/stakeholders/" + id + "?lang=en", nil},
			{"/stakeholders/" + id + "?lang=ar", nil},
			{at, nil},
			{at, []string{"Accept", "application/ld+json"}},
			{at, []string{"Accept", "text/vcard"}},
			{"/?q=" + url.QueryEscape(text), nil},
			{"/?q=" + url.QueryEscape(text), o.staff(auth.Organiser, "unitar")},
			{"/v1/stakeholders?q=" + url.QueryEscape(text), nil},
			{"/hsds/organizations?per_page=100", nil},
			{at + "/duplicates", moderator},
		}, allocated
	}
}

func (o *office) see(p view) error {
	w, _ := o.do("GET", p.path, nil, p.as...)
	if w.Code != http.StatusOK {
		return fmt.Errorf("%s is answered %d", p.path, w.Code)
	}
	return harmless(w)
}

// asEvent convenes an event of that title, place and text, to which somebody is
// invited, and announces the text.
func asEvent(text, link string) func(*office) (int, []view, uint64) {
	return func(o *office) (int, []view, uint64) {
		organiser := o.staff(auth.Organiser, "unitar")
		texts := []object{{"lang": "en", "text": text}}
		plan := object{
			"convener": text, "kind": "seminar", "titles": texts, "summaries": texts, "place": text, "zone": "UTC",
			"starts": "2026-12-18T15:00:00Z", "ends": "2026-12-18T17:00:00Z", "audience": object{"invitees": []object{{"stakeholder": o.invitee.ID}}},
		}
		if link != "" {
			plan["online"], plan["documents"] = link, []object{{"titles": texts, "url": link}}
		}
		w, allocated := o.do("POST", "/v1/events", o.document(plan), organiser...)
		if w.Code != http.StatusCreated {
			return w.Code, nil, allocated
		}
		id := idIn(w)
		published, _ := o.do("POST", "/v1/events/"+id+"/publication", nil, append(organiser, "If-Match", w.Header().Get("ETag"))...)
		if published.Code != http.StatusAccepted {
			o.Errorf("the event is not published: %d %s", published.Code, published.Body)
		}
		o.must(o.Settle(o.Context()))
		return w.Code, []view{
			{"/events/" + id + "?lang=en", nil},
			{"/events/" + id + "?lang=ar", nil},
			{"/events", nil},
			{"/v1/events/" + id, nil},
			{"/calendar/events/" + id + ".ics", nil},
			{"/desk", organiser},
			{"/desk/events/" + id, organiser},
			{"/me", []string{"Cookie", o.cookie}},
		}, allocated
	}
}

// asNote is a moderator's word to an applicant, which goes out by mail.
func asNote(text string) func(*office) (int, []view, uint64) {
	return func(o *office) (int, []view, uint64) {
		id := o.register(fmt.Sprintf("Faculty of migration studies %d", o.struck))
		e, err := o.Store.UpdateStakeholder(o.Context(), id, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, o.now) })
		o.must(err)
		moderator := o.staff(auth.Moderator, "")
		w, allocated := o.do("POST", "/v1/registrations/"+id+"/decision", o.document(object{"outcome": "returned", "reasons": []string{"missing_evidence"}, "note": text}),
			append(moderator, "If-Match", fmt.Sprintf("%q", fmt.Sprint(e.Version)))...)
		o.must(o.Settle(o.Context()))
		return w.Code, []view{{"/desk/registrations/" + id, moderator}}, allocated
	}
}

// asSearch asks the directory for it.
func asSearch(text string) func(*office) (int, []view, uint64) {
	return func(o *office) (int, []view, uint64) {
		q := url.QueryEscape(text)
		w, allocated := o.do("GET", "/v1/stakeholders?q="+q, nil)
		return w.Code, []view{{"/?q=" + q, nil}, {"/?lang=ar&q=" + q, nil}, {"/nowhere/" + url.PathEscape(text), nil}, {"/?country=" + q, nil}}, allocated
	}
}

// asBody sends the bytes where JSON is expected.
func asBody(path string, body []byte) func(*office) (int, []view, uint64) {
	return func(o *office) (int, []view, uint64) {
		w, allocated := o.do("POST", path, body, o.staff(auth.Organiser, "unitar")...)
		return w.Code, nil, allocated
	}
}

// asDocument offers a file as the certificate of a registration, and says that it
// is of the type.
func asDocument(kind string, data []byte) func(*office) (int, []view, uint64) {
	return func(o *office) (int, []view, uint64) {
		at := "/v1/registrations/" + o.invitee.ID + "/uploads"
		sum := sha256.Sum256(data)
		w, allocated := o.do("POST", at, o.document(object{
			"evidence": o.invitee.Evidence[0].ID, "media_type": kind, "size": len(data), "sha256": hex.EncodeToString(sum[:]),
		}), "Cookie", o.cookie)
		if w.Code != http.StatusCreated {
			return w.Code, nil, allocated
		}
		var to struct {
			ID, Method, URL string
			Header          map[string]string
		}
		o.must(json.Unmarshal(w.Body.Bytes(), &to))
		r := httptest.NewRequestWithContext(o.Context(), to.Method, to.URL, bytes.NewReader(data))
		r.Header.Set("Content-Type", kind)
		r.Header.Set("X-Amz-Checksum-Sha256", base64.StdEncoding.EncodeToString(sum[:]))
		for name, value := range to.Header {
			r.Header.Set(name, value)
		}
		put := httptest.NewRecorder()
		o.Depot.Handler().ServeHTTP(put, r)
		if put.Code != http.StatusOK {
			o.Errorf("the bytes are not taken: %d %s", put.Code, put.Body)
		}
		w, more := o.do("POST", at+"/"+to.ID+"/completion", nil, "Cookie", o.cookie)
		return w.Code, nil, max(allocated, more)
	}
}

// TestScorecardHostile is row 17: what is hostile is refused, or does nothing
// wherever it is view: pages, API, calendars, cards, mails and exports.
func TestScorecardHostile(t *testing.T) {
	const n = 500
	o := newOffice(t)
	held := 0
	for _, a := range attacks(n, o.private) {
		if err := o.strike(a); err != nil {
			t.Errorf("%s: %v", a.name, err)
			continue
		}
		held++
	}
	t.Attr("scorecard", fmt.Sprintf("17 hostile content: injected %d, held %d", n, held))
	mails, sound := o.mails()
	t.Attr("scorecard", fmt.Sprintf("17 hostile content, mails that were sent meanwhile: injected %d, held %d", mails, sound))
	if mails < n/4 || mails != sound {
		t.Errorf("%d of %d mails are sound", sound, mails)
	}
	o.exports()
}

// mails looks at every mail.
func (o *office) mails() (all, sound int) {
	box := mailbox.Open(filepath.Join(o.data, "mail"))
	names, err := box.Names()
	o.must(err)
	for _, name := range names {
		raw, err := box.Raw(name)
		o.must(err)
		m, err := box.Message(name)
		o.must(err)
		if err := harmlessMail(raw, m); err != nil {
			o.Errorf("%s, %q: %v", name, m.Subject, err)
			continue
		}
		sound++
	}
	return len(names), sound
}

// exports looks at what the command line gives out.
func (o *office) exports() {
	for _, format := range []string{"jsonl", "csv", "hsds", "jsonld", "vcard"} {
		out, complaint := filepath.Join(o.TempDir(), "export."+format), &bytes.Buffer{}
		copied := o.copied()
		if code := cli.Main([]string{"--data", copied, "export", "--format", format, "--out", out}, io.Discard, complaint); code != 0 {
			o.Fatalf("%s: %d %s", format, code, complaint)
		}
		b, err := os.ReadFile(out)
		o.must(err)
		if err := harmlessExport(format, b); err != nil {
			o.Errorf("%s: %v", format, err)
		}
	}
}

// copied is a copy of the data, since a process holds the table.
func (o *office) copied() string {
	to := o.TempDir()
	tbl, err := os.ReadFile(filepath.Join(o.data, "table.db"))
	o.must(err)
	o.must(os.WriteFile(filepath.Join(to, "table.db"), tbl, 0o600))
	return to
}
