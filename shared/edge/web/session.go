package web

import (
	"net/http"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// signInRequest asks for a link by mail.
type signInRequest struct {
	Email string `json:"email"`
}

func (s *Server) postSignIn(w http.ResponseWriter, r *http.Request) error {
	if err := s.limited(w, "sign-in", r); err != nil {
		return err
	}
	var request signInRequest
	if err := decode(r, &request); err != nil {
		return err
	}
	if err := s.limitedTo(w, request.Email); err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted, body: map[string]string{"status": "requested"}}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.requestSignIn(r, request.Email); err != nil {
		return err
	}
	return answer.write(w)
}

// requestSignIn notes that somebody wants to sign in with an address. It looks
// nothing up, so that answer and cost are the same whoever it is; the mailer
// finds out, and makes the secret, which never lies in the outbox.
func (s *Server) requestSignIn(r *http.Request, address string) error {
	if code := directory.AddressFault(address); code != "" {
		return &fault.Error{Kind: fault.Invalid, Code: "sign_in.invalid", Fields: []fault.Field{{Pointer: "/email", Code: code}}}
	}
	return s.Store.Announce(r.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"address": store.AddressHash(address)}})
}

// sessionView says who is signed in.
type sessionView struct {
	SignedIn    bool        `json:"signed_in"`
	Subject     string      `json:"subject,omitempty"`
	Roles       []auth.Role `json:"roles"`
	Unit        string      `json:"unit,omitempty"`
	Stakeholder string      `json:"stakeholder,omitempty"`
	Language    i18n.Lang   `json:"language"`
}

func (s *Server) getSession(w http.ResponseWriter, r *http.Request) error {
	who := identityOf(r)
	view := sessionView{who.SignedIn(), who.Subject, who.Roles, who.Unit, who.Stakeholder, language(r)}
	if view.Roles == nil {
		view.Roles = []auth.Role{}
	}
	return ok(w, view)
}

func (s *Server) deleteSession(w http.ResponseWriter, r *http.Request) error {
	if token, ok := s.cookie().Token(r); ok {
		if err := s.Store.EndSession(r.Context(), auth.Hash(token)); err != nil {
			return err
		}
	}
	http.SetCookie(w, s.cookie().End())
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// enter spends a mailed link and opens the session that it stands for.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, link string) error {
	token, hash, err := auth.NewToken(s.Random)
	if err != nil {
		return err
	}
	session, err := s.Store.SpendSignInLink(r.Context(), auth.Hash(link), hash)
	if err != nil {
		return err
	}
	http.SetCookie(w, s.cookie().Start(token, session.Expires))
	return nil
}
