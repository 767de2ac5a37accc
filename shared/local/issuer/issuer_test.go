package issuer_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/local/issuer"
	"convoke/shared/platform/auth"
)

const audience = "convoke-local"

func now() time.Time { return time.Date(2026, 12, 10, 12, 0, 0, 0, time.UTC) }

func config(dir, base string) issuer.Config {
	return issuer.Config{Stage: "local", BaseURL: base, Audience: audience, Dir: dir, Now: now}
}

// site is an issuer on a real server, and a verifier that trusts it.
type site struct {
	*issuer.Issuer
	base     string
	verifier *auth.Verifier
}

func newSite(t *testing.T, dir string) site {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i, err := issuer.Open(config(dir, server.URL))
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/dev/", i)
	v, err := auth.NewVerifier(auth.Config{Issuer: i.URL, Audience: []string{audience}, PlainHTTP: true, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return site{i, server.URL, v}
}

func (s site) post(t *testing.T, form url.Values) (int, string) {
	t.Helper()
	resp, err := http.PostForm(s.base+issuer.SignInPath, form)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, resp)
}

func read(t *testing.T, resp *http.Response) (int, string) {
	t.Helper()
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, b.String()
}

func TestTokenIsTakenByTheVerifier(t *testing.T) {
	s := newSite(t, t.TempDir())
	for _, want := range []auth.Identity{
		{Subject: "dev-organiser-geneva", Roles: []auth.Role{auth.Organiser}, Unit: "geneva"},
		{Subject: "dev-moderator", Roles: []auth.Role{auth.Moderator}},
		{Subject: "dev-admin", Roles: []auth.Role{auth.Admin}},
	} {
		token, err := s.Token(want.Roles[0], want.Unit, "", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.verifier.Verify(t.Context(), token)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

func TestTokenRefuses(t *testing.T) {
	s := newSite(t, t.TempDir())
	for name, tc := range map[string]struct {
		role          auth.Role
		unit, subject string
		ttl           time.Duration
	}{
		"public":                 {auth.Public, "", "", time.Hour},
		"contact":                {auth.Contact, "", "", time.Hour},
		"no role":                {"", "", "", time.Hour},
		"organiser without unit": {auth.Organiser, "", "", time.Hour},
		"unit with a colon":      {auth.Organiser, "a:b", "", time.Hour},
		"admin with a unit":      {auth.Admin, "geneva", "", time.Hour},
		"subject with a space":   {auth.Admin, "", "a b", time.Hour},
		"no time":                {auth.Admin, "", "", 0},
		"too long":               {auth.Admin, "", "", 25 * time.Hour},
	} {
		if token, err := s.Token(tc.role, tc.unit, tc.subject, tc.ttl); err == nil || token != "" {
			t.Errorf("%s: minted", name)
		}
	}
}

func TestTokensOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	first, err := issuer.Open(config(dir, "http://localhost:8080"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := first.Token(auth.Admin, "", "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	second, err := issuer.Open(config(dir, "http://localhost:8080"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := auth.NewVerifier(auth.Config{
		Issuer: second.URL, Audience: []string{audience}, PlainHTTP: true, Now: now, Transport: within{second},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Error(err)
	}
	another, err := issuer.Open(config(t.TempDir(), "http://localhost:8080"))
	if err != nil {
		t.Fatal(err)
	}
	if token, err = another.Token(auth.Admin, "", "", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), token); err == nil {
		t.Error("took a token of another issuer under the same URL")
	}
}

// within answers requests by a handler of the same process.
type within struct{ http.Handler }

func (w within) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer.Result(), nil
}

func TestKeyIsMadeOnceAndPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	ids := make([]string, 8)
	var group sync.WaitGroup
	for n := range ids {
		group.Go(func() {
			i, err := issuer.Open(config(dir, "http://localhost:8080"))
			if err != nil {
				t.Error(err)
				return
			}
			answer := httptest.NewRecorder()
			i.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, issuer.Path+"/jwks.json", nil))
			ids[n] = answer.Body.String()
		})
	}
	group.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("keys differ: %s, %s", id, ids[0])
		}
	}
	if strings.Contains(ids[0], `"d"`) || !strings.Contains(ids[0], `"n"`) {
		t.Errorf("published: %s", ids[0])
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, change := range map[string]func(*issuer.Config){
		"prod":              func(c *issuer.Config) { c.Stage = "prod" },
		"Production":        func(c *issuer.Config) { c.Stage = " Production" },
		"no stage":          func(c *issuer.Config) { c.Stage = "" },
		"no audience":       func(c *issuer.Config) { c.Audience = "" },
		"no directory":      func(c *issuer.Config) { c.Dir = "" },
		"no clock":          func(c *issuer.Config) { c.Now = nil },
		"no base URL":       func(c *issuer.Config) { c.BaseURL = "" },
		"base URL and path": func(c *issuer.Config) { c.BaseURL = "http://localhost:8080/" },
		"base URL of files": func(c *issuer.Config) { c.BaseURL = "file://localhost" },
	} {
		dir := t.TempDir()
		c := config(dir, "http://localhost:8080")
		change(&c)
		if i, err := issuer.Open(c); err == nil || i != nil {
			t.Errorf("%s: opened", name)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 0 {
			t.Errorf("%s: wrote %v", name, entries)
		}
	}
}

func TestOpenRefusesADamagedKey(t *testing.T) {
	dir := t.TempDir()
	if _, err := issuer.Open(config(dir, "http://localhost:8080")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "issuer-key.pem")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name string, text []byte, mode fs.FileMode) {
		t.Helper()
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := issuer.Open(config(dir, "http://localhost:8080")); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
		if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(kept, text) {
			t.Errorf("%s: the file was changed", name)
		}
	}
	refused("empty", nil, 0o600)
	refused("truncated", good[:len(good)/2], 0o600)
	refused("trailing text", append(bytes.Clone(good), "x"...), 0o600)
	refused("open to others", good, 0o644)
	refused("another kind", bytes.ReplaceAll(good, []byte("PRIVATE KEY"), []byte("CERTIFICATE")), 0o600)
}

var area = regexp.MustCompile(`<textarea id="token"[^>]*>([^<]+)</textarea>`)

func TestSignInPage(t *testing.T) {
	s := newSite(t, t.TempDir())
	resp, err := http.Get(s.base + issuer.SignInPath)
	if err != nil {
		t.Fatal(err)
	}
	status, page := read(t, resp)
	if status != http.StatusOK || area.MatchString(page) || !strings.Contains(page, `method="post"`) {
		t.Errorf("GET: %d\n%s", status, page)
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Error(csp)
	}
	for _, bad := range []string{"<script", "<style", "style=", "onclick", "javascript:"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}

	status, page = s.post(t, url.Values{"role": {"organiser"}, "unit": {" geneva "}, "subject": {"ada"}})
	found := area.FindStringSubmatch(page)
	if status != http.StatusOK || found == nil {
		t.Fatalf("POST: %d\n%s", status, page)
	}
	got, err := s.verifier.Verify(t.Context(), found[1])
	want := auth.Identity{Subject: "ada", Roles: []auth.Role{auth.Organiser}, Unit: "geneva"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if !strings.Contains(page, "Authorization: Bearer "+found[1]) || !strings.Contains(page, s.base+"/v1/") {
		t.Error("no example to copy")
	}
	if status, page = s.post(t, url.Values{"role": {"admin"}, "unit": {"left over"}}); status != http.StatusOK {
		t.Errorf("a unit left over with another role: %d\n%s", status, page)
	}
}

func TestSignInPageRefuses(t *testing.T) {
	s := newSite(t, t.TempDir())
	hostile := `"><script>alert(1)</script>`
	for name, tc := range map[string]struct {
		form url.Values
		want int
	}{
		"no role":         {url.Values{}, 422},
		"contact":         {url.Values{"role": {"contact"}}, 422},
		"no unit":         {url.Values{"role": {"organiser"}}, 422},
		"hostile unit":    {url.Values{"role": {"organiser"}, "unit": {hostile}}, 422},
		"hostile subject": {url.Values{"role": {"admin"}, "subject": {hostile}}, 422},
		"hostile role":    {url.Values{"role": {hostile}}, 422},
		"too large":       {url.Values{"role": {strings.Repeat("a", 5000)}}, 400},
	} {
		status, page := s.post(t, tc.form)
		if status != tc.want || area.MatchString(page) || strings.Contains(page, "<script") || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%s: %d\n%s", name, status, page)
		}
	}
}

func TestSignInPageKeepsStrangersOut(t *testing.T) {
	s := newSite(t, t.TempDir())
	for name, tc := range map[string]struct {
		method, host string
		header       map[string]string
		want         int
	}{
		"from another site":      {"POST", "localhost:8080", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"from another origin":    {"POST", "localhost:8080", map[string]string{"Origin": "https://www.example.org"}, 403},
		"under a rebound name":   {"POST", "www.example.org", nil, 421},
		"page under such a name": {"GET", "www.example.org", nil, 421},
		"localhost":              {"POST", "localhost:8080", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		"IPv6":                   {"POST", "[::1]:8080", nil, 200},
		"127.0.0.1 without port": {"POST", "127.0.0.1", nil, 200},
		"the base URL":           {"GET", strings.TrimPrefix(s.base, "http://"), nil, 200},
		"another method":         {"DELETE", "localhost:8080", nil, 405},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, issuer.SignInPath, strings.NewReader("role=admin"))
			r.Host = tc.host
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for k, v := range tc.header {
				r.Header.Set(k, v)
			}
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, r)
			if answer.Code != tc.want || tc.want != 200 && area.MatchString(answer.Body.String()) {
				t.Errorf("%d, want %d\n%s", answer.Code, tc.want, answer.Body)
			}
		})
	}
}
