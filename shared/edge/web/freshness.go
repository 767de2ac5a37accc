package web

import (
	"net/http"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

func (s *Server) freshnessRoutes() []route {
	return []route{
		{"POST", "/v1/stakeholders/{id}/renewal", applicant, command, s.postRenewal},
		{"GET", "/still-correct/{token}", anyone, webPage, s.renewPage},
		{"POST", "/still-correct/{token}", anyone, webPage, s.renewForm},
	}
}

// renewed is how a verification stands after its renewal.
type renewed struct {
	ID         string           `json:"id"`
	Status     directory.Status `json:"status"`
	VerifiedAt *time.Time       `json:"verified_at,omitempty"`
	RenewedAt  *time.Time       `json:"renewed_at,omitempty"`
	ValidUntil *time.Time       `json:"valid_until,omitempty"`
}

// postRenewal takes the word of a contact that the entry is still true, or of a
// moderator who verified it again.
func (s *Server) postRenewal(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	who := identityOf(r)
	answer := &reply{status: http.StatusOK}
	_, err = s.Store.UpdateStakeholder(r.Context(), r.PathValue("id"), func(e *directory.Stakeholder) error {
		if !staff(who) && !actsFor(who, e) {
			return errNoRoute
		}
		if e.Version != read {
			return errStale
		}
		if err := e.Renew(directory.Renewal{Moderator: staff(who), Lasts: s.VerificationLasts}, s.now()); err != nil {
			return err
		}
		answer.header = []string{"ETag", etag(e.Version + 1)}
		answer.body = renewed{e.ID, e.Status, e.VerifiedAt, e.RenewedAt, e.ValidUntil}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// renewing returns the stakeholder that the link would renew.
func (s *Server) renewing(r *http.Request) (*directory.Stakeholder, auth.Claims, error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeRenew, s.now())
	if err != nil || len(link.IDs) != 2 {
		return nil, link, orInvalid(err)
	}
	e, err := s.Store.Stakeholder(r.Context(), link.IDs[0])
	if err != nil {
		return nil, link, err
	}
	if _, still := e.Contact(link.IDs[1]); !still {
		return nil, link, directory.ErrLinkSuperseded
	}
	return e, link, nil
}

func (s *Server) renewPage(w http.ResponseWriter, r *http.Request) error {
	e, link, err := s.renewing(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	if link.Generation == e.Renewals-1 {
		return s.show(w, r, p, http.StatusOK, notice(p, stillCorrect(p, e)))
	}
	if link.Generation != e.Renewals {
		return directory.ErrLinkSuperseded
	}
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("renew.title"), act: p.t("renew.action"), next: p.t("renew.correct"), nextAt: "/sign-in",
		texts: []string{p.with("renew.text", "organisation", e.DisplayName(string(p.lang))), p.t("renew.look")},
	}))
}

func (s *Server) renewForm(w http.ResponseWriter, r *http.Request) error {
	_, link, err := s.renewing(r)
	if err != nil {
		return err
	}
	ctx := store.As(r.Context(), store.Actor{ID: link.IDs[1], Role: string(auth.Contact)})
	e, err := s.Store.UpdateStakeholder(ctx, link.IDs[0], func(e *directory.Stakeholder) error {
		if _, still := e.Contact(link.IDs[1]); !still {
			return directory.ErrLinkSuperseded
		}
		return e.RenewByLink(link.Generation, s.VerificationLasts, s.now())
	})
	if err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, stillCorrect(p, e)))
}

// stillCorrect says until when the verification now holds good.
func stillCorrect(p page, e *directory.Stakeholder) noticeView {
	view := noticeView{title: p.t("renewed.title"), next: p.t("renewed.profile"), nextAt: "/stakeholders/" + e.ID}
	if e.ValidUntil != nil {
		view.texts = []string{i18n.T(p.lang, "page.renewed.text", map[string]string{
			"organisation": i18n.Isolate(p.lang, e.DisplayName(string(p.lang))), "date": i18n.Date(p.lang, *e.ValidUntil, "UTC"),
		})}
	}
	return view
}
