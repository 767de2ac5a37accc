package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// reviewPath is where moderators find what waits for them.
const reviewPath = deskPath + "/registrations"

// queueShown is how many registrations one page lists.
const queueShown = 20

func (s *Server) reviewRoutes() []route {
	return []route{
		{"GET", reviewPath, staffOnly, webPage, s.queuePage},
		{"GET", reviewPath + "/{id}", staffOnly, webPage, s.dossierPage},
		{"POST", reviewPath + "/{id}", staffOnly, webPage, s.dossierForm},
		{"GET", reviewPath + "/{id}/uploads/{upload}", staffOnly, webPage, s.documentPage},
		{"GET", amendmentsPath, staffOnly, webPage, s.amendmentsPage},
		{"GET", screeningsPath, staffOnly, webPage, s.screeningsPage},
		{"GET", claimsPath, staffOnly, webPage, s.claimsPage},
		{"GET", claimsPath + "/{id}", staffOnly, webPage, s.claimReviewPage},
		{"POST", claimsPath + "/{id}", staffOnly, webPage, s.claimReviewForm},
	}
}

// queueStatuses are those in which a registration waits for somebody.
func queueStatuses() []directory.Status {
	return []directory.Status{directory.AwaitingReview, directory.Returned, directory.AwaitingEmail, directory.Suspended}
}

// queueTab is one choice above the queue, with what it leads to.
type queueTab struct {
	label, count string
	query        url.Values
	chosen       bool
}

// queueCard is one registration in the queue.
type queueCard struct {
	*directory.Stakeholder
	shown    directory.Name
	age      string
	assigned string
	done     int // checks that are done
	checks   int
}

type queueView struct {
	statuses, whose []queueTab
	cards           []queueCard
	next            url.Values // nil on the last page
	later           bool       // this is not the first
}

// queuePage lists what waits, the oldest first.
func (s *Server) queuePage(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "status", "assigned", "cursor", "lang")
	if err != nil {
		return err
	}
	p, status := pageOf(r), directory.Status(q.Get("status"))
	if status == "" {
		status = directory.AwaitingReview
	}
	if !slices.Contains(queueStatuses(), status) {
		return badQuery("status", "registration.status_unknown")
	}
	list, next, err := s.queue(r, q, status, q.Get("cursor"), queueShown)
	if err != nil {
		return err
	}
	known, err := s.Store.Cases(r.Context(), idsOf(list))
	if err != nil {
		return err
	}
	view := queueView{later: q.Get("cursor") != "", whose: p.whoseTabs(status, q.Get("assigned"))}
	for _, e := range list {
		view.cards = append(view.cards, p.queueCard(e, known[e.ID], identityOf(r).Subject, s.now()))
	}
	if next != "" {
		view.next = queueQuery(status, q.Get("assigned"))
		view.next.Set("cursor", next)
	}
	if view.statuses, err = s.statusTabs(r, p, status); err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusOK, queueBody(p, view))
}

func queueQuery(status directory.Status, whose string) url.Values {
	q := url.Values{"status": {string(status)}}
	if whose != "" {
		q.Set("assigned", whose)
	}
	return q
}

func (s *Server) statusTabs(r *http.Request, p page, chosen directory.Status) ([]queueTab, error) {
	var tabs []queueTab
	for _, status := range queueStatuses() {
		b, err := s.Store.Backlog(r.Context(), status)
		if err != nil {
			return nil, err
		}
		tabs = append(tabs, queueTab{p.t("review.status." + string(status)), backlogCount(b), queueQuery(status, ""), status == chosen})
	}
	return tabs, nil
}

// backlogCount is how many wait, as far as they were counted.
func backlogCount(b store.Backlog) string {
	if b.More {
		return strconv.Itoa(b.Count) + "+"
	}
	return strconv.Itoa(b.Count)
}

func (p page) whoseTabs(status directory.Status, chosen string) []queueTab {
	var tabs []queueTab
	for _, whose := range []option{{"", "all"}, {"none", "nobody"}, {"me", "mine"}} {
		tabs = append(tabs, queueTab{label: p.t("review.whose." + whose.label), query: queueQuery(status, whose.value), chosen: whose.value == chosen})
	}
	return tabs
}

func (p page) queueCard(e *directory.Stakeholder, c *directory.Case, me string, now time.Time) queueCard {
	if c == nil {
		c = &directory.Case{}
	}
	card := queueCard{Stakeholder: e, shown: shownName(e.Profile, p.lang), assigned: p.assigned(c, me), checks: len(c.Checklist())}
	card.done = card.checks - c.Open()
	card.age = p.t("review.today")
	if days := int(now.Sub(e.SubmittedAt).Hours() / 24); days > 0 {
		card.age = i18n.N(p.lang, "page.review.age", days, nil)
	}
	return card
}

// assigned says who has a case. Moderators are known to each other by opaque ids,
// which would tell a reader nothing.
func (p page) assigned(c *directory.Case, me string) string {
	switch c.Assignee {
	case "":
		return p.t("review.assigned.nobody")
	case me:
		return p.t("review.assigned.you")
	}
	return p.t("review.assigned.other")
}

// dossierView is all that a moderator needs in order to decide.
type dossierView struct {
	profilePageView
	entry      *directory.Stakeholder
	work       *directory.Case
	me         string
	duplicates []duplicateView
	screening  *directory.Screening
	form       formView // of the decision
	outcomes   []option // what can be decided now
	stale      bool     // it was changed since the form was opened
	saved      bool
}

func (s *Server) dossierPage(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	view, err := s.viewDossier(r, p)
	if err != nil {
		return err
	}
	view.saved = p.query.Has("saved")
	return s.show(w, r, p, http.StatusOK, dossierBody(p, view))
}

func (s *Server) viewDossier(r *http.Request, p page) (dossierView, error) {
	e, err := s.Store.Stakeholder(r.Context(), r.PathValue("id"))
	if err != nil {
		return dossierView{}, err
	}
	view := dossierView{entry: e, me: identityOf(r).Subject, form: formView{values: url.Values{}, labels: "review"}, outcomes: p.decisions(e)}
	if view.profilePageView, err = s.viewProfilePage(p, e, directory.ReaderSelf); err != nil {
		return view, err
	}
	if view.work, err = s.Store.Case(r.Context(), e.ID); err != nil {
		return view, err
	}
	if view.duplicates, err = s.duplicates(r, e); err != nil {
		return view, err
	}
	view.screening, err = s.Store.Screening(r.Context(), e.ID)
	return view, err
}

// decisions are the outcomes that a moderator can choose of now; the value says
// what is done and what comes of it.
func (p page) decisions(e *directory.Stakeholder) []option {
	var values []string
	switch {
	case e.Appeal != nil && e.Appeal.Ended == nil && e.Appeal.Against == e.Status:
		values = []string{"appeal:" + string(directory.Listed), "appeal:" + string(e.Status)}
	case e.Status == directory.AwaitingReview:
		values = []string{"decide:" + string(directory.Listed), "decide:" + string(directory.Returned), "decide:" + string(directory.Declined)}
	case e.Amendable():
		values = []string{"amend:" + string(directory.AmendmentAccepted), "amend:" + string(directory.AmendmentReturned), "suspend:" + string(directory.Suspended)}
	case e.Status == directory.Listed || e.Status == directory.Lapsed:
		values = []string{"suspend:" + string(directory.Suspended)}
	case e.Status == directory.Suspended:
		values = []string{"reinstate:" + string(directory.Listed)}
	}
	options := make([]option, len(values))
	for i, value := range values {
		options[i] = option{value, p.t("review.outcome." + value)}
	}
	return options
}

// reasonOptions are the reasons in words; an applicant reads them in its own
// language.
func (p page) reasonOptions() []option {
	var options []option
	for _, code := range directory.ReturnReasons() {
		options = append(options, option{code, i18n.T(p.lang, "reason."+code, nil)})
	}
	return options
}

func (p page) checkName(check string) string {
	if slices.Contains(directory.CaseChecks(), check) {
		return p.t("review.check." + check)
	}
	return check // in a moderator's own words
}

// lines are the values of a field as a person reads them.
func lines(raw json.RawMessage) (list []string) {
	var value any
	if len(raw) == 0 || json.Unmarshal(raw, &value) != nil {
		return nil
	}
	several, ok := value.([]any)
	if !ok {
		several = []any{value}
	}
	for _, one := range several {
		list = append(list, leaves(one))
	}
	return list
}

// leaves joins the values of an object, by the names of its members.
func leaves(value any) string {
	members, ok := value.(map[string]any)
	if !ok {
		return fmt.Sprint(value)
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		parts = append(parts, leaves(members[name]))
	}
	return strings.Join(parts, " · ")
}

// writtenTo is the language in which the applicant is written to.
func (v dossierView) writtenTo(p page) string {
	focal, ok := v.entry.FocalPoint()
	if !ok {
		return p.t("review.nobody_written")
	}
	return p.with("review.note.hint", "language", i18n.Language(p.lang, focal.Language))
}

// percent shows a likeness, of 0 to 1.
func percent(score float64) string { return strconv.Itoa(int(score*100+0.5)) + " %" }

// documentPage lends a certificate: it leads to where the document lies, for as
// long as a download takes to begin.
func (s *Server) documentPage(w http.ResponseWriter, r *http.Request) error {
	lent, err := s.lend(r)
	if err != nil {
		return err
	}
	leadTo(w, lent.URL)
	return nil
}
