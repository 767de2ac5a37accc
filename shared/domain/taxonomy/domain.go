package taxonomy

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxHostBytes  = 253 // RFC 1035 section 2.3.4, without the root
	maxLabelBytes = 63
	acePrefix     = "xn--" // RFC 5890 section 2.3.2.1
)

// CanonicalDomain returns the one spelling in which a name of the DNS is kept and
// compared: lower case, international labels in their ASCII form (RFC 5891, with
// width and case folded first, as people type them). False when a label that
// claims to be such a form is none, or when it is too long.
func CanonicalDomain(host string) (string, bool) {
	host = strings.ReplaceAll(norm.NFKC.String(strings.TrimSpace(host)), "\u3002", ".")
	labels := strings.Split(norm.NFC.String(strings.ToLower(strings.TrimSuffix(host, "."))), ".")
	for i, l := range labels {
		ascii, ok := canonicalLabel(l)
		if !ok {
			return "", false
		}
		labels[i] = ascii
	}
	canonical := strings.Join(labels, ".")
	return canonical, len(canonical) <= maxHostBytes
}

func canonicalLabel(l string) (string, bool) {
	if encoded, ace := strings.CutPrefix(l, acePrefix); ace {
		decoded, ok := decodePunycode(encoded)
		if !ok || isASCII(decoded) || decoded != norm.NFC.String(strings.ToLower(decoded)) || strings.ContainsFunc(decoded, notInLabel) {
			return "", false
		}
		return l, len(l) <= maxLabelBytes && acePrefix+encodePunycode(decoded) == l
	}
	if !isASCII(l) {
		l = acePrefix + encodePunycode(l)
	}
	return l, l != "" && len(l) <= maxLabelBytes
}

// UnicodeDomain returns a canonical name as people read it.
func UnicodeDomain(canonical string) string {
	labels := strings.Split(canonical, ".")
	for i, l := range labels {
		if encoded, ace := strings.CutPrefix(l, acePrefix); ace {
			if decoded, ok := decodePunycode(encoded); ok {
				labels[i] = decoded
			}
		}
	}
	return strings.Join(labels, ".")
}

func notInLabel(r rune) bool { return r != '-' && !unicode.In(r, unicode.L, unicode.M, unicode.Nd) }

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// The parameters of RFC 3492 section 5.
const (
	punyBase, punyMin, punyMax   = 36, 1, 26
	punySkew, punyDamp           = 38, 700
	punyFirstBias, punyFirstCode = 72, 128
)

// encodePunycode is RFC 3492 section 6.3. Labels are short, so that no sum can
// run over.
func encodePunycode(label string) string {
	runes := []rune(label)
	var b strings.Builder
	for _, r := range runes {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		}
	}
	basic := b.Len()
	done := basic
	if basic > 0 {
		b.WriteByte('-')
	}
	n, delta, bias := rune(punyFirstCode), 0, punyFirstBias
	for done < len(runes) {
		next := rune(math.MaxInt32)
		for _, r := range runes {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			} else if r == n {
				writePunyNumber(&b, delta, bias)
				bias = adaptPuny(delta, done+1, done == basic)
				delta, done = 0, done+1
			}
		}
		delta, n = delta+1, n+1
	}
	return b.String()
}

func writePunyNumber(b *strings.Builder, q, bias int) {
	for k := punyBase; ; k += punyBase {
		t := min(max(k-bias, punyMin), punyMax)
		if q < t {
			b.WriteByte(punyDigit(q))
			return
		}
		b.WriteByte(punyDigit(t + (q-t)%(punyBase-t)))
		q = (q - t) / (punyBase - t)
	}
}

func punyDigit(d int) byte { return "abcdefghijklmnopqrstuvwxyz0123456789"[d] }

func adaptPuny(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (punyBase-punyMin)*punyMax/2; k += punyBase {
		delta /= punyBase - punyMin
	}
	return k + (punyBase-punyMin+1)*delta/(delta+punySkew)
}

// decodePunycode is RFC 3492 section 6.2.
func decodePunycode(encoded string) (string, bool) {
	if len(encoded) > maxLabelBytes || !isASCII(encoded) {
		return "", false
	}
	var runes []rune
	if i := strings.LastIndexByte(encoded, '-'); i >= 0 {
		runes, encoded = []rune(encoded[:i]), encoded[i+1:]
	}
	n, at, bias := punyFirstCode, 0, punyFirstBias
	for encoded != "" {
		start, weight := at, 1
		for k := punyBase; ; k += punyBase {
			if encoded == "" {
				return "", false
			}
			digit := strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789", encoded[0])
			encoded = encoded[1:]
			if digit < 0 || digit > (math.MaxInt32-at)/weight {
				return "", false
			}
			at += digit * weight
			t := min(max(k-bias, punyMin), punyMax)
			if digit < t {
				break
			}
			if weight *= punyBase - t; weight > math.MaxInt32 {
				return "", false
			}
		}
		bias = adaptPuny(at-start, len(runes)+1, start == 0)
		n, at = n+at/(len(runes)+1), at%(len(runes)+1)
		if n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return "", false
		}
		runes = append(runes[:at], append([]rune{rune(n)}, runes[at:]...)...)
		at++
	}
	return string(runes), true
}
