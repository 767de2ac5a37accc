package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// nextView is the event that one prepares, to which participants can be taken along.
type nextView struct {
	id    string
	title directory.Text
}

// nextOf is nil for an event that prepares none, of which nobody can be taken
// along, or whose reader cannot.
func (s *Server) nextOf(r *http.Request, p page, e *convening.Event) (*nextView, error) {
	if e.Precedes == "" || e.Status == convening.Draft || e.Status == convening.Cancelled || !identityOf(r).Has(auth.Organiser) {
		return nil, nil
	}
	next, err := s.Store.Event(r.Context(), e.Precedes)
	if errors.Is(err, store.ErrNotFound) || err == nil && (next.Over() || next.Unit != e.Unit) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &nextView{next.ID, textIn(next.Titles, p.lang)}, nil
}

func (p page) carriedChoices() (who, as []option) {
	for _, one := range []string{convening.WhoAttended, convening.WhoAccepted} {
		who = append(who, option{one, p.t("desk.carry." + one)})
	}
	for _, one := range []string{convening.ToInvitees, convening.ToShortlist} {
		as = append(as, option{one, p.t("desk.carry." + one)})
	}
	return who, as
}

// carryForm takes participants along to the event that this one prepares.
func (s *Server) carryForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	from, err := s.board(r)
	if err != nil {
		return err
	}
	to, err := s.convened(r, from.Precedes)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, errNoRoute) {
		return convening.ErrNotPrepared
	}
	if err != nil {
		return err
	}
	done, err := s.takeAlong(r, convening.CarryOver{From: from.ID, Who: line(form, "who"), To: line(form, "as")}, from, to, &reply{})
	if err != nil {
		return err
	}
	return p.see(w, boardPath(from.ID), url.Values{"done": {"carried"}, "n": {strconv.Itoa(done.Added)}})
}
