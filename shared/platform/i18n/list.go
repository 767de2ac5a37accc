package i18n

import "strings"

// List puts items side by side as the language separates them. What was typed by
// a person is isolated before.
func List(lang Lang, items []string) string {
	_, after, _ := strings.Cut(T(lang, "list.two", nil), "{one}")
	between, _, _ := strings.Cut(after, "{two}")
	return strings.Join(items, between)
}
