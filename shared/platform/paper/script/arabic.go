package script

import (
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// gone stands for a character that is not drawn by itself.
const gone = rune(-1)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	tatweel            = '\u0640'
	lam                = '\u0644'
)

// forms are how a letter is written: alone, at the end of a word, at its
// beginning, within. A letter without the last two does not reach out to the next.
type forms struct{ isolated, final, initial, medial rune }

func (f forms) reaches() bool { return f.initial != 0 }

// alphabet returns the forms of the letters that have several. Unicode has them as
// presentation forms, each of which decomposes to its letter, in this order.
var alphabet = sync.OnceValue(func() map[rune]forms {
	all := map[rune][]rune{}
	add := func(from, to rune, fresh bool) {
		seen := map[rune]bool{}
		for r := from; r <= to; r++ {
			letter := []rune(norm.NFKC.String(string(r)))
			if len(letter) != 1 || letter[0] == r || fresh && !seen[letter[0]] && len(all[letter[0]]) > 0 {
				continue
			}
			seen[letter[0]] = true
			all[letter[0]] = append(all[letter[0]], r)
		}
	}
	add('\ufe80', '\ufef4', false)
	add('\ufb50', '\ufbb1', true) // Persian, Urdu and others
	add('\ufbd3', '\ufbff', true)
	table := make(map[rune]forms, len(all))
	for letter, f := range all {
		switch len(f) {
		case 2:
			table[letter] = forms{isolated: f[0], final: f[1]}
		case 4:
			table[letter] = forms{f[0], f[1], f[2], f[3]}
		}
	}
	return table
})

// lamAlef are the ligatures that a lam must make with an alef, alone; the one
// after each is joined to what is before it.
func lamAlef(alef rune) rune {
	switch alef {
	case '\u0622':
		return '\ufef5'
	case '\u0623':
		return '\ufef7'
	case '\u0625':
		return '\ufef9'
	case '\u0627':
		return '\ufefb'
	}
	return gone
}

// join returns the runes as they are drawn, with gone in the place of each that is
// not: controls, marks of Arabic, and the alef of a ligature.
func join(runes []rune) []rune {
	out := make([]rune, len(runes))
	table := alphabet()
	reaches := false // the letter before reaches out to this one
	last := -1       // where that letter is
	for i, r := range runes {
		out[i] = r
		f, letter := table[r]
		switch {
		case vowelMark(r):
			out[i] = gone
			continue // transparent: what is around it joins
		case r == zeroWidthJoiner, r == tatweel:
			if r == zeroWidthJoiner {
				out[i] = gone
			}
			connect(out, runes, table, last, reaches)
			reaches, last = true, i
			continue
		case invisible(r):
			out[i] = gone
			if r == zeroWidthNonJoiner {
				reaches = false
			}
			continue
		case !letter:
			reaches = false
			continue
		}
		if reaches {
			connect(out, runes, table, last, true)
			if l := lamAlef(r); l != gone && runes[last] == lam {
				if out[last] == table[lam].medial || out[last] == table[lam].final {
					l++
				}
				out[last], out[i], reaches = l, gone, false
				continue
			}
			out[i] = f.final
		} else {
			out[i] = f.isolated
		}
		reaches, last = f.reaches(), i
	}
	return out
}

// connect lets the letter before, which reaches out, do so: it is written as it is
// at the beginning of a word, or within.
func connect(out, runes []rune, table map[rune]forms, last int, reaches bool) {
	if !reaches || last < 0 {
		return
	}
	switch f := table[runes[last]]; out[last] {
	case f.isolated:
		out[last] = f.initial
	case f.final:
		out[last] = f.medial
	}
}

// vowelMark knows the marks that stand on Arabic letters.
func vowelMark(r rune) bool {
	return r >= 0x064b && r <= 0x065f || r == 0x0670 || r >= 0x06d6 && r <= 0x06dc || r >= 0x06df && r <= 0x06e8 || r >= 0x06ea && r <= 0x06ed
}

// invisible knows what is not drawn: controls and formats.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || r >= 0xfe00 && r <= 0xfe0f
}
