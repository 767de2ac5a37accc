package web

import (
	"errors"
	"net/http"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// identify says who asks: the bearer of a token of the issuer, who a session is
// of, or nobody. A token that does not hold is refused, never passed over;
// a session that has ended is nobody's.
func (s *Server) identify(rt route, r *http.Request) (auth.Identity, error) {
	if rt.kind == asset {
		return auth.Identity{}, nil
	}
	if header := r.Header.Get("Authorization"); header != "" {
		bearer, ok := auth.Bearer(header)
		if !ok {
			return auth.Identity{}, auth.ErrTokenInvalid
		}
		who, err := s.Tokens.Verify(r.Context(), bearer)
		if err != nil {
			return who, err
		}
		return s.onBehalf(r, who)
	}
	token, ok := s.cookie().Token(r)
	if !ok {
		return auth.Identity{}, nil
	}
	session, err := s.Store.Session(r.Context(), auth.Hash(token))
	if errors.Is(err, store.ErrLinkSpent) {
		return auth.Identity{}, nil
	}
	if err != nil {
		return auth.Identity{}, err
	}
	if session.Staff != nil {
		return employed(rt, session.Staff), nil
	}
	return auth.Identity{Subject: session.Contact, Roles: []auth.Role{auth.Contact}, Stakeholder: session.Stakeholder}, nil
}

// employed is one of the staff on the pages. The API takes the issuer's tokens
// alone: no cookie, which a browser sends unasked, carries the rights of staff there.
func employed(rt route, who *store.Staff) auth.Identity {
	if rt.kind != webPage {
		return auth.Identity{}
	}
	id := auth.Identity{Subject: who.Subject, Unit: who.Unit}
	for _, role := range who.Roles {
		id.Roles = append(id.Roles, auth.Role(role))
	}
	return id
}

func (s *Server) cookie() auth.SessionCookie { return auth.SessionCookie{Insecure: s.Plain} }

// staff reports whether who asks works the directory and sees all of it.
func staff(who auth.Identity) bool { return who.Has(auth.Moderator) || who.Has(auth.Admin) }

// actsFor reports whether who asks is a contact of the stakeholder now: a session
// outlives the contact that was removed from it, its rights do not.
func actsFor(who auth.Identity, e *directory.Stakeholder) bool {
	_, still := e.Contact(who.Subject)
	return still && who.Has(auth.Contact) && (who.Stakeholder == e.ID || len(e.Merges) > 0) // who came by a merge has a session from before
}

// convenes refuses who may not change the event: it is its unit's alone.
func convenes(who auth.Identity, e *convening.Event) error {
	if who.Has(auth.Admin) || who.Has(auth.Organiser) && who.Unit != "" && who.Unit == e.Unit {
		return nil
	}
	return errNoRoute // whether it exists is not for other units to know
}
