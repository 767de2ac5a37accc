package runtime_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"

	"convoke/shared/local/runtime"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/dir"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

// site is a whole Convoke in one process, with a clock that is moved by hand and
// mail that lies in a folder.
type site struct {
	*testing.T
	process *runtime.Process
	http    *httptest.Server
	mail    string
}

func newSite(t *testing.T, tbl table.Table) *site {
	t.Helper()
	home := t.TempDir()
	mailbox := filepath.Join(home, "mail")
	if err := os.Mkdir(mailbox, 0o700); err != nil {
		t.Fatal(err)
	}
	clock := runtime.ClockAt(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	s := &site{T: t, mail: mailbox}
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.process.Handler().ServeHTTP(w, r) }))
	t.Cleanup(s.http.Close)
	p, err := runtime.Open(t.Context(), runtime.Options{
		Dir: home, BaseURL: s.http.URL, Stage: "test", From: mail.Address{Name: "Convoke", Addr: "convoke@example.org"}, Domain: "example.org",
		Table: tbl, Sender: &dir.Sender{Path: mailbox, Now: clock.Now}, Clock: clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.process = p
	return s
}

// ask makes one request and returns the status, the headers and the body.
func (s *site) ask(method, path string, body any, headers ...string) (int, http.Header, map[string]any) {
	s.Helper()
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.Fatal(err)
		}
		payload = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(s.Context(), method, s.http.URL+path, payload)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	answer := map[string]any{}
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &answer); err != nil {
			s.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
	return resp.StatusCode, resp.Header, answer
}

// must is ask that fails the test unless the status is the wanted one.
func (s *site) must(want int, method, path string, body any, headers ...string) (http.Header, map[string]any) {
	s.Helper()
	status, header, answer := s.ask(method, path, body, headers...)
	if status != want {
		s.Fatalf("%s %s: %d, want %d: %v", method, path, status, want, answer)
	}
	return header, answer
}

// press posts the form of a link page, as a person does who reads the page.
func (s *site) press(link, form string) {
	s.Helper()
	resp, err := http.Post(link, "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		body, _ := io.ReadAll(resp.Body)
		s.Fatalf("press %s: %d: %s", link, resp.StatusCode, body)
	}
}

func (s *site) as(role auth.Role, unit string) []string {
	s.Helper()
	token, err := s.process.Issuer.Token(role, unit, "", time.Hour)
	if err != nil {
		s.Fatal(err)
	}
	return []string{"Authorization", "Bearer " + token}
}

func (s *site) settle() {
	s.Helper()
	if err := s.process.Settle(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// letter is a mail as its reader meets it.
type letter struct {
	subject string
	header  message.Header
	text    string
	parts   []string
}

// mails returns what was sent to an address, oldest first.
func (s *site) mails(to string) []letter {
	s.Helper()
	names, err := filepath.Glob(filepath.Join(s.mail, "*.eml"))
	if err != nil {
		s.Fatal(err)
	}
	var list []letter
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			s.Fatal(err)
		}
		e, err := message.Read(bytes.NewReader(raw))
		if err != nil {
			s.Fatal(err)
		}
		h := gomail.Header{Header: e.Header}
		addresses, err := h.AddressList("To")
		if err != nil || len(addresses) != 1 {
			s.Fatalf("%s: recipients %v, %v", name, addresses, err)
		}
		if addresses[0].Address != to {
			continue
		}
		l := letter{header: e.Header}
		l.subject, _ = h.Subject()
		err = e.Walk(func(_ []int, part *message.Entity, err error) error {
			media, params, _ := part.Header.ContentType()
			l.parts = append(l.parts, media+params["method"])
			if media == "text/plain" {
				text, readErr := io.ReadAll(part.Body)
				l.text = string(text)
				return readErr
			}
			return err
		})
		if err != nil {
			s.Fatal(err)
		}
		list = append(list, l)
	}
	return list
}

func (s *site) lastMail(to string) letter {
	s.Helper()
	list := s.mails(to)
	if len(list) == 0 {
		s.Fatalf("no mail to %s", to)
	}
	return list[len(list)-1]
}

// link returns the link to a page in a letter's text.
func (s *site) link(l letter, page string) string {
	s.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(s.http.URL+"/"+page+"/") + `\S+`).FindString(l.text)
	if found == "" {
		s.Fatalf("no link to /%s/ in %q", page, l.text)
	}
	return found
}

func registration(name, lang, address string) map[string]any {
	return map[string]any{
		"category": "migrant_association", "country": "CH", "names": []any{map[string]any{"text": name, "lang": lang, "kind": "legal"}},
		"topics": []string{"gcm:1"}, "languages": []string{lang},
		"contacts": []any{map[string]any{"name": "Focal Point", "role": "focal_point", "email": address, "language": lang}},
		"evidence": []any{map[string]any{"kind": "certificate", "note": "Registered with the canton"}},
		"consent":  map[string]any{"directory": true, "text_version": "2026-11"},
	}
}

// list registers an organisation and brings it into the directory.
func (s *site) list(name, lang, address string) string {
	s.Helper()
	_, answer := s.must(202, "POST", "/v1/registrations", registration(name, lang, address))
	id := answer["id"].(string)
	s.settle()
	s.press(s.link(s.lastMail(address), "confirm"), "")
	moderator := s.as(auth.Moderator, "")
	header, _ := s.must(200, "GET", "/v1/registrations/"+id, nil, moderator...)
	s.must(200, "POST", "/v1/registrations/"+id+"/decision", map[string]any{"outcome": "listed"}, append(moderator, "If-Match", header.Get("ETag"))...)
	s.settle()
	return id
}

func panel() map[string]any {
	return map[string]any{
		"convener": "Migration and Development Seminar Series", "kind": "panel_discussion", "observance": "international_migrants_day",
		"titles": []any{map[string]any{"lang": "en", "text": "Political rights of migrants"}, map[string]any{"lang": "fr", "text": "Les droits politiques des migrants"}},
		"starts": "2026-12-18T15:00:00-05:00", "ends": "2026-12-18T17:00:00-05:00", "zone": "America/New_York",
		"place": "United Nations Headquarters, New York", "audience": map[string]any{"filters": map[string]any{"category": []string{"migrant_association"}}},
	}
}

func (s *site) publish(plan map[string]any) string {
	s.Helper()
	organiser := s.as(auth.Organiser, "new-york")
	header, answer := s.must(201, "POST", "/v1/events", plan, organiser...)
	id := answer["id"].(string)
	s.must(202, "POST", "/v1/events/"+id+"/publication", nil, append(organiser, "If-Match", header.Get("ETag"))...)
	s.settle()
	return id
}

func (s *site) counts(event string) map[string]any {
	s.Helper()
	_, answer := s.must(200, "GET", "/v1/events/"+event+"/invitations", nil, s.as(auth.Organiser, "new-york")...)
	return answer["counts"].(map[string]any)
}

func (s *site) wantCounts(event, want string) {
	s.Helper()
	got, err := json.Marshal(s.counts(event))
	if err != nil || string(got) != want {
		s.Fatalf("counts %s, %v; want %s", got, err, want)
	}
}

func openBolt(t *testing.T) table.Table {
	t.Helper()
	b, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// The main job from end to end, over every table there is.
func TestTheLine(t *testing.T) {
	for name, open := range tables() {
		t.Run(name, func(t *testing.T) { theLine(newSite(t, open(t))) })
	}
}

func theLine(s *site) {
	first := s.list("Association des migrants de Genève", "fr", "focal@geneve.example.org")
	s.list("جمعية المهاجرين", "ar", "focal@arabic.example.org")

	if _, found := s.must(200, "GET", "/v1/stakeholders?q=asociation+migrants&facet=category", nil); found["total"] != 1.0 {
		s.Fatalf("search with a typo: %v", found)
	}
	if _, profile := s.must(200, "GET", "/v1/stakeholders/"+first, nil); profile["contacts"] != nil || profile["name"] != "Association des migrants de Genève" {
		s.Fatalf("public profile: %v", profile)
	}

	event := s.publish(panel())
	s.wantCounts(event, `{"sent":2}`)
	invitation := s.lastMail("focal@geneve.example.org")
	if !strings.Contains(fmt.Sprint(invitation.parts), "text/calendarREQUEST") {
		s.Errorf("parts %v", invitation.parts)
	}
	for _, name := range []string{"List-Unsubscribe", "List-Unsubscribe-Post"} {
		if invitation.header.Get(name) == "" {
			s.Errorf("no %s in the invitation", name)
		}
	}
	link := s.link(invitation, "answer")
	for _, method := range []string{http.MethodGet, http.MethodHead} { // as a scanner does
		r, _ := http.NewRequestWithContext(s.Context(), method, link, nil)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			s.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != 200 {
			s.Fatalf("%s answer page: %d", method, resp.StatusCode)
		}
	}
	s.wantCounts(event, `{"sent":2}`)
	s.press(link, "answer=accepted")
	s.settle()
	s.wantCounts(event, `{"accepted":1,"sent":1}`)

	s.process.Clock.Advance(37 * 24 * time.Hour) // past the reminder
	s.settle()
	s.settle()
	if n := len(s.mails("focal@arabic.example.org")); n != 4 { // confirm, listed, invitation, reminder
		s.Errorf("%d mails to who has not answered, want 4", n)
	}
	if n := len(s.mails("focal@geneve.example.org")); n != 4 { // confirm, listed, invitation, answer received
		s.Errorf("%d mails to who has accepted, want 4", n)
	}

	reminder := s.lastMail("focal@arabic.example.org")
	unsubscribe := strings.Trim(strings.Split(reminder.header.Get("List-Unsubscribe"), ",")[0], "<> ")
	s.press(unsubscribe, "List-Unsubscribe=One-Click")
	s.press(s.link(reminder, "answer"), "answer=declined&reason=")
	s.settle()
	if n := len(s.mails("focal@arabic.example.org")); n != 4 {
		s.Errorf("%d mails after the opt-out, want 4 as before", n)
	}
	s.wantCounts(event, `{"accepted":1,"declined":1}`)
}
