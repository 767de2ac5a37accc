package web

import (
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// TestCertificates shows a certificate to who has its code, takes it away by the
// person's link, and with an erasure.
func TestCertificates(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	event, i := s.invited(e)
	i, err := s.Store.UpdateInvitation(t.Context(), event.ID, i.Contact, func(i *convening.Invitation) error {
		i.Certify("CODE0123456789ABCDEF")
		return nil
	})
	if err == nil {
		err = s.Store.KeepCertificate(t.Context(), convening.NewCertificate(event, i, "Focal Point", testStart))
	}
	if err != nil {
		t.Fatal(err)
	}
	const at = "/v1/certificates/CODE0123456789ABCDEF"
	shows := func(what string, hides ...string) {
		t.Helper()
		body := s.do("GET", at, "").Body.String()
		if !strings.Contains(body, what) {
			t.Errorf("no %s in %s", what, body)
		}
		for _, h := range hides {
			if strings.Contains(body, h) {
				t.Errorf("%s in %s", h, body)
			}
		}
	}
	shows(`"valid":true,"name":"Focal Point"`, e.ID, i.Contact)
	for _, code := range []string{"GUESS", strings.Repeat("A", 65)} {
		if w := s.do("GET", "/v1/certificates/"+code, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", code, w.Code)
		}
	}
	link := func(purpose string) string {
		return "/certificate-removal/" + s.Links.Sign(auth.Claims{Purpose: purpose, IDs: []string{event.ID, i.Contact}, Expires: event.Ends})
	}
	if w := s.do("POST", link(auth.PurposeAnswer), ""); w.Code == http.StatusOK {
		t.Errorf("by a link of another purpose: %d", w.Code)
	}
	for range 2 { // again changes nothing
		if w := s.do("POST", link(auth.PurposeCertificate), "", "Content-Type", "application/x-www-form-urlencoded"); w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		shows(`"valid":false`, "Focal Point")
	}
}

// TestErasureTakesCertificatesAway erases the stakeholder of who has one.
func TestErasureTakesCertificatesAway(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	event, i := s.invited(e)
	i, err := s.Store.UpdateInvitation(t.Context(), event.ID, i.Contact, func(i *convening.Invitation) error { i.Certify("CODE"); return nil })
	if err == nil {
		err = s.Store.KeepCertificate(t.Context(), convening.NewCertificate(event, i, "Focal Point", testStart))
	}
	if err == nil {
		err = s.Store.BeginErasure(t.Context(), directory.NewErasure("X1", e.ID, "", testStart))
	}
	for range 50 {
		if err == nil {
			err = s.Store.AdvanceErasure(store.As(t.Context(), store.Actor{ID: "planner", Role: "system"}), "X1", nil)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Store.Certificate(t.Context(), "CODE")
	if err != nil || c.Name != "" || c.RevokedAt == nil {
		t.Errorf("%+v, %v", c, err)
	}
}
