package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// sendCertificate is what a browser sends of the form, with a file.
func (s *pageSite) sendCertificate(path, piece string, data []byte, cookies ...string) *httptest.ResponseRecorder {
	s.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	noError(s.T, form.WriteField("evidence", piece))
	file, err := form.CreateFormFile("document", "../"+hostile+".exe")
	noError(s.T, err)
	_, err = file.Write(data)
	noError(s.T, err)
	noError(s.T, form.Close())
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return s.send(r, cookies)
}

func pdf(size int) []byte {
	return append(append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte(" "), size)...), "\nstartxref\n9\n%%EOF\n"...)
}

func TestSendACertificate(t *testing.T) {
	s, session := returned(t)
	if body := s.get(certificatePath, session...).Body.String(); strings.Contains(body, "<input type=\"file\"") {
		t.Error("a document is asked for without a certificate")
	}
	s.update(s.waiting.ID, func(e *directory.Stakeholder) error {
		e.Evidence = append(e.Evidence,
			directory.Evidence{ID: "E1", Kind: directory.EvidenceCertificate, State: directory.EvidenceAsked, Note: hostile},
			directory.Evidence{ID: "E2", Kind: directory.EvidenceCertificate, State: directory.EvidenceChecked})
		e.Record("test.changed", "stakeholder", e.ID)
		return nil
	})
	if body := s.get("/me", session...).Body.String(); !strings.Contains(body, `href="`+certificatePath+`"`) {
		t.Error("nothing leads to the form")
	}
	for _, c := range []struct {
		name, piece, code string
		data              []byte
	}{
		{"a program", "E1", "upload.content", []byte("MZ\x90")},
		{"nothing", "E1", "upload.content", nil},
		{"a document that runs something", "E1", "upload.content", append([]byte("%PDF-1.4\n/JavaScript"), pdf(10)...)},
		{"more than the form carries", "E1", "upload.form_size", pdf(maxCertificate)},
		{"more than the route takes", "E1", "upload.form_size", pdf(maxForm)},
		{"for a piece that was checked", "E2", "upload.no_certificate", pdf(10)},
		{"for a piece of nobody", "E9", "upload.no_certificate", pdf(10)},
	} {
		for _, lang := range i18n.All() {
			w := s.sendCertificate(certificatePath+"?lang="+string(lang), c.piece, c.data, session...)
			checkPage(t, lang, w)
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(text(parsePage(t, w.Body.String())), i18n.T(lang, c.code, nil)) {
				t.Errorf("%s: %d, without %s", c.name, w.Code, c.code)
			}
		}
		if e := s.stored(); e.Evidence[len(e.Evidence)-2].Document != nil {
			t.Fatalf("%s was taken", c.name)
		}
	}
	sent := pdf(3 << 20)
	want(t, s.sendCertificate(certificatePath, "E1", sent, session...), http.StatusSeeOther, "/me?saved=1")
	e := s.stored()
	piece := e.Evidence[len(e.Evidence)-2]
	if piece.Document == nil || piece.State != directory.EvidenceGiven || piece.Document.MediaType != "application/pdf" {
		t.Fatalf("%+v", piece)
	}
	u, err := s.server.Store.Upload(t.Context(), e.ID, piece.Document.Upload)
	noError(t, err)
	kept, _, err := s.server.Depot.Get(t.Context(), u.Key())
	if err != nil || !u.Kept || !bytes.Equal(kept, sent) {
		t.Errorf("%+v, %d bytes, %v", u, len(kept), err)
	}
	for _, lang := range i18n.All() {
		checkPage(t, lang, s.get(certificatePath+"?lang="+string(lang), session...))
	}
	want(t, s.get(certificatePath), http.StatusSeeOther, "/sign-in")
	want(t, s.sendCertificate(certificatePath, "E1", sent), http.StatusSeeOther, "/sign-in")
}
