package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

func (s *Server) vettingRoutes() []route {
	return []route{
		{"GET", "/v1/sponsorships", access{auth.Organiser}, document, s.listSponsorships},
		{"POST", "/v1/registrations/{id}/sponsorship", access{auth.Organiser}, command, s.postSponsorship},
		{"POST", "/v1/registrations/{id}/evidence/{evidence}/check", staffOnly, command, s.postCheck},
		{"GET", "/reference/{token}", anyone, webPage, s.referencePage},
		{"POST", "/reference/{token}", anyone, webPage, s.referenceForm},
	}
}

// refereesKnown refuses referees that the applicant cannot know to be listed. One
// that hides itself from the public is answered like one that is not there, and
// at the same cost: one read of all that are named. Who was asked before is not
// asked about again.
func (s *Server) refereesKnown(ctx context.Context, a directory.Application, applicant *directory.Stakeholder) error {
	ids, pointers := a.Referees()
	if len(ids) == 0 {
		return nil
	}
	found, err := s.Store.Stakeholders(ctx, distinct(ids))
	if err != nil {
		return err
	}
	var faults fault.List
	for i, id := range ids {
		known := slices.ContainsFunc(found, func(e *directory.Stakeholder) bool { return e.ID == id && e.Public() })
		_, before := applicant.Word(directory.EvidenceReferences, id)
		if !known && !before || id == applicant.ID {
			faults.Add(pointers[i], "stakeholder.unknown")
		}
	}
	return faults.Err(directory.ErrInvalid.Code)
}

func distinct(ids []string) []string {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// sponsorshipView is an applicant as the unit sees it that is to sponsor it.
type sponsorshipView struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	SubmittedAt time.Time `json:"submitted_at"`
	AskedAt     time.Time `json:"asked_at"`
	Note        string    `json:"note,omitempty"` // the applicant's
	directory.Profile
}

func (s *Server) listSponsorships(w http.ResponseWriter, r *http.Request) error {
	unit := identityOf(r).Unit
	if unit == "" {
		return errNoUnit
	}
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	list, next, err := s.Store.SponsorshipsAsked(r.Context(), unit, cursor, limit)
	if err != nil {
		return err
	}
	items := []sponsorshipView{}
	for _, e := range list {
		if v, asked := e.Word(directory.EvidenceSponsorship, unit); asked && v.State == directory.EvidenceAsked {
			items = append(items, viewSponsorship(e, v, string(language(r))))
		}
	}
	return ok(w, listOf[sponsorshipView]{items, next})
}

func viewSponsorship(e *directory.Stakeholder, v directory.Voucher, lang string) sponsorshipView {
	view := sponsorshipView{ID: e.ID, Name: e.DisplayName(lang), SubmittedAt: e.SubmittedAt, AskedAt: v.AskedAt, Profile: e.Profile}
	for _, piece := range e.Evidence {
		if piece.ID == v.Evidence {
			view.Note = piece.Note
		}
	}
	return view
}

// word is what became of somebody's word for an applicant.
type word struct {
	ID    string                  `json:"id"`
	State directory.EvidenceState `json:"state"`
}

// postSponsorship takes the answer of the unit that an applicant named. Who was
// not named is answered as if there were no such registration.
func (s *Server) postSponsorship(w http.ResponseWriter, r *http.Request) error {
	unit := identityOf(r).Unit
	if unit == "" {
		return errNoUnit
	}
	var given directory.Word
	if err := decode(r, &given, "vouch"); err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	err := s.sponsor(r.Context(), r.PathValue("id"), unit, given, func(w word) error {
		answer.body = w
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// sponsor keeps the word of a unit for an applicant.
func (s *Server) sponsor(ctx context.Context, id, unit string, given directory.Word, done func(word) error) error {
	_, err := s.Store.UpdateStakeholder(ctx, id, func(e *directory.Stakeholder) error {
		if err := e.Vouch(directory.EvidenceSponsorship, unit, given, s.now()); err != nil {
			return err
		}
		v, _ := e.Word(directory.EvidenceSponsorship, unit)
		return done(word{e.ID, v.State})
	})
	return err
}

// checked is what a moderator makes of a document or an identifier.
type checked struct {
	Outcome directory.EvidenceState `json:"outcome"` // checked, refused
}

func (s *Server) postCheck(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var given checked
	if err := decode(r, &given); err != nil {
		return err
	}
	if given.Outcome != directory.EvidenceChecked && given.Outcome != directory.EvidenceRefused {
		return &fault.Error{Kind: fault.Invalid, Code: "evidence.invalid", Fields: []fault.Field{{Pointer: "/outcome", Code: "evidence.outcome_unknown"}}}
	}
	answer := &reply{status: http.StatusOK}
	_, err = s.Store.UpdateStakeholder(r.Context(), r.PathValue("id"), func(e *directory.Stakeholder) error {
		if e.Version != read {
			return errStale
		}
		if err := e.CheckEvidence(r.PathValue("evidence"), given.Outcome == directory.EvidenceChecked, s.now()); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(e.Version + 1)}, viewForStaff(e)
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// refereed returns whom the link asks about, who is asked, and by which link. Who
// was asked may have become a part of another since, whose contacts answer then.
func (s *Server) refereed(r *http.Request) (applicant, referee *directory.Stakeholder, by refereeLink, err error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeReference, s.now())
	if err != nil || len(link.IDs) != 3 {
		return nil, nil, by, orInvalid(err)
	}
	by = refereeLink{asked: link.IDs[1], contact: link.IDs[2]}
	if applicant, err = s.Store.Stakeholder(r.Context(), link.IDs[0]); err != nil {
		return nil, nil, by, err
	}
	if referee, err = s.Store.Resolve(r.Context(), by.asked); err != nil {
		return nil, nil, by, err
	}
	_, still := referee.Contact(by.contact)
	if _, asked := applicant.Word(directory.EvidenceReferences, by.asked); !asked || !still || referee.Status != directory.Listed || referee.ID == applicant.ID {
		return nil, nil, by, directory.ErrLinkSuperseded
	}
	return applicant, referee, by, nil
}

// refereeLink is who was asked for a reference.
type refereeLink struct{ asked, contact string }

// vouch takes the referee's word through the link.
func (s *Server) vouch(r *http.Request, given directory.Word) error {
	applicant, _, by, err := s.refereed(r)
	if err != nil {
		return err
	}
	ctx := store.As(r.Context(), store.Actor{ID: by.contact, Role: string(auth.Contact)})
	_, err = s.Store.UpdateStakeholder(ctx, applicant.ID, func(e *directory.Stakeholder) error {
		return e.Vouch(directory.EvidenceReferences, by.asked, given, s.now())
	})
	return err
}
