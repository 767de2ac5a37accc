package i18n

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
)

// catalogues reads each language at its first use: most processes speak two or
// three of the six. Nothing writes to it.
var catalogues = func() map[Lang]func() map[string]string { //nolint:gochecknoglobals // read only, and each language is read when first asked for
	all := make(map[Lang]func() map[string]string)
	for _, lang := range All() {
		all[lang] = sync.OnceValue(func() map[string]string { return read(lang) })
	}
	return all
}()

// read gathers the files of one language. A file that cannot be read is left
// out, and its keys fall back to English: a test keeps that from happening, and
// no request should fail for it.
func read(lang Lang) map[string]string {
	texts := make(map[string]string)
	for _, raw := range concerns(lang) {
		var concern map[string]string
		if json.Unmarshal(raw, &concern) == nil {
			maps.Copy(texts, concern)
		}
	}
	return texts
}

// Has reports whether the language itself has a text under the key, without
// falling back. Tests use it to hold that every code has its text.
func Has(lang Lang, key string) bool {
	_, ok := text(lang, key)
	return ok
}

// T returns the text under key with each {name} replaced by params["name"]. A
// key the language lacks is answered in English, one that English lacks too by
// the key itself, so that a gap is seen and nothing fails. Values are stripped
// of control characters and isolated where they could disturb the order of the
// text around them, as Isolate does.
func T(lang Lang, key string, params map[string]string) string {
	if s, ok := text(lang, key); ok {
		return fill(lang, s, params)
	}
	if s, ok := text(English, key); ok {
		return fill(English, s, params)
	}
	return key
}

// N is T for a text that depends on a count: it takes the form that the
// language uses with n, kept under key#zero, key#one, key#two, key#few,
// key#many or key#other (the plural categories of CLDR). The text has the count
// as {n}.
func N(lang Lang, key string, n int, params map[string]string) string {
	filled := maps.Clone(params)
	if filled == nil {
		filled = make(map[string]string, 1)
	}
	filled["n"] = strconv.Itoa(n)
	for _, l := range []Lang{lang, English} {
		for _, form := range []string{category(l, n), "other"} {
			if s, ok := text(l, key+"#"+form); ok {
				return fill(l, s, filled)
			}
		}
	}
	return key
}

func text(lang Lang, key string) (string, bool) {
	catalogue, ok := catalogues[lang]
	if !ok {
		return "", false
	}
	s, ok := catalogue()[key]
	return s, ok
}

// category is the plural category of an integer.
func category(lang Lang, n int) string {
	if n < 0 {
		n = -n
	}
	switch plural.Cardinal.MatchPlural(lang.tag(), n, 0, 0, 0, 0) {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}

// fill replaces the placeholders; one without a value stays as it is written.
func fill(lang Lang, template string, params map[string]string) string {
	return expand(template, func(name string) (string, bool) {
		value, ok := params[name]
		return Isolate(lang, value), ok
	})
}

// expand replaces each {name} by what value answers for it.
func expand(template string, value func(name string) (string, bool)) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		v, ok := value(name)
		if !closed || !ok {
			b.WriteByte('{')
			template = rest
			continue
		}
		b.WriteString(v)
		template = after
	}
}
