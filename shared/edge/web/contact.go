package web

import (
	"net/http"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
)

// errNotFocalPoint says that only the focal point may do it.
var errNotFocalPoint = fault.New(fault.Forbidden, "contact.focal_point_only")

func (s *Server) contactRoutes() []route {
	return []route{
		{"GET", "/v1/stakeholders/{id}/contacts", applicant, document, s.listContacts},
		{"POST", "/v1/stakeholders/{id}/contacts", applicant, command, s.postContact},
		{"PUT", "/v1/stakeholders/{id}/contacts/{contact}", applicant, command, s.putContact},
		{"DELETE", "/v1/stakeholders/{id}/contacts/{contact}", applicant, command, s.deleteContact},
		{"GET", "/me/contacts/{contact}", access{auth.Contact}, webPage, s.contactPage},
		{"POST", "/me/contacts/{contact}", access{auth.Contact}, webPage, s.contactForm},
		{"POST", "/v1/stakeholders/{id}/focal-point", applicant, command, s.postFocalPoint},
		{"GET", "/v1/stakeholders/{id}/speakers", access{auth.Organiser, auth.Moderator, auth.Admin}, document, s.listSpeakers},
	}
}

// leads reports whether who asks is the stakeholder's focal point, or works the
// directory.
func leads(who auth.Identity, e *directory.Stakeholder) bool {
	focal, ok := e.FocalPoint()
	return staff(who) || ok && actsFor(who, e) && focal.ID == who.Subject
}

func (s *Server) listContacts(w http.ResponseWriter, r *http.Request) error {
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	if unchanged(w, r, etag(e.Version)) {
		return nil
	}
	return ok(w, listOf[directory.Contact]{Items: append([]directory.Contact{}, e.Contacts...)})
}

// postContact adds a representative or a speaker, who is asked by mail to prove
// the address.
func (s *Server) postContact(w http.ResponseWriter, r *http.Request) error {
	var c directory.Contact
	if err := decode(r, &c); err != nil {
		return err
	}
	if err := s.limitedTo(w, c.Email); err != nil {
		return err
	}
	return s.changeContacts(w, r, http.StatusCreated, func(e *directory.Stakeholder) error {
		if !leads(identityOf(r), e) {
			return errNotFocalPoint
		}
		_, err := e.AddContact(c, s.Store.NewID, s.now())
		return err
	})
}

func (s *Server) putContact(w http.ResponseWriter, r *http.Request) error {
	var c directory.Contact
	if err := decode(r, &c); err != nil {
		return err
	}
	id, who := r.PathValue("contact"), identityOf(r)
	return s.changeContacts(w, r, http.StatusOK, func(e *directory.Stakeholder) error {
		himself := who.Subject == id && actsFor(who, e)
		if !himself && !leads(who, e) {
			return errNotFocalPoint
		}
		return e.ReviseContact(id, c, himself, s.now())
	})
}

func (s *Server) deleteContact(w http.ResponseWriter, r *http.Request) error {
	id, who := r.PathValue("contact"), identityOf(r)
	return s.changeContacts(w, r, http.StatusOK, func(e *directory.Stakeholder) error {
		if who.Subject != id && !leads(who, e) {
			return errNotFocalPoint
		}
		return e.RemoveContact(id, s.now())
	})
}

// focalPointRequest names who is to be the focal point.
type focalPointRequest struct {
	Contact string `json:"contact"`
}

func (s *Server) postFocalPoint(w http.ResponseWriter, r *http.Request) error {
	var request focalPointRequest
	if err := decode(r, &request); err != nil {
		return err
	}
	return s.changeContacts(w, r, http.StatusOK, func(e *directory.Stakeholder) error {
		if !leads(identityOf(r), e) {
			return errNotFocalPoint
		}
		return e.TransferFocalPoint(request.Contact, s.now())
	})
}

// changeContacts changes the contacts of the stakeholder of the path for one of
// them or who works the directory, and answers with all of them.
func (s *Server) changeContacts(w http.ResponseWriter, r *http.Request, status int, change func(*directory.Stakeholder) error) error {
	if _, err := s.registration(r); err != nil {
		return err
	}
	read, err := version(r)
	if err != nil {
		return err
	}
	answer := &reply{status: status}
	_, err = s.Store.UpdateStakeholder(r.Context(), r.PathValue("id"), func(e *directory.Stakeholder) error {
		if e.Version != read {
			return errStale
		}
		if err := change(e); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(e.Version + 1)}, listOf[directory.Contact]{Items: e.Contacts}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// speakerView is a speaking profile as organisers see it: no address, and no
// gender, which counts for the targets of panels alone.
type speakerView struct {
	Contact   string            `json:"contact"`
	Name      string            `json:"name"`
	Topics    []string          `json:"topics,omitempty"`
	Languages []string          `json:"languages,omitempty"`
	Levels    map[string]string `json:"levels,omitempty"`
	Formats   []string          `json:"formats,omitempty"`
	Travel    string            `json:"travel,omitempty"`
	Needs     []string          `json:"needs,omitempty"`
	Bios      []directory.Text  `json:"bios,omitempty"`
}

func (s *Server) listSpeakers(w http.ResponseWriter, r *http.Request) error {
	e, err := s.profile(r)
	if err != nil {
		return err
	}
	views := []speakerView{}
	for _, c := range e.Speakers() {
		p := c.Speaking
		views = append(views, speakerView{c.ID, c.Name, p.Topics, p.Languages, p.Levels, p.Formats, p.Travel, p.Needs, p.Bios})
	}
	return ok(w, listOf[speakerView]{Items: views})
}
