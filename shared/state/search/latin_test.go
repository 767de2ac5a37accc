package search

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestNamesBySound states the table: a name, and spellings of it that come to
// the same words.
func TestNamesBySound(t *testing.T) {
	for _, test := range []struct{ lang, name, want, spellings string }{
		{"ru", "Российская академия наук", "rosiskaia akademia navk", "Rossiyskaya akademiya nauk|Rossijskaja akademija nauk|Rossiiskaia akademiia nauk"},
		{"ru", "Центр защиты животных", "cedr zasciti zivotnih", "Tsentr zashchity zhivotnykh|Centr zaščity životnyh"},
		{"ru", "учреждение", "ucrezdene", "uchrezhdenie|uchrezhdeniye|učreždenije"},
		{"ru", "Подъезд, Пермь", "podezd perm", "podezd perm"},
		{"uk", "Київський Гідрологічний", "kivski hidrolohicni", "Kyivskyi Hidrolohichnyi|Kyyivskyy Hidrolohichnyy|Kyjivskyj Hidrolohičnyj"},
		{"bg", "Български общински", "balgarski obstinski", "Balgarski obshtinski|Balgarski obštinski"},
		{"sr", "Удружење љубитеља џеза", "udruzene liubitelia dzeza", "Udruženje ljubitelja džeza"},
		{"kk", "Қазақ ұлттық", "kazak ultik", "Kazak ulttyk"},
		{"el", "Ελληνικό Ίδρυμα Έρευνας", "eliniko idrima erevnas", "Elliniko Idryma Erevnas|Elliniko Idrima Ereunas"},
		{"el", "Θεσσαλονίκη του Αυγούστου", "tesaloniki tu avgustu", "Thessaloniki tou Avgoustou"},
		{"el", "Κέντρο Φυσικής", "kedro fisikis", "Kentro Fysikis|Kentro Physikis"},
		{"", "Газпром NGO 24", "gazprom go 24", "Gazprom NGO 24"},
		{"en", "World Water Watch", "", ""},
		{"ar", "الأمم المتحدة", "~mthd", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.Join(latinTerms(Name{Text: test.name, Lang: test.lang}), " ")
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			for _, spelling := range strings.Split(test.spellings, "|") {
				var sounds []string
				for _, term := range analyse(spelling) {
					sounds = append(sounds, bySound(term))
				}
				if d := cmp.Diff(got, strings.Join(sounds, " ")); spelling != "" && d != "" {
					t.Errorf("%s (-name +spelling):\n%s", spelling, d)
				}
			}
		})
	}
}

func TestSoundsNeverVanish(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching("[a-z]{1,12}").Draw(t, "word")
		if bySound(word) == "" {
			t.Errorf("%q sounds like nothing", word)
		}
	})
}
