package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/auth/authtest"
	"convoke/shared/platform/boot"
)

// sized is n in the scorecard's own run, and a tenth of it among the other tests.
func sized(n int) int {
	if os.Getenv("CONVOKE_SCORECARD") == "" {
		return n / 10
	}
	return n
}

// scored notes what a test counted, and fails it when the property did not hold
// every time.
func scored(t *testing.T, row int, name string, injected, held int) {
	t.Helper()
	t.Attr("scorecard", fmt.Sprintf("%d %s: injected %d, held %d", row, name, injected, held))
	if injected == 0 || held != injected {
		t.Errorf("row %d, %s: injected %d, held %d", row, name, injected, held)
	}
}

// from makes a request from a network address.
func from(t *testing.T, h http.Handler, network, path, media, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.RemoteAddr = network + ":1024"
	r.Header.Set("Content-Type", media)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestScorecardIdempotency is row 6: a key that comes five times at once has one
// effect and one answer, and takes no other body.
func TestScorecardIdempotency(t *testing.T) {
	s := newTestServer(t)
	h, keys, held := s.Handler(), sized(1000), 0
	for i := range keys {
		name, key := fmt.Sprintf("Association %d", i), fmt.Sprintf("key-%d", i)
		body := encodeTest(t, testApplication(name))
		answers := make([]string, 5)
		var group sync.WaitGroup
		for j := range answers {
			group.Go(func() {
				w := from(t, h, "192.0.2.1", "/v1/registrations", "application/json", body, "Idempotency-Key", key)
				answers[j] = fmt.Sprint(w.Code, w.Header().Get("Location"), w.Body)
			})
		}
		group.Wait()
		other := from(t, h, "192.0.2.1", "/v1/registrations", "application/json", encodeTest(t, testApplication(name+" bis")), "Idempotency-Key", key)
		if slices.Sort(answers); answers[0] == answers[4] && strings.HasPrefix(answers[0], "202") && other.Code == http.StatusUnprocessableEntity {
			held++
		}
	}
	effects := 0
	for cursor, more := "", true; more; more = cursor != "" {
		list, next, err := s.Store.Registrations(t.Context(), directory.AwaitingEmail, cursor, 100)
		noError(t, err)
		effects, cursor = effects+len(list), next
	}
	scored(t, 6, "idempotency: keys of one effect and one answer", keys, held)
	scored(t, 6, "idempotency: effects", keys, effects)
}

var wildcard = regexp.MustCompile(`\{[^}]+\}`)

// TestScorecardForgedTokens is row 12: no class of forgery opens any route that
// needs a token, nor does a key that was taken back, nor any token while the
// issuer is silent.
func TestScorecardForgedTokens(t *testing.T) {
	s := newTestServer(t)
	h := s.Handler()
	var protected []route
	for _, rt := range s.routes() {
		if !slices.Contains(rt.access, auth.Public) {
			protected = append(protected, rt)
		}
	}
	refused := func(token string, status int) (n int) {
		for _, rt := range protected {
			r := httptest.NewRequestWithContext(t.Context(), rt.method, wildcard.ReplaceAllString(rt.pattern, "unknown"), nil)
			r.Header.Set("Authorization", "Bearer "+token)
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code == status {
				n++
			} else {
				t.Errorf("%s %s answers %d, want %d", rt.method, rt.pattern, w.Code, status)
			}
		}
		return n
	}
	held, forgeries := 0, s.issuer.Forgeries(t, testStart)
	for _, f := range forgeries {
		held += refused(f.Token, http.StatusUnauthorized)
	}
	scored(t, 12, fmt.Sprintf("forged tokens: %d classes by protected route", len(forgeries)), len(forgeries)*len(protected), held)
	before := s.issuer.Token(t, testStart, nil)
	s.issuer.Publish(authtest.NewKey(t, "key-2"))
	s.at(testStart.Add(11 * time.Minute)) // when the keys are fetched again
	scored(t, 12, "forged tokens: a key that was taken back", len(protected), refused(before, http.StatusUnauthorized))
	s.issuer.Silence()
	s.at(testStart.Add(2 * time.Hour))
	sound := s.issuer.Token(t, testStart.Add(2*time.Hour), nil)
	scored(t, 12, "sound tokens while the issuer is silent", len(protected), refused(sound, http.StatusServiceUnavailable))
}

// TestScorecardEnumeration is row 14 without its clock: whether an address or an
// organisation is known, the answers are the same, and so are the requests to the
// table, which is what takes time.
func TestScorecardEnumeration(t *testing.T) {
	s := newTestServer(t)
	h, held, requests := s.Handler(), 0, sized(2000)
	known := s.listed("Association Exemple", nil)
	entered, err := directory.Enter(s.Store.NewID(), directory.Profile{Category: "ngo", Country: "PH", Names: []directory.Name{{Text: "Network", Lang: "en", Kind: directory.NameLegal}}}, s.Store.Now())
	noError(t, err)
	noError(t, s.Store.Register(t.Context(), entered))
	forms := []func(address, name string) (path, media, body string){
		func(address, name string) (string, string, string) {
			a := testApplication(name)
			a.Contacts[0].Email = address
			return "/v1/registrations", "application/json", encodeTest(t, a)
		},
		func(address, _ string) (string, string, string) {
			return "/v1/sign-in", "application/json", encodeTest(t, signInRequest{address})
		},
		func(address, _ string) (string, string, string) {
			return "/sign-in", "application/x-www-form-urlencoded", url.Values{"email": {address}}.Encode()
		},
		func(address, _ string) (string, string, string) {
			return "/v1/stakeholders/" + entered.ID + "/claims", "application/json", encodeTest(t, directory.ClaimRequest{
				Name: "Claimant", Email: address, Language: "en", Text: "The secretary.", Consent: directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
			})
		},
	}
	for i := range requests / 2 {
		form := forms[i%len(forms)]
		seen := func(address, name string) string {
			path, media, body := form(address, name)
			s.table.Reset()
			w := from(t, h, "192.0.2.1", path, media, body)
			return alike(w) + fmt.Sprintf("%+v", s.table.Snapshot())
		}
		unknown := fmt.Sprintf("a%06d@association.example.org", i) // as long as the known one
		one, other := seen(known.Contacts[0].Email, "Association Exemple"), seen(unknown, fmt.Sprintf("Association %07d", i))
		if one == other {
			held += 2
		} else {
			t.Errorf("known:\n%s\nunknown:\n%s", one, other)
		}
	}
	scored(t, 14, "enumeration: answers and table requests of known and unknown", requests/2*2, held)
}

var ownID = regexp.MustCompile(`[0-9A-Z]{26}(_[0-9A-Z]{26})?`)

// alike is an answer without what is drawn anew for each.
func alike(w *httptest.ResponseRecorder) string {
	lines := []string{strconv.Itoa(w.Code), ownID.ReplaceAllString(w.Body.String(), "ID")}
	for _, name := range slices.Sorted(maps.Keys(w.Header())) {
		lines = append(lines, name+": "+ownID.ReplaceAllString(strings.Join(w.Header()[name], ","), "ID"))
	}
	return strings.Join(lines, "\n")
}

// TestScorecardFlood is row 15: of a flood no more is taken than the limit and its
// burst, and somebody else is served all the while.
func TestScorecardFlood(t *testing.T) {
	const burst = 10
	s := newTestServer(t)
	h, floods := s.Handler(), sized(10_000)
	for name, address := range map[string]func(int) (network, mail string){
		"one address from many networks": func(i int) (string, string) {
			return fmt.Sprintf("198.51.%d.%d", i/200%200, i%200), "victim@association.example.org"
		},
		"one mail domain from one network": func(i int) (string, string) {
			return "203.0.113.1", fmt.Sprintf("p%d@domain.example.org", i)
		},
		"1,000 addresses from one network": func(i int) (string, string) {
			return "203.0.113.2", fmt.Sprintf("p%d@d%d.example.org", i%1000, i%1000)
		},
	} {
		limiter, err := auth.NewLimiter(boot.Limits(s.Store.Now))
		noError(t, err)
		s.Limiter = limiter
		accepted, honest := 0, 0
		for i := range floods {
			network, mail := address(i)
			a := testApplication("Association " + name)
			a.Contacts[0].Email = mail
			switch w := from(t, h, network, "/v1/registrations", "application/json", encodeTest(t, a)); w.Code {
			case http.StatusAccepted:
				accepted++
			case http.StatusTooManyRequests:
			default:
				t.Fatalf("%s: %d %s", name, w.Code, w.Body)
			}
			if i%(floods/burst) == 0 {
				a.Contacts[0].Email = fmt.Sprintf("honest%d@association.example.org", i)
				if from(t, h, "192.0.2.9", "/v1/registrations", "application/json", encodeTest(t, a)).Code == http.StatusAccepted {
					honest++
				}
			}
		}
		if accepted != burst {
			t.Errorf("%s: %d accepted, want %d", name, accepted, burst)
		}
		scored(t, 15, "flood: "+name, floods, floods-max(0, accepted-burst))
		scored(t, 15, "flood, an honest client beside: "+name, burst, honest)
	}
}
