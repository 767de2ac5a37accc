package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

func (s *Server) letterRoutes() []route {
	return []route{
		{"POST", "/v1/answers/{token}/letter", anyone, command, s.postOwnLetter},
		{"POST", "/v1/events/{id}/invitations/{contact}/letter", conveners, command, s.postLetter},
		{"GET", "/v1/letters/{code}", anyone, document, s.getLetter},
		{"GET", "/letters/{code}", anyone, webPage, s.letterPage},
	}
}

// letterReceipt is what who asks for a letter is told. The letter itself goes by
// mail, to who is invited and nobody else.
type letterReceipt struct {
	Language string    `json:"language"`
	IssuedAt time.Time `json:"issued_at"`
	Until    time.Time `json:"until"` // it can be verified, and the name is kept
}

// postOwnLetter sends who has the link a letter of participation.
func (s *Server) postOwnLetter(w http.ResponseWriter, r *http.Request) error {
	var q convening.LetterRequest
	if err := decode(r, &q); err != nil {
		return err
	}
	i, e, err := s.asked(r)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated}
	if err := s.ownLetter(r, i, e, q, answer); err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) ownLetter(r *http.Request, i *convening.Invitation, e *convening.Event, q convening.LetterRequest, answer *reply) error {
	ctx := store.As(r.Context(), store.Actor{ID: i.Contact, Role: string(auth.Contact), For: i.Stakeholder})
	return s.issueLetter(ctx, i, e, q, answer, func(now *convening.Invitation) error {
		if now.Generation != i.Generation {
			return directory.ErrLinkSuperseded
		}
		return nil
	})
}

// letterIn issues the letter that a form asks for.
func (s *Server) letterIn(r *http.Request, form url.Values) error {
	i, e, err := s.asked(r)
	if err != nil {
		return err
	}
	return s.ownLetter(r, i, e, convening.LetterRequest{Name: line(form, "passport"), Language: form.Get("letter_language")}, &reply{})
}

// postLetter sends somebody who comes a letter of participation, as the organiser
// was told the name.
func (s *Server) postLetter(w http.ResponseWriter, r *http.Request) error {
	var q convening.LetterRequest
	if err := decode(r, &q); err != nil {
		return err
	}
	e, err := s.convened(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	i, err := s.Store.Invitation(r.Context(), e.ID, r.PathValue("contact"))
	if err != nil {
		return err
	}
	who := identityOf(r)
	ctx := store.As(r.Context(), store.Actor{ID: who.Subject, Role: string(who.Roles[0]), For: i.Stakeholder})
	answer := &reply{status: http.StatusCreated}
	if err := s.issueLetter(ctx, i, e, q, answer, func(*convening.Invitation) error { return nil }); err != nil {
		return err
	}
	return answer.write(w)
}

// issueLetter makes the letter and the answer. The organisation is named unless to
// be known would put it in danger.
func (s *Server) issueLetter(ctx context.Context, i *convening.Invitation, e *convening.Event, q convening.LetterRequest, answer *reply, allowed func(*convening.Invitation) error) error {
	of, err := s.Store.Resolve(ctx, i.Stakeholder)
	if err != nil {
		return err
	}
	q.Name = directory.Tidy(q.Name)
	if q.Language == "" {
		to, _ := i.Recipient(of)
		q.Language = to.Language
	}
	organisation := ""
	if !of.AtRisk {
		organisation = of.DisplayName(string(i18n.Match(q.Language)))
	}
	_, err = s.Store.IssueLetter(ctx, e.ID, i.Contact, func(now *convening.Invitation) (*convening.Letter, error) {
		if err := allowed(now); err != nil {
			return nil, err
		}
		l, err := now.IssueLetter(e, q, rand.Text(), organisation, s.now())
		if err != nil {
			return nil, err
		}
		answer.body = letterReceipt{l.Language, l.IssuedAt, l.Until}
		return l, answer.keep(ctx)
	})
	return err
}

// letterView is a letter as whoever has its code sees it: what is on it while it is
// valid, and whether it is.
type letterView struct {
	Standing convening.LetterStanding `json:"standing"`
	IssuedAt time.Time                `json:"issued_at"`
	Until    time.Time                `json:"until"`
	*letterShown
}

type letterShown struct {
	Name         string           `json:"name"`
	Organisation string           `json:"organisation,omitempty"`
	Role         string           `json:"role"`
	Kind         string           `json:"kind"`
	Titles       []directory.Text `json:"titles"`
	Starts       time.Time        `json:"starts"`
	Ends         time.Time        `json:"ends"`
	Zone         string           `json:"zone"`
	Place        string           `json:"place"`
	Convener     string           `json:"convener"`
}

// letter returns the letter of the path's code, and what it is worth by the event
// and the invitation as they are.
func (s *Server) letter(r *http.Request) (v letterView, err error) {
	code := r.PathValue("code")
	if len(code) > maxCode {
		return v, errNoRoute
	}
	l, err := s.Store.Letter(r.Context(), code)
	if err != nil {
		return v, err
	}
	e, err := s.Store.Event(r.Context(), l.EventID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return v, err
	}
	i, err := s.Store.Invitation(r.Context(), l.EventID, l.Contact)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return v, err
	}
	v = letterView{Standing: l.Standing(e, i, s.now()), IssuedAt: l.IssuedAt, Until: l.Until}
	if v.Standing == convening.LetterValid {
		v.letterShown = &letterShown{l.Name, l.Organisation, l.Role, l.Kind, l.Titles, l.Starts, l.Ends, l.Zone, l.Place, l.Convener}
	}
	return v, nil
}

func (s *Server) getLetter(w http.ResponseWriter, r *http.Request) error {
	l, err := s.letter(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return ok(w, l)
}

// letterPage shows whoever has the code what is on the letter.
func (s *Server) letterPage(w http.ResponseWriter, r *http.Request) error {
	l, err := s.letter(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	p.private = true
	view := noticeView{title: i18n.T(p.lang, "paper.letter.title", nil), texts: []string{p.t("letter." + string(l.Standing))}}
	zone := "UTC"
	if shown := l.letterShown; shown != nil {
		zone = shown.Zone
		view.details = shown.lines(p)
	}
	view.texts = append(view.texts, i18n.T(p.lang, "paper.issued", map[string]string{"date": i18n.Date(p.lang, l.IssuedAt, zone)}))
	return s.show(w, r, p, http.StatusOK, notice(p, view))
}

// lines are what is on the letter, as it says them.
func (l *letterShown) lines(p page) []string {
	var list []string
	for _, row := range [][2]string{
		{"name", l.Name},
		{"organisation", l.Organisation},
		{"role", i18n.T(p.lang, "role."+l.Role, nil)},
		{"event", textIn(l.Titles, p.lang).Text},
		{"kind", i18n.T(p.lang, "event_kind."+l.Kind, nil)},
		{"when", i18n.Span(p.lang, l.Starts, l.Ends, l.Zone)},
		{"place", l.Place},
		{"convener", l.Convener},
	} {
		if row[1] != "" {
			list = append(list, i18n.T(p.lang, "mail.labelled", map[string]string{"label": i18n.T(p.lang, "paper.letter."+row[0], nil), "value": row[1]}))
		}
	}
	return list
}
