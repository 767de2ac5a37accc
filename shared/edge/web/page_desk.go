package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// deskers are those who have a desk: what waits for them, and what they bring about.
//
//nolint:gochecknoglobals // read only
var deskers = access{auth.Organiser, auth.Moderator, auth.Admin}

func (s *Server) deskRoutes() []route {
	return []route{
		{"GET", "/desk", deskers, webPage, s.deskPage},
		{"GET", "/desk/new-event", access{auth.Organiser}, webPage, s.newEventPage},
		{"POST", "/desk/new-event", access{auth.Organiser}, webPage, s.newEventForm},
		{"GET", searchesPath, access{auth.Organiser}, webPage, s.searchesPage},
		{"GET", keepSearchPath, access{auth.Organiser}, webPage, s.keepSearchPage},
		{"POST", keepSearchPath, access{auth.Organiser}, webPage, s.keepSearchForm},
		{"POST", searchesPath + "/{id}", access{auth.Organiser}, webPage, s.searchForm},
		{"GET", rulesPath, access{auth.Organiser}, webPage, s.rulesPage},
		{"GET", rulesPath + "/new", access{auth.Organiser}, webPage, s.newRulePage},
		{"POST", rulesPath + "/new", access{auth.Organiser}, webPage, s.newRuleForm},
		{"GET", rulesPath + "/{id}", conveners, webPage, s.changeRulePage},
		{"POST", rulesPath + "/{id}", conveners, webPage, s.changeRuleForm},
		{"GET", sponsorshipsPath, access{auth.Organiser}, webPage, s.sponsorshipsPage},
		{"POST", sponsorshipsPath, access{auth.Organiser}, webPage, s.sponsorshipsForm},
		{"GET", deskSeriesPath, access{auth.Organiser}, webPage, s.deskSeriesPage},
		{"GET", deskSeriesPath + "/new", access{auth.Organiser}, webPage, s.newSeriesPage},
		{"POST", deskSeriesPath + "/new", access{auth.Organiser}, webPage, s.newSeriesForm},
		{"GET", deskSeriesPath + "/{id}", conveners, webPage, s.figuresPage},
		{"GET", deskSeriesPath + "/{id}/change", conveners, webPage, s.changeSeriesPage},
		{"POST", deskSeriesPath + "/{id}/change", conveners, webPage, s.changeSeriesForm},
		{"POST", deskSeriesPath + "/{id}/copies", access{auth.Organiser}, webPage, s.copySeriesForm},
		{"GET", "/desk/events/{id}", conveners, webPage, s.boardPage},
		{"GET", "/desk/events/{id}/change", conveners, webPage, s.changeEventPage},
		{"POST", "/desk/events/{id}/change", conveners, webPage, s.changeEventForm},
		{"GET", "/desk/events/{id}/programme", conveners, webPage, s.programmePage},
		{"POST", "/desk/events/{id}/programme", conveners, webPage, s.programmeForm},
		{"GET", "/desk/events/{id}/outreach", conveners, webPage, s.outreachPage},
		{"POST", "/desk/events/{id}/outreach", conveners, webPage, s.outreachForm},
		{"GET", "/desk/events/{id}/audience", conveners, webPage, s.previewPage},
		{"POST", "/desk/events/{id}/audience", conveners, webPage, s.publishForm},
		{"POST", "/desk/events/{id}/test", conveners, webPage, s.testForm},
		{"GET", "/desk/events/{id}/announcements", conveners, webPage, s.announcePage},
		{"POST", "/desk/events/{id}/announcements", conveners, webPage, s.announceForm},
		{"GET", "/desk/events/{id}/attendance", conveners, webPage, s.attendancePage},
		{"POST", "/desk/events/{id}/attendance", conveners, webPage, s.attendanceForm},
		{"POST", "/desk/events/{id}/carry-over", access{auth.Organiser}, webPage, s.carryForm},
		{"GET", "/desk/events/{id}/closure", conveners, webPage, s.movePage("closure")},
		{"POST", "/desk/events/{id}/closure", conveners, webPage, s.moveForm("closure")},
		{"GET", "/desk/events/{id}/cancellation", conveners, webPage, s.movePage("cancellation")},
		{"POST", "/desk/events/{id}/cancellation", conveners, webPage, s.moveForm("cancellation")},
		{"GET", "/desk/events/{id}/invitations/{contact}", conveners, webPage, s.invitationPage},
		{"POST", "/desk/events/{id}/invitations/{contact}", conveners, webPage, s.invitationForm},
		{"GET", "/desk/events/{id}/panel", conveners, webPage, s.panelPage},
		{"POST", "/desk/events/{id}/panel", conveners, webPage, s.panelForm},
	}
}

// deskView is what a member of staff sees first.
type deskView struct {
	unit  string // whose events are shown; empty for who acts for none
	past  bool   // they are those that are over
	cards []deskCard
	next  url.Values
	later bool
	queue []queueLine
	asked int // to vouch
	admin bool
}

// deskCard is one event of the unit with how it stands.
type deskCard struct {
	eventCard
	state string // convening.EventStatus
	todo  string
	answersView
}

// queueLine is how much of one kind waits for a moderator, and where.
type queueLine struct {
	label, count, oldest, path string
	query                      url.Values
}

func (s *Server) deskPage(w http.ResponseWriter, r *http.Request) error {
	p, who := pageOf(r), identityOf(r)
	q, err := query(r, "cursor", "past", "lang")
	if err != nil {
		return err
	}
	view := deskView{past: q.Get("past") != "", later: q.Get("cursor") != "", admin: who.Has(auth.Admin)}
	if who.Unit != "" {
		if err := s.fillDesk(r, p, &view, q.Get("cursor")); err != nil {
			return err
		}
		if who.Has(auth.Organiser) {
			wait, err := s.vouching(r, who.Unit)
			if err != nil {
				return err
			}
			view.asked = len(wait.applicants) + len(wait.claims)
		}
	}
	if staff(who) {
		if view.queue, err = s.queueLines(r, p); err != nil {
			return err
		}
	}
	return s.show(w, r, p, http.StatusOK, desk(p, view))
}

// fillDesk reads the unit's events, those to come the next first, and those that
// are over the latest first.
func (s *Server) fillDesk(r *http.Request, p page, view *deskView, cursor string) error {
	ctx, unit, now := r.Context(), identityOf(r).Unit, s.now()
	name, err := s.unitName(ctx, p, unit)
	if err != nil {
		return err
	}
	var list []*convening.Event
	var next string
	if view.past {
		list, next, err = s.Store.EventsBefore(ctx, unit, now, cursor, eventsShown)
	} else {
		list, next, err = s.Store.EventsToCome(ctx, unit, now.Add(-goingOn), cursor, eventsShown)
	}
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(e *convening.Event) bool { return e.Ends.After(now) == view.past })
	view.unit = name
	if view.cards, err = s.deskCards(ctx, p, list); err != nil {
		return err
	}
	if next != "" {
		view.next = view.query(url.Values{"cursor": {next}})
	}
	return nil
}

// query is a query that stays with those to come, or with those that are over.
func (v deskView) query(q url.Values) url.Values {
	if v.past {
		q.Set("past", "1")
	}
	return q
}

// unitName is the name of a unit, or its id while nothing else is known of it.
func (s *Server) unitName(ctx context.Context, p page, id string) (string, error) {
	u, err := s.Store.Unit(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return cmp.Or(textIn(u.Names, p.lang).Text, id), nil
}

func (s *Server) deskCards(ctx context.Context, p page, list []*convening.Event) ([]deskCard, error) {
	ids := make([]string, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	var counts map[string]store.Counts
	if len(ids) > 0 {
		var err error
		if counts, err = s.Store.CountsByEvent(ctx, ids); err != nil {
			return nil, err
		}
	}
	cards := make([]deskCard, len(list))
	for i, e := range list {
		c := p.eventCard(e)
		c.cancelled = false // its status says so
		answers := p.answers(e, counts[e.ID])
		cards[i] = deskCard{c, string(e.Status), p.todo(e, answers, s.now()), answers}
	}
	return cards, nil
}

// todo says what an event asks of its organiser next.
func (p page) todo(e *convening.Event, a answersView, now time.Time) string {
	switch {
	case e.Status == convening.Published && e.PlannedAt == nil:
		return p.t("desk.next.planning")
	case e.Status != convening.Published:
		return p.t("desk.next." + string(e.Status))
	case e.AnswerBy != nil && !e.AnswerBy.After(now):
		return p.t("desk.next.overdue")
	case e.Capacity > 0 && a.taken >= e.Capacity:
		return p.t("desk.next.full")
	case e.AnswerBy != nil:
		return p.with("desk.next.answers", "date", i18n.DateTime(p.lang, *e.AnswerBy, e.Zone))
	}
	return ""
}

// queueLines count what waits for a moderator, what is to be done first.
func (s *Server) queueLines(r *http.Request, p page) ([]queueLine, error) {
	counts, err := s.countQueues(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	claims, moreClaims, err := s.Store.ClaimsIn(ctx, directory.ClaimAwaitingReview, "", queueCounted)
	if err != nil {
		return nil, err
	}
	amended, moreAmended, err := s.Store.AmendmentsAsked(ctx, "", queueCounted)
	if err != nil {
		return nil, err
	}
	screened, moreScreened, err := s.Store.ScreeningsIn(ctx, true, "", queueCounted)
	if err != nil {
		return nil, err
	}
	var review, others []queueLine
	for _, b := range counts.Registrations {
		if line := p.backlogLine(b); b.Status == directory.AwaitingReview {
			mine := p.queueLine("mine", counts.Mine, false)
			mine.path, mine.query = reviewPath, queueQuery(directory.AwaitingReview, "me")
			review = []queueLine{line, mine}
		} else {
			others = append(others, line)
		}
	}
	return slices.Concat(review, []queueLine{
		p.queueLine("claims", len(claims), moreClaims != ""),
		p.queueLine("amendments", len(amended), moreAmended != ""),
		p.queueLine("screenings", len(screened), moreScreened != ""),
	}, others), nil
}

func (p page) backlogLine(b backlogView) queueLine {
	line := p.queueLine(string(b.Status), b.Count, b.More)
	line.path, line.query = reviewPath, queueQuery(b.Status, "")
	if b.OldestAt != nil {
		line.oldest = i18n.N(p.lang, "page.desk.queue.oldest", b.OldestIn, nil)
	}
	return line
}

func (p page) queueLine(kind string, n int, more bool) queueLine {
	line := queueLine{label: p.t("desk.queue." + kind), count: strconv.Itoa(n), path: deskPath + "/" + kind}
	if more {
		line.count += "+"
	}
	return line
}

// queueCounted is how far the shorter queues are counted.
const queueCounted = 100

// said is t with several values in it, given as pairs of name and value.
func (p page) said(key string, pairs ...string) string {
	values := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return i18n.T(p.lang, "page."+key, values)
}
