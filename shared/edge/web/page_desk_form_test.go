package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/table"
)

// deskOf serves the pages to who is signed in as said. Which routes are for whom
// is held by the router, and by TestRolesOfRoutes for the API; these go through
// both.
func (s *pageSite) deskOf(role auth.Role, unit, method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.Context(), method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.as(auth.Identity{Subject: "staff-1", Roles: []auth.Role{role}, Unit: unit}).ServeHTTP(w, r)
	return w
}

// as is the router for one identity: the table of routes and roles as it is
// served, without the token.
func (s *pageSite) as(who auth.Identity) http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.server.routes() {
		mux.HandleFunc(rt.method+" "+rt.pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, rt.limit())
			err := auth.Allow(auth.Rule{Method: rt.method, Pattern: rt.pattern, Roles: rt.access}, who)
			r = r.WithContext(withIdentity(r.Context(), who))
			if err == nil {
				err = s.server.dispatch(rt, w, r)
			}
			if err != nil {
				s.server.fail(rt, w, r, err)
			}
		})
	}
	return mux
}

func (s *pageSite) byOrganiser(method, path string, form url.Values) *httptest.ResponseRecorder {
	return s.deskOf(auth.Organiser, "unit", method, path, form)
}

// counted counts the invitations of the site's event, as the projector does.
func (s *pageSite) counted(event string) {
	s.Helper()
	list, _, err := s.server.Store.Invitations(s.Context(), event, "", 100)
	noError(s.T, err)
	page, err := s.server.Store.Table.Query(s.Context(), table.Query{PK: "EVENT#" + event, SKPrefix: "INVITATION#", Limit: 100})
	noError(s.T, err)
	var changes []table.Change
	for i, it := range page.Items {
		changes = append(changes, table.Change{Seq: strconv.Itoa(1000000 + i), New: &it})
	}
	if len(changes) != len(list) {
		s.Fatalf("%d invitations, %d items", len(list), len(changes))
	}
	noError(s.T, s.server.Store.CountChanges(context.WithoutCancel(s.Context()), event, changes))
}

func draftForm() url.Values {
	return url.Values{
		"kind": {"seminar"}, "title": {"Migration data"}, "title_lang": {"en"}, "convener": {"Seminar series"}, "summary": {"First\r\nsecond"},
		"starts": {"2026-12-10T15:00"}, "ends": {"2026-12-10T17:00"}, "zone": {"Europe/Zurich"}, "place": {"Palais des Nations"},
		"capacity": {"40"}, "answer_by": {"2026-12-01T18:00"}, "text": {"migrants"}, "category": {"migrant_association"}, "country": {"CH"}, "once": {"form-1"},
	}
}

// made sends the form of a new event and returns the event.
func (s *pageSite) madeOf(form url.Values) *convening.Event {
	s.Helper()
	w := s.byOrganiser("POST", "/desk/new-event", form)
	at, _, found := strings.Cut(w.Header().Get("Location"), "?done=made")
	if w.Code != http.StatusSeeOther || !found {
		s.Fatalf("%d to %q: %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	e, err := s.server.Store.Event(s.Context(), strings.TrimPrefix(at, "/desk/events/"))
	noError(s.T, err)
	return e
}

// TestWhoHasADesk holds who may see which pages of the desk: an event is its
// unit's alone, whatever is asked of it.
func TestWhoHasADesk(t *testing.T) {
	s := newPageSite(t)
	at := "/desk/events/" + s.event.ID
	invited := "/invitations/" + s.listed.Contacts[0].ID
	for _, below := range []string{"", "/change", "/programme", "/outreach", "/announcements", "/attendance", "/accreditations", "/audience", "/closure", "/cancellation", "/panel", invited} {
		for _, c := range []struct {
			role auth.Role
			unit string
			want int
		}{
			{auth.Organiser, "unit", 200},
			{auth.Organiser, "another", 404},
			{auth.Organiser, "", 404},
			{auth.Admin, "", 200},
			{auth.Moderator, "", 403},
			{auth.Contact, "", 403},
		} {
			if w := s.deskOf(c.role, c.unit, "GET", at+below, nil); w.Code != c.want {
				t.Errorf("%s of %q reads %q: %d, want %d", c.role, c.unit, below, w.Code, c.want)
			}
			if below == "" || c.want == 200 {
				continue
			}
			form := url.Values{"act": {"withdraw"}, "version": {"2"}, "invitations": {"1"}, "answer": {"declined"}, "channel": {"phone"}}
			if w := s.deskOf(c.role, c.unit, "POST", at+below, form); w.Code != c.want {
				t.Errorf("%s of %q sends to %q: %d, want %d", c.role, c.unit, below, w.Code, c.want)
			}
		}
	}
	e, err := s.server.Store.Event(t.Context(), s.event.ID)
	noError(t, err)
	if e.Version != s.event.Version {
		t.Errorf("the event became version %d", e.Version)
	}
	want(t, s.get("/desk"), http.StatusSeeOther, "/sign-in/staff?then=%2Fdesk")
	if w := s.deskOf(auth.Contact, "", "GET", "/desk", nil); w.Code != http.StatusForbidden {
		t.Errorf("a contact's desk: %d", w.Code)
	}
	if w := s.deskOf(auth.Organiser, "", "POST", "/desk/new-event", draftForm()); w.Code != http.StatusForbidden {
		t.Errorf("an organiser of no unit makes an event: %d", w.Code)
	}
	if body := s.byOrganiser("GET", "/desk", nil).Body.String(); strings.Contains(body, `href="/desk/registrations"`) || !strings.Contains(body, hostileEscaped) {
		t.Error("an organiser's desk shows the queue, or lacks the event")
	}
	if body := s.deskOf(auth.Moderator, "", "GET", "/desk", nil).Body.String(); !strings.Contains(body, `href="/desk/registrations"`) || strings.Contains(body, s.event.ID) {
		t.Error("a moderator's desk lacks the queue, or shows the event")
	}
	if strings.Contains(s.get("/").Body.String(), `href="/desk"`) {
		t.Error("the public is led to the desk")
	}
}

// hostileEscaped is a part of the site's hostile title as HTML has it.
const hostileEscaped = `&lt;script&gt;alert(`

// TestMakeEvent holds what the form makes, that it makes it once, and that a
// change leaves alone what the form does not speak of.
func TestMakeEvent(t *testing.T) {
	s := newPageSite(t)
	e := s.madeOf(draftForm())
	if w := s.byOrganiser("POST", "/desk/new-event", draftForm()); w.Header().Get("Location") != "/desk" {
		t.Errorf("the second press leads to %q", w.Header().Get("Location"))
	}
	list, _, err := s.server.Store.EventsToCome(t.Context(), "unit", s.now, "", 10)
	noError(t, err)
	if len(list) != 2 {
		t.Fatalf("%d events", len(list))
	}
	zurich := i18n.Zone("Europe/Zurich")
	for _, c := range []struct{ got, want time.Time }{
		{e.Starts, time.Date(2026, 12, 10, 15, 0, 0, 0, zurich)},
		{e.Ends, time.Date(2026, 12, 10, 17, 0, 0, 0, zurich)},
		{*e.AnswerBy, time.Date(2026, 12, 1, 18, 0, 0, 0, zurich)},
	} {
		if !c.got.Equal(c.want) {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	if e.Status != convening.Draft || e.Capacity != 40 || e.Summaries[0].Text != "First\nsecond" || e.Audience.Text != "migrants" ||
		e.Audience.Filters["category"][0] != "migrant_association" || e.Audience.Filters["country"][0] != "CH" {
		t.Errorf("%+v", e.Plan)
	}
	e, err = s.server.Store.UpdateEvent(t.Context(), e.ID, func(e *convening.Event) error {
		p := e.Plan
		p.Reminders, p.Audience.Exclude = []int{5, 2}, []string{"someone"}
		p.Audience.Filters = map[string][]string{"category": {"ngo"}, "language": {"fr"}}
		return e.Revise(e.Convener, p, s.now)
	})
	noError(t, err)
	form := draftForm()
	form.Set("version", strconv.FormatInt(e.Version, 10))
	form.Set("title", "Data on migration")
	form.Set("never_asked", "yes")
	form.Set("online", "https://room.example.org/2")
	form.Del("capacity")
	want(t, s.byOrganiser("POST", "/desk/events/"+e.ID+"/change", form), http.StatusSeeOther, "/desk/events/"+e.ID+"?done=changed")
	e, err = s.server.Store.Event(t.Context(), e.ID)
	noError(t, err)
	if e.Titles[0].Text != "Data on migration" || e.Capacity != 0 || len(e.Reminders) != 2 || len(e.Audience.Exclude) != 1 ||
		e.Audience.Filters["language"][0] != "fr" || *e.Audience.InvitedAtMost != 0 {
		t.Errorf("%+v", e.Plan)
	}
	doc := parsePage(t, s.byOrganiser("GET", "/desk/events/"+e.ID+"/change", nil).Body.String())
	for name, value := range map[string]string{"starts": "2026-12-10T15:00", "answer_by": "2026-12-01T18:00", "title": "Data on migration"} {
		if got := attr(byName(doc, name), "value"); got != value {
			t.Errorf("%s is filled with %q", name, got)
		}
	}
	if w := s.byOrganiser("POST", "/desk/events/"+e.ID+"/change", form); w.Code != http.StatusPreconditionFailed {
		t.Errorf("a stale form gets %d", w.Code)
	}
}

func byName(doc *html.Node, name string) *html.Node {
	for n := range elements(doc) {
		if attr(n, "name") == name {
			return n
		}
	}
	return &html.Node{}
}

// TestEventFormRefused holds that everything that is wrong is said at once, at its
// field.
func TestEventFormRefused(t *testing.T) {
	s := newPageSite(t)
	for what, c := range map[string]struct {
		change url.Values
		fields string
	}{
		"nothing":          {url.Values{"kind": nil, "title": nil, "convener": nil, "starts": nil, "ends": nil, "zone": nil, "text": nil, "category": nil, "country": nil}, "kind title convener starts ends zone text"},
		"no time":          {url.Values{"starts": {"10.12.2026"}}, "starts"},
		"a gap":            {url.Values{"starts": {"2027-03-28T02:30"}, "ends": {"2027-03-28T05:00"}}, "starts"},
		"a fold":           {url.Values{"starts": {"2027-10-31T02:30"}, "ends": {"2027-10-31T05:00"}}, "starts"},
		"backwards":        {url.Values{"ends": {"2026-12-10T14:00"}}, "ends"},
		"past":             {url.Values{"starts": {"2020-12-10T14:00"}}, "starts"},
		"no number":        {url.Values{"capacity": {"many"}, "title": nil}, "title capacity"},
		"negative":         {url.Values{"capacity": {"-4"}}, "capacity"},
		"late answers":     {url.Values{"answer_by": {"2027-12-10T14:00"}}, "answer_by"},
		"no room":          {url.Values{"online": {"room"}}, "online"},
		"unknown":          {url.Values{"category": {"none"}, "country": {"ZZ"}, "topic": {"topic:none"}}, "category country topic"},
		"a hostile title":  {url.Values{"title": {"a\u202eb"}}, "title"},
		"an unknown zone":  {url.Values{"zone": {"Mars/Base"}}, "zone"},
		"an unknown kind":  {url.Values{"kind": {"party"}}, "kind"},
		"a nameless place": {url.Values{"place": {strings.Repeat("x", 600)}}, "place"},
	} {
		t.Run(what, func(t *testing.T) {
			form := draftForm()
			for name, values := range c.change {
				form[name] = values
			}
			w := s.byOrganiser("POST", "/desk/new-event", form)
			if w.Code != http.StatusUnprocessableEntity {
				t.Fatalf("%d: %s", w.Code, w.Body)
			}
			doc := parsePage(t, w.Body.String())
			for field := range strings.FieldsSeq(c.fields) {
				found := false
				for n := range elements(doc) {
					found = found || attr(n, "id") == field+"-fault"
				}
				if !found {
					t.Errorf("no message at %s", field)
				}
			}
		})
	}
	form := draftForm()
	form.Set("starts", "2027-10-31T02:30")
	form.Set("ends", "2027-10-31T05:00")
	form.Set("answer_by", "")
	form.Set("when_twice", convening.Later)
	if e := s.madeOf(form); !e.Starts.Equal(time.Date(2027, 10, 31, 1, 30, 0, 0, time.UTC)) {
		t.Errorf("the later of both is %v", e.Starts)
	}
}

// TestPublishByPage holds that nothing goes out but by the version and the number
// that were shown.
func TestPublishByPage(t *testing.T) {
	s := newPageSite(t)
	e := s.madeOf(draftForm())
	at := "/desk/events/" + e.ID
	body := s.byOrganiser("GET", at+"/audience", nil).Body.String()
	for _, there := range []string{`name="version" value="1"`, "found by the search", "/stakeholders/" + s.listed.ID} {
		if !strings.Contains(body, there) {
			t.Errorf("%q is not there", there)
		}
	}
	for _, c := range []struct {
		version, n string
		status     int
	}{{"1", "", 422}, {"1", "x", 422}, {"9", "1", 412}, {"", "1", 412}, {"1", "2", 409}, {"1", "1", 303}, {"1", "1", 303}} {
		w := s.byOrganiser("POST", at+"/audience", url.Values{"version": {c.version}, "invitations": {c.n}})
		if w.Code != c.status {
			t.Errorf("%+v: %d", c, w.Code)
		}
		e, err := s.server.Store.Event(t.Context(), e.ID)
		noError(t, err)
		if published := e.Status == convening.Published; published != (c.status == 303) {
			t.Errorf("%+v: the event is %s", c, e.Status)
		}
	}
	nobody := draftForm()
	nobody["country"], nobody["once"] = []string{"FJ"}, []string{"form-2"}
	empty := s.madeOf(nobody)
	if w := s.byOrganiser("POST", "/desk/events/"+empty.ID+"/audience", url.Values{"version": {"1"}, "invitations": {"0"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an audience of nobody gets %d", w.Code)
	}
}

// TestMoveByPage holds that an event is closed and called off in the version that
// was shown, and by POST alone.
func TestMoveByPage(t *testing.T) {
	s := newPageSite(t)
	at := "/desk/events/" + s.event.ID
	for _, c := range []struct {
		path, version string
		status        int
		stands        convening.EventStatus
	}{
		{"/closure", "1", 412, convening.Published},
		{"/closure", "2", 303, convening.Closed},
		{"/cancellation", "2", 412, convening.Closed},
		{"/cancellation", "3", 303, convening.Cancelled},
		{"/cancellation", "4", 409, convening.Cancelled},
		{"/closure", "4", 409, convening.Cancelled},
	} {
		s.byOrganiser("GET", at+c.path, nil)
		w := s.byOrganiser("POST", at+c.path, url.Values{"version": {c.version}, "reason": {"Because\r\nof this"}})
		e, err := s.server.Store.Event(t.Context(), s.event.ID)
		noError(t, err)
		if w.Code != c.status || e.Status != c.stands {
			t.Errorf("%+v: %d, %s", c, w.Code, e.Status)
		}
		if e.Status == convening.Cancelled && e.CancelledBecause() != "Because\nof this" {
			t.Errorf("called off because of %q", e.CancelledBecause())
		}
	}
}

// TestEntryByPage holds that an answer by telephone is entered as one, and that an
// invitation is taken back.
func TestEntryByPage(t *testing.T) {
	s := newPageSite(t)
	contact := s.listed.Contacts[0].ID
	at := "/desk/events/" + s.event.ID + "/invitations/" + contact
	form := url.Values{"answer": {"accepted"}, "channel": {"phone"}, "needs": {"travel", "childcare"}, "reason": {"Called"}}
	want(t, s.byOrganiser("POST", at, form), http.StatusSeeOther, "/desk/events/"+s.event.ID+"?done=answered")
	i, err := s.server.Store.Invitation(t.Context(), s.event.ID, contact)
	noError(t, err)
	if i.Status != convening.Accepted || i.Channel != "phone" || len(i.Needs) != 2 {
		t.Errorf("%+v", i)
	}
	s.counted(s.event.ID)
	board := s.byOrganiser("GET", "/desk/events/"+s.event.ID, nil).Body.String()
	for _, there := range []string{"1 of 40 places taken", "Help with travel", "Childcare", `class="part-accepted"`, "0 of 1 who accepted"} {
		if !strings.Contains(strings.NewReplacer("<bdi>", "", "</bdi>", "").Replace(board), there) {
			t.Errorf("%q is not on the board", there)
		}
	}
	want(t, s.byOrganiser("POST", at, url.Values{"act": {"withdraw"}}), http.StatusSeeOther, "/desk/events/"+s.event.ID+"?done=withdrawn")
	if w := s.byOrganiser("POST", at, form); w.Code != http.StatusGone {
		t.Errorf("an answer to a withdrawn invitation gets %d", w.Code)
	}
	if w := s.byOrganiser("GET", "/desk/events/"+s.event.ID+"/invitations/nobody", nil); w.Code != http.StatusNotFound {
		t.Errorf("no invitation: %d", w.Code)
	}
}

// TestPanelByPage builds a panel by the page alone.
func TestPanelByPage(t *testing.T) {
	s := newPageSite(t)
	at := "/desk/events/" + s.event.ID + "/panel"
	version := 0
	act := func(form url.Values) {
		t.Helper()
		form.Set("version", strconv.Itoa(version))
		if w := s.byOrganiser("POST", at, form); w.Code != http.StatusSeeOther {
			t.Fatalf("%v: %d %s", form, w.Code, w.Body)
		}
		version++
	}
	act(url.Values{"act": {"seat"}, "role": {"moderator"}})
	act(url.Values{"act": {"seat"}, "role": {"speaker"}, "holder": {"https://convoke.example.org/stakeholders/" + s.listed.ID + "?lang=fr"}})
	act(url.Values{"act": {"aim"}, "rule": {"at_least"}, "count": {"1"}, "what": {"category/migrant_association"}})
	act(url.Values{"act": {"aim"}, "rule": {"at_most"}, "count": {"1"}, "what": {"each_country"}})
	act(url.Values{"act": {"unaim"}, "target": {"2"}})
	p, err := s.server.Store.Panel(t.Context(), s.event.ID)
	noError(t, err)
	if len(p.Seats) != 2 || p.Seats[1].Holder.Stakeholder != s.listed.ID || !p.Seats[1].Pinned || len(p.Targets) != 1 {
		t.Fatalf("%+v", p.PanelPlan)
	}
	act(url.Values{"act": {"vacate"}, "seat": {p.Seats[1].ID}})
	doc := parsePage(t, s.byOrganiser("GET", at+"?suggest=open", nil).Body.String())
	accept := url.Values{"act": {"accept"}, "alternates": {"yes"}}
	for n := range elements(doc) {
		if name := attr(n, "name"); n.Data == "input" && (name == "take" || strings.HasPrefix(name, "who-") || strings.HasPrefix(name, "alternate-")) {
			accept.Add(name, attr(n, "value"))
		}
	}
	if len(accept["take"]) != 1 || !strings.Contains(text(doc), "that is proven") || !strings.Contains(text(doc), "Helps to meet target 1") {
		t.Fatalf("%v: %s", accept, text(doc))
	}
	act(accept)
	p, err = s.server.Store.Panel(t.Context(), s.event.ID)
	noError(t, err)
	if p.Seats[0].Holder == nil || p.Seats[0].Holder.Stakeholder != s.listed.ID {
		t.Fatalf("%+v", p.PanelPlan)
	}
	want(t, s.byOrganiser("POST", at, url.Values{"act": {"invite"}}), http.StatusSeeOther, at+"?done=panel_invited&n=0") // is invited already
	act(url.Values{"act": {"unseat"}, "seat": {p.Seats[1].ID}})
	for _, form := range []url.Values{{"act": {"unknown"}}, {}} {
		if w := s.byOrganiser("POST", at, form); w.Code != http.StatusBadRequest {
			t.Errorf("%v: %d", form, w.Code)
		}
	}
	if w := s.byOrganiser("POST", at, url.Values{"act": {"unseat"}, "seat": {p.Seats[0].ID}, "version": {"1"}}); w.Code != http.StatusPreconditionFailed {
		t.Errorf("a stale panel gets %d", w.Code)
	}
}

// TestInvitationsInPages holds that every invitation is on one page of the list,
// filtered or not.
func TestInvitationsInPages(t *testing.T) {
	s := newPageSite(t)
	var list []*convening.Invitation
	for n := range 60 {
		list = append(list, convening.NewInvitation(s.event, s.listed.ID, "contact"+strconv.Itoa(100+n), s.now))
	}
	_, err := s.server.Store.PlanInvitations(t.Context(), list)
	noError(t, err)
	s.counted(s.event.ID)
	for filter, wanted := range map[string]int{"": 61, "planned": 60, "silent": 1, "declined": 0, "none": 61} {
		seen, pages := map[string]bool{}, 0
		for at := "/desk/events/" + s.event.ID + "?answer=" + filter; at != ""; pages++ {
			doc := parsePage(t, s.byOrganiser("GET", at, nil).Body.String())
			at = ""
			for _, a := range all(doc, "a") {
				if attr(a, "rel") == "next" {
					at = attr(a, "href")
				}
				if _, contact, ok := strings.Cut(attr(a, "href"), "/invitations/"); ok {
					if seen[contact] {
						t.Errorf("%s twice", contact)
					}
					seen[contact] = true
				}
			}
		}
		if len(seen) != wanted || pages > 3 {
			t.Errorf("%q: %d invitations on %d pages, want %d", filter, len(seen), pages, wanted)
		}
	}
}
