package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
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

// TestScorecardOddRequests is row 16, but for the fuzzing: requests made from the
// examples of openapi.yaml and mutilated. Every answer is held to the contract, and
// none is a fault of ours.
func TestScorecardOddRequests(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2)) // the same requests each time
	examples := requestExamples(loadContract(t))
	var reads []operation
	for _, op := range operationsOf(loadContract(t)) {
		if op.method == http.MethodGet {
			reads = append(reads, op)
		}
	}
	each := sized(20_000)/(len(examples)+len(reads)) + 1
	injected, held := 0, 0
	ask := func(s *testServer, method, path, body string, header []string) {
		if w := s.do(method, path, body, header...); w.Code < 500 {
			held++
		} else {
			t.Errorf("%s %s of %.300s answers %d", method, path, body, w.Code)
		}
		injected++
	}
	for _, x := range examples {
		s := newExampleSite(t)
		path, header := s.prepare(x.op)
		for range each {
			ask(s.testServer, x.op.method, path, mutilated(draw, x.body), header)
		}
	}
	s := newTestServer(t)
	for _, op := range reads {
		for range each {
			path := wildcard.ReplaceAllStringFunc(op.path, func(string) string { return url.PathEscape(oddText(draw)) })
			query := url.Values{oddName(draw, op): {oddText(draw) + "?"}, oddName(draw, op): {"x" + oddText(draw)}} // an empty one is as if it were not there
			ask(s, op.method, path+"?"+query.Encode(), "", s.as([]auth.Role{auth.Moderator, auth.Organiser, auth.Admin}[draw.IntN(3)], ""))
		}
	}
	scored(t, 16, fmt.Sprintf("odd requests to %d operations", len(examples)+len(reads)), injected, held)
}

// oddName is a parameter that the operation knows, or one that nobody does.
func oddName(draw *rand.Rand, op operation) string {
	if n := len(op.Parameters); n > 0 && draw.IntN(4) > 0 {
		return op.Parameters[draw.IntN(n)].Value.Name
	}
	return "unknown"
}

// oddText is what somebody may send where a text is asked for.
func oddText(draw *rand.Rand) string {
	texts := []string{
		"", " ", "0", "-1", "99999999999999999999", "1e308", "NaN", "true", "null", "../../etc/passwd", "a\x00b", "a\r\nBcc: all@example.org",
		"\u202eevil", "\xff\xfe", "=HYPERLINK(\"https://example.org\")", "<script>alert(1)</script>", "' OR 1=1 --", "%00", "ID", "é\u0301", "𝕏",
		"2026-02-30T25:61:00Z", "2026-03-29T02:30:00", "http://169.254.169.254/", strings.Repeat("a", 5000), strings.Repeat("\u0600", 300),
	}
	return texts[draw.IntN(len(texts))]
}

// mutilated is a JSON document with one to three parts of it replaced, taken out or
// added to; now and then its bytes are.
func mutilated(draw *rand.Rand, body []byte) string {
	var doc any
	if json.Unmarshal(body, &doc) != nil || draw.IntN(20) == 0 {
		b := slices.Clone(body)
		for range 1 + draw.IntN(3) {
			if len(b) > 0 {
				b[draw.IntN(len(b))] ^= 1 << draw.IntN(8)
			}
		}
		return string(b[:draw.IntN(len(b)+1)])
	}
	for range 1 + draw.IntN(3) {
		doc = mutilate(draw, doc)
	}
	b, err := json.Marshal(doc)
	if err != nil {
		return ""
	}
	return string(b)
}

func mutilate(draw *rand.Rand, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if names := slices.Sorted(maps.Keys(v)); len(names) > 0 && draw.IntN(4) > 0 {
			name := names[draw.IntN(len(names))]
			if draw.IntN(6) == 0 {
				delete(v, name)
			} else {
				v[name] = mutilate(draw, v[name])
			}
			return v
		}
		v[oddText(draw)] = oddText(draw)
		return v
	case []any:
		if len(v) > 0 && draw.IntN(3) > 0 {
			i := draw.IntN(len(v))
			v[i] = mutilate(draw, v[i])
			return v
		}
		return slices.Repeat(append(v, oddText(draw)), 1+draw.IntN(60))
	}
	odd := []any{nil, true, -1, 0, 1e300, 1 << 53, []any{}, map[string]any{}, []any{nil}, []any{[]any{[]any{}}}, oddText(draw), oddText(draw), oddText(draw)}
	return odd[draw.IntN(len(odd))]
}
