package web

import (
	"net/http"
	"slices"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

func (s *Server) delegationRoutes() []route {
	return []route{
		{"POST", "/v1/answers/{token}/delegation", anyone, command, s.postDelegation},
		{"POST", "/v1/answers/{token}/recall", anyone, command, s.postRecall},
		{"POST", "/v1/answers/{token}/conflict", anyone, command, s.postDeclaration},
	}
}

// delegationView is what becomes of an invitation that was handed on.
type delegationView struct {
	Status   convening.InvitationStatus `json:"status"`
	AnswerBy time.Time                  `json:"colleague_answers_by"` // else the invitation comes back
}

// postDelegation hands the invitation of the link on to a colleague.
func (s *Server) postDelegation(w http.ResponseWriter, r *http.Request) error {
	var c convening.Colleague
	if err := decode(r, &c); err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated}
	err := s.handOn(w, r, c, func(second *convening.Invitation) error {
		answer.body = delegationView{convening.Delegated, second.AnswerBy}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// handOn hands the invitation of the link on. Whether the colleague's address
// takes mail is not told: when it takes none, the invitation comes back.
func (s *Server) handOn(w http.ResponseWriter, r *http.Request, c convening.Colleague, done func(second *convening.Invitation) error) error {
	i, e, err := s.asked(r)
	if err != nil {
		return err
	}
	if err := e.TakesAnswers(); err != nil {
		return err
	}
	c = c.Tidied()
	if err := c.Check(); err != nil {
		return err
	}
	contact, named, err := s.colleague(r, i, c)
	if err != nil {
		return err
	}
	if err := s.limitedTo(w, c.Email); err != nil {
		return err
	}
	ctx := store.As(r.Context(), store.Actor{ID: i.Contact, Role: string(auth.Contact), For: i.Stakeholder})
	_, err = s.Store.HandOn(ctx, i.EventID, i.Contact, func(now *convening.Invitation) (*convening.Invitation, error) {
		if now.Generation != i.Generation {
			return nil, directory.ErrLinkSuperseded
		}
		second, err := now.HandOn(contact, named, s.now())
		if err != nil {
			return nil, err
		}
		return second, done(second)
	})
	return err
}

// recallView says that an invitation is its first recipient's again.
type recallView struct {
	Recalled bool `json:"recalled"`
}

// postRecall takes the invitation of the link back from the colleague.
func (s *Server) postRecall(w http.ResponseWriter, r *http.Request) error {
	answer := &reply{status: http.StatusOK, body: recallView{true}}
	if err := s.recall(r, func() error { return answer.keep(r.Context()) }); err != nil {
		return err
	}
	return answer.write(w)
}

// recall takes the invitation of the link back from who was named, who is told.
// What was kept for the colleague is the first's again in the same transaction.
func (s *Server) recall(r *http.Request, done func() error) error {
	first, e, err := s.asked(r)
	if err != nil {
		return err
	}
	if err := e.TakesAnswers(); err != nil {
		return err
	}
	if first.Status != convening.Delegated || first.Delegate == nil {
		return convening.ErrNotWithColleague
	}
	ctx := store.As(r.Context(), store.Actor{ID: first.Contact, Role: string(auth.Contact), For: first.Stakeholder})
	_, err = s.Store.UpdateInvitation(ctx, first.EventID, first.Delegate.Contact, func(second *convening.Invitation) error {
		if err := second.Recall(first, s.now()); err != nil {
			return err
		}
		return done()
	})
	return err
}

// colleague returns the id of who was named, and what to keep of them: nothing
// when they are a contact of the stakeholder, who is written to as such. Nobody is
// named twice.
func (s *Server) colleague(r *http.Request, i *convening.Invitation, c convening.Colleague) (contact string, named *convening.Colleague, err error) {
	same := func(address string) bool {
		return directory.CanonicalAddress(address) == directory.CanonicalAddress(c.Email)
	}
	e, err := s.Store.Resolve(r.Context(), i.Stakeholder)
	if err != nil {
		return "", nil, err
	}
	for _, k := range e.Contacts {
		if same(k.Email) {
			return k.ID, nil, nil
		}
	}
	others, err := s.Store.Colleagues(r.Context(), i.Stakeholder)
	if err != nil {
		return "", nil, err
	}
	if slices.ContainsFunc(others, func(o *convening.Invitation) bool {
		return o.EventID == i.EventID && o.Status != convening.Withdrawn && o.Colleague != nil && same(o.Colleague.Email)
	}) {
		return "", nil, convening.ErrAlreadyInvited
	}
	return s.Store.NewID(), &c, nil
}

// named refuses an id that is neither of somebody whom a contact of the stakeholder
// named as a colleague nor of who was its contact.
func (s *Server) named(r *http.Request, stakeholder, contact string) error {
	list, err := s.Store.Colleagues(r.Context(), stakeholder)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(i *convening.Invitation) bool { return i.Contact == contact }) {
		return nil
	}
	was, err := s.Store.WasContact(r.Context(), stakeholder, contact)
	if err == nil && !was {
		err = errNoRoute
	}
	return err
}
