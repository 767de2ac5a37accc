package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/local/depot"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
	"convoke/shared/state/table/bolt"
)

// hostile is what somebody may call an organisation: it is to be shown, and to
// do nothing.
const hostile = `<script>alert("1")</script> & "Sons' </title>`

// pageSite is a server over a real table and index, with what the pages show.
type pageSite struct {
	*testing.T
	server  *Server
	handler http.Handler
	now     time.Time
	listed  *directory.Stakeholder
	waiting *directory.Stakeholder
	event   *convening.Event
}

func newPageSite(t *testing.T) *pageSite {
	t.Helper()
	home := t.TempDir()
	tbl, err := bolt.Open(filepath.Join(home, "table"), bolt.Options{})
	noError(t, err)
	t.Cleanup(func() { _ = tbl.Close() })
	blobs, err := dir.Open(filepath.Join(home, "blobs"))
	noError(t, err)
	var random [32]byte
	key, err := auth.NewKey("k1", bytes.NewReader(random[:]))
	noError(t, err)
	links, err := auth.ParseKeyring(key)
	noError(t, err)
	index, err := search.Open(t.Context(), blobs)
	noError(t, err)
	s, ids := &pageSite{T: t, now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}, 0
	s.server = &Server{
		Store: &store.Store{Table: tbl, Now: func() time.Time { return s.now }, NewID: func() string {
			ids++
			return "id" + strconv.Itoa(1000+ids)
		}},
		Index: index, Links: links, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Random: rand.Reader,
		BaseURL: "https://convoke.example.org", Domain: "convoke.example.org", Release: "test",
	}
	s.server.Depot = &depot.Depot{Blobs: blobs, Links: links, BaseURL: s.server.BaseURL, Now: s.server.Store.Now}
	s.handler = s.server.Handler()
	s.fill(&search.Writer{Store: blobs, Now: func() time.Time { return s.now }})
	noError(t, index.Refresh(t.Context()))
	return s
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill keeps a listed stakeholder with everything, one that waits, and an event
// to which the first is invited.
func (s *pageSite) fill(index *search.Writer) {
	ctx := s.Context()
	s.listed = s.register(fullApplication())
	s.listed = s.update(s.listed.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.now) })
	s.listed = s.update(s.listed.ID, func(e *directory.Stakeholder) error {
		return e.Decide(directory.Decision{Outcome: directory.Listed}, s.now)
	})
	waiting := fullApplication()
	waiting.Names = []directory.Name{{Text: "رابطة المهاجرين", Lang: "ar", Kind: directory.NameLegal}}
	waiting.Identifiers = nil
	waiting.Contacts[0].Email = "second@example.org"
	s.waiting = s.register(waiting)
	noError(s.T, index.Apply(ctx, []search.Change{listing.Change(s.listed)}))

	plan := convening.Plan{
		Kind: "panel_discussion", Zone: "Europe/Zurich", Place: "Palais des Nations", Online: "https://room.example.org/1",
		Titles:    []directory.Text{{Lang: "en", Text: hostile}, {Lang: "ar", Text: "اليوم الدولي للمهاجرين"}},
		Summaries: []directory.Text{{Lang: "en", Text: "First.\nSecond."}},
		Starts:    s.now.Add(46 * 24 * time.Hour), Ends: s.now.Add(46*24*time.Hour + 2*time.Hour),
		Audience: convening.Audience{Text: "migrants"},
	}
	plan.Documents = []convening.Document{{Titles: []directory.Text{{Lang: "en", Text: hostile + " note"}}, URL: "https://files.example.org/note.pdf?a=1&b=2"}}
	plan.Tracks = []convening.Track{{
		ID: "civil_society", Titles: []directory.Text{{Lang: "en", Text: hostile}}, Until: s.now.AddDate(0, 0, 10), ObjectionsUntil: s.now.AddDate(0, 0, 20),
		Document: convening.Document{Titles: []directory.Text{{Lang: "en", Text: "Note"}}, URL: "https://documents.example.org/note"},
	}}
	plan.Topics, plan.Capacity = []string{"gcm:1"}, 40
	plan.Attribution, plan.Interpretation = convening.ChathamHouse, []string{"fr", "ar"}
	plan.CoOrganisers = []convening.CoOrganiser{{Stakeholder: s.listed.ID}, {Stakeholder: s.waiting.ID}, {Name: hostile}}
	e, err := convening.NewEvent(s.server.Store.NewID(), "unit", hostile, plan, s.now)
	noError(s.T, err)
	noError(s.T, s.server.Store.CreateEvent(ctx, e))
	s.event, err = s.server.Store.UpdateEvent(ctx, e.ID, func(e *convening.Event) error { return e.Publish(s.now) })
	noError(s.T, err)
	contact := s.listed.Contacts[0].ID
	_, err = s.server.Store.PlanInvitations(ctx, []*convening.Invitation{convening.NewInvitation(s.event, s.listed.ID, contact, s.now)})
	noError(s.T, err)
	_, err = s.server.Store.UpdateInvitation(ctx, e.ID, contact, func(i *convening.Invitation) error {
		i.Advance(s.now)
		i.MarkSent(s.now)
		return nil
	})
	noError(s.T, err)
}

func fullApplication() directory.Application {
	return directory.Application{
		Profile: directory.Profile{
			Category: "migrant_association", Country: "CH", Website: "https://association.example.org", Founded: 1998, Size: "1-9",
			Names: []directory.Name{
				{Text: hostile, Lang: "en", Kind: directory.NameLegal},
				{Text: "Association des migrants", Lang: "fr", Kind: directory.NameAlias},
				{Text: "AM", Kind: directory.NameAcronym},
				{Text: "Before", Lang: "en", Kind: directory.NameFormer},
			},
			WorksIn: []string{"CH"}, OriginCountries: []string{"SN"}, ResidenceCountries: []string{"CH", "FR"},
			Descriptions:       []directory.Text{{Lang: "en", Text: "</script><script>alert(1)</script>\nAnd more."}},
			Identifiers:        []directory.Identifier{{Scheme: "wikidata", ID: "Q42"}, {Scheme: "local", ID: "<1>"}},
			Topics:             []string{"topic:remittances", "gcm:20", "sdg:10.7"},
			Languages:          []string{"fr", "wo"},
			ConsultativeStatus: &directory.ConsultativeStatus{Kind: "special", Year: 2010},
			LedBy:              []string{"women"}, Serves: []string{"migrant_workers"}, AdvocatesFor: []string{"children"},
		},
		Contacts: []directory.Contact{{Name: "A contact", Role: directory.RoleFocalPoint, Email: "first@example.org", Language: "fr"}},
		Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}
}

func (s *pageSite) register(a directory.Application) *directory.Stakeholder {
	s.Helper()
	e, err := directory.Register(s.server.Store.NewID(), a, s.server.Store.NewID, s.now)
	noError(s.T, err)
	noError(s.T, s.server.Store.Register(s.Context(), e))
	return e
}

func (s *pageSite) update(id string, change func(*directory.Stakeholder) error) *directory.Stakeholder {
	s.Helper()
	e, err := s.server.Store.UpdateStakeholder(s.Context(), id, change)
	noError(s.T, err)
	return e
}

func (s *pageSite) link(purpose string, ids ...string) string {
	return s.server.Links.Sign(auth.Claims{Purpose: purpose, IDs: ids, Expires: s.now.Add(24 * time.Hour), Generation: 1})
}

func (s *pageSite) answerPath() string {
	return "/answer/" + s.link(auth.PurposeAnswer, s.event.ID, s.listed.Contacts[0].ID)
}

func (s *pageSite) confirmPath() string {
	return "/confirm/" + s.link(auth.PurposeConfirm, s.waiting.ID, s.waiting.Contacts[0].ID)
}

func (s *pageSite) unsubscribePath() string {
	return "/unsubscribe/" + s.link(auth.PurposeUnsubscribe, store.AddressHash("first@example.org"))
}

// get asks for a page; cookies are pairs of name and value.
func (s *pageSite) get(path string, cookies ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.Context(), http.MethodGet, path, nil)
	return s.send(r, cookies)
}

func (s *pageSite) post(path string, form url.Values, cookies ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(r, cookies)
}

func (s *pageSite) send(r *http.Request, cookies []string) *httptest.ResponseRecorder {
	for i := 0; i+1 < len(cookies); i += 2 {
		r.AddCookie(&http.Cookie{Name: cookies[i], Value: cookies[i+1]})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// signedIn opens a session for the contact of the stakeholder that waits.
func (s *pageSite) signedIn() []string {
	s.Helper()
	return s.session(s.waiting.ID, s.waiting.Contacts[0].ID)
}

// session opens a session for a contact, by the pages of the mailed link.
func (s *pageSite) session(stakeholder, contact string) []string {
	s.Helper()
	link, hash, err := auth.NewToken(rand.Reader)
	noError(s.T, err)
	ref := store.ContactRef{Stakeholder: stakeholder, Contact: contact}
	noError(s.T, s.server.Store.KeepSignInLink(s.Context(), hash, ref))
	if shown := s.get("/sign-in/" + link); shown.Code != http.StatusOK {
		s.Fatalf("the link's page answers %d", shown.Code)
	}
	entered := s.post("/sign-in/"+link, nil)
	want(s.T, entered, http.StatusSeeOther, "/me")
	if again := s.get("/sign-in/" + link); again.Code != http.StatusGone {
		s.Errorf("a spent link answers %d", again.Code)
	}
	for _, c := range entered.Result().Cookies() {
		return []string{c.Name, c.Value}
	}
	s.Fatal("no session")
	return nil
}

func want(t *testing.T, w *httptest.ResponseRecorder, status int, location string) {
	t.Helper()
	if w.Code != status || w.Header().Get("Location") != location {
		t.Fatalf("answers %d to %q, want %d to %q:\n%s", w.Code, w.Header().Get("Location"), status, location, w.Body)
	}
}

// TestPages holds every page, in every language, to the rules of pages.
func TestPages(t *testing.T) {
	s := newPageSite(t)
	organiser := s.organiser("unit")
	s.speaking()
	session := s.signedIn()
	for _, lang := range i18n.All() {
		in := "lang=" + string(lang)
		for name, w := range map[string]*httptest.ResponseRecorder{
			"home":               s.get("/?" + in),
			"search":             s.get("/?q=migrants&category=migrant_association&country=CH&led_by=women&" + in),
			"nothing":            s.get("/?q=zzzzzz&" + in),
			"unknown query":      s.get("/?wrong=1&" + in),
			"profile":            s.get("/stakeholders/" + s.listed.ID + "?" + in),
			"no profile":         s.get("/stakeholders/none?" + in),
			"own profile":        s.get("/stakeholders/"+s.waiting.ID+"?"+in, session...),
			"register":           s.get("/register?" + in),
			"register, received": s.get("/register?received=1&" + in),
			"register, refused":  s.post("/register?"+in, refusedForm()),
			"register, no form":  s.send(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/register?"+in, strings.NewReader("{}")), nil),
			"sign in":            s.get("/sign-in?" + in),
			"sign in, sent":      s.get("/sign-in?sent=1&" + in),
			"sign in, refused":   s.post("/sign-in?"+in, url.Values{"email": {"nobody"}}),
			"sign in, spent":     s.get("/sign-in/none?" + in),
			"confirm":            s.get(s.confirmPath() + "?" + in),
			"confirm, bad":       s.get("/confirm/none?" + in),
			"answer":             s.get(s.answerPath() + "?" + in),
			"answer, refused":    s.post(s.answerPath()+"?"+in, url.Values{"answer": {"maybe"}, "reason": {"\x01"}}),
			"answer, bad":        s.get("/answer/none?" + in),
			"unsubscribe":        s.get(s.unsubscribePath() + "?" + in),
			"unsubscribe, bad":   s.get("/unsubscribe/none?" + in),
			"events":             s.get("/events?" + in),
			"event":              s.get("/events/" + s.event.ID + "?" + in),
			"event, by my clock": s.get("/events/" + s.event.ID + "?zone=Asia/Kathmandu&" + in),
			"event, no zone":     s.get("/events/" + s.event.ID + "?zone=Nowhere&" + in),
			"calendar":           s.get("/me/calendar?"+in, session...),
			"calendar, made":     s.post("/me/calendar?"+in, url.Values{"act": {"renew"}}, session...),
			"calendar, there":    s.get("/me/calendar?"+in, session...),
			"calendar, revoked":  s.post("/me/calendar?"+in, url.Values{"act": {"revoke"}}, session...),
			"no event":           s.get("/events/none?" + in),
			"no series":          s.get("/series/none?" + in),
			"own contact":        s.get(contactPath(s.waiting.Contacts[0].ID)+"?"+in, session...),
			"contact, refused":   s.post(contactPath(newContact)+"?"+in, url.Values{"email": {"nobody"}, "name": {hostile}, "bio": {hostile}}, session...),
			"vouching":           s.get(sponsorshipsPath+"?done=saved&"+in, organiser...),
			"relations":          s.get(relationsPath+"?"+in, session...),
			"relations, refused": s.post(relationsPath+"?"+in, url.Values{"act": {"add"}, "kind": {hostile}, "other": {"nobody"}, "role": {hostile}}, session...),
			"contacts":           s.get("/me/representatives?done=saved&"+in, session...),
			"no contact":         s.get("/me/contacts/none?"+in, session...),
			"message":            s.get(messagePath(s.listed.ID, directory.ToFocalPoint)+"?"+in, organiser...),
			"message, refused":   s.post(messagePath(s.listed.ID, directory.ToFocalPoint)+"?"+in, url.Values{"subject": {hostile}, "reply_to": {"nobody"}}, organiser...),
			"message, sent":      s.get(messagePath(s.listed.ID, directory.ToFocalPoint)+"?sent=1&"+in, organiser...),
			"profile, organiser": s.get("/stakeholders/"+s.listed.ID+"?"+in, organiser...),
		} {
			t.Run(name+" "+string(lang), func(t *testing.T) { checkPage(t, lang, w) })
		}
	}
}

func refusedForm() url.Values {
	return url.Values{
		"name": {"Name\u202e"}, "name2": {hostile}, "name2_lang": {"xx-none"}, "email": {"nobody"}, "topics": {"topic:none"},
		"evidence": {"references"}, "referee1": {"https://convoke.example.org/stakeholders/one?lang=fr"}, "description": {"Two\r\nlines"},
		"origin": {"ZZ"}, "led_by": {"women"}, "consent_version": {directory.ConsentText},
	}
}

var keyPattern = regexp.MustCompile(`\b(page|review|like|category|group|status|event_kind|role|problem|topic|text|list|link)\.[a-z_]+(\.[a-z_]+)*\b|\{[a-z_]+\}`)

// checkPage holds one answer to what every page must be.
func checkPage(t *testing.T, lang i18n.Lang, w *httptest.ResponseRecorder) {
	t.Helper()
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	doc := parsePage(t, w.Body.String())
	root := all(doc, "html")[0]
	if got := [2]string{attr(root, "lang"), attr(root, "dir")}; got != [2]string{string(lang), i18n.Dir(lang)} {
		t.Errorf("lang and dir are %v", got)
	}
	for _, element := range []string{"h1", "main", "title", "header", "footer"} {
		if n := len(all(doc, element)); n != 1 {
			t.Errorf("%d elements %s", n, element)
		}
	}
	checkIDs(t, doc)
	checkLabels(t, doc)
	checkHeadings(t, doc)
	for n := range elements(doc) {
		checkElement(t, n)
	}
}

func parsePage(t *testing.T, body string) *html.Node {
	t.Helper()
	if !strings.HasPrefix(body, "<!doctype html>") {
		t.Errorf("no doctype: %.40q", body)
	}
	doc, err := html.Parse(strings.NewReader(body))
	noError(t, err)
	return doc
}

func elements(doc *html.Node) func(func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for n := range doc.Descendants() {
			if !yield(n) {
				return
			}
		}
	}
}

func all(doc *html.Node, element string) []*html.Node {
	var list []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == element {
			list = append(list, n)
		}
	}
	return list
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// checkElement refuses what the content security policy would, scripts but the one
// of the search, and texts that are keys.
func checkElement(t *testing.T, n *html.Node) {
	t.Helper()
	if n.Type == html.TextNode {
		if n.Parent.Data != "script" && keyPattern.MatchString(n.Data) {
			t.Errorf("a key is shown: %q", n.Data)
		}
		return
	}
	ours := attr(n, "src") == typeahead && n.FirstChild == nil
	if n.Data == "style" || n.Data == "script" && attr(n, "type") != "application/ld+json" && !ours {
		t.Errorf("an element %s: %q", n.Data, text(n))
	}
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
			t.Errorf("attribute %s=%q of %s", a.Key, a.Val, n.Data)
		}
		if keyPattern.MatchString(a.Val) && slices.Contains([]string{"aria-label", "title", "placeholder", "alt"}, a.Key) {
			t.Errorf("a key is shown in %s: %q", a.Key, a.Val)
		}
	}
}

// checkIDs holds that ids are unique, and that whatever refers to one finds it.
func checkIDs(t *testing.T, doc *html.Node) {
	t.Helper()
	ids := map[string]int{}
	for n := range elements(doc) {
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q stands %d times", id, n)
		}
	}
	for n := range elements(doc) {
		for _, name := range []string{"for", "aria-describedby", "aria-labelledby"} {
			for id := range strings.FieldsSeq(attr(n, name)) {
				if ids[id] == 0 {
					t.Errorf("%s=%q of %s leads nowhere", name, id, n.Data)
				}
			}
		}
		if fragment, ok := strings.CutPrefix(attr(n, "href"), "#"); ok && ids[fragment] == 0 {
			t.Errorf("the link #%s leads nowhere", fragment)
		}
	}
}

// checkLabels holds that every control has a name that is shown.
func checkLabels(t *testing.T, doc *html.Node) {
	t.Helper()
	labelled := map[string]bool{}
	for _, label := range all(doc, "label") {
		if text(label) == "" {
			t.Error("an empty label")
		}
		labelled[attr(label, "for")] = true
	}
	for _, element := range []string{"input", "select", "textarea"} {
		for _, n := range all(doc, element) {
			if attr(n, "type") == "hidden" || labelled[attr(n, "id")] && attr(n, "id") != "" || within(n, "label") {
				continue
			}
			t.Errorf("no label for %s %q", element, attr(n, "name"))
		}
	}
	for _, element := range []string{"a", "button", "summary", "legend"} {
		for _, n := range all(doc, element) {
			if text(n) == "" {
				t.Errorf("an empty %s", element)
			}
		}
	}
	for _, n := range all(doc, "fieldset") {
		own := func(legend *html.Node) bool { return legend.Parent == n }
		if !slices.ContainsFunc(all(n, "legend"), own) {
			t.Errorf("fieldset %q has no legend", attr(n, "id"))
		}
	}
}

func within(n *html.Node, element string) bool {
	for a := range n.Ancestors() {
		if a.Data == element {
			return true
		}
	}
	return false
}

// checkHeadings holds that no level of heading is skipped.
func checkHeadings(t *testing.T, doc *html.Node) {
	t.Helper()
	level := 0
	for n := range elements(doc) {
		if n.Type != html.ElementNode || len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] < '1' || n.Data[1] > '6' {
			continue
		}
		if next := int(n.Data[1] - '0'); next > level+1 {
			t.Errorf("h%d %q follows h%d", next, text(n), level)
		}
		level = int(n.Data[1] - '0')
	}
}

// TestStrays holds that people who mistype are answered with a page, programs
// with a problem.
func TestStrays(t *testing.T) {
	s := newPageSite(t)
	for accept, media := range map[string]string{"text/html,*/*;q=0.8": "text/html; charset=utf-8", "*/*": "application/problem+json; charset=utf-8"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/nowhere", nil)
		r.Header.Set("Accept", accept)
		w := s.send(r, nil)
		if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != media {
			t.Errorf("%s: %d %s", accept, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestPageLanguage(t *testing.T) {
	s := newPageSite(t)
	for _, c := range []struct{ param, cookie, accept, want string }{
		{"", "", "", "en"},
		{"", "", "fr-CA, en", "fr"},
		{"", "ru", "fr", "ru"},
		{"ar", "ru", "fr", "ar"},
		{"xx", "yy", "es", "es"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?lang="+c.param, nil)
		r.Header.Set("Accept-Language", c.accept)
		w := s.send(r, []string{languageCookie, c.cookie})
		if got := w.Header().Get("Content-Language"); w.Code != http.StatusOK || got != c.want {
			t.Errorf("%+v: %d in %q", c, w.Code, got)
		}
		if kept := strings.HasPrefix(w.Header().Get("Set-Cookie"), languageCookie+"=ar;"); kept != (c.param == "ar") {
			t.Errorf("%+v: Set-Cookie is %q", c, w.Header().Get("Set-Cookie"))
		}
	}
}

// TestCardLanguages holds that names stand in a hit in their own language, the
// reader's where there is one.
func TestCardLanguages(t *testing.T) {
	s := newPageSite(t)
	for reader, want := range map[string][]string{"ar": {"en " + hostile}, "en": {"en " + hostile}, "fr": {"fr Association des migrants", "en " + hostile}} {
		var got []string
		for _, n := range all(parsePage(t, s.get("/?q=migrants&lang="+reader).Body.String()), "bdi") {
			if within(n, "li") && attr(n, "lang") != "" {
				got = append(got, attr(n, "lang")+" "+text(n))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reader, diff)
		}
	}
}

// TestMarks holds that what the words of a search met is set off in a hit's names,
// whole and escaped, and nothing without words.
func TestMarks(t *testing.T) {
	s := newPageSite(t)
	for query, want := range map[string][]string{"q=migrants&lang=fr": {"migrants"}, "q=sons": {"Sons"}, "category=migrant_association": nil} {
		doc := parsePage(t, s.get("/?"+query).Body.String())
		var got []string
		for _, n := range all(doc, "mark") {
			got = append(got, text(n))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// TestProfileIsEscaped holds that a hostile name is shown as it was given, and
// that the linked data can be read.
func TestProfileIsEscaped(t *testing.T) {
	s := newPageSite(t)
	w := s.get("/stakeholders/" + s.listed.ID)
	doc := parsePage(t, w.Body.String())
	if got := text(all(doc, "h1")[0]); got != hostile {
		t.Errorf("the name is shown as %q", got)
	}
	scripts := all(doc, "script")
	if len(scripts) != 1 || strings.Contains(scripts[0].FirstChild.Data, "<") {
		t.Fatalf("%d scripts", len(scripts))
	}
	for _, part := range []string{`"@type":"NGO"`, `"url":"https://association.example.org"`, `https://convoke.example.org/stakeholders/` + s.listed.ID} {
		if !strings.Contains(scripts[0].FirstChild.Data, part) {
			t.Errorf("the linked data lacks %s: %s", part, scripts[0].FirstChild.Data)
		}
	}
	if strings.Contains(w.Body.String(), "first@example.org") || strings.Contains(w.Body.String(), "A contact") {
		t.Error("the contact is shown")
	}
}

func TestRegisterForm(t *testing.T) {
	s := newPageSite(t)
	form := url.Values{
		"category": {"migrant_association"}, "name": {"  جمعية  المهاجرين "}, "name_lang": {"ar"}, "acronym": {"JM"}, "name2": {"Migrants' Union"},
		"name2_lang": {"en"}, "country": {"FR"}, "description": {"First line\r\nsecond"}, "topics": {"topic:remittances"}, "languages": {"ar", "fr"},
		"language_other": {"wo"}, "origin": {"MA"}, "origin2": {"MA"}, "residence": {"FR"}, "residence2": {""}, "serves": {"women"}, "at_risk": {"yes"},
		"contact_name": {"Someone"}, "email": {"someone@example.org"}, "contact_language": {"fr"}, "evidence": {"identifier"},
		"evidence_scheme": {"local"}, "evidence_id": {"W123"}, "consent": {"yes"}, "consent_version": {directory.ConsentText}, "once": {"form-1"},
	}
	for range 2 { // the second press of the button
		want(t, s.post("/register", form), http.StatusSeeOther, "/register?received=1")
	}
	list, _, err := s.server.Store.Registrations(t.Context(), directory.AwaitingEmail, "", 10)
	noError(t, err)
	list = slices.DeleteFunc(list, func(e *directory.Stakeholder) bool { return e.ID == s.waiting.ID })
	if len(list) != 1 {
		t.Fatalf("%d registrations", len(list))
	}
	wanted := directory.Profile{
		Category: "migrant_association", Country: "FR", Topics: []string{"topic:remittances"}, Languages: []string{"ar", "fr", "wo"},
		Names: []directory.Name{
			{Text: "جمعية المهاجرين", Lang: "ar", Kind: directory.NameLegal},
			{Text: "Migrants' Union", Lang: "en", Kind: directory.NameAlias},
			{Text: "JM", Kind: directory.NameAcronym},
		},
		Descriptions:    []directory.Text{{Lang: "ar", Text: "First line\nsecond"}},
		OriginCountries: []string{"MA"}, ResidenceCountries: []string{"FR"}, Serves: []string{"women"}, AtRisk: true,
	}
	if diff := cmp.Diff(wanted, list[0].Profile); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
	if got := list[0].Consents[0].Channel; got != "page" {
		t.Errorf("the consent came by %q", got)
	}
	form.Set("name", "Another") // the form went back, was changed, and came again
	want(t, s.post("/register", form), http.StatusSeeOther, "/register?received=1")
}

// TestRegisterFormRefused holds that what was typed stays, and that messages
// stand at their fields.
func TestRegisterFormRefused(t *testing.T) {
	s := newPageSite(t)
	w := s.post("/register", refusedForm())
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	doc := parsePage(t, w.Body.String())
	byID := map[string]*html.Node{}
	for n := range elements(doc) {
		byID[attr(n, "id")] = n
	}
	for _, field := range []string{
		"category", "name", "name_lang", "name2_lang", "country", "email", "contact_name", "contact_language", "topics", "referee1", "origin", "consent",
	} {
		if byID[field+"-fault"] == nil || !strings.Contains(attr(byID[field], "aria-describedby"), field+"-fault") {
			t.Errorf("no message at %s", field)
		}
	}
	if got := attr(byID["name2"], "value"); got != hostile {
		t.Errorf("the second name became %q", got)
	}
	if got := byID["description"].FirstChild.Data; strings.ReplaceAll(got, "\r\n", "\n") != "Two\nlines" {
		t.Errorf("the description became %q", got)
	}
	for _, n := range all(doc, "input") {
		if attr(n, "name") == "led_by" && has(n, "checked") != (attr(n, "value") == "women") {
			t.Errorf("led by %s: checked is %v", attr(n, "value"), has(n, "checked"))
		}
	}
}

func TestFormsTakeFormsOnly(t *testing.T) {
	s := newPageSite(t)
	for _, path := range []string{"/register", "/sign-in", s.answerPath()} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		if w := s.send(r, nil); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%s answers JSON with %d", path, w.Code)
		}
		if w := s.post(path, url.Values{"reason": {strings.Repeat("x", maxBody)}}); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s answers a large form with %d", path, w.Code)
		}
		r = httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("a=%zz"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if w := s.send(r, nil); w.Code != http.StatusBadRequest {
			t.Errorf("%s answers a broken form with %d", path, w.Code)
		}
	}
}

func TestSignIn(t *testing.T) {
	s := newPageSite(t)
	for _, address := range []string{"first@example.org", "unknown@example.org"} {
		want(t, s.post("/sign-in?lang=fr", url.Values{"email": {address}}), http.StatusSeeOther, "/sign-in?lang=fr&sent=1")
	}
	session := s.signedIn()
	own := s.get("/stakeholders/"+s.waiting.ID, session...)
	if own.Code != http.StatusOK || own.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("its own profile answers %d, %q", own.Code, own.Header().Get("Cache-Control"))
	}
	if other := s.get("/stakeholders/" + s.waiting.ID); other.Code != http.StatusNotFound {
		t.Errorf("the profile answers others with %d", other.Code)
	}
	want(t, s.post("/sign-out", nil, session...), http.StatusSeeOther, "/")
	if after := s.get("/stakeholders/"+s.waiting.ID, session...); after.Code != http.StatusNotFound {
		t.Errorf("after signing out the profile answers %d", after.Code)
	}
}

func TestConfirm(t *testing.T) {
	s := newPageSite(t)
	path := s.confirmPath()
	for range 2 {
		if w := s.get(path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `method="post"`) {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
	}
	s.stands(directory.AwaitingEmail)
	for range 2 {
		if w := s.post(path, nil); w.Code != http.StatusOK {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
	}
	s.stands(directory.AwaitingReview)
	if w := s.get(path); w.Code != http.StatusOK || strings.Contains(w.Body.String(), `method="post"`) {
		t.Errorf("once confirmed, the page still asks: %d", w.Code)
	}
	s.now = s.now.Add(48 * time.Hour)
	for _, w := range []*httptest.ResponseRecorder{s.get(path), s.post(path, nil), s.get("/confirm/x"), s.get(s.answerPath()[:20])} {
		if w.Code != http.StatusGone {
			t.Errorf("a link that does not hold answers %d", w.Code)
		}
	}
}

func (s *pageSite) stands(status directory.Status) {
	s.Helper()
	e, err := s.server.Store.Stakeholder(context.WithoutCancel(s.Context()), s.waiting.ID)
	noError(s.T, err)
	if e.Status != status {
		s.Fatalf("the registration stands at %s, not %s", e.Status, status)
	}
}

func TestAnswer(t *testing.T) {
	s := newPageSite(t)
	path := s.answerPath()
	shown := s.get(path).Body.String()
	if strings.Contains(shown, "room.example.org") {
		t.Error("the room is shown before the invitation is accepted")
	}
	if !strings.Contains(shown, `href="https://files.example.org/note.pdf?a=1&amp;b=2"`) {
		t.Error("the document to read is not shown")
	}
	for _, answer := range []string{"declined", "accepted", "accepted"} {
		want(t, s.post(path, url.Values{"answer": {answer}, "reason": {"Because\r\nof this"}}), http.StatusSeeOther, path)
		i, err := s.server.Store.Invitation(t.Context(), s.event.ID, s.listed.Contacts[0].ID)
		noError(t, err)
		if string(i.Status) != answer || i.Reason != "Because\nof this" {
			t.Errorf("after %s the invitation is %s, %q", answer, i.Status, i.Reason)
		}
		if w := s.get(path); strings.Contains(w.Body.String(), "https://room.example.org/1") != (answer == "accepted") {
			t.Errorf("after %s the room is shown wrongly", answer)
		}
	}
	s.now = s.event.AnswerBy.Add(-time.Hour)
	late := s.server.Links.Sign(auth.Claims{Purpose: auth.PurposeAnswer, IDs: []string{s.event.ID, s.listed.Contacts[0].ID}, Expires: s.now.Add(90 * 24 * time.Hour), Generation: 1})
	s.now = s.now.Add(2 * time.Hour)
	if w := s.get("/answer/" + late); w.Code != http.StatusOK || strings.Contains(w.Body.String(), `value="declined"`) {
		t.Errorf("too late, the page answers %d and still asks", w.Code)
	}
	if w := s.post("/answer/"+late, url.Values{"answer": {"declined"}}); w.Code != http.StatusGone {
		t.Errorf("too late, an answer gets %d", w.Code)
	}
}

// TestUnsubscribe holds to RFC 8058: any POST acts, with neither cookie nor
// session, and GET does not.
func TestUnsubscribe(t *testing.T) {
	for name, c := range map[string]struct{ media, body string }{
		"form":      {"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"},
		"multipart": {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"},
		"empty":     {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newPageSite(t)
			path, hash := s.unsubscribePath(), store.AddressHash("first@example.org")
			s.get(path)
			if stopped, err := s.server.Store.Suppressed(t.Context(), hash); err != nil || stopped {
				t.Fatalf("GET acted: %v %v", stopped, err)
			}
			for range 2 {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(c.body))
				r.Header.Set("Content-Type", c.media)
				if w := s.send(r, nil); w.Code != http.StatusOK {
					t.Fatalf("%d: %s", w.Code, w.Body)
				}
			}
			if stopped, err := s.server.Store.Suppressed(t.Context(), hash); err != nil || !stopped {
				t.Errorf("POST did not act: %v %v", stopped, err)
			}
		})
	}
}

func TestHead(t *testing.T) {
	s := newPageSite(t)
	for _, path := range []string{"/", s.confirmPath(), s.answerPath(), s.unsubscribePath()} {
		w := s.send(httptest.NewRequestWithContext(t.Context(), http.MethodHead, path, nil), nil)
		if w.Code != http.StatusOK {
			t.Errorf("HEAD %s answers %d", path, w.Code)
		}
	}
	s.stands(directory.AwaitingEmail)
}

func TestStatic(t *testing.T) {
	s := newPageSite(t)
	for path, media := range map[string]string{stylesheet: "text/css; charset=utf-8", mark: "image/svg+xml", typeahead: "text/javascript; charset=utf-8"} {
		w := s.get(path)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != media || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		bare, _, _ := strings.Cut(path, "?")
		if got := s.get(bare).Header().Get("Cache-Control"); got != "public, max-age=300" {
			t.Errorf("%s is kept for %q", bare, got)
		}
	}
	if sheet, err := static.ReadFile("static/convoke.css"); err != nil || len(sheet) > 14<<10 {
		t.Errorf("the style sheet has %d bytes: %v", len(sheet), err)
	}
	if script, err := static.ReadFile("static/typeahead.js"); err != nil || len(script) > 6<<10 {
		t.Errorf("the script has %d bytes: %v", len(script), err)
	}
	for _, path := range []string{"/static/none.css", "/static/..%2Fpage.go", "/static/"} {
		if w := s.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
}

func TestCompression(t *testing.T) {
	s := newPageSite(t)
	plain := s.get("/register").Body.Bytes()
	for header, compressed := range map[string]bool{"gzip": true, "br, GZIP;q=0.8": true, "gzip;q=0": false, "identity": false, "": false} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/register", nil)
		r.Header.Set("Accept-Encoding", header)
		w := s.send(r, nil)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != compressed {
			t.Errorf("%q: compressed is %v", header, got)
		}
		if !compressed {
			continue
		}
		size := w.Body.Len()
		z, err := gzip.NewReader(w.Body)
		noError(t, err)
		body, err := io.ReadAll(z)
		noError(t, err)
		if len(body) < len(plain)-100 || size > len(plain)/3 {
			t.Errorf("%d bytes became %d, and again %d", len(plain), size, len(body))
		}
	}
}

// TestOfferedLanguages holds that each language of the form is one, and has a
// name in each of the six.
func TestOfferedLanguages(t *testing.T) {
	for _, lang := range i18n.All() {
		for _, tag := range offeredLanguages() {
			if i18n.Language(lang, tag) == tag && tag != "luo" { // which is what French and Spanish call it
				t.Errorf("%s has no name in %s", tag, lang)
			}
		}
	}
}

func TestSortedForReaders(t *testing.T) {
	for lang, want := range map[i18n.Lang][]string{"fr": {"DE", "EG", "US"}, "en": {"EG", "DE", "US"}} {
		var got []string
		for _, o := range (page{lang: lang}).countries() {
			if slices.Contains(want, o.value) {
				got = append(got, o.value)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}
