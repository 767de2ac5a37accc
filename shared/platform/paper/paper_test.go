package paper_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/paper"
	"convoke/shared/platform/paper/papertest"
)

func certificate(name string) paper.Certificate {
	at := time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)
	return paper.Certificate{
		Lang: i18n.English, Name: name, Title: "Law", Convener: "Migration Programme", Starts: at, Ends: at.Add(time.Hour), Zone: "UTC", IssuedAt: at,
		Proof: paper.Proof{Code: "CODE", URL: "https://convoke.example.org/certificates/CODE"},
	}
}

// TestNames prints names of every script that there is a font for, and refuses
// others: never a box in the place of a letter.
func TestNames(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fails error
	}{
		{"Núñez Đặng Þór Ōtani", nil},
		{"Щербакова Ђорђе Қазақ", nil},
		{"Ελένη", nil},
		{"محمد پژمان گیتی", nil},
		{"张伟 田中さくら", nil},
		{"김민준", paper.ErrScript},
		{"नमस्ते", paper.ErrScript},
		{"Zoë สมชาย", paper.ErrScript},
		{"𐐀𐐨", paper.ErrScript}, // beyond the Basic Multilingual Plane
	} {
		raw, err := certificate(tt.name).PDF()
		if !errors.Is(err, tt.fails) || (err == nil) != (tt.fails == nil) {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if err != nil {
			continue
		}
		p, err := papertest.Read(raw)
		if err != nil || !strings.Contains(p.Text(), tt.name) || strings.Contains(p.Text(), "…") {
			t.Errorf("%s: %v\n%s", tt.name, err, p.Text())
		}
	}
}

// TestHostileNames prints what somebody typed as what it is.
func TestHostileNames(t *testing.T) {
	for _, tt := range []struct{ name, shows string }{
		{"A \u202egnp.exe\u202c B", "A gnp.exe B"},
		{"A\u2066\u2067\u2068 B", "A B"},
		{"A\r\nB\x00\x1b[31m", "A  B  [31m"},
		{") Tj ET (\\", ") Tj ET (\\"},
		{"<script>", "<script>"},
	} {
		raw, err := certificate(tt.name).PDF()
		if err != nil {
			t.Errorf("%q: %v", tt.name, err)
			continue
		}
		p, err := papertest.Read(raw)
		if err != nil || !strings.Contains(p.Text(), tt.shows) {
			t.Errorf("%q: %v\n%s", tt.name, err, p.Text())
		}
	}
}

// TestLongNames goes on on further pages, in the time that pages take.
func TestLongNames(t *testing.T) {
	raw, err := certificate(strings.Repeat("Name ", 2000)).PDF()
	if err != nil {
		t.Fatal(err)
	}
	p, err := papertest.Read(raw)
	if err != nil || len(p.Pages) < 2 || strings.Count(p.Text(), "Name") != 2000 {
		t.Errorf("%d pages with %d words: %v", len(p.Pages), strings.Count(p.Text(), "Name"), err)
	}
}
