package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/ics"
	"convoke/shared/state/store"
)

// calendarLink is the secret address of a contact's calendar. The address itself
// is told once, when it is made: only the hash of its secret is kept.
type calendarLink struct {
	Active  bool       `json:"active"`
	MadeAt  *time.Time `json:"made_at,omitempty"`
	Address string     `json:"address,omitempty"`
}

func (s *Server) getCalendarLink(w http.ResponseWriter, r *http.Request) error {
	link, err := s.calendarLink(r)
	if err != nil {
		return err
	}
	return ok(w, link)
}

func (s *Server) calendarLink(r *http.Request) (calendarLink, error) {
	f, err := s.Store.Feed(r.Context(), identityOf(r).Subject)
	if errors.Is(err, store.ErrNotFound) {
		return calendarLink{}, nil
	}
	if err != nil {
		return calendarLink{}, err
	}
	return calendarLink{Active: f.Hash != "", MadeAt: f.MadeAt}, nil
}

// postCalendarLink makes an address, or another in the place of the one before. It
// holds a secret and is therefore not kept for its Idempotency-Key: who asks again
// gets another that is good, and the one before leads nowhere.
func (s *Server) postCalendarLink(w http.ResponseWriter, r *http.Request) error {
	link, err := s.renewCalendar(r)
	if err != nil {
		return err
	}
	b, err := encode(link)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, b)
	return nil
}

func (s *Server) renewCalendar(r *http.Request) (calendarLink, error) {
	who := identityOf(r)
	token, hash, err := auth.NewToken(s.Random)
	if err != nil {
		return calendarLink{}, err
	}
	now := s.now()
	ref := store.ContactRef{Stakeholder: who.Stakeholder, Contact: who.Subject}
	_, err = s.Store.UpdateFeed(store.WithOnce(r.Context(), nil), ref, func(f *convening.Feed) { f.Renew(who.Stakeholder, hash, now) })
	if err != nil {
		return calendarLink{}, err
	}
	return calendarLink{Active: true, MadeAt: &now, Address: s.BaseURL + "/calendar/invitations/" + who.Subject + "." + token + calendarSuffix}, nil
}

// deleteCalendarLink takes the address away. Again changes nothing.
func (s *Server) deleteCalendarLink(w http.ResponseWriter, r *http.Request) error {
	if err := s.revokeCalendar(r); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) revokeCalendar(r *http.Request) error {
	who := identityOf(r)
	_, err := s.Store.UpdateFeed(r.Context(), store.ContactRef{Stakeholder: who.Stakeholder, Contact: who.Subject}, (*convening.Feed).Revoke)
	return err
}

// getInvitationsCalendar is the calendar of a contact, for who knows its address.
// Whatever is wrong with the address, the answer is the same.
func (s *Server) getInvitationsCalendar(w http.ResponseWriter, r *http.Request) error {
	name, _ := calendarOf(r)
	contact, token, _ := strings.Cut(name, ".")
	f, err := s.Store.Feed(r.Context(), contact)
	if errors.Is(err, store.ErrNotFound) || err == nil && !f.Opens(auth.Hash(token)) {
		return errNoRoute
	}
	if err != nil {
		return err
	}
	e, err := s.Store.Resolve(r.Context(), f.Stakeholder)
	if err != nil {
		return err
	}
	c, still := e.Contact(contact)
	if !still {
		return errNoRoute
	}
	lang, err := feedLanguage(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("lang") == "" {
		lang = i18n.Match(c.Language)
	}
	calendar := ics.Calendar{Name: i18n.T(lang, "page.calendar.own", nil), Refresh: feedFresh} // no source: it would say the secret again
	if calendar.Entries, err = s.ownEntries(r, e, contact, lang); err != nil {
		return err
	}
	return writeCalendar(w, r, calendar, "private, no-cache")
}

// ownEntries are the events to which the contact is invited and may still come,
// those of the latest invitations.
func (s *Server) ownEntries(r *http.Request, stakeholder *directory.Stakeholder, contact string, lang i18n.Lang) ([]ics.Entry, error) {
	mine := map[string]*convening.Invitation{}
	var ids []string
	own := func(i *convening.Invitation) any {
		if i.Contact == contact && inCalendar(i) && mine[i.EventID] == nil {
			mine[i.EventID] = i
			ids = append(ids, i.EventID)
		}
		return nil
	}
	family, err := s.Store.Family(r.Context(), stakeholder) // some may be on their way from who was merged
	if err != nil {
		return nil, err
	}
	for _, id := range family {
		page := func(ctx context.Context, cursor string) ([]*convening.Invitation, string, error) {
			return s.Store.InvitationsOf(ctx, id, cursor, 1000)
		}
		if err := paging(page, own)(r.Context(), func(any) error { return nil }); err != nil {
			return nil, err
		}
	}
	events, err := s.Store.EventsByID(r.Context(), ids[max(0, len(ids)-feedEntries):])
	if err != nil {
		return nil, err
	}
	var entries []ics.Entry
	for _, e := range events {
		if e.Ends.After(s.now().Add(-feedLooksBack)) {
			entries = append(entries, s.ownEntry(e, mine[e.ID], lang))
		}
	}
	slices.SortStableFunc(entries, func(a, b ics.Entry) int { return a.Starts.Compare(b.Starts) })
	return entries, nil
}

// inCalendar reports whether an invitation belongs into its recipient's calendar:
// it went out, and the recipient has neither declined nor let it pass.
func inCalendar(i *convening.Invitation) bool {
	switch i.Status {
	case convening.Planned, convening.Declined, convening.Delegated, convening.Expired, convening.Bounced:
		return false
	}
	return i.AskedAt != nil
}

// calendarView is the address of a contact's calendar, for its page.
type calendarView struct {
	calendarLink
	revoked bool
}

func (s *Server) calendarPage(w http.ResponseWriter, r *http.Request) error {
	link, err := s.calendarLink(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, calendarPageBody(p, calendarView{calendarLink: link}))
}

// calendarForm makes the address anew, or takes it away. What is made is shown at
// once, because it cannot be shown again.
func (s *Server) calendarForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	if form.Get("act") == "revoke" {
		if err := s.revokeCalendar(r); err != nil {
			return err
		}
		return s.show(w, r, p, http.StatusOK, calendarPageBody(p, calendarView{revoked: true}))
	}
	link, err := s.renewCalendar(r)
	if err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusOK, calendarPageBody(p, calendarView{calendarLink: link}))
}
