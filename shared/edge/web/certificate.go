package web

import (
	"net/http"
	"strconv"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// maxCode bounds what is looked up, in bytes.
const maxCode = 64

func (s *Server) certificateRoutes() []route {
	return []route{
		{"GET", "/v1/certificates/{code}", anyone, document, s.getCertificate},
		{"GET", "/certificates/{code}", anyone, webPage, s.attestedPage},
		{"GET", "/certificate-removal/{token}", anyone, webPage, s.removalPage},
		{"POST", "/certificate-removal/{token}", anyone, webPage, s.removalForm},
	}
}

// attestedView is a certificate as whoever has its code sees it: of one that
// is revoked, not whose it is.
type attestedView struct {
	Valid     bool             `json:"valid"`
	Name      string           `json:"name,omitempty"`
	Titles    []directory.Text `json:"titles"`
	Convener  string           `json:"convener"`
	Starts    time.Time        `json:"starts"`
	Ends      time.Time        `json:"ends"`
	Zone      string           `json:"zone"`
	Attended  int              `json:"attended,omitempty"`
	Sessions  int              `json:"sessions,omitempty"`
	IssuedAt  time.Time        `json:"issued_at"`
	RevokedAt *time.Time       `json:"revoked_at,omitempty"`
}

func viewAttested(c *convening.Certificate) attestedView {
	v := attestedView{
		Valid: c.RevokedAt == nil, Titles: c.Titles, Convener: c.Convener, Starts: c.Starts, Ends: c.Ends, Zone: c.Zone,
		Attended: c.Attended, Sessions: c.Sessions, IssuedAt: c.IssuedAt, RevokedAt: c.RevokedAt,
	}
	if v.Valid {
		v.Name = c.Name
	}
	return v
}

// certificate returns the certificate of the path's code.
func (s *Server) certificate(r *http.Request) (attestedView, error) {
	code := r.PathValue("code")
	if len(code) > maxCode {
		return attestedView{}, errNoRoute
	}
	c, err := s.Store.Certificate(r.Context(), code)
	if err != nil {
		return attestedView{}, err
	}
	return viewAttested(c), nil
}

func (s *Server) getCertificate(w http.ResponseWriter, r *http.Request) error {
	c, err := s.certificate(r)
	if err != nil {
		return err
	}
	return ok(w, c)
}

// attestedPage shows the certificate so that it can be printed, in the reader's
// language and script.
func (s *Server) attestedPage(w http.ResponseWriter, r *http.Request) error {
	c, err := s.certificate(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	p.private = true
	view := noticeView{title: p.t("attestation.revoked"), texts: []string{p.t("attestation.revoked.text")}}
	if c.Valid {
		view.title = p.t("attestation.title")
		view.texts = []string{
			i18n.T(p.lang, "page.attestation.text", map[string]string{"name": c.Name, "title": textIn(c.Titles, p.lang).Text, "convener": c.Convener}),
			i18n.Span(p.lang, c.Starts, c.Ends, c.Zone),
		}
		if c.Sessions > 0 {
			view.texts = append(view.texts, i18n.T(p.lang, "page.attestation.sessions", map[string]string{"attended": strconv.Itoa(c.Attended), "sessions": strconv.Itoa(c.Sessions)}))
		}
		view.texts = append(view.texts, i18n.T(p.lang, "page.attestation.valid", map[string]string{"date": i18n.Date(p.lang, c.IssuedAt, c.Zone)}))
	}
	return s.show(w, r, p, http.StatusOK, notice(p, view))
}

// removing returns the code of the certificate that the link takes away, "" when
// it is away.
func (s *Server) removing(r *http.Request) (code string, i *convening.Invitation, err error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeCertificate, s.now())
	if err != nil || len(link.IDs) != 2 {
		return "", nil, orInvalid(err)
	}
	i, err = s.Store.Invitation(r.Context(), link.IDs[0], link.IDs[1])
	if err != nil {
		return "", nil, err
	}
	return i.Certificate, i, nil
}

func (s *Server) removalPage(w http.ResponseWriter, r *http.Request) error {
	code, _, err := s.removing(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	if code == "" {
		return s.show(w, r, p, http.StatusOK, notice(p, removed(p)))
	}
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("attestation.remove"), texts: []string{p.t("attestation.remove.text")}, act: p.t("attestation.remove.action"),
	}))
}

func removed(p page) noticeView {
	return noticeView{title: p.t("attestation.removed"), texts: []string{p.t("attestation.removed.text")}}
}

// removalForm takes the certificate away. Again changes nothing.
func (s *Server) removalForm(w http.ResponseWriter, r *http.Request) error {
	code, i, err := s.removing(r)
	if err != nil {
		return err
	}
	if code != "" {
		ctx := store.As(r.Context(), store.Actor{ID: i.Contact, Role: string(auth.Contact), For: i.Stakeholder})
		_, err := s.Store.UpdateCertificate(ctx, code, func(c *convening.Certificate) error { c.TakeAway(s.now()); return nil })
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, removed(p)))
}
