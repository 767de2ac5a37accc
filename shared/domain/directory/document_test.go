package directory

import (
	"errors"
	"strings"
	"testing"
)

const (
	goodPDF = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
	goodPNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x02\x00\x00\x00\x02\x08\x02\x00\x00\x00\xfd\xd4\x9as\x00\x00\x00\x00IEND\xaeB`\x82"
)

func TestDocumentIs(t *testing.T) {
	jpeg := "\xff\xd8\xff\xe0" + strings.Repeat("x", 200) + "\xff\xd9"
	for _, tt := range []struct {
		name, kind, data string
		want             bool
	}{
		{"PDF", "application/pdf", goodPDF, true},
		{"PNG", "image/png", goodPNG, true},
		{"JPEG", "image/jpeg", jpeg, true},
		{"nothing", "application/pdf", "", false},
		{"another type", "image/png", goodPDF, false},
		{"a type that is not taken", "text/html", "<p>", false},
		{"HTML before the header", "application/pdf", "<script>" + goodPDF, false},
		{"PDF cut off", "application/pdf", goodPDF[:40], false},
		{"PDF that runs", "application/pdf", strings.Replace(goodPDF, "/Catalog", "/Catalog /OpenAction << /S /JavaScript >>", 1), false},
		{"PDF that carries files", "application/pdf", strings.Replace(goodPDF, "/Catalog", "/Catalog /EmbeddedFile", 1), false},
		{"PNG with a page behind", "image/png", goodPNG + "<script>", false},
		{"PNG of no width", "image/png", strings.Replace(goodPNG, "\x00\x00\x00\x02", "\x00\x00\x00\x00", 1), false},
		{"JPEG cut off", "image/jpeg", jpeg[:100], false},
	} {
		if got := DocumentIs(tt.kind, []byte(tt.data)); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

func TestUpload(t *testing.T) {
	s := applicant(t, Evidence{Kind: EvidenceCertificate}, Evidence{Kind: EvidenceSponsorship, Sponsor: "unit-1"})
	offer := Offer{Evidence: s.Evidence[0].ID, MediaType: "application/pdf", Size: int64(len(goodPDF)), SHA256: strings.Repeat("a", 64)}
	for name, wrong := range map[string]func(*Offer){
		"too large": func(o *Offer) { o.Size = MaxDocumentBytes + 1 }, "empty": func(o *Offer) { o.Size = 0 },
		"another type": func(o *Offer) { o.MediaType = "text/html" }, "no checksum": func(o *Offer) { o.SHA256 = "A" },
		"for a sponsorship": func(o *Offer) { o.Evidence = s.Evidence[1].ID }, "for nothing": func(o *Offer) { o.Evidence = "" },
	} {
		o := offer
		wrong(&o)
		if _, err := NewUpload("U1", s, o, start); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	u, err := NewUpload("U1", s, offer, start)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Complete([]byte(strings.Replace(goodPDF, "%PDF", "%FDP", 1))); !errors.Is(err, ErrUploadContent) || u.Kept {
		t.Errorf("other content: %v", err)
	}
	for range 2 {
		if err := errors.Join(u.Complete([]byte(goodPDF)), s.Attach(u, start)); err != nil {
			t.Fatal(err)
		}
	}
	if !s.Needs("U1") || s.Evidence[0].State != EvidenceGiven || len(recorded(s)) != 1 {
		t.Errorf("%+v", s.Evidence[0])
	}
	if err := s.CheckEvidence(s.Evidence[0].ID, true, start); err != nil {
		t.Fatal(err)
	}
	if err := s.Attach(&Upload{ID: "U2", Offer: offer}, start); !errors.Is(err, ErrNoCertificate) {
		t.Errorf("what was checked was replaced: %v", err)
	}
}
