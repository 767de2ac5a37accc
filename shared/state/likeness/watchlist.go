package likeness

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"convoke/shared/domain/directory"
)

// leastScreened is from what score a person looks at two names. It is low: who
// looks in vain loses a minute.
const leastScreened = 0.65

// leastShare is how much of a name, by its letters, an entry of the list must have
// in common with it to be compared at all: words that are the same, or an edit
// apart. It leaves out the many that share a word such as "international".
const leastShare = 0.5

// weightShort lessens what an equal acronym says: three letters stand for many.
const weightShort = 0.8

// Watchlist is an edition of the sanctions list made ready to compare names with.
// It is safe for concurrent use.
type Watchlist struct {
	Edition string
	entries []watched
	words   postings // of the words of names
	sounds  postings // the same by sound, across alphabets
	whole   postings // of all letters of a name
}

// watched is an entry with its names made ready, and what they were.
type watched struct {
	directory.SanctionsEntry
	forms []form
	key   string
}

// postings are the entries that have something, in their order, each once.
type postings map[string][]int

func (p postings) add(key string, entry int) {
	if list := p[key]; len(list) == 0 || list[len(list)-1] != entry {
		p[key] = append(list, entry)
	}
}

// NewWatchlist makes a list ready.
func NewWatchlist(edition string, entries []directory.SanctionsEntry) *Watchlist {
	w := &Watchlist{Edition: edition, words: postings{}, sounds: postings{}, whole: postings{}}
	for i, e := range entries {
		one := watched{SanctionsEntry: e, key: directory.NamesKey(e.Names)}
		for _, name := range e.Names {
			f := formOf(directory.Name{Text: name, Kind: directory.NameAlias})
			one.forms = append(one.forms, f)
			w.index(f, i)
		}
		w.entries = append(w.entries, one)
	}
	return w
}

func (w *Watchlist) index(f form, entry int) {
	for _, word := range f.core {
		for _, key := range slips(word) {
			w.words.add(key, entry)
		}
	}
	for _, sound := range f.sounds {
		for _, key := range slips(sound) {
			w.sounds.add(key, entry)
		}
	}
	w.whole.add(strings.Join(f.core, ""), entry)
}

// slips returns the word and, where it is long enough for a slip of the pen, what
// it is without each of its letters: of two words an edit apart, both have one of
// these.
func slips(word string) []string {
	keys, runes := []string{word}, []rune(word)
	if allowedEdits(len(runes)+1) == 0 {
		return keys
	}
	for i := range runes {
		keys = append(keys, string(runes[:i])+string(runes[i+1:]))
	}
	return keys
}

// Find compares the names of a stakeholder with all entries, and those of its
// contacts with those of persons, and returns what is alike, the likeliest first.
func (w *Watchlist) Find(e *directory.Stakeholder) []directory.Match {
	list := w.find(e.Names, func(watched) bool { return true }, directory.Match{Ours: directory.NamesKey(e.OwnNames())})
	for _, c := range e.Contacts {
		name := []directory.Name{{Text: c.Name, Lang: c.Language, Kind: directory.NameAlias}}
		list = append(list, w.find(name, watched.person, directory.Match{Contact: c.ID, Ours: directory.NamesKey([]string{c.Name})})...)
	}
	slices.SortStableFunc(list, func(a, b directory.Match) int { return cmp.Compare(b.Score, a.Score) })
	return list
}

func (e watched) person() bool { return e.Kind == directory.SanctionedPerson }

// find returns, for each entry that is meant, the two names that are most alike, if
// they are enough. Of says whose names they are.
func (w *Watchlist) find(names []directory.Name, meant func(watched) bool, of directory.Match) []directory.Match {
	best := map[int]directory.Match{}
	for _, n := range names {
		f := formOf(n)
		for i := range w.candidates(f) {
			e := w.entries[i]
			if !meant(e) {
				continue
			}
			like, there := e.like(f)
			score := math.Round(like.score*1000) / 1000
			if score < leastScreened || score <= best[i].Score {
				continue
			}
			m := of
			m.SanctionsEntry, m.Score, m.Reason, m.Here, m.There, m.Theirs = e.SanctionsEntry, score, like.code, n.Text, there, e.key
			best[i] = m
		}
	}
	return slices.SortedFunc(maps.Values(best), func(a, b directory.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Reference, b.Reference))
	})
}

// like is how alike a name is to the name of the entry that is most like it. That
// one is the initials of the other says nothing here.
func (e watched) like(f form) (best nameLikeness, there string) {
	for _, theirs := range e.forms {
		like := likeNames(f, theirs)
		switch like.code {
		case Acronym:
			continue
		case SameAcronym:
			like.score *= weightShort
		}
		if like.score > best.score {
			best, there = like, theirs.text
		}
	}
	return best, there
}

// candidates are the entries that share enough with a name to be compared.
func (w *Watchlist) candidates(f form) map[int]bool {
	found := map[int]bool{}
	for _, i := range w.whole[strings.Join(f.core, "")] {
		found[i] = true
	}
	w.words.share(f.core, found)
	w.sounds.share(f.sounds, found)
	return found
}

// share adds the entries that share leastShare of the letters of the words.
func (p postings) share(words []string, found map[int]bool) {
	total, shared := 0, map[int]int{}
	for _, word := range words {
		size, hit := utf8.RuneCountInString(word), map[int]bool{}
		total += size
		for _, key := range slips(word) {
			for _, i := range p[key] {
				if !hit[i] {
					hit[i] = true
					shared[i] += size
				}
			}
		}
	}
	for i, letters := range shared {
		if float64(letters) >= leastShare*float64(total) {
			found[i] = true
		}
	}
}
