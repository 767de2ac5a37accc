package web

import (
	"net/http"
	"net/url"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
)

// invitedEntry is one invitation, with the answer that came to the organiser by
// telephone or letter as a form.
type invitedEntry struct {
	id    string // of the event
	title directory.Text
	line  invitationLine
	open  bool // an answer is taken
	held  bool // it can be withdrawn
	form  formView
}

// invitationPage shows one invitation to the organiser.
func (s *Server) invitationPage(w http.ResponseWriter, r *http.Request) error {
	return s.showEntry(w, r, http.StatusOK, formView{values: url.Values{}})
}

func (s *Server) showEntry(w http.ResponseWriter, r *http.Request, status int, form formView) error {
	p := pageOf(r)
	e, err := s.board(r)
	if err != nil {
		return err
	}
	i, err := s.Store.Invitation(r.Context(), e.ID, r.PathValue("contact"))
	if err != nil {
		return err
	}
	lines, err := s.invitationLines(r.Context(), p, e, []*convening.Invitation{i})
	if err != nil {
		return err
	}
	form.labels = "desk.entry"
	view := invitedEntry{
		id: e.ID, title: textIn(e.Titles, p.lang), line: lines[0], form: form, open: i.Open(s.now()),
		held: i.Status != convening.Withdrawn && i.Status != convening.Delegated && i.Status != convening.Expired,
	}
	return s.show(w, r, p, status, entryPage(p, view))
}

// invitationForm enters an answer for who was invited, or takes the invitation
// back.
func (s *Server) invitationForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	done := "answered"
	change := func(_ *convening.Event, i *convening.Invitation) error { return i.Enter(entryOf(form), s.now()) }
	if form.Get("act") == "withdraw" {
		done, change = "withdrawn", func(_ *convening.Event, i *convening.Invitation) error { return withdraw(i, s.now()) }
	}
	if err := s.changeInvited(r, change); err != nil {
		faults, err := faultsOf(p, err, formFields{labels: "desk.entry", order: []string{"answer", "channel", "reason", "needs"}, of: entryField})
		if err != nil {
			return err
		}
		return s.showEntry(w, r, http.StatusUnprocessableEntity, formView{values: form, faults: faults})
	}
	return p.see(w, boardPath(r.PathValue("id")), url.Values{"done": {done}})
}

func entryOf(form url.Values) convening.Entry {
	entry := convening.Entry{Channel: line(form, "channel")}
	entry.Answer.Answer, entry.Reason, entry.Needs = convening.InvitationStatus(line(form, "answer")), prose(form, "reason"), form["needs"]
	if entry.Needs == nil {
		entry.Needs = []string{} // the form says that there are none
	}
	return entry
}

func entryField(pointer string) string {
	switch pointer {
	case "/answer", "/channel", "/reason":
		return pointer[1:]
	}
	if len(pointer) > 6 && pointer[:6] == "/needs" {
		return "needs"
	}
	return ""
}

func (p page) entryAnswers() []option {
	var list []option
	for _, answer := range []convening.InvitationStatus{convening.Accepted, convening.Tentative, convening.Declined} {
		list = append(list, option{string(answer), p.t("desk.answer." + string(answer))})
	}
	return list
}

func (p page) entryChannels() []option {
	var list []option
	for _, channel := range convening.Channels() {
		list = append(list, option{channel, p.t("desk.entry.channel." + channel)})
	}
	return list
}

func (p page) needChoices() []option {
	var list []option
	for _, need := range convening.Needs() {
		list = append(list, option{need, p.t("desk.need." + need)})
	}
	return list
}
