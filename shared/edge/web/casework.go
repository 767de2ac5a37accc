package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
)

func (s *Server) caseRoutes() []route {
	return []route{
		{"GET", "/v1/registrations/counts", staffOnly, document, s.getCounts},
		{"GET", "/v1/registrations/{id}/case", staffOnly, document, s.getCase},
		{"PUT", "/v1/registrations/{id}/case/assignment", staffOnly, command, s.putAssignment},
		{"PUT", "/v1/registrations/{id}/case/checks/{check}", staffOnly, command, s.putCaseCheck},
		{"POST", "/v1/registrations/{id}/case/notes", staffOnly, command, s.postCaseNote},
	}
}

// caseView is how moderators work on a registration, for them alone.
type caseView struct {
	Registration string         `json:"registration"`
	Assignee     string         `json:"assignee,omitempty"`
	AssignedBy   string         `json:"assigned_by,omitempty"`
	AssignedAt   *time.Time     `json:"assigned_at,omitempty"`
	Open         int            `json:"open_checks"`
	Checks       []caseWorkView `json:"checks"`
	Notes        []noteView     `json:"notes"`
}

type caseWorkView struct {
	Check string     `json:"check"`
	State string     `json:"state"`
	Note  string     `json:"note,omitempty"`
	By    string     `json:"by,omitempty"`
	At    *time.Time `json:"at,omitempty"`
}

type noteView struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

func viewCase(c *directory.Case) caseView {
	view := caseView{
		Registration: c.Stakeholder, Assignee: c.Assignee, AssignedBy: c.AssignedBy, AssignedAt: c.AssignedAt, Open: c.Open(),
		Checks: []caseWorkView{}, Notes: []noteView{},
	}
	for _, w := range c.Checklist() {
		one := caseWorkView{Check: w.Check, State: w.State, Note: w.Note, By: w.By}
		if !w.At.IsZero() {
			one.At = &w.At
		}
		view.Checks = append(view.Checks, one)
	}
	for _, n := range c.Notes {
		view.Notes = append(view.Notes, noteView(n))
	}
	return view
}

// caseBrief is what a list says of a case.
type caseBrief struct {
	Assignee string `json:"assignee,omitempty"`
	Open     int    `json:"open_checks"`
	Notes    int    `json:"notes"`
}

func briefCase(c *directory.Case) *caseBrief {
	if c == nil {
		c = &directory.Case{}
	}
	return &caseBrief{c.Assignee, c.Open(), len(c.Notes)}
}

func (s *Server) getCase(w http.ResponseWriter, r *http.Request) error {
	e, err := s.Store.Stakeholder(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	c, err := s.Store.Case(r.Context(), e.ID)
	if err != nil || unchanged(w, r, etag(c.Version)) {
		return err
	}
	return ok(w, viewCase(c))
}

// assignment says to whom a case is given: a moderator's opaque id, "me", or
// nobody.
type assignment struct {
	Assignee string `json:"assignee"`
}

func (s *Server) putAssignment(w http.ResponseWriter, r *http.Request) error {
	var given assignment
	if err := decode(r, &given, "assignee"); err != nil {
		return err
	}
	by := identityOf(r).Subject
	if given.Assignee == "me" {
		given.Assignee = by
	}
	return s.changeCase(w, r, http.StatusOK, func(c *directory.Case) error { return c.Assign(given.Assignee, by, s.now()) })
}

// checkGiven is how a check stands.
type checkGiven struct {
	State string `json:"state"`
	Note  string `json:"note,omitempty"`
}

func (s *Server) putCaseCheck(w http.ResponseWriter, r *http.Request) error {
	var given checkGiven
	if err := decode(r, &given); err != nil {
		return err
	}
	work := directory.CaseWork{Check: r.PathValue("check"), State: given.State, Note: given.Note, By: identityOf(r).Subject, At: s.now()}
	return s.changeCase(w, r, http.StatusOK, func(c *directory.Case) error { return c.Work(work) })
}

// noteGiven is a note to the other moderators.
type noteGiven struct {
	Text string `json:"text"`
}

func (s *Server) postCaseNote(w http.ResponseWriter, r *http.Request) error {
	var given noteGiven
	if err := decode(r, &given); err != nil {
		return err
	}
	note := directory.CaseNote{ID: s.Store.NewID(), Text: given.Text, By: identityOf(r).Subject, At: s.now()}
	return s.changeCase(w, r, http.StatusCreated, func(c *directory.Case) error { return c.Note(note) })
}

// changeCase changes the version of a case that was read. One that nobody has
// touched is of version 0.
func (s *Server) changeCase(w http.ResponseWriter, r *http.Request, status int, change func(*directory.Case) error) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	e, err := s.Store.Stakeholder(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if e.Status == directory.Erased {
		return errNoRoute
	}
	answer := &reply{status: status}
	c, err := s.Store.ChangeCase(r.Context(), e.ID, func(c *directory.Case) error {
		if c.Version != read {
			return errStale
		}
		if err := change(c); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(read + 1)}, viewCase(c)
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	if c.Version == read { // the same again
		answer.header[1] = etag(read)
	}
	return answer.write(w)
}

// maxAssignee is the longest opaque id of a moderator (OpenID Connect Core section 2).
const maxAssignee = 255

// queue returns one page of registrations in a status, as the moderator wants them.
func (s *Server) queue(r *http.Request, q url.Values, status directory.Status, cursor string, limit int) ([]*directory.Stakeholder, string, error) {
	order, whose := q.Get("order"), q.Get("assigned")
	if order != "" && order != "oldest" && order != "newest" {
		return nil, "", badQuery("order", "query.sort_unknown")
	}
	if len(whose) > maxAssignee {
		return nil, "", badQuery("assigned", "text.too_long", "max", strconv.Itoa(maxAssignee))
	}
	read := s.Store.Registrations
	if order == "newest" {
		read = s.Store.RegistrationsReversed
	}
	switch whose {
	case "":
		return read(r.Context(), status, cursor, limit)
	case "none":
		return sifted(limit, cursor, func(cursor string, limit int) ([]*directory.Stakeholder, string, error) {
			list, next, err := read(r.Context(), status, cursor, limit)
			if err != nil {
				return nil, "", err
			}
			known, err := s.Store.Cases(r.Context(), idsOf(list))
			return slices.DeleteFunc(list, func(e *directory.Stakeholder) bool { return known[e.ID] != nil && known[e.ID].Assignee != "" }), next, err
		})
	case "me":
		whose = identityOf(r).Subject
	}
	return s.had(r, status, whose, cursor, limit)
}

// had returns one page of the registrations in a status that a moderator has.
func (s *Server) had(r *http.Request, status directory.Status, moderator, cursor string, limit int) ([]*directory.Stakeholder, string, error) {
	return sifted(limit, cursor, func(cursor string, limit int) ([]*directory.Stakeholder, string, error) {
		theirs, next, err := s.Store.CasesOf(r.Context(), moderator, cursor, limit)
		if err != nil || len(theirs) == 0 {
			return nil, next, err
		}
		ids := make([]string, len(theirs))
		for i, c := range theirs {
			ids[i] = c.Stakeholder
		}
		list, err := s.Store.Stakeholders(r.Context(), ids)
		return slices.DeleteFunc(list, func(e *directory.Stakeholder) bool { return e.Status != status }), next, err
	})
}

// filteredAtMost is how many pages are read to fill one of what passes a filter.
const filteredAtMost = 5

// sifted reads pages of what passes a filter until one is full. After a few it
// gives what there is, and where to go on.
func sifted(limit int, cursor string, read func(cursor string, limit int) ([]*directory.Stakeholder, string, error)) ([]*directory.Stakeholder, string, error) {
	var list []*directory.Stakeholder
	for range filteredAtMost {
		found, next, err := read(cursor, limit-len(list))
		if err != nil {
			return nil, "", err
		}
		list, cursor = append(list, found...), next
		if cursor == "" || len(list) >= limit {
			break
		}
	}
	return list, cursor, nil
}

func idsOf(list []*directory.Stakeholder) []string {
	ids := make([]string, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	return ids
}

// countsView is how long the queues are.
type countsView struct {
	Registrations []backlogView `json:"registrations"`
	Mine          int           `json:"mine"` // of those in review that who asks has
}

// backlogView is how many registrations are in one status.
type backlogView struct {
	Status   directory.Status `json:"status"`
	Count    int              `json:"count"`
	More     bool             `json:"more,omitempty"` // than were counted
	OldestAt *time.Time       `json:"oldest_at,omitempty"`
	OldestIn int              `json:"oldest_days,omitempty"` // whole days that the oldest has waited
}

// getCounts counts what waits, by status, and says how long the oldest has waited.
func (s *Server) getCounts(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	view, err := s.countQueues(r)
	if err != nil {
		return err
	}
	return ok(w, view)
}

func (s *Server) countQueues(r *http.Request) (countsView, error) {
	view := countsView{Registrations: []backlogView{}}
	for _, status := range []directory.Status{directory.AwaitingEmail, directory.AwaitingReview, directory.Returned, directory.Suspended} {
		b, err := s.Store.Backlog(r.Context(), status)
		if err != nil {
			return view, err
		}
		one := backlogView{Status: status, Count: b.Count, More: b.More}
		if b.Oldest != nil {
			one.OldestAt, one.OldestIn = &b.Oldest.SubmittedAt, int(s.now().Sub(b.Oldest.SubmittedAt).Hours()/24)
		}
		view.Registrations = append(view.Registrations, one)
	}
	mine, _, err := s.had(r, directory.AwaitingReview, identityOf(r).Subject, "", 100)
	view.Mine = len(mine)
	return view, err
}
