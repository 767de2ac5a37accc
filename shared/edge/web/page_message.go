package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// messageView is a letter to a contact whose address stays unknown to its writer.
type messageView struct {
	id, name  string
	speaker   string // the name of the speaker that it goes to, empty for the focal point
	answerTo  string // the proved address of a contact who writes, empty for a unit, which says it
	languages []option
	form      formView
}

// messageFields are the fields of the form in the order of the page.
func messageFields() []string { return []string{"subject", "text", "language", "reply_to"} }

func messagePath(stakeholder, contact string) string {
	return "/stakeholders/" + url.PathEscape(stakeholder) + "/messages/" + url.PathEscape(contact)
}

// messagePage shows the form of a letter to a stakeholder.
func (s *Server) messagePage(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	if p.query.Has("sent") {
		return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
			title: p.t("message.sent"), texts: []string{p.t("message.sent.text")},
			next: p.t("me.profile"), nextAt: "/stakeholders/" + url.PathEscape(r.PathValue("id")),
		}))
	}
	return s.showMessage(w, r, http.StatusOK, formView{values: url.Values{"language": {string(p.lang)}}})
}

// showMessage shows the form as it was filled in.
func (s *Server) showMessage(w http.ResponseWriter, r *http.Request, status int, form formView) error {
	p := pageOf(r)
	e, err := s.profile(r)
	if err != nil {
		return err
	}
	view := messageView{id: e.ID, name: e.DisplayName(string(p.lang)), languages: p.spokenLanguages(form.values.Get("language"))}
	if view.speaker, err = addressee(identityOf(r), e, r.PathValue("contact")); err != nil {
		return err
	}
	if view.answerTo, err = s.answerTo(r); err != nil {
		return err
	}
	if view.answerTo == "" && !form.values.Has("reply_to") {
		at, err := s.unitAddress(r.Context(), identityOf(r).Unit)
		if err != nil {
			return err
		}
		form.values.Set("reply_to", at)
	}
	view.form = form
	view.form.labels = "message"
	if view.form.once == "" {
		view.form.once = s.Store.NewID()
	}
	return s.show(w, r, p, status, messageBody(p, view))
}

// addressee names the speaker that a letter goes to: those who see the speakers of
// a stakeholder can write to each, everybody else to its focal point.
func addressee(who auth.Identity, e *directory.Stakeholder, contact string) (string, error) {
	if contact == directory.ToFocalPoint {
		return "", nil
	}
	if seesHidden(who) {
		for _, c := range e.Speakers() {
			if c.ID == contact {
				return c.Name, nil
			}
		}
	}
	return "", store.ErrNotFound
}

// answerTo is the address that answers to a contact go to, empty for a unit.
func (s *Server) answerTo(r *http.Request) (string, error) {
	who := identityOf(r)
	if who.Has(auth.Organiser) {
		return "", nil
	}
	e, err := s.Store.Resolve(r.Context(), who.Stakeholder)
	if err != nil {
		return "", err
	}
	c, _ := e.Contact(who.Subject)
	if e.Status != directory.Listed || c.ConfirmedAt == nil {
		return "", errNotListed
	}
	return c.Email, nil
}

// writable reports whether who is signed in can write to the stakeholder: of an
// entry that nobody acts for, nobody would read it.
func (s *Server) writable(r *http.Request, e *directory.Stakeholder) (bool, error) {
	who := identityOf(r)
	if e.Unclaimed() || actsFor(who, e) {
		return false, nil
	}
	if who.Has(auth.Organiser) {
		return who.Unit != "", nil
	}
	if !who.Has(auth.Contact) {
		return false, nil
	}
	if _, err := s.answerTo(r); !errors.Is(err, errNotListed) {
		return err == nil, err
	}
	return false, nil
}

// unitAddress is where answers to a unit's mail go, empty when it has not said.
func (s *Server) unitAddress(ctx context.Context, unit string) (string, error) {
	u, err := s.Store.Unit(ctx, unit)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	}
	return u.ReplyTo, nil
}

// messageForm passes a letter on. Whether it reaches anybody, the answer does not
// tell.
func (s *Server) messageForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	if err = s.sendMessage(w, r, form); err == nil {
		return p.see(w, p.path, url.Values{"sent": {"1"}})
	}
	again, status := formView{values: form, once: form.Get("once")}, http.StatusUnprocessableEntity
	if errors.Is(err, directory.ErrRelayLimited) {
		said := describe(p.lang, err)
		again.faults.list, status = []formFault{{text: said.Title}}, said.Status
	} else if again.faults, err = faultsOf(p, err, formFields{labels: "message", order: messageFields(), of: messageField}); err != nil {
		return err
	}
	return s.showMessage(w, r, status, again)
}

func messageField(pointer string) string { return strings.TrimPrefix(pointer, "/") }

func (s *Server) sendMessage(w http.ResponseWriter, r *http.Request, form url.Values) error {
	letter := directory.Letter{Subject: line(form, "subject"), Text: prose(form, "text"), Language: line(form, "language"), ReplyTo: line(form, "reply_to")}
	own, err := s.answerTo(r)
	if err != nil {
		return err
	}
	if own != "" {
		letter.ReplyTo = own
	}
	m, err := s.relayed(r, letter)
	if err != nil {
		return err
	}
	return s.takeOnce(r, form, func(ctx context.Context) error { return s.relay(ctx, w, m) })
}
