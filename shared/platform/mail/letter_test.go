package mail

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"convoke/shared/platform/i18n"
)

var starts = time.Date(2025, 12, 18, 14, 0, 0, 0, time.UTC)

func invitation() Invitation {
	return Invitation{
		RecipientName:  "Amina Example",
		Organisation:   "رابطة المهاجرين (Example)",
		Role:           "speaker",
		EventKind:      "panel_discussion",
		Title:          "Political Rights of Migrants",
		Summary:        "A panel discussion on <International Migrants’ Day>.\nThe floor will be open to civil society.",
		Starts:         starts,
		Ends:           starts.Add(3 * time.Hour),
		Zone:           "Europe/Zurich",
		ReaderZone:     "America/New_York",
		Place:          "Palais des Nations, Room XX",
		Online:         true,
		ConvenerName:   "Migration Programme",
		AnswerURL:      "https://convoke.example.org/answer?t=v1.k2.0a1b2c3d4e5f&l=en",
		AnswerBy:       time.Date(2025, 12, 11, 22, 59, 0, 0, time.UTC),
		UnsubscribeURL: "https://convoke.example.org/unsubscribe?t=v1.k2.9f8e7d",
	}
}

func TestHTML(t *testing.T) {
	html, err := invitation().Letter(i18n.Arabic).HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<html lang="ar" dir="rtl">`, `lang="ar" dir="rtl" style=`, `align="right"`, `role="presentation"`,
		`<meta name="color-scheme" content="light dark">`, "prefers-color-scheme: dark", "<h1", `<th scope="row"`,
		"<bdi>Political Rights of Migrants</bdi>", `<p dir="auto"`, "&lt;International Migrants’ Day&gt;",
		"<bdi>رابطة المهاجرين (Example)</bdi>", "max-width:600px", "aria-hidden=\"true\"",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in\n%s", want, html)
		}
	}
	// An attribute has no mark-up, so there the characters stay.
	body := regexp.MustCompile(`aria-label="[^"]*"`).ReplaceAllString(html[strings.Index(html, "<body"):], "")
	for _, never := range []string{"<img", "<script", "url(", "http://", "@import", "<link", "\u2068", "\u2069"} {
		if strings.Contains(body, never) {
			t.Errorf("%q in the HTML", never)
		}
	}
	chinese, _ := invitation().Letter(i18n.Chinese).HTML()
	if want := "Migration Programme谨此邀请<bdi>رابطة المهاجرين (Example)</bdi>参加以下活动。"; !strings.Contains(chinese, want) {
		t.Errorf("spaces were added: no %q in\n%s", want, chinese)
	}
}

func TestUnsafeAddressIsNoLink(t *testing.T) {
	l := Letter{Lang: i18n.English, Subject: "s", Actions: []Action{{Label: "x", URL: "javascript:alert(1)"}}}
	html, err := l.HTML()
	if err != nil || strings.Contains(html, "javascript:") {
		t.Errorf("%v\n%s", err, html)
	}
}

// TestFlowed is the law of format=flowed with delsp: what a reader joins again is
// what was written, and no line is wider than it may be unless it has no place to
// break.
func TestFlowed(t *testing.T) {
	word := rapid.OneOf(
		rapid.SampledFrom([]string{"From", ">", "-", "--", "国际移徙者日论坛", "المهاجرون", "développement,", "https://example.org/a?b=c"}),
		rapid.StringMatching(`[a-zа-я]{1,12}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		var paragraphs []string
		for range rapid.IntRange(1, 4).Draw(t, "paragraphs") {
			paragraphs = append(paragraphs, strings.Join(rapid.SliceOfN(word, 1, 60).Draw(t, "words"), " "))
		}
		text := Letter{Paragraphs: paragraphs}.Text()
		if got := unflow(text); !slices.Equal(got, paragraphs) {
			t.Fatalf("%q\nbecame %q\nfrom %q", paragraphs, got, text)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "From ") {
				t.Fatalf("line %q", line)
			}
			if width := uniseg.StringWidth(line); width > 78 {
				t.Fatalf("%d columns: %q", width, line)
			}
		}
	})
}

// unflow reads as RFC 3676 section 4 says: it takes the stuffing away and joins
// lines that end in a space, without that space.
func unflow(text string) []string {
	var all []string
	var current strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		line = strings.TrimPrefix(line, " ")
		if soft, ok := strings.CutSuffix(line, " "); ok {
			current.WriteString(soft)
			continue
		}
		current.WriteString(line)
		if current.Len() > 0 {
			all = append(all, current.String())
		}
		current.Reset()
	}
	return all
}

// TestQuickBreak holds the quick way of breaking a line against the whole of UAX 14:
// where it finds a place, it is the same one.
func TestQuickBreak(t *testing.T) {
	word := rapid.OneOf(
		rapid.SampledFrom([]string{
			"(Example)", "«Дом»", "a-b", "\u2068رابطة المهاجرين (Example)\u2069", "\u2068国际\u2069", "2026", "12%", "50 $", "/", "·", "—", "l’",
			"国际移徙者日，论坛。", "参加（日内瓦）", "；", "“引”", "المهاجرون،", "؟", "https://example.org/a?b=c", "\u00a0", "عَ", "–", "— —", "−05:00", "（", "ناءً", "№", "e.g.", "...", "!", "'",
		}),
		rapid.StringMatching(`[a-zé]{1,9}[,.;:!?)]?`), rapid.StringMatching(`[а-яё]{1,9}[,.;:!?)]?`), rapid.StringMatching(`[ء-ي]{1,9}[،؛؟)]?`),
		rapid.StringMatching(`[一-龥]{1,9}[、。！），：；？(]?[0-9a-z]{0,2}`),
	)
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 12, 60).Draw(t, "words")
		s := strings.TrimSpace(strings.Join(words, rapid.SampledFrom([]string{" ", "", "  "}).Draw(t, "between")))
		cut := quickBreak(s)
		if cut == 0 || fits(s) {
			return
		}
		found++
		if line, _ := slowBreak(s); line != s[:cut] {
			t.Fatalf("%q\nand not %q", s[:cut], line)
		}
	})
	if found == 0 {
		t.Error("it never found a place")
	}
}
