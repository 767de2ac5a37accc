package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
)

// attendanceView is who came, as a form of one page of the invitations.
type attendanceView struct {
	boardView
	event    directory.Text
	faults   formFaults
	sessions []option
	ahead    bool // it has not begun yet
}

// The fields of one row of the form. The contact names the row.
func cameField(contact string) string    { return "came_" + contact }
func spokeField(contact string) string   { return "spoke_" + contact }
func sessionField(contact string) string { return "sessions_" + contact }

func (s *Server) attendancePage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.board(r)
	if err != nil {
		return err
	}
	return s.showAttendance(w, r, e, http.StatusOK, nil, nil)
}

// showAttendance shows one page of those who accepted, or of another answer. What
// was typed and refused stands as it was typed.
func (s *Server) showAttendance(w http.ResponseWriter, r *http.Request, e *convening.Event, status int, form url.Values, refused map[string]error) error {
	p := pageOf(r)
	q, err := query(r, "after", "answer", "done", "n", "lang")
	if err != nil {
		return err
	}
	if !q.Has("answer") {
		q.Set("answer", "accepted")
	}
	counts, err := s.Store.Counts(r.Context(), e.ID)
	if err != nil {
		return err
	}
	view := attendanceView{event: textIn(e.Titles, p.lang), sessions: p.sessions(e), ahead: e.Starts.After(s.now())}
	view.id, view.done, view.total, view.answersView = e.ID, p.doneText(q.Get("done"), q.Get("n")), counts.Total(), p.answers(e, counts)
	if err := s.fillInvitations(r.Context(), p, e, q, &view.boardView); err != nil {
		return err
	}
	for i := range view.lines {
		line := &view.lines[i]
		if form.Has(cameField(line.contact)) {
			line.presence, _ = presenceOf(form, line.contact)
		}
		if err := refused[line.contact]; err != nil {
			faults, err := faultsOf(p, err, formFields{of: func(string) string { return cameField(line.contact) }, says: func(string) string { return line.who.Text }})
			if err != nil {
				return err
			}
			view.faults.list = append(view.faults.list, faults.list...)
		}
	}
	return s.show(w, r, p, status, attendance(p, view))
}

// sessions are those of a course, in order.
func (p page) sessions(e *convening.Event) []option {
	var list []option
	for i, session := range e.Sessions {
		list = append(list, option{strconv.Itoa(i + 1), textIn(session.Titles, p.lang).Text})
	}
	return list
}

// presenceOf reads one row of the form; there is none where nothing was noted.
func presenceOf(form url.Values, contact string) (convening.Presence, bool) {
	presence := convening.Presence{Attendance: convening.Attendance(line(form, cameField(contact))), Spoke: form.Get(spokeField(contact)) == "yes"}
	for _, given := range form[sessionField(contact)] {
		if n, err := strconv.Atoi(given); err == nil {
			presence.Sessions = append(presence.Sessions, n)
		}
	}
	if form.Get("rest") == "yes" && presence.Attendance == "" {
		presence.Attendance = convening.Attended
	}
	return presence, presence.Attendance != "" || presence.Spoke || len(presence.Sessions) > 0
}

// attendanceForm notes what the rows of a page say. Nothing is noted while one of
// them is refused.
func (s *Server) attendanceForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.board(r)
	if err != nil {
		return err
	}
	rows := form["contact"]
	if len(rows) > invitationsShown {
		return errNotForm
	}
	noted, refused, err := s.presences(r, e, form, rows)
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		return s.showAttendance(w, r, e, http.StatusUnprocessableEntity, form, refused)
	}
	for _, i := range noted {
		presence, _ := presenceOf(form, i.Contact)
		if err := s.changeFor(r, i, func(i *convening.Invitation) error { return s.attend(r.Context(), e, i, presence) }); err != nil {
			return err
		}
	}
	if e.Status == convening.Held && len(noted) > 0 {
		if err := s.thankAgain(r); err != nil {
			return err
		}
	}
	q := r.URL.Query() // the same page of the list
	q.Set("done", "noted")
	q.Set("n", strconv.Itoa(len(noted)))
	return p.see(w, boardPath(e.ID)+"/attendance", q)
}

// presences reads whom the form notes something new of, and what of it cannot be.
func (s *Server) presences(r *http.Request, e *convening.Event, form url.Values, rows []string) ([]*convening.Invitation, map[string]error, error) {
	var noted []*convening.Invitation
	refused := map[string]error{}
	for _, contact := range rows {
		presence, given := presenceOf(form, contact)
		if !given {
			continue
		}
		i, err := s.Store.Invitation(r.Context(), e.ID, contact)
		if err != nil {
			return nil, nil, err
		}
		tried := *i
		switch err := tried.AttendCourse(e, presence); {
		case err == nil && !sameNoted(&tried, i):
			noted = append(noted, i)
		case fault.KindOf(err) == fault.Invalid:
			refused[contact] = err
		case err != nil && !errors.Is(err, convening.ErrNotInvited): // who was never asked is in no row that notes anything
			return nil, nil, err
		}
	}
	return noted, refused, nil
}

func sameNoted(a, b *convening.Invitation) bool {
	return a.Attendance == b.Attendance && a.Spoke == b.Spoke && slices.Equal(a.Sessions, b.Sessions)
}
