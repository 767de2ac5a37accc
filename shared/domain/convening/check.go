package convening

import (
	"slices"
	"strings"
)

func oneOf(values []string, s string) bool { return slices.Contains(values, s) }

func unless(ok bool, code string) string {
	if ok {
		return ""
	}
	return code
}

// pointerToken escapes a member name for a JSON Pointer (RFC 6901 section 3).
func pointerToken(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}
