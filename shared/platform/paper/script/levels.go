package script

import "golang.org/x/text/unicode/bidi"

// The isolates of UAX 9. Embeddings and overrides are ignored: what is written here
// has isolates alone.
const (
	lri = '\u2066'
	rli = '\u2067'
	fsi = '\u2068'
	pdi = '\u2069'
)

// maxDepth is how deep isolates may lie in each other (UAX 9, BD2).
const maxDepth = 125

// Levels returns the level of embedding of each rune of one paragraph (Unicode
// Bidirectional Algorithm, UAX 9). That of the paragraph is given: a document
// knows its language.
func Levels(runes []rune, rtl bool) []int {
	p := paragraph{runes, make([]int, len(runes))}
	p.isolate(0, len(runes), base(rtl))
	return p.levels
}

type paragraph struct {
	runes  []rune
	levels []int
}

// isolate resolves what lies between two places as text of its own. What is
// isolated within it counts as one neutral character (BD13), and is resolved by
// itself.
func (p paragraph) isolate(from, to, level int) {
	var at []int
	for i := from; i < to; i++ {
		at = append(at, i)
		p.levels[i] = level
		if p.runes[i] < lri || p.runes[i] > fsi {
			continue
		}
		end := p.end(i, to)
		if level < maxDepth {
			p.isolate(i+1, end, p.inner(i, end, level))
		}
		i = end - 1
	}
	p.resolve(at, level)
}

// end returns where the isolate that begins at i ends: at its PDI, else where all
// does.
func (p paragraph) end(i, to int) int {
	depth := 0
	for j := i; j < to; j++ {
		switch r := p.runes[j]; {
		case r >= lri && r <= fsi:
			depth++
		case r == pdi:
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return to
}

// inner is the level of the text that the isolate at i begins (X5a to X5c).
func (p paragraph) inner(i, end, level int) int {
	rtl := p.runes[i] == rli || p.runes[i] == fsi && p.firstStrong(i+1, end)
	if rtl == (level%2 == 1) {
		return level + 2
	}
	return level + 1
}

// firstStrong reports whether the first strong character is one from right to left
// (P2); what is isolated is passed over.
func (p paragraph) firstStrong(from, to int) bool {
	for i := from; i < to; i++ {
		if r := p.runes[i]; r >= lri && r <= fsi {
			i = p.end(i, to)
			continue
		}
		switch class(p.runes[i]) {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

// class is the bidirectional class of r. Isolates count as neutral (N1), other
// formats as nothing.
func class(r rune) bidi.Class {
	if r >= lri && r <= pdi {
		return bidi.ON
	}
	p, _ := bidi.LookupRune(r)
	switch c := p.Class(); c {
	case bidi.LRE, bidi.RLE, bidi.LRO, bidi.RLO, bidi.PDF, bidi.Control:
		return bidi.BN
	case bidi.B, bidi.S:
		return bidi.WS
	default:
		return c
	}
}

// sequence is an isolating run sequence.
type sequence struct {
	runes []rune
	class []bidi.Class
	own   bidi.Class // of its level: L or R
}

// resolve gives the characters at these places their levels.
func (p paragraph) resolve(at []int, level int) {
	s := sequence{own: bidi.L}
	if level%2 == 1 {
		s.own = bidi.R
	}
	var kept []int
	for _, i := range at {
		if c := class(p.runes[i]); c != bidi.BN { // X9
			kept, s.runes, s.class = append(kept, i), append(s.runes, p.runes[i]), append(s.class, c)
		}
	}
	original := append([]bidi.Class(nil), s.class...)
	s.weak()
	s.brackets(original)
	s.neutral()
	for k, i := range kept { // I1, I2
		switch {
		case s.class[k] == bidi.R && level%2 == 0, s.class[k] == bidi.L && level%2 == 1:
			p.levels[i]++
		case level%2 == 0 && s.class[k] != bidi.L:
			p.levels[i] += 2
		case level%2 == 1 && s.class[k] != bidi.R:
			p.levels[i]++
		}
	}
}

// weak resolves marks, numbers and what stands in them (W1 to W7).
func (s *sequence) weak() {
	t := s.class
	before, strong := s.own, s.own
	for i, c := range t {
		switch c {
		case bidi.NSM:
			t[i] = before
			if i > 0 && s.runes[i-1] >= lri && s.runes[i-1] <= pdi {
				t[i] = bidi.ON
			}
		case bidi.EN:
			if strong == bidi.AL {
				t[i] = bidi.AN
			}
		}
		if before = t[i]; before == bidi.L || before == bidi.R || before == bidi.AL {
			strong = before
		}
	}
	for i, c := range t {
		switch {
		case c == bidi.AL:
			t[i] = bidi.R
		case (c == bidi.ES || c == bidi.CS) && i > 0 && i+1 < len(t) && t[i-1] == bidi.EN && t[i+1] == bidi.EN:
			t[i] = bidi.EN
		case c == bidi.CS && i > 0 && i+1 < len(t) && t[i-1] == bidi.AN && t[i+1] == bidi.AN:
			t[i] = bidi.AN
		}
	}
	s.terminators()
	strong = s.own
	for i, c := range t {
		switch c {
		case bidi.ES, bidi.ET, bidi.CS:
			t[i] = bidi.ON
		case bidi.L, bidi.R:
			strong = c
		case bidi.EN:
			if strong == bidi.L {
				t[i] = bidi.L
			}
		}
	}
}

// terminators lets signs beside a number be part of it (W5).
func (s *sequence) terminators() {
	t := s.class
	for i := 0; i < len(t); i++ {
		j := i
		for j < len(t) && t[j] == bidi.ET {
			j++
		}
		if j > i && (i > 0 && t[i-1] == bidi.EN || j < len(t) && t[j] == bidi.EN) {
			for k := i; k < j; k++ {
				t[k] = bidi.EN
			}
		}
		i = max(i, j-1)
	}
}

// direction is that in which a class goes among neutrals: numbers go with what is
// from right to left (N1).
func direction(c bidi.Class) (bidi.Class, bool) {
	switch c {
	case bidi.L:
		return bidi.L, true
	case bidi.R, bidi.EN, bidi.AN:
		return bidi.R, true
	}
	return bidi.ON, false
}

// brackets gives both brackets of a pair one direction (N0).
func (s *sequence) brackets(original []bidi.Class) {
	for _, pair := range s.pairs() {
		own, other := false, false
		for i := pair[0] + 1; i < pair[1]; i++ {
			if d, strong := direction(s.class[i]); strong {
				own, other = own || d == s.own, other || d != s.own
			}
		}
		switch {
		case own:
			s.setPair(pair, s.own, original)
		case other:
			against := bidi.L
			if s.own == bidi.L {
				against = bidi.R
			}
			if s.before(pair[0]) != against {
				against = s.own
			}
			s.setPair(pair, against, original)
		}
	}
}

// before is the direction of what is strong before i, else that of the sequence.
func (s *sequence) before(i int) bidi.Class {
	for i--; i >= 0; i-- {
		if d, strong := direction(s.class[i]); strong {
			return d
		}
	}
	return s.own
}

func (s *sequence) setPair(pair [2]int, to bidi.Class, original []bidi.Class) {
	for _, i := range pair {
		s.class[i] = to
		for j := i + 1; j < len(original) && original[j] == bidi.NSM; j++ {
			s.class[j] = to
		}
	}
}

// maxOpen is how many brackets may be open at once (BD16).
const maxOpen = 63

// pairs returns the pairs of brackets, by where each begins (BD16).
func (s *sequence) pairs() [][2]int {
	type open struct {
		at    int
		close rune
	}
	var stack []open
	partner := map[int]int{}
	for i, r := range s.runes {
		p, _ := bidi.LookupRune(r)
		switch {
		case s.class[i] != bidi.ON || !p.IsBracket():
		case p.IsOpeningBracket():
			if len(stack) == maxOpen {
				return nil
			}
			stack = append(stack, open{i, mirrored(r)})
		default:
			for k := len(stack) - 1; k >= 0; k-- {
				if stack[k].close == r {
					partner[stack[k].at] = i
					stack = stack[:k]
					break
				}
			}
		}
	}
	var list [][2]int
	for i := range s.runes {
		if end, paired := partner[i]; paired {
			list = append(list, [2]int{i, end})
		}
	}
	return list
}

// neutral lets spaces and signs go with what is on both sides of them, else with
// the text around (N1, N2).
func (s *sequence) neutral() {
	t := s.class
	for i := 0; i < len(t); i++ {
		if _, strong := direction(t[i]); strong {
			continue
		}
		j := i
		for j < len(t) {
			if _, strong := direction(t[j]); strong {
				break
			}
			j++
		}
		after := s.own
		if j < len(t) {
			after, _ = direction(t[j])
		}
		to := s.own
		if before := s.before(i); before == after {
			to = before
		}
		for k := i; k < j; k++ {
			t[k] = to
		}
		i = j - 1
	}
}
