package specimen_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/paper/papertest"
	"convoke/shared/platform/paper/specimen"
)

var update = flag.Bool("update", false, "write the golden files anew")

// most is more than any paper has, in bytes.
const most = 150 << 10

func eachPaper(t *testing.T, check func(t *testing.T, lang i18n.Lang, name string, raw []byte)) {
	for _, lang := range i18n.All() {
		for _, s := range specimen.All(lang) {
			name := s.Name + "." + string(lang)
			t.Run(name, func(t *testing.T) {
				raw, err := s.Paper.PDF()
				if err != nil {
					t.Fatal(err)
				}
				check(t, lang, name, raw)
			})
		}
	}
}

// TestGolden holds what is on each paper and where, as an independent reader of PDF
// has it. With CONVOKE_PAPERS the papers are written into that folder, to be looked
// at.
func TestGolden(t *testing.T) {
	eachPaper(t, func(t *testing.T, lang i18n.Lang, name string, raw []byte) {
		s, _ := specimen.Of(lang, strings.TrimSuffix(name, "."+string(lang)))
		if again, err := s.Paper.PDF(); err != nil || !bytes.Equal(raw, again) {
			t.Error("the same paper is not the same bytes", err)
		}
		if len(raw) > most {
			t.Errorf("%d bytes", len(raw))
		}
		p, err := papertest.Read(raw)
		if err != nil {
			t.Fatal(err)
		}
		if p.Lang != string(lang) {
			t.Errorf("language %q", p.Lang)
		}
		var b strings.Builder
		for _, key := range []string{"Title", "Author", "Producer", "CreationDate", "ModDate"} {
			b.WriteString(key + ": " + p.Info[key] + "\n")
		}
		golden(t, name+".txt", b.String()+p.Text()+"\n")
		if dir := os.Getenv("CONVOKE_PAPERS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+".pdf"), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestPoppler reads the papers by another reader, where it is installed.
func TestPoppler(t *testing.T) {
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext of poppler-utils is not installed: the papers are read by one reader alone")
	}
	eachPaper(t, func(t *testing.T, lang i18n.Lang, _ string, raw []byte) {
		read := exec.CommandContext(t.Context(), reader, "-q", "-", "-")
		read.Stdin = bytes.NewReader(raw)
		out, err := read.Output()
		if err != nil {
			t.Fatal(err)
		}
		label, _, _ := strings.Cut(i18n.T(lang, "paper.code", nil), "{")
		for _, want := range []string{"4QJ7SPECIMENSPECIMENSPECIM", "https://convoke.example.org/", strings.Trim(label, " :：\u00a0\u202f")} {
			if !strings.Contains(string(out), want) {
				t.Errorf("no %q in\n%s", want, out)
			}
		}
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), -update writes it anew:\n%s", name, diff)
	}
}
