package web

import (
	"net/http"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// The links in mail. GET shows and changes nothing, because mail scanners fetch
// whatever they find; POST acts.

// confirm proves the address that the link was sent to.
func (s *Server) confirm(r *http.Request) (*directory.Stakeholder, error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeConfirm, s.now())
	if err != nil || len(link.IDs) != 2 {
		return nil, orInvalid(err)
	}
	of, err := s.Store.Resolve(r.Context(), link.IDs[0]) // the contact may have gone along with a merge
	if err != nil {
		return nil, err
	}
	ctx := store.As(r.Context(), store.Actor{ID: link.IDs[1], Role: string(auth.Contact), For: of.ID})
	return s.Store.UpdateStakeholder(ctx, of.ID, func(e *directory.Stakeholder) error {
		return e.ConfirmAddress(link.IDs[1], s.now())
	})
}

// confirming returns the stakeholder whose address the link would prove.
func (s *Server) confirming(r *http.Request) (*directory.Stakeholder, error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeConfirm, s.now())
	if err != nil || len(link.IDs) != 2 {
		return nil, orInvalid(err)
	}
	return s.Store.Resolve(r.Context(), link.IDs[0])
}

// asked returns what the answer link asks: the invitation and its event.
func (s *Server) asked(r *http.Request) (*convening.Invitation, *convening.Event, error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeAnswer, s.now())
	if err != nil || len(link.IDs) != 2 {
		return nil, nil, orInvalid(err)
	}
	i, err := s.Store.Invitation(r.Context(), link.IDs[0], link.IDs[1])
	if err != nil {
		return nil, nil, err
	}
	if i.Generation != link.Generation {
		return nil, nil, directory.ErrLinkSuperseded
	}
	e, err := s.Store.Event(r.Context(), i.EventID)
	return i, e, err
}

// answer takes the recipient's answer through the link.
func (s *Server) answer(r *http.Request, a convening.Answer) error {
	i, e, err := s.asked(r)
	if err != nil {
		return err
	}
	if err := e.TakesAnswers(); err != nil {
		return err
	}
	generation := i.Generation
	ctx := store.As(r.Context(), store.Actor{ID: i.Contact, Role: string(auth.Contact), For: i.Stakeholder})
	_, err = s.Store.UpdateInvitation(ctx, i.EventID, i.Contact, func(i *convening.Invitation) error {
		if i.Generation != generation {
			return directory.ErrLinkSuperseded
		}
		return i.Answer(a, s.now())
	})
	return err
}

// unsubscribe stops all mail to the address of the link (RFC 8058: any client,
// no session, one request).
func (s *Server) unsubscribe(r *http.Request) error {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeUnsubscribe, s.now())
	if err != nil || len(link.IDs) != 1 {
		return orInvalid(err)
	}
	return s.Store.Suppress(r.Context(), link.IDs[0], store.OptedOut)
}

func orInvalid(err error) error {
	if err != nil {
		return err
	}
	return auth.ErrLinkInvalid
}
