package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

func (s *Server) nominationRoutes() []route {
	return []route{
		{"GET", "/v1/answers/{token}/nominations", anyone, document, s.getNominations},
		{"POST", "/v1/answers/{token}/nominations", anyone, command, s.postNominations},
		{"POST", "/v1/answers/{token}/nominations/{contact}/swap", anyone, command, s.postSwap},
		{"POST", "/v1/answers/{token}/nominations/{contact}/recall", anyone, command, s.postNameRecall},
	}
}

// nominating is what somebody nominates by: the own invitation, its event, and the
// stakeholder whose focal point they are.
type nominating struct {
	first *convening.Invitation
	event *convening.Event
	of    *directory.Stakeholder
}

// nominating returns what the link lets its reader nominate by.
func (s *Server) nominating(r *http.Request) (nominating, error) {
	i, e, err := s.asked(r)
	if err != nil {
		return nominating{}, err
	}
	return s.nominatingBy(r.Context(), i, e)
}

func (s *Server) nominatingBy(ctx context.Context, i *convening.Invitation, e *convening.Event) (nominating, error) {
	if err := e.TakesAnswers(); err != nil {
		return nominating{}, err
	}
	if err := i.Nominates(s.now()); err != nil {
		return nominating{}, err
	}
	of, err := s.Store.Resolve(ctx, i.Stakeholder)
	if err != nil {
		return nominating{}, err
	}
	if c, _ := of.Contact(i.Contact); c.Role != directory.RoleFocalPoint {
		return nominating{}, convening.ErrNominatesNot
	}
	return nominating{i, e, of}, nil
}

// vacancies are the places for which names can be put.
func (s *Server) vacancies(ctx context.Context, e *convening.Event) (convening.Vacancies, error) {
	v := convening.Vacancies{PerOrganisation: e.PlacesPerOrganisation, Limited: e.Capacity > 0}
	if !v.Limited {
		return v, nil
	}
	taken, err := s.Store.SeatsTaken(ctx, e.ID)
	v.Free = e.Capacity - taken
	return v, err
}

// nominationView is a name that was put, as who put it sees it.
type nominationView struct {
	Contact  string                     `json:"contact"`
	Name     string                     `json:"name,omitempty"` // not in what is kept for an Idempotency-Key
	Status   convening.InvitationStatus `json:"status"`
	AnswerBy time.Time                  `json:"answer_by"`
}

type nominationList struct {
	Places int              `json:"places"` // of the organisation
	Left   int              `json:"left"`   // for which no name stands
	Until  time.Time        `json:"until"`  // names can be put, swapped and taken back
	Names  []nominationView `json:"names"`
}

// nominationsAsked are the names that were just put.
type nominationsAsked struct {
	Names []nominationView `json:"names"`
}

// viewNamed are the names that were just put, in their order, without the names.
func viewNamed(list []*convening.Invitation) []nominationView {
	names := make([]nominationView, len(list))
	for k, i := range list {
		names[k] = nominationView{Contact: i.Contact, Status: i.Status, AnswerBy: i.AnswerBy}
	}
	return names
}

func (n nominating) view(list []*convening.Invitation) []nominationView {
	names := viewNamed(list)
	for k, i := range list {
		who, _ := i.Recipient(n.of)
		names[k].Name = who.Name
	}
	return names
}

// getNominations lists the names that stand.
func (s *Server) getNominations(w http.ResponseWriter, r *http.Request) error {
	n, err := s.nominating(r)
	if err != nil {
		return err
	}
	list, err := s.nominations(r.Context(), n)
	if err != nil {
		return err
	}
	return ok(w, list)
}

func (s *Server) nominations(ctx context.Context, n nominating) (nominationList, error) {
	standing, err := s.Store.Nominees(ctx, n.first)
	v := convening.Vacancies{PerOrganisation: n.event.PlacesPerOrganisation}
	return nominationList{v.PerOrganisation, v.Left(n.first), n.first.MindUntil(), n.view(standing)}, err
}

// postNominations puts names for the places of the organisation.
func (s *Server) postNominations(w http.ResponseWriter, r *http.Request) error {
	var request struct {
		Names []convening.Colleague `json:"names"`
	}
	if err := decode(r, &request, "names"); err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated}
	err := s.nominate(w, r, request.Names, func(asked []*convening.Invitation) error {
		answer.body = nominationsAsked{viewNamed(asked)}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) nominate(w http.ResponseWriter, r *http.Request, names []convening.Colleague, done func([]*convening.Invitation) error) error {
	n, err := s.nominating(r)
	if err != nil {
		return err
	}
	for k := range names {
		names[k] = names[k].Tidied()
	}
	if err := convening.CheckNames(names); err != nil {
		return err
	}
	nominees, err := s.nominees(w, r, n, names)
	if err != nil {
		return err
	}
	v, err := s.vacancies(r.Context(), n.event)
	if err != nil {
		return err
	}
	_, err = s.Store.Nominate(n.as(r), n.event.ID, n.first.Contact, func(now *convening.Invitation) ([]*convening.Invitation, error) {
		if now.Generation != n.first.Generation {
			return nil, directory.ErrLinkSuperseded
		}
		asked, err := now.Nominate(nominees, v, s.now())
		if err != nil {
			return nil, err
		}
		return asked, done(asked)
	})
	return err
}

// nominees finds out who the names are: contacts of the stakeholder, or others. The
// fault says which of them are invited already.
func (s *Server) nominees(w http.ResponseWriter, r *http.Request, n nominating, names []convening.Colleague) ([]convening.Nominee, error) {
	list, invited := make([]convening.Nominee, len(names)), []int(nil)
	for k, name := range names {
		contact, named, err := s.colleague(r, n.first, name)
		if err == nil {
			err = s.uninvited(r.Context(), n.first, contact)
		}
		switch {
		case errors.Is(err, convening.ErrAlreadyInvited):
			invited = append(invited, k)
		case err != nil:
			return nil, err
		}
		list[k] = convening.Nominee{Contact: contact, Person: named}
	}
	if err := convening.AlreadyNamed(invited...); err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := s.limitedTo(w, name.Email); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// uninvited refuses a contact who has an invitation, unless it was taken back by who
// names them now.
func (s *Server) uninvited(ctx context.Context, first *convening.Invitation, contact string) error {
	there, err := s.Store.Invitation(ctx, first.EventID, contact)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err == nil && !there.Released(first.Contact):
		return convening.ErrAlreadyInvited
	}
	return err
}

// as is who nominates, for the audit trail.
func (n nominating) as(r *http.Request) context.Context {
	return store.As(r.Context(), store.Actor{ID: n.first.Contact, Role: string(auth.Contact), For: n.first.Stakeholder})
}

// postSwap puts another name in the place of one that stands.
func (s *Server) postSwap(w http.ResponseWriter, r *http.Request) error {
	var c convening.Colleague
	if err := decode(r, &c); err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated}
	err := s.swap(w, r, r.PathValue("contact"), c, func(asked *convening.Invitation) error {
		answer.body = viewNamed([]*convening.Invitation{asked})[0]
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) swap(w http.ResponseWriter, r *http.Request, nominee string, c convening.Colleague, done func(*convening.Invitation) error) error {
	n, err := s.nominating(r)
	if err != nil {
		return err
	}
	c = c.Tidied()
	if err := c.Check(); err != nil {
		return err
	}
	contact, named, err := s.colleague(r, n.first, c)
	if err != nil {
		return err
	}
	if err := s.limitedTo(w, c.Email); err != nil {
		return err
	}
	v := convening.Vacancies{PerOrganisation: n.event.PlacesPerOrganisation}
	_, err = s.Store.Swap(n.as(r), n.event.ID, nominee, func(left *convening.Invitation) (*convening.Invitation, error) {
		asked, err := left.Swap(n.first, convening.Nominee{Contact: contact, Person: named}, v, s.now())
		if err != nil {
			return nil, err
		}
		return asked, done(asked)
	})
	return unnamed(err)
}

// postNameRecall takes a name back.
func (s *Server) postNameRecall(w http.ResponseWriter, r *http.Request) error {
	answer := &reply{status: http.StatusOK, body: recallView{true}}
	if err := s.unname(r, r.PathValue("contact"), func() error { return answer.keep(r.Context()) }); err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) unname(r *http.Request, nominee string, done func() error) error {
	n, err := s.nominating(r)
	if err != nil {
		return err
	}
	_, err = s.Store.UpdateInvitation(n.as(r), n.event.ID, nominee, func(i *convening.Invitation) error {
		if i.NominatedBy != n.first.Contact {
			return convening.ErrNotNominated
		}
		if err := i.Recall(n.first, s.now()); err != nil {
			return err
		}
		return done()
	})
	return unnamed(err)
}

// unnamed says of who has no invitation, or came to nothing, the same as of who was
// nominated by another.
func unnamed(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, convening.ErrNotWithColleague) {
		return convening.ErrNotNominated
	}
	return err
}

// The buttons of the answer page by which names are put and taken back.
const (
	nameAsked = "nominate"
	nameBack  = "unname"
)

// nominateIn puts the name that a form gives, for a free place or for somebody's.
func (s *Server) nominateIn(w http.ResponseWriter, r *http.Request, form url.Values) error {
	c := convening.Colleague{Name: line(form, "nominee"), Email: line(form, "nominee_email"), Language: form.Get("nominee_language")}
	if instead := form.Get("instead"); instead != "" {
		return s.swap(w, r, instead, c, func(*convening.Invitation) error { return nil })
	}
	return s.nominate(w, r, []convening.Colleague{c}, func([]*convening.Invitation) error { return nil })
}

// nomineeField is the input that a fault of a name belongs to.
func nomineeField(pointer string) string {
	switch strings.TrimPrefix(pointer, "/names/0") {
	case "/email":
		return "nominee_email"
	case "/language":
		return "nominee_language"
	}
	return "nominee"
}

// nominationsView are the names on the page of the answer, nil for who puts none.
type nominationsView struct {
	hint, left string
	names      []nominationLine
	free       bool // a place is left for which no name stands
}

// nominationLine is one name that stands; back is the button that takes it back.
type nominationLine struct{ contact, name, status, back string }

// viewNominations shows the names that stand to who can put names.
func (s *Server) viewNominations(ctx context.Context, p page, i *convening.Invitation, e *convening.Event) (*nominationsView, error) {
	if e.PlacesPerOrganisation == 0 && len(i.Nominees) == 0 {
		return nil, nil
	}
	n, err := s.nominatingBy(ctx, i, e)
	if _, refused := errors.AsType[*fault.Error](err); refused {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := s.nominations(ctx, n)
	if err != nil || len(list.Names) == 0 && list.Left == 0 {
		return nil, err
	}
	v := &nominationsView{
		free: list.Left > 0, left: p.with("answer.nominations.left", "count", strconv.Itoa(list.Left)),
		hint: i18n.T(p.lang, "page.answer.nominations.hint", map[string]string{"max": strconv.Itoa(list.Places), "time": i18n.DateTime(p.lang, list.Until, n.event.Zone)}),
	}
	for _, name := range list.Names {
		v.names = append(v.names, nominationLine{name.Contact, name.Name, p.t("desk.invitation." + string(name.Status)), p.with("answer.unname", "name", name.Name)})
	}
	return v, nil
}

func (v *nominationsView) instead() []option {
	list := make([]option, len(v.names))
	for k, n := range v.names {
		list[k] = option{n.contact, n.name}
	}
	return list
}
