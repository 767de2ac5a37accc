package web

import (
	"net/http"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

func (s *Server) consentRoutes() []route {
	return []route{
		{"GET", "/v1/stakeholders/{id}/consents", access{auth.Contact}, document, s.listConsents},
		{"POST", "/v1/stakeholders/{id}/consents", access{auth.Contact}, command, s.postConsent},
		{"POST", "/me/privacy/consent", access{auth.Contact}, webPage, s.consentForm},
	}
}

// consentsView is the ledger, and for each purpose what stands and what would be
// agreed to.
type consentsView struct {
	Purposes []purposeView       `json:"purposes"`
	Ledger   []directory.Consent `json:"ledger"`
}

type purposeView struct {
	Purpose     string `json:"purpose"`
	Given       bool   `json:"given"`
	TextVersion string `json:"text_version"`
	Text        string `json:"text"` // in the reader's language
}

func viewConsents(e *directory.Stakeholder, lang i18n.Lang) consentsView {
	view := consentsView{Ledger: append([]directory.Consent{}, e.Consents...)}
	for _, purpose := range directory.ConsentPurposes() {
		view.Purposes = append(view.Purposes, purposeView{purpose, e.Consented(purpose), directory.ConsentText, consentText(lang, purpose, directory.ConsentText)})
	}
	return view
}

// consentText is the text of a version. A version that was agreed to stays in the
// catalogue: what somebody agreed to can always be read.
func consentText(lang i18n.Lang, purpose, version string) string {
	if purpose != directory.ConsentDirectory {
		return i18n.T(lang, "consent.text."+purpose+"."+version, nil)
	}
	var parts []string
	for _, key := range []string{"text1", "text2", "text3"} { // as the form of registration shows them
		parts = append(parts, i18n.T(lang, "page.register.consent."+key, nil))
	}
	return strings.Join(parts, "\n")
}

func (s *Server) listConsents(w http.ResponseWriter, r *http.Request) error {
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	return ok(w, viewConsents(e, language(r)))
}

func (s *Server) postConsent(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.registration(r); err != nil {
		return err
	}
	var change directory.ConsentChange
	if err := decode(r, &change, "given"); err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	who := identityOf(r)
	_, err := s.updateOwn(r.Context(), r.PathValue("id"), who, func(e *directory.Stakeholder) error {
		if err := e.ChangeConsent(change, who.Subject, "api", s.now()); err != nil {
			return err
		}
		answer.body = viewConsents(e, language(r))
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) consentForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	change := directory.ConsentChange{Purpose: form.Get("purpose"), TextVersion: form.Get("text_version"), Given: form.Get("given") == "yes"}
	err = s.changeOwn(r, func(e *directory.Stakeholder) error {
		return e.ChangeConsent(change, identityOf(r).Subject, "page", s.now())
	})
	if err != nil {
		return err
	}
	return p.see(w, "/me/privacy", map[string][]string{"done": {"saved"}})
}
