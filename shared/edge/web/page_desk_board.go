package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/table"
)

// boardView is an event as its organiser works on it.
type boardView struct {
	deskCard
	done       string // what was just done, in words
	summary    directory.Text
	online     string
	answerBy   string
	public     bool      // anyone may see its page
	begun      bool      // who came can be noted
	accredits  bool      // organisations apply to it for accreditation
	prepared   *nextView // the event to which participants can be taken along
	statistics statistics
	panel      seatsView
	needs      []needLine
	needsLater bool // they are counted when they are asked for
	lines      []invitationLine
	filter     string // the group of answers that is shown; empty for all
	next       url.Values
	later      bool
	total      int
}

// needLine is how many of those who come need something.
type needLine struct {
	label string
	n     int
}

// invitationLine is one invitation in the list.
type invitationLine struct {
	contact      string
	who          directory.Text
	path         string // of the stakeholder's profile; empty when there is none
	name         string // of a colleague who is no contact in the directory
	nominator    string // who put the name
	role, status string
	group        string
	newcomer     bool
	when         string // it was answered, or sent
	reason       string
	needs        []string
	standby      bool
	presence     convening.Presence
}

// How many invitations one page tells of, how many are read to find those of a
// filter, and of how many needs are counted without being asked to.
const (
	invitationsShown  = 25
	invitationsSifted = 10 * table.MaxPage
	needsCounted      = table.MaxPage
)

// board returns the event of the path to who convenes it.
func (s *Server) board(r *http.Request) (*convening.Event, error) {
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return e, convenes(identityOf(r), e)
}

func boardPath(event string) string { return "/desk/events/" + url.PathEscape(event) }

// boardPage shows an event to its organiser: how it stands, and what to do next.
func (s *Server) boardPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.board(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	q, err := query(r, "after", "answer", "needs", "done", "n", "lang")
	if err != nil {
		return err
	}
	view, err := s.viewBoard(r, p, e, q)
	if err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusOK, board(p, view))
}

func (s *Server) viewBoard(r *http.Request, p page, e *convening.Event, q url.Values) (boardView, error) {
	ctx := r.Context()
	counts, err := s.Store.Counts(ctx, e.ID)
	if err != nil {
		return boardView{}, err
	}
	answers := p.answers(e, counts)
	view := boardView{
		deskCard: deskCard{p.eventCard(e), string(e.Status), p.todo(e, answers, s.now()), answers},
		done:     p.doneText(q.Get("done"), q.Get("n")), summary: textIn(e.Summaries, p.lang), online: e.Online, public: e.Public(), begun: !e.Starts.After(s.now()),
		total: counts.Total(), accredits: len(e.Tracks) > 0,
	}
	view.statistics.add(counts)
	if e.AnswerBy != nil {
		view.answerBy = i18n.DateTime(p.lang, *e.AnswerBy, e.Zone)
	}
	if view.prepared, err = s.nextOf(r, p, e); err != nil {
		return view, err
	}
	if view.panel, err = s.viewSeats(ctx, p, e); err != nil {
		return view, err
	}
	if view.needsLater = view.total > needsCounted && !q.Has("needs"); !view.needsLater {
		if err := s.fillNeeds(ctx, p, e.ID, &view); err != nil {
			return view, err
		}
	}
	return view, s.fillInvitations(ctx, p, e, q, &view)
}

// doneText says what a form did, as the address to which it led has it.
func (p page) doneText(code, n string) string {
	if key := "desk.done." + code; code != "" && i18n.Has(p.lang, "page."+key) {
		return p.with(key, "n", n)
	}
	return ""
}

func (s *Server) fillNeeds(ctx context.Context, p page, event string, view *boardView) error {
	if view.total == 0 {
		return nil
	}
	counted, err := s.countNeeds(ctx, event)
	if err != nil {
		return err
	}
	for _, need := range convening.Needs() {
		if n := counted.Needs[need]; n > 0 {
			view.needs = append(view.needs, needLine{p.t("desk.need." + need), n})
		}
	}
	return nil
}

// fillInvitations reads one page of the invitations, or of those whose answers are
// of one group. After some thousands it shows what there is, and where to go on.
func (s *Server) fillInvitations(ctx context.Context, p page, e *convening.Event, q url.Values, view *boardView) error {
	group, after := groupOf(q.Get("answer")), q.Get("after")
	view.filter, view.later = group.key, after != ""
	var shown []*convening.Invitation
	for read, more := 0, view.total > 0; more && len(shown) < invitationsShown && read < invitationsSifted; {
		limit := invitationsShown
		if group.key != "" {
			limit = table.MaxPage
		}
		list, follow, err := s.Store.InvitationsAfter(ctx, e.ID, after, limit)
		if err != nil {
			return err
		}
		more, read = follow, read+len(list)
		for k, i := range list {
			if group.holds(i.Status) {
				shown = append(shown, i)
			}
			if after = i.Contact; len(shown) == invitationsShown {
				more = more || k+1 < len(list)
				break
			}
		}
		if more {
			view.next = view.filtered(url.Values{"after": {after}})
		} else {
			view.next = nil
		}
	}
	var err error
	view.lines, err = s.invitationLines(ctx, p, e, shown)
	return err
}

// groupOf returns the group of answers of that name; the one of all when there is
// none.
func groupOf(key string) answerGroup {
	groups := answerGroups()
	if i := slices.IndexFunc(groups, func(g answerGroup) bool { return g.key == key }); i >= 0 {
		return groups[i]
	}
	return answerGroup{}
}

// groupHolding is the group in which invitations of the status are counted.
func groupHolding(status convening.InvitationStatus) answerGroup {
	groups := answerGroups()
	if i := slices.IndexFunc(groups, func(g answerGroup) bool { return g.holds(status) }); i >= 0 {
		return groups[i]
	}
	return answerGroup{}
}

func (v boardView) filtered(q url.Values) url.Values {
	if v.filter != "" {
		q.Set("answer", v.filter)
	}
	return q
}

func (s *Server) invitationLines(ctx context.Context, p page, e *convening.Event, list []*convening.Invitation) ([]invitationLine, error) {
	var persons []convening.Person
	for _, i := range list {
		persons = append(persons, convening.Person{Stakeholder: i.Stakeholder})
	}
	_, named, err := s.mentioned(ctx, persons, nil)
	if err != nil {
		return nil, err
	}
	lines := make([]invitationLine, len(list))
	for k, i := range list {
		lines[k] = p.invitationLine(e, i, named[i.Stakeholder])
	}
	return lines, nil
}

func (p page) invitationLine(e *convening.Event, i *convening.Invitation, of *directory.Stakeholder) invitationLine {
	line := invitationLine{
		contact: i.Contact, role: i18n.T(p.lang, "role."+i.Role, nil), status: p.t("desk.invitation." + string(i.Status)), group: groupHolding(i.Status).key,
		newcomer: i.Newcomer, reason: i.Reason, standby: i.Standby && i.Status == convening.Planned,
		presence: convening.Presence{Attendance: i.Attendance, Spoke: i.Spoke, Sessions: i.Sessions},
	}
	line.who, line.path = p.bodyName(of)
	if i.Colleague != nil {
		line.name = i.Colleague.Name
	}
	line.nominator = p.nominator(i, of)
	for _, need := range i.Needs {
		line.needs = append(line.needs, p.t("desk.need."+need))
	}
	if at := latest(i.AnsweredAt, i.RemindedAt, i.SentAt); at != nil {
		line.when = i18n.Date(p.lang, *at, e.Zone)
	}
	return line
}

// nominator says who put the name of an invitation, by name where organisers may be
// told it; empty of who was not nominated.
func (p page) nominator(i *convening.Invitation, of *directory.Stakeholder) string {
	if i.NominatedBy == "" {
		return ""
	}
	if of != nil && of.NamedTo(i.NominatedBy) {
		if by, ok := of.Contact(i.NominatedBy); ok {
			return p.with("desk.nominated_by", "name", by.Name)
		}
	}
	return p.t("desk.nominated")
}

// latest is the first of the times that there is: they are given from the latest
// to the earliest.
func latest(times ...*time.Time) *time.Time {
	for _, t := range times {
		if t != nil {
			return t
		}
	}
	return nil
}

// bodyName is the name of a stakeholder and where its profile is. Of one that is
// listed no more, there is neither.
func (p page) bodyName(of *directory.Stakeholder) (directory.Text, string) {
	if of == nil {
		return directory.Text{Lang: string(p.lang), Text: p.t("desk.unlisted")}, ""
	}
	name := shownName(of.Profile, p.lang)
	return directory.Text{Lang: name.Lang, Text: name.Text}, "/stakeholders/" + url.PathEscape(of.ID)
}

// firstTimers says how many of those who accepted had never accepted before.
func (t statistics) firstTimers(p page) string {
	if t.Accepted == 0 {
		return p.t("desk.first.none")
	}
	return p.said("desk.first.share", "n", strconv.Itoa(t.FirstTimers), "all", strconv.Itoa(t.Accepted),
		"percent", strconv.Itoa(int(t.FirstTimeShare*100+0.5)))
}
