package i18n

import (
	"strings"
	"testing"
)

func TestNegotiate(t *testing.T) {
	for header, want := range map[string]Lang{
		"":                                   English,
		"fr":                                 French,
		"fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5": French,
		"de, en;q=0.5, ar;q=0.8":             Arabic,
		"pt-BR,pt":                           English,
		"zh-Hant-TW":                         Chinese,
		"zh-CN":                              Chinese,
		"cmn-Hans":                           Chinese,
		"arb":                                Arabic,
		"es-419":                             Spanish,
		"uk-UA":                              English, // CLDR's matcher would answer Russian
		"uk-UA, ru;q=0.5":                    Russian,
		"fr;q=0, es;q=0.1":                   Spanish,
		"*":                                  English,
		"not a header \x00\r\n":              English,
		"fr;q=0.5, @, ru-xxxxx, es;q=0.6":    Spanish,
		strings.Repeat("fr,", 5000):          English,
		strings.Repeat("a-", 400):            English,
	} {
		if got := Negotiate(header); got != want {
			t.Errorf("%.40q gives %s, want %s", header, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	if got := Match("wo", "fr-SN", "en"); got != French {
		t.Errorf("got %s", got)
	}
	if got := Match(); got != English {
		t.Errorf("nothing preferred gives %s", got)
	}
	if got := Match("", "\xff", "e", "zz-zz-zz-zz"); got != English {
		t.Errorf("nonsense gives %s", got)
	}
}

func TestDir(t *testing.T) {
	for _, lang := range All() {
		want := "ltr"
		if lang == Arabic {
			want = "rtl"
		}
		if got := Dir(lang); got != want {
			t.Errorf("%s is %s", lang, got)
		}
	}
	for tag, want := range map[string]string{
		"fa": "rtl", "he": "rtl", "ku-Arab": "rtl", "ku": "ltr", "dv": "rtl", "ff-Adlm": "rtl",
		"ha": "ltr", "wo": "ltr", "zh-Hant": "ltr", "": "auto", "\x00": "auto",
	} {
		if got := DirOf(tag); got != want {
			t.Errorf("%q is %s, want %s", tag, got, want)
		}
	}
}

func TestCountry(t *testing.T) {
	for _, c := range []struct {
		lang       Lang
		code, want string
	}{
		{English, "CH", "Switzerland"},
		{French, "CI", "Côte d’Ivoire"},
		{Arabic, "MA", "المغرب"},
		{Russian, "KG", "Киргизия"},
		{Chinese, "PH", "菲律宾"},
		{Spanish, "MK", "Macedonia del Norte"},
		{English, "XK", "Kosovo (Security Council resolution 1244 (1999))"},
		{English, "TR", "Türkiye"},
		{"pt", "PS", "State of Palestine"},
		{English, "ZZZ", "ZZZ"},
		{English, "", ""},
		{English, "001", "001"},
		{English, "<>", "<>"},
	} {
		if got := Country(c.lang, c.code); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.lang, c.code, got, c.want)
		}
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		lang      Lang
		tag, want string
	}{
		{English, "wo", "Wolof"},
		{French, "ar", "arabe"},
		{Spanish, "quc", "quiché"},
		{Russian, "uk", "украинский"},
		{Chinese, "fr", "法语"},
		{Arabic, "en", "الإنجليزية"},
		{English, "", ""},
		{English, "not/a/tag", "not/a/tag"},
	} {
		if got := Language(c.lang, c.tag); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.lang, c.tag, got, c.want)
		}
	}
	if got := Language(English, "zh-Hant"); !strings.Contains(got, "Traditional") {
		t.Errorf("zh-Hant: %q", got)
	}
}
