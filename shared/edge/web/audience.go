package web

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/audience"
)

func (s *Server) audienceRoutes() []route {
	return []route{{"GET", "/v1/events/{id}/audience", access{auth.Organiser, auth.Admin}, document, s.previewAudience}}
}

// personView is somebody that an audience leads to, and what becomes of that.
type personView struct {
	Stakeholder string     `json:"stakeholder"`
	Name        string     `json:"name,omitempty"` // of the stakeholder
	Contact     string     `json:"contact,omitempty"`
	Role        string     `json:"role"`
	Part        string     `json:"part"` // search, list
	Wave        int        `json:"wave"` // from 1; 0 for who is left out
	At          *time.Time `json:"at,omitempty"`
	Standby     bool       `json:"standby,omitempty"`
	NeverAsked  bool       `json:"never_asked,omitempty"`
	AtRisk      bool       `json:"at_risk,omitempty"`
	LeftOut     string     `json:"left_out,omitempty"`
}

// audienceView is one page of the preview with the counts of the whole.
type audienceView struct {
	Invitations int            `json:"invitations"` // the number to confirm; who stands by for another is not in it
	Standbys    int            `json:"standbys"`
	Parts       map[string]int `json:"parts"`
	Waves       map[string]int `json:"waves"` // by the number of the wave, from 1
	LeftOut     map[string]int `json:"left_out"`
	NeverAsked  int            `json:"never_asked"`
	listOf[personView]
}

// previewAudience says exactly who would be invited now and why, and who would be
// left out and why.
func (s *Server) previewAudience(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	from, err := offset(cursor)
	if err != nil {
		return err
	}
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := convenes(identityOf(r), e); err != nil {
		return err
	}
	people, err := s.resolve(r, e)
	if err != nil {
		return err
	}
	view := viewAudience(people)
	lang := string(language(r))
	for _, p := range people[min(from, len(people)):min(from+limit, len(people))] {
		view.Items = append(view.Items, viewPerson(p, lang))
	}
	if from+limit < len(people) {
		view.Next = strconv.Itoa(from + limit)
	}
	return ok(w, view)
}

// offset is the cursor of a list that is made anew for each page.
func offset(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(cursor)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Malformed, "cursor.invalid")
	}
	return n, nil
}

func (s *Server) resolve(r *http.Request, e *convening.Event) ([]audience.Person, error) {
	people, err := (&audience.Resolver{Store: s.Store, Index: s.Index}).Resolve(r.Context(), e, s.now())
	return people, searchFault(err)
}

func viewAudience(people []audience.Person) audienceView {
	view := audienceView{Invitations: audience.Count(people), Parts: map[string]int{}, Waves: map[string]int{}, LeftOut: map[string]int{}}
	view.Items = []personView{}
	for _, p := range people {
		switch {
		case p.LeftOut != "":
			view.LeftOut[p.LeftOut]++
		case p.Standby:
			view.Standbys++
		default:
			view.Parts[p.Part]++
			view.Waves[strconv.Itoa(p.Wave+1)]++
			if p.NeverAsked {
				view.NeverAsked++
			}
		}
	}
	return view
}

func viewPerson(p audience.Person, lang string) personView {
	v := personView{Stakeholder: p.ID, Contact: p.Contact.ID, Role: p.Role, Part: p.Part, Standby: p.Standby, NeverAsked: p.NeverAsked, LeftOut: p.LeftOut}
	if p.Stakeholder != nil {
		v.Name, v.AtRisk = p.Stakeholder.DisplayName(lang), p.Stakeholder.AtRisk
	}
	if p.LeftOut == "" {
		v.Wave = p.Wave + 1
		if !p.Standby {
			v.At = &p.At
		}
	}
	return v
}

// errAudienceChanged is the code of a number that is no longer the confirmed one.
const errAudienceChanged = "event.audience_changed"

// confirmation is what an organiser confirms by publishing: the number of
// invitations that the preview showed.
type confirmation struct {
	Invitations *int `json:"invitations,omitempty"`
}

// confirmedCount reads the confirmation of a publication, which may be left out.
func confirmedCount(r *http.Request) (c confirmation, err error) {
	body, err := readBody(r)
	if err != nil || len(body) == 0 {
		return c, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return c, decode(r, &c)
}

// check refuses an audience that is nobody now, and one of another number than
// the organiser confirmed.
func (c confirmation) check(people []audience.Person) error {
	n := audience.Count(people)
	if n == 0 {
		return convening.ErrAudienceEmpty
	}
	if c.Invitations != nil && *c.Invitations != n {
		var faults fault.List
		faults.Add("/invitations", "event.audience_count", "count", strconv.Itoa(n))
		return faults.As(fault.Conflict, errAudienceChanged)
	}
	return nil
}
