package paper_test

import (
	"bytes"
	"testing"

	"golang.org/x/sync/errgroup"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/paper/specimen"
)

// TestConcurrently writes papers beside each other, which share the fonts that are
// open.
func TestConcurrently(t *testing.T) {
	var group errgroup.Group
	for _, lang := range []i18n.Lang{i18n.Arabic, i18n.Chinese} {
		s, _ := specimen.Of(lang, "letter")
		want, err := s.Paper.PDF()
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			group.Go(func() error {
				got, err := s.Paper.PDF()
				if !bytes.Equal(got, want) {
					t.Errorf("%s in %s is another beside others", s.Name, lang)
				}
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkPDF writes a letter in Chinese, which needs the largest font.
func BenchmarkPDF(b *testing.B) {
	s, _ := specimen.Of(i18n.Chinese, "letter")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Paper.PDF(); err != nil {
			b.Fatal(err)
		}
	}
}
