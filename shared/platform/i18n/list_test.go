package i18n_test

import (
	"testing"

	"convoke/shared/platform/i18n"
)

func TestList(t *testing.T) {
	items := []string{"a", "b", "c"}
	for _, lang := range i18n.All() {
		want := "a, b, c"
		switch lang {
		case i18n.Arabic:
			want = "a، b، c"
		case i18n.Chinese:
			want = "a、b、c"
		}
		if got := i18n.List(lang, items); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := i18n.List(i18n.English, nil); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
