package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/table"
)

func encodeTest(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRegistrationIsOneRequestToTheTable(t *testing.T) {
	s := newTestServer(t)
	body := encodeTest(t, testApplication("Association Exemple"))
	s.table.Reset()
	if w := s.do("POST", "/v1/registrations", body); w.Code != http.StatusAccepted {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := s.table.Snapshot(); got.Transact != 1 || got.Total() != 1 {
		t.Errorf("table requests %+v, want one Transact", got)
	}
}

func TestProfileIsOneRequestAndSearchIsNone(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	s.table.Reset()
	if w := s.do("GET", "/v1/stakeholders/"+e.ID, ""); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := s.table.Snapshot(); got.Get != 1 || got.Total() != 1 {
		t.Errorf("profile: table requests %+v, want one Get", got)
	}
	s.table.Reset()
	w := s.do("GET", "/v1/stakeholders?q=exemple&facet=category&country=CH", "")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), e.ID) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := s.table.Snapshot(); got.Total() != 0 {
		t.Errorf("search: table requests %+v, want none", got)
	}
}

// What is refused is named by a pointer and a stable code, and nothing is kept.
func TestBadRegistrations(t *testing.T) {
	change := func(f func(m map[string]any)) string {
		var m map[string]any
		if err := json.Unmarshal([]byte(encodeTest(t, testApplication("Association Exemple"))), &m); err != nil {
			t.Fatal(err)
		}
		f(m)
		return encodeTest(t, m)
	}
	name := func(text string) string {
		return change(func(m map[string]any) { m["names"].([]any)[0].(map[string]any)["text"] = text })
	}
	contact := func(field, value string) string {
		return change(func(m map[string]any) { m["contacts"].([]any)[0].(map[string]any)[field] = value })
	}
	cases := []struct {
		name, body    string
		status        int
		pointer, code string
	}{
		{"no JSON", `{"category"`, 400, "/category", "body.malformed"},
		{"not an object", `[]`, 400, "", "body.wrong_type"},
		{"unknown field", change(func(m map[string]any) { m["colour"] = "red" }), 400, "/colour", "body.unknown_field"},
		{"unknown field inside", change(func(m map[string]any) { m["names"].([]any)[0].(map[string]any)["colour"] = 1 }), 400, "/names/0/colour", "body.unknown_field"},
		{"wrong type", change(func(m map[string]any) { m["founded"] = "1951" }), 400, "/founded", "body.wrong_type"},
		{"repeated field", `{"category":"ngo","category":"ngo"}`, 400, "/category", "body.repeated_field"},
		{"broken UTF-8", "{\"category\":\"\xff\"}", 400, "/category", "body.malformed"},
		{"too deep", strings.Repeat("[", 10_000), 400, "", "body.too_deep"},
		{"CR and LF in a name", name("A\r\nBcc: all@example.org"), 422, "/names/0/text", "text.control_character"},
		{"bidi override in a name", name("\u202eAssociation"), 422, "/names/0/text", "text.bidi_control"},
		{"name too long", name(strings.Repeat("a", 301)), 422, "/names/0/text", "text.too_long"},
		{"no name", change(func(m map[string]any) { m["names"] = []any{} }), 422, "/names", "name.missing"},
		{"unknown category", change(func(m map[string]any) { m["category"] = "club" }), 422, "/category", "category.unknown"},
		{"unknown country", change(func(m map[string]any) { m["country"] = "ZZ" }), 422, "/country", "country.unknown"},
		{"CR and LF in an address", contact("email", "a@example.org\r\nBcc: b@example.org"), 422, "/contacts/0/email", "email.malformed"},
		{"no address", contact("email", "nobody"), 422, "/contacts/0/email", "email.malformed"},
		{"an address that no header can carry", contact("email", "用户@example.org"), 422, "/contacts/0/email", "email.not_encodable"},
		{"an accent before the @", contact("email", "andré@example.org"), 422, "/contacts/0/email", "email.not_encodable"},
		{"wrong checksum", change(func(m map[string]any) { m["identifiers"] = []any{map[string]any{"scheme": "ror", "id": "04wxnsj80"}} }), 422, "/identifiers/0", "identifier.checksum"},
		{"no consent", change(func(m map[string]any) { m["consent"].(map[string]any)["directory"] = false }), 422, "/consent/directory", "consent.required"},
		{"private website", change(func(m map[string]any) { m["website"] = "http://169.254.169.254/latest" }), 422, "/website", "website.not_http"},
	}
	s := newTestServer(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := s.do("POST", "/v1/registrations", c.body)
			wantProblem(t, w.Code, w.Body.Bytes(), c.status, c.pointer, c.code)
		})
	}
	if w := s.do("POST", "/v1/registrations", `{"website":"`+strings.Repeat("a", 257<<10)+`"}`); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large a body: %d", w.Code)
	}
	if w := s.do("POST", "/v1/registrations", "a=b", "Content-Type", "application/x-www-form-urlencoded"); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("a form: %d", w.Code)
	}
	if err := s.table.Walk(t.Context(), func(it table.Item) error { t.Errorf("kept %s", it.Type); return nil }); err != nil {
		t.Fatal(err)
	}
}

func wantProblem(t *testing.T, status int, body []byte, want int, pointer, code string) {
	t.Helper()
	var p problemDocument
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if status != want {
		t.Fatalf("%d, want %d: %s", status, want, body)
	}
	for _, e := range p.Errors {
		if e.Pointer == pointer && e.Code == code {
			return
		}
	}
	t.Errorf("no %s at %q in %s", code, pointer, body)
}

func TestSameAnswerForAKnownOrganisation(t *testing.T) {
	s := newTestServer(t)
	s.listed("Association Exemple", nil)
	s.table.Reset()
	known := s.do("POST", "/v1/registrations", encodeTest(t, testApplication("Association Exemple")))
	costKnown := s.table.Snapshot()
	s.table.Reset()
	unknown := s.do("POST", "/v1/registrations", encodeTest(t, testApplication("Une autre")))
	if known.Code != unknown.Code || len(known.Body.String()) != len(unknown.Body.String()) || costKnown != s.table.Snapshot() {
		t.Errorf("known %d %s (%+v), unknown %d %s (%+v)", known.Code, known.Body, costKnown, unknown.Code, unknown.Body, s.table.Snapshot())
	}
}

func TestIdempotencyKey(t *testing.T) {
	s := newTestServer(t)
	body := encodeTest(t, testApplication("Association Exemple"))
	answers := make([]string, 5)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			w := s.do("POST", "/v1/registrations", body, "Idempotency-Key", "one")
			if w.Code != http.StatusAccepted {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			answers[i] = w.Body.String() + w.Header().Get("Location")
		})
	}
	group.Wait()
	for _, a := range answers {
		if a != answers[0] {
			t.Errorf("answers differ: %s and %s", a, answers[0])
		}
	}
	list, _, err := s.Store.Registrations(t.Context(), directory.AwaitingEmail, "", 10)
	if err != nil || len(list) != 1 {
		t.Errorf("%d registrations of one key, %v", len(list), err)
	}
	if w := s.do("POST", "/v1/registrations", encodeTest(t, testApplication("Une autre")), "Idempotency-Key", "one"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("another body under the key: %d %s", w.Code, w.Body)
	}
}

func TestModeration(t *testing.T) {
	s := newTestServer(t)
	e, err := directory.Register(s.Store.NewID(), testApplication("Association Exemple"), s.Store.NewID, s.Store.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.Register(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	moderator := s.as(auth.Moderator, "")
	decide := func(tag, body string) int {
		w := s.do("POST", "/v1/registrations/"+e.ID+"/decision", body, append(moderator, "If-Match", tag)...)
		return w.Code
	}
	if got := decide(`"1"`, `{"outcome":"listed"}`); got != http.StatusConflict {
		t.Errorf("deciding before the address is proved: %d", got)
	}
	if _, err := s.Store.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.Store.Now()) }); err != nil {
		t.Fatal(err)
	}
	w := s.do("GET", "/v1/registrations?status=awaiting_review&limit=1", "", moderator...)
	if w.Code != 200 || !strings.Contains(w.Body.String(), e.ID) {
		t.Fatalf("queue: %d %s", w.Code, w.Body)
	}
	for _, c := range []struct {
		tag, body string
		want      int
	}{
		{`"1"`, `{"outcome":"listed"}`, http.StatusPreconditionFailed},
		{``, `{"outcome":"listed"}`, http.StatusPreconditionRequired},
		{`"2"`, `{"outcome":"returned"}`, http.StatusUnprocessableEntity},
		{`"2"`, `{"outcome":"returned","reasons":["missing_evidence"],"note":"Merci de joindre vos statuts."}`, http.StatusOK},
	} {
		if got := decide(c.tag, c.body); got != c.want {
			t.Errorf("decide %s %s: %d, want %d", c.tag, c.body, got, c.want)
		}
	}
	contact := s.session(e.ID, e.Contacts[0].ID)
	again := testApplication("Association Exemple")
	again.Evidence = []directory.Evidence{{Kind: directory.EvidenceCertificate, Note: "Statuts joints"}}
	w = s.do("PUT", "/v1/registrations/"+e.ID, encodeTest(t, again), append(contact, "If-Match", `"3"`)...)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"awaiting_review"`) {
		t.Fatalf("resubmit: %d %s", w.Code, w.Body)
	}
	if got := decide(`"4"`, `{"outcome":"listed"}`); got != http.StatusOK {
		t.Errorf("listing: %d", got)
	}
}

func TestWhoSeesAStakeholderAtRisk(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association discrète", func(a *directory.Application) { a.AtRisk = true })
	other := s.listed("Association voisine", nil)
	for _, c := range []struct {
		who     string
		headers []string
		found   bool
	}{
		{"public", nil, false},
		{"contact of another", s.session(other.ID, other.Contacts[0].ID), false},
		{"organiser", s.as(auth.Organiser, "geneva"), true},
		{"moderator", s.as(auth.Moderator, ""), true},
	} {
		profile := s.do("GET", "/v1/stakeholders/"+e.ID, "", c.headers...)
		if got := profile.Code == http.StatusOK; got != c.found {
			t.Errorf("%s: profile %d", c.who, profile.Code)
		}
		search := s.do("GET", "/v1/stakeholders?q=discr%C3%A8te&facet=category", "", c.headers...)
		if got := strings.Contains(search.Body.String(), e.ID); got != c.found {
			t.Errorf("%s: search %s", c.who, search.Body)
		}
		if !c.found && !strings.Contains(search.Body.String(), `"total":0`) {
			t.Errorf("%s: a count tells: %s", c.who, search.Body)
		}
	}
	if w := s.do("GET", "/v1/stakeholders/"+e.ID, "", s.session(e.ID, e.Contacts[0].ID)...); w.Code != http.StatusOK {
		t.Errorf("its own contact: %d", w.Code)
	}
}

func TestARemovedContactHasNoRights(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	session := s.session(e.ID, e.Contacts[0].ID)
	if w := s.do("GET", "/v1/registrations/"+e.ID, "", session...); w.Code != http.StatusOK {
		t.Fatalf("its own contact: %d", w.Code)
	}
	_, err := s.Store.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error {
		e.Contacts[0].ID = "another"
		e.Record("test.replaced")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for method, body := range map[string]string{"GET": "", "PUT": encodeTest(t, testApplication("Association Exemple"))} {
		if w := s.do(method, "/v1/registrations/"+e.ID, body, append(session, "If-Match", `"3"`)...); w.Code != http.StatusNotFound {
			t.Errorf("%s by a removed contact: %d", method, w.Code)
		}
	}
}

func TestConditionalReads(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	tag := s.do("GET", "/v1/stakeholders/"+e.ID, "", "Accept-Language", "fr").Header().Get("ETag")
	if w := s.do("GET", "/v1/stakeholders/"+e.ID, "", "Accept-Language", "fr", "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("%d with %d bytes", w.Code, w.Body.Len())
	}
	if w := s.do("GET", "/v1/stakeholders/"+e.ID, "", "Accept-Language", "ar", "If-None-Match", tag); w.Code != http.StatusOK {
		t.Errorf("another language: %d", w.Code)
	}
}

// Every route against every sort of caller: the router's decision is the table's.
func TestAuthorisation(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	callers := map[auth.Role][]string{
		auth.Public: nil, auth.Organiser: s.as(auth.Organiser, "geneva"),
		auth.Moderator: s.as(auth.Moderator, ""), auth.Admin: s.as(auth.Admin, ""),
	}
	decided, held := 0, 0
	for _, rt := range s.routes() {
		if len(rt.access) == 0 {
			t.Errorf("%s %s has no access", rt.method, rt.pattern)
		}
		callers[auth.Contact] = s.session(e.ID, e.Contacts[0].ID) // a new one: some of the routes end it
		for role, headers := range callers {
			path := strings.NewReplacer("{id}", "unknown", "{token}", "unknown", "{file}", "unknown", "{$}", "").Replace(rt.pattern)
			w := s.do(rt.method, path, "", headers...)
			refused := w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden ||
				w.Code == http.StatusSeeOther && leadsToSignIn(w.Header().Get("Location"))
			admitted := false
			for _, a := range rt.access {
				admitted = admitted || a == auth.Public || a == role
			}
			if admitted == refused && !strings.Contains(w.Body.String(), "unit.required") {
				t.Errorf("%s %s as %s: %d", rt.method, rt.pattern, role, w.Code)
			} else {
				held++
			}
			decided++
		}
	}
	t.Attr("scorecard", fmt.Sprintf("13 authorisation by route and role: injected %d, held %d", decided, held))
	for _, header := range []string{"Bearer ", "Basic YTpi", "Bearer a.b.c"} {
		if w := s.do("GET", "/v1/stakeholders", "", "Authorization", header); w.Code != http.StatusUnauthorized {
			t.Errorf("%q on a public route: %d", header, w.Code)
		}
	}
}

// leadsToSignIn reports whether a page is where one leads who is to sign in first.
func leadsToSignIn(location string) bool {
	return location == "/sign-in" || strings.HasPrefix(location, "/sign-in/staff?")
}

func TestOneUnitDoesNotSeeAnothersEvents(t *testing.T) {
	s := newTestServer(t)
	event, _ := s.invited(s.listed("Association Exemple", nil))
	geneva, newYork := s.as(auth.Organiser, "geneva"), s.as(auth.Organiser, "new-york")
	if w := s.do("GET", "/v1/events/"+event.ID+"/invitations", "", geneva...); w.Code != http.StatusOK {
		t.Errorf("own invitations: %d %s", w.Code, w.Body)
	}
	if w := s.do("GET", "/v1/events/"+event.ID+"/invitations", "", newYork...); w.Code != http.StatusNotFound {
		t.Errorf("another's invitations: %d", w.Code)
	}
	w := s.do("GET", "/v1/events/"+event.ID, "")
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "meet.example.org") || strings.Contains(w.Body.String(), `"category"`) {
		t.Errorf("public view: %d %s", w.Code, w.Body)
	}
}

func TestAnotherMethodIsToldWhatIsAllowed(t *testing.T) {
	s := newTestServer(t)
	for path, want := range map[string]string{"/v1/registrations/X": "GET, HEAD, PUT", "/v1/sign-in": "POST", "/answer/X": "GET, HEAD, POST"} {
		w := s.do("PATCH", path, "")
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != want {
			t.Errorf("PATCH %s: %d, Allow %q, want %q", path, w.Code, w.Header().Get("Allow"), want)
		}
	}
	if w := s.do("PATCH", "/v1/nothing", ""); w.Code != http.StatusNotFound || w.Header().Get("Allow") != "" {
		t.Errorf("what is not there: %d", w.Code)
	}
}

func TestScannersChangeNothing(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	event, i := s.invited(e)
	token := s.Links.Sign(auth.Claims{Purpose: auth.PurposeAnswer, IDs: []string{event.ID, i.Contact}, Expires: event.Ends, Generation: 1})
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		s.do(method, "/answer/"+token, "")
	}
	after, err := s.Store.Invitation(t.Context(), event.ID, i.Contact)
	if err != nil || after.Version != i.Version {
		t.Errorf("version %d after scanning, was %d (%v)", after.Version, i.Version, err)
	}
	w := s.do("POST", "/answer/"+token, "answer=accepted", "Content-Type", "application/x-www-form-urlencoded")
	if w.Code >= 400 {
		t.Fatalf("answer: %d %s", w.Code, w.Body)
	}
	after, err = s.Store.Invitation(t.Context(), event.ID, i.Contact)
	if err != nil || after.Status != "accepted" {
		t.Errorf("%+v, %v", after, err)
	}
	s.at(testStart.AddDate(1, 0, 0))
	if w := s.do("POST", "/answer/"+token, "answer=declined", "Content-Type", "application/x-www-form-urlencoded"); w.Code != http.StatusGone {
		t.Errorf("a year later: %d", w.Code)
	}
}

func TestFloodsAreLimitedBeforeAnyWork(t *testing.T) {
	s := newTestServer(t)
	limiter, err := auth.NewLimiter(auth.LimiterConfig{Every: time.Minute, Burst: 3, Now: s.Store.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.Limiter = limiter
	body := encodeTest(t, testApplication("Association Exemple"))
	accepted := 0
	for range 20 {
		w := s.do("POST", "/v1/registrations", body)
		switch w.Code {
		case http.StatusAccepted:
			accepted++
		case http.StatusTooManyRequests:
			if w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		default:
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if accepted != 3 {
		t.Errorf("%d accepted, want 3", accepted)
	}
}

// A correction can name a new focal point, who is then sent mail: whoever may
// correct a registration must not write to the whole world by it.
func TestOneAddressIsNotFloodedFromManyNetworks(t *testing.T) {
	s := newTestServer(t)
	limiter, err := auth.NewLimiter(auth.LimiterConfig{Every: time.Minute, Burst: 3, Now: s.Store.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.Limiter = limiter
	from := func(i int, path, body string) int {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1024", i)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		return w.Code
	}
	accepted := 0
	for i := range 20 {
		path, body := "/v1/sign-in", `{"email":"focal@association.example.org"}`
		if i%2 == 0 {
			path, body = "/v1/registrations", encodeTest(t, testApplication("Association Exemple"))
		}
		if from(i, path, body) == http.StatusAccepted {
			accepted++
		}
	}
	if accepted != 3 {
		t.Errorf("%d mails to one address, want 3", accepted)
	}
	if got := from(99, "/v1/sign-in", `{"email":"another@association.example.org"}`); got != http.StatusAccepted {
		t.Errorf("another address: %d", got)
	}
}

func TestCorrectionsAreLimited(t *testing.T) {
	s := newTestServer(t)
	limiter, err := auth.NewLimiter(auth.LimiterConfig{Every: time.Minute, Burst: 3, Now: s.Store.Now})
	if err != nil {
		t.Fatal(err)
	}
	e := s.listed("Association Exemple", nil)
	s.Limiter = limiter
	body := encodeTest(t, testApplication("Association Exemple"))
	refused := 0
	for range 20 {
		w := s.do("PUT", "/v1/registrations/"+e.ID, body, append(s.session(e.ID, e.Contacts[0].ID), "If-Match", `"1"`)...)
		if w.Code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 17 {
		t.Errorf("%d of 20 refused, want 17", refused)
	}
}
