package web

import (
	"context"
	"errors"
	"net/http"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
)

func (s *Server) relayRoutes() []route {
	return []route{
		{"POST", "/v1/stakeholders/{id}/contacts/{contact}/messages", writers, command, s.postMessage},
		{"GET", "/stakeholders/{id}/messages/{contact}", writers, webPage, s.messagePage},
		{"POST", "/stakeholders/{id}/messages/{contact}", writers, webPage, s.messageForm},
	}
}

// errNotListed says that only contacts of listed stakeholders may write to others.
var errNotListed = fault.New(fault.Forbidden, "relay.not_listed")

// postMessage sends a letter to a contact whose address the sender does not
// learn. Whether there is such a contact, and whether it takes mail, the answer
// does not tell.
func (s *Server) postMessage(w http.ResponseWriter, r *http.Request) error {
	var letter directory.Letter
	if err := decode(r, &letter); err != nil {
		return err
	}
	m, err := s.relayed(r, letter)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted, body: map[string]string{"status": "accepted"}}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.relay(r.Context(), w, m); err != nil {
		return err
	}
	return answer.write(w)
}

// relayed is the letter as it goes from who is signed in to the contact of the path.
func (s *Server) relayed(r *http.Request, letter directory.Letter) (*directory.Relayed, error) {
	to, err := s.profile(r)
	if err != nil {
		return nil, err
	}
	if err := letter.Validate(); err != nil {
		return nil, err
	}
	m := &directory.Relayed{
		ID: s.Store.NewID(), Stakeholder: to.ID, Contact: r.PathValue("contact"), At: s.now(), Letter: letter.Tidied(),
	}
	return m, s.sender(r, m)
}

// relay passes a letter on, and says when the next one can go if this was too many.
func (s *Server) relay(ctx context.Context, w http.ResponseWriter, m *directory.Relayed) error {
	err := s.Store.Relay(ctx, m)
	if errors.Is(err, directory.ErrRelayLimited) {
		w.Header().Set("Retry-After", seconds(directory.UntilTomorrow(s.now())))
	}
	return err
}

// sender says who writes. A contact writes for a listed stakeholder and has
// answers sent to the address that it proved, and to no other.
func (s *Server) sender(r *http.Request, m *directory.Relayed) error {
	who := identityOf(r)
	m.Sender = who.Subject
	if who.Has(auth.Organiser) {
		if who.Unit == "" {
			return errNoUnit
		}
		m.Unit = who.Unit
		return nil
	}
	e, err := s.Store.Resolve(r.Context(), who.Stakeholder)
	if err != nil {
		return err
	}
	c, _ := e.Contact(who.Subject)
	if e.Status != directory.Listed || c.ConfirmedAt == nil {
		return errNotListed
	}
	if directory.CanonicalAddress(c.Email) != directory.CanonicalAddress(m.ReplyTo) {
		return &fault.Error{Kind: fault.Invalid, Code: "relay.invalid", Fields: []fault.Field{{Pointer: "/reply_to", Code: "relay.own_address"}}}
	}
	m.For = e.ID
	return nil
}
