package directory

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// The kinds of entry of the consolidated list.
const (
	SanctionedPerson = "individual"
	SanctionedEntity = "entity"
)

// SanctionsEntry is what is kept of an entry of the consolidated list of the United
// Nations Security Council: what a person needs to find the entry there, and the
// names that stakeholders are compared with.
type SanctionsEntry struct {
	Reference string   `json:"reference"` // the permanent reference number
	Kind      string   `json:"kind"`      // see SanctionedPerson, SanctionedEntity
	Names     []string `json:"names"`     // the main name first, then those in other scripts and aliases
	Regime    string   `json:"regime,omitempty"`
	ListedOn  string   `json:"listed_on,omitempty"` // as the list has it
}

// SanctionsList says which edition of the consolidated list stakeholders are
// compared with. The entries of an edition are written before it becomes the one,
// and those of others are removed after: a reader sees one whole edition.
type SanctionsList struct {
	Version   int64     `json:"-"`
	Edition   string    `json:"edition,omitempty"`   // opaque; empty before the first
	Generated string    `json:"generated,omitempty"` // when the Security Council made it, as the file says
	Entries   int       `json:"entries"`
	At        time.Time `json:"at"`              // of the import
	Stale     []string  `json:"stale,omitempty"` // editions whose entries are to be removed

	journal.Log `json:"-"`
}

// Begin notes that the entries of an edition are being written.
func (l *SanctionsList) Begin(edition string) {
	l.Stale = append(slices.Clone(l.Stale), edition)
	l.Record("sanctions.begun", "edition", edition)
}

// Become makes the edition that was written the one.
func (l *SanctionsList) Become(edition, generated string, entries int, now time.Time) {
	l.Stale = slices.DeleteFunc(slices.Clone(l.Stale), func(e string) bool { return e == edition })
	if l.Edition != "" {
		l.Stale = append(l.Stale, l.Edition)
	}
	l.Edition, l.Generated, l.Entries, l.At = edition, generated, entries, now
	l.Record("sanctions.imported", "edition", edition)
}

// Swept notes that the entries of other editions are gone.
func (l *SanctionsList) Swept() {
	if len(l.Stale) == 0 {
		return
	}
	l.Stale = nil
	l.Record("sanctions.swept", "edition", l.Edition)
}

// NamesKey is a short hash of names, whatever their order.
func NamesKey(names []string) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(names)), "\n")))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// The outcomes of a person's look at a match.
const (
	ScreenedSame    = "same"
	ScreenedNotSame = "not_same"
)

// maxMatches is how many matches are kept of one stakeholder, the likeliest.
const maxMatches = 30

// ErrMatchGone says that there is no such match, or none any more.
var ErrMatchGone = fault.New(fault.Conflict, "screening.match_gone")

// Match is an entry of the list that may be meant by a name of a stakeholder or of
// one of its contacts, and what a moderator holds of that. It decides nothing.
type Match struct {
	SanctionsEntry
	Contact string  `json:"contact,omitempty"` // the person whose name it is; empty for the stakeholder itself
	Score   float64 `json:"score"`
	Reason  string  `json:"reason"` // in what way the names are alike, a code of package likeness
	Here    string  `json:"here"`   // the name of ours
	There   string  `json:"there"`  // that of the list
	Ours    string  `json:"ours"`   // what the names on our side were when it was found, see NamesKey
	Theirs  string  `json:"theirs"` // and those of the entry

	Outcome string     `json:"outcome,omitempty"` // same, not_same; empty while nobody looked
	By      string     `json:"by,omitempty"`
	At      *time.Time `json:"at,omitempty"`
	Note    string     `json:"note,omitempty"` // why
}

// about reports whether two matches are the same question: the same entry and the
// same names on both sides.
func (m Match) about(o Match) bool {
	return m.Reference == o.Reference && m.Contact == o.Contact && m.Ours == o.Ours && m.Theirs == o.Theirs
}

// Screening is what the comparison of one stakeholder with the list found, and
// what moderators made of it. It is theirs alone: neither the stakeholder nor any
// export is shown it.
type Screening struct {
	Stakeholder string    `json:"stakeholder"`
	Version     int64     `json:"-"`
	Edition     string    `json:"edition"`
	At          time.Time `json:"at"` // when something else was found last
	Matches     []Match   `json:"matches,omitempty"`

	journal.Log `json:"-"`
}

// Open is how many matches nobody has looked at.
func (s *Screening) Open() int {
	n := 0
	for _, m := range s.Matches {
		if m.Outcome == "" {
			n++
		}
	}
	return n
}

// Found takes over what a comparison found, the likeliest first. What a moderator
// decided stands as long as the names on both sides are what they were; what is
// not found any more is forgotten. The same again changes nothing.
func (s *Screening) Found(edition string, found []Match, now time.Time) {
	if len(found) > maxMatches {
		found = found[:maxMatches]
	}
	matches, changed := slices.Clone(found), len(found) != len(s.Matches)
	for i := range matches {
		known := slices.IndexFunc(s.Matches, matches[i].about)
		if known < 0 {
			changed = true
			continue
		}
		was := s.Matches[known]
		matches[i].Outcome, matches[i].By, matches[i].At, matches[i].Note = was.Outcome, was.By, was.At, was.Note
	}
	if !changed {
		return
	}
	s.Edition, s.At, s.Matches = edition, now, matches
	s.Record("screening.found", "stakeholder", s.Stakeholder)
}

// ScreeningDecision is what a moderator holds of one match.
type ScreeningDecision struct {
	Reference string `json:"reference"`
	Contact   string `json:"contact,omitempty"`
	Outcome   string `json:"outcome"` // same, not_same
	Reason    string `json:"reason"`

	By string `json:"-"`
}

// Decide remembers what a moderator holds of a match. Nothing follows by itself: a
// registration is returned or declined, and an entry suspended, by a person.
func (s *Screening) Decide(d ScreeningDecision, now time.Time) error {
	var faults fault.List
	if d.Outcome != ScreenedSame && d.Outcome != ScreenedNotSame {
		faults.Add("/outcome", "screening.outcome_unknown")
	}
	if code := ProseFault(d.Reason, MaxReasonRunes); code != "" {
		faults.Add("/reason", code, "max", strconv.Itoa(MaxReasonRunes))
	}
	if err := faults.Err("screening.invalid"); err != nil {
		return err
	}
	i := slices.IndexFunc(s.Matches, func(m Match) bool { return m.Reference == d.Reference && m.Contact == d.Contact })
	if i < 0 {
		return ErrMatchGone
	}
	s.Matches = slices.Clone(s.Matches)
	m := &s.Matches[i]
	m.Outcome, m.By, m.At, m.Note = d.Outcome, d.By, &now, d.Reason
	s.Explain(d.Reason)
	s.Record("screening.decided", "stakeholder", s.Stakeholder)
	return nil
}

// Forget takes from the screening what it says of one contact, or with none all of
// it. Again changes nothing.
func (s *Screening) Forget(contact string) {
	kept := slices.DeleteFunc(slices.Clone(s.Matches), func(m Match) bool { return contact == "" || m.Contact == contact })
	if len(kept) == len(s.Matches) {
		return
	}
	s.Matches = kept
	s.Conceal()
	s.Record("screening.forgotten", "stakeholder", s.Stakeholder)
}

// Screened reports whether the stakeholder is compared with the list: from the
// review of its registration on, until it is refused or gone.
func (s *Stakeholder) Screened() bool {
	switch s.Status {
	case AwaitingReview, Returned, Listed, Suspended, Lapsed:
		return true
	}
	return false
}

// ScreenedAs identifies the names that the stakeholder is compared by: another
// value is another question.
func (s *Stakeholder) ScreenedAs() string {
	parts := []string{NamesKey(s.OwnNames())}
	for _, c := range s.Contacts {
		parts = append(parts, c.ID+" "+c.Name)
	}
	return NamesKey(parts)
}

// OwnNames are the texts of all its names.
func (p Profile) OwnNames() []string {
	list := make([]string, len(p.Names))
	for i, n := range p.Names {
		list[i] = n.Text
	}
	return list
}
