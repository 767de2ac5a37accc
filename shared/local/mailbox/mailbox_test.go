package mailbox_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/local/mailbox"
)

const (
	older = "20261101T100000.000000000Z-A"
	newer = "20261102T100000.000000000Z-B"
)

const letter = "From: Convoke <convoke@example.org>\r\nTo: =?utf-8?q?Am=C3=ADna?= <amina@example.org>\r\n" +
	"Subject: =?utf-8?q?Invitation_=3Cb=3E?=\r\nDate: Sun, 01 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n" +
	"--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAnswer: http://localhost:8080/answer/t0ken?a=1&b=2.\r\n<script>alert(1)</script>\r\n" +
	"--i\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p onclick=\"x\">Hello</p><script>alert(1)</script>\r\n" +
	"--i\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--i--\r\n" +
	"--o\r\nContent-Type: application/ics; name=invite.ics\r\nContent-Disposition: attachment; filename=invite.ics\r\n\r\nBEGIN:VCALENDAR\r\n--o--\r\n"

func box(t *testing.T) *mailbox.Box {
	t.Helper()
	dir := t.TempDir()
	for id, raw := range map[string]string{older: letter, newer: "To: other@example.org\r\n\r\nSee (https://example.org/x).\r\n"} {
		if err := os.WriteFile(filepath.Join(dir, id+".eml"), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, stray := range []string{".writing-1", "notes.txt", ".hidden.eml"} {
		if err := os.WriteFile(filepath.Join(dir, stray), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return mailbox.Open(dir)
}

func get(t *testing.T, b *mailbox.Box, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestMessage(t *testing.T) {
	m, err := box(t).Newest("AMINA@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if m.ID != older || m.Subject != "Invitation <b>" || !strings.HasPrefix(m.HTML, "<p") || !strings.HasPrefix(m.Calendar, "BEGIN") {
		t.Errorf("message %+v", m)
	}
	want := []mailbox.Part{
		{Type: "text/plain", Size: len(m.Text)},
		{Type: "text/html", Size: len(m.HTML)},
		{Type: "text/calendar; method=REQUEST", Size: len(m.Calendar)},
		{Type: "application/ics", Name: "invite.ics", Size: len("BEGIN:VCALENDAR")},
	}
	if diff := cmp.Diff(want, m.Parts); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, want := m.Link("/answer/"), "http://localhost:8080/answer/t0ken?a=1&b=2"; got != want {
		t.Errorf("link %q, want %q", got, want)
	}
	if got := m.Link("/confirm/"); got != "" {
		t.Errorf("link %q where there is none", got)
	}
}

func TestPages(t *testing.T) {
	b := box(t)
	for _, c := range []struct {
		path    string
		status  int
		has     []string
		lacks   []string
		headers map[string]string
	}{
		{path: "/dev/mailbox", status: 200, has: []string{"2 messages", "amina@example.org", "Invitation &lt;b&gt;", newer}, lacks: []string{"<b>", "hidden", "notes"}},
		{path: "/dev/mailbox?before=" + newer, status: 200, has: []string{older}, lacks: []string{newer}},
		{path: "/dev/mailbox?before=0", status: 200, lacks: []string{older, newer}},
		{
			path: "/dev/mailbox/" + older, status: 200,
			has:   []string{`href="http://localhost:8080/answer/t0ken?a=1&amp;b=2"`, "&lt;script&gt;", "<iframe ", " sandbox ", "BEGIN:VCALENDAR", "invite.ics"},
			lacks: []string{"<script"},
		},
		{path: "/dev/mailbox/" + newer, status: 200, has: []string{`href="https://example.org/x"`}, lacks: []string{"<iframe"}},
		{
			path: "/dev/mailbox/" + older + "/html", status: 200, has: []string{"<p onclick"},
			headers: map[string]string{"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
		},
		{path: "/dev/mailbox/" + older + "/raw", status: 200, has: []string{"Subject: =?utf-8?q?"}, headers: map[string]string{"Content-Type": "message/rfc822"}},
		{path: "/dev/mailbox/absent", status: 404},
		{path: "/dev/mailbox/..%2f..%2fetc%2fpasswd", status: 404},
		{path: "/dev/mailbox/.hidden", status: 404},
		{path: "/dev/mailbox.css", status: 200, has: []string{"focus-visible"}},
	} {
		w := get(t, b, c.path)
		body := w.Body.String()
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d", c.path, w.Code, c.status)
		}
		for _, s := range c.has {
			if !strings.Contains(body, s) {
				t.Errorf("%s lacks %q:\n%s", c.path, s, body)
			}
		}
		for _, s := range c.lacks {
			if strings.Contains(body, s) {
				t.Errorf("%s has %q", c.path, s)
			}
		}
		for name, want := range c.headers {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", c.path, name, got, want)
			}
		}
		if w.Code == http.StatusOK && w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s has no policy", c.path)
		}
	}
}

func TestEmptyBox(t *testing.T) {
	b := mailbox.Open(filepath.Join(t.TempDir(), "none"))
	if w := get(t, b, "/dev/mailbox"); w.Code != 200 || !strings.Contains(w.Body.String(), "0 messages") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := get(t, b, "/dev/mailbox/x"); w.Code != 404 {
		t.Errorf("status %d", w.Code)
	}
}

// TestAttachments serves a file of a message, and only what is there.
func TestAttachments(t *testing.T) {
	b := box(t)
	kind, body, err := b.Attachment(older, "invite.ics")
	if err != nil || kind != "application/ics" || !strings.HasPrefix(string(body), "BEGIN:VCALENDAR") {
		t.Errorf("%s %q %v", kind, body, err)
	}
	shown := get(t, b, "/dev/mailbox/"+older).Body.String()
	at := "/dev/mailbox/" + older + "/attachments/invite.ics"
	if !strings.Contains(shown, `href="`+at+`"`) {
		t.Error("the message does not lead to its file")
	}
	if w := get(t, b, at); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/octet-stream" || w.Header().Get("Content-Disposition") != "attachment" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for _, path := range []string{at + "x", "/dev/mailbox/" + newer + "/attachments/invite.ics", "/dev/mailbox/none/attachments/invite.ics"} {
		if w := get(t, b, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestPapersOfSpecimens shows the papers that go with specimens.
func TestPapersOfSpecimens(t *testing.T) {
	for path, code := range map[string]int{
		"/dev/specimens/ar/participation_letter/attachments/letter.pdf":    http.StatusOK,
		"/dev/specimens/zh/thanks.certificate/attachments/certificate.pdf": http.StatusOK,
		"/dev/specimens/zh/thanks.certificate/attachments/something-else":  http.StatusNotFound,
	} {
		w := httptest.NewRecorder()
		mailbox.Specimens().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != code || code == http.StatusOK && !strings.HasPrefix(w.Body.String(), "%PDF-") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestSpecimens opens every mail that the list names.
func TestSpecimens(t *testing.T) {
	page := func(path string) string {
		w := httptest.NewRecorder()
		mailbox.Specimens().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: status %d", path, w.Code)
		}
		return w.Body.String()
	}
	links := regexp.MustCompile(`href="(/dev/specimens/[^"]+)"`).FindAllStringSubmatch(page("/dev/specimens"), -1)
	if len(links) < 6*25 {
		t.Errorf("%d links", len(links))
	}
	for _, link := range links {
		if body := page(link[1]); !strings.Contains(body, "multipart/") || !strings.Contains(body, "<iframe ") {
			t.Errorf("%s:\n%s", link[1], body)
		}
	}
	if body := page("/dev/specimens/ar/invitation/html"); !strings.Contains(body, `dir="rtl"`) {
		t.Error(body)
	}
	if body := page("/dev/specimens/zh/invitation/raw"); !strings.Contains(body, "Content-Language: zh") {
		t.Error(body)
	}
	for _, path := range []string{"/dev/specimens/en/none", "/dev/specimens/de/invitation"} {
		w := httptest.NewRecorder()
		if mailbox.Specimens().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil)); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}
