package taxonomy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestScripts(t *testing.T) {
	for text, want := range map[string]string{
		"Association des migrants": "Latn", "Ассоциация мигрантов": "Cyrl", "جمعية المهاجرين": "Arab", "移民协会": "Hani",
		"移民の会": "Jpan", "ひらがな": "Hira", "이주민 협회": "Hang", "AMG / Ассоциация": "Cyrl", "123": "", "प्रवासी संघ": "Deva",
	} {
		if got := ScriptOf(text); got != want {
			t.Errorf("%s is written in %q, want %q", text, got, want)
		}
	}
	for code, want := range map[string]bool{"Latn": true, "Hans": true, "Jpan": true, "latn": false, "Zzzz": false, "Zyyy": false, "Abcd": false, "": false, "Qaaa": false} {
		if got := ValidScript(code); got != want {
			t.Errorf("%q is valid: %t", code, got)
		}
	}
	for _, c := range []struct {
		text, code string
		want       bool
	}{
		{"移民协会", "Hans", true}, {"移民の会", "Jpan", true}, {"Ассоциация", "Latn", false}, {"1951", "Latn", true}, {"Ассоциация", "Glag", true},
	} {
		if got := WrittenIn(c.text, c.code); got != c.want {
			t.Errorf("%s in %s: %t", c.text, c.code, got)
		}
	}
}

func TestTopicClosure(t *testing.T) {
	for code, want := range map[string][]string{
		"gcm:20":                 {"gcm:20", "topic:remittances"},
		"gcm:9":                  {"gcm:9", "topic:smuggling"},
		"topic:labour_migration": {"topic:labour_migration", "topic:recruitment", "topic:domestic_work"},
		"sdg:17.18":              {"sdg:17.18", "topic:migration_data"},
		"gcm:14":                 {"gcm:14", "topic:protection", "topic:trafficking", "topic:detention"},
		"topic:remittances":      {"topic:remittances"},
		"gcm:24":                 nil,
	} {
		if diff := cmp.Diff(want, TopicClosure(code)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
	}
	parts := 0
	for _, wide := range Topics() {
		for _, code := range partsOf(wide) {
			if parts++; !ValidTopic(code) {
				t.Errorf("%s is no topic", code)
			}
		}
	}
	if parts != 11 {
		t.Errorf("%d topics are part of one, want 11: a wider one is misspelt", parts)
	}
}

func TestDomains(t *testing.T) {
	for given, want := range map[string]string{
		"Example.ORG.": "example.org", "bücher.example": "xn--bcher-kva.example", "BÜCHER.example": "xn--bcher-kva.example",
		"xn--bcher-kva.example": "xn--bcher-kva.example", "例え。テスト": "xn--r8jz45g.xn--zckzah", "правда.example": "xn--80aafi6cg.example",
		"münchen.de": "xn--mnchen-3ya.de",
	} {
		if got, ok := CanonicalDomain(given); !ok || got != want {
			t.Errorf("%s is %s (%t), want %s", given, got, ok, want)
		}
	}
	for _, given := range []string{"", "a..b", "xn--.example", "xn--a.example", "xn--99999999999.example", "xn--ab-.example"} {
		if got, ok := CanonicalDomain(given); ok {
			t.Errorf("%q is taken for %s", given, got)
		}
	}
	if got := UnicodeDomain("xn--bcher-kva.example"); got != "bücher.example" {
		t.Error(got)
	}
}

func TestPunycodeComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.StringMatching(`[a-zа-я一-龥ء-ي]{1,12}`).Draw(t, "label")
		if back, ok := decodePunycode(encodePunycode(label)); !ok || back != label {
			t.Errorf("%q comes back as %q (%t)", label, back, ok)
		}
	})
}
