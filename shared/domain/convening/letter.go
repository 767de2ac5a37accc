package convening

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/domain/taxonomy"
)

const (
	letterLasts      = 30 * 24 * time.Hour // after the end of the event: a visa is looked at until its holder has left again
	maxLetters       = 10                  // for one invitation
	maxPassportRunes = 120
)

// Faults of letters of participation.
var (
	ErrLetterNotAccepted = fault.New(fault.Conflict, "letter.not_accepted")
	ErrLetterEventOver   = fault.New(fault.Conflict, "letter.event_over")
	ErrLetterNoPlace     = fault.New(fault.Conflict, "letter.no_place") // there is nowhere to travel to
	ErrLetterTooOften    = fault.New(fault.Conflict, "letter.too_often")
	errLetterInvalid     = fault.New(fault.Invalid, "letter.invalid")
)

// LetterRequest is what is said of the person whom a letter is for.
type LetterRequest struct {
	Name     string `json:"name"`               // as in the passport, in its Latin letters
	Language string `json:"language,omitempty"` // of the letter, BCP 47; the recipient's unless said otherwise
}

// Check returns nil, or one fault with everything that is wrong. A passport has the
// name in Latin letters beside any other script (ICAO Doc 9303), and these are what
// a consulate compares.
func (q LetterRequest) Check() error {
	var faults fault.List
	if code := directory.LineFault(q.Name, maxPassportRunes); code != "" {
		directory.CheckLine(&faults, "/name", q.Name, maxPassportRunes)
	} else if !passportName(q.Name) {
		faults.Add("/name", "letter.name_latin")
	}
	if q.Language != "" && !taxonomy.ValidLanguage(q.Language) {
		faults.Add("/language", "language.unknown")
	}
	return faults.Err(errLetterInvalid.Code)
}

// passportName reports whether the name is of Latin letters with their marks, and
// of what stands between them.
func passportName(s string) bool {
	letters := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Latin, r) && (r < 0x250 || r >= 0x1e00 && r < 0x1f00):
			letters++
		case strings.ContainsRune(" -'’.,", r), r >= 0x300 && r <= 0x331:
		default:
			return false
		}
	}
	return letters > 0
}

// Letter says that somebody takes part in an event, for who decides on a visa. It
// is found by its code alone, and keeps what it said when it was issued.
type Letter struct {
	Code         string           `json:"code"`
	Version      int64            `json:"-"`
	EventID      string           `json:"event"`
	Stakeholder  string           `json:"stakeholder"`
	Contact      string           `json:"contact"`
	Name         string           `json:"name,omitempty"` // as in the passport; empty once it is not needed any more
	Language     string           `json:"language"`
	Organisation string           `json:"organisation,omitempty"` // goes with the name
	Role         string           `json:"role"`
	Kind         string           `json:"kind"` // of the event
	Titles       []directory.Text `json:"titles"`
	Starts       time.Time        `json:"starts"`
	Ends         time.Time        `json:"ends"`
	Zone         string           `json:"zone"`
	Place        string           `json:"place"`
	Convener     string           `json:"convener"`
	IssuedAt     time.Time        `json:"issued_at"`
	Until        time.Time        `json:"until"` // it can be verified
	RevokedAt    *time.Time       `json:"revoked_at,omitempty"`
	DueAt        *time.Time       `json:"due_at,omitempty"` // when the planner lets the name be forgotten

	journal.Log `json:"-"`
}

// LetterStanding is what a letter is worth.
type LetterStanding string

// The standings of a letter.
const (
	LetterValid   LetterStanding = "valid"
	LetterRevoked LetterStanding = "revoked" // the invitation does not stand, the event is cancelled, or another letter took its place
	LetterChanged LetterStanding = "changed" // the event is at another time or place than the letter says
	LetterExpired LetterStanding = "expired"
)

// MayHaveLetter refuses a letter to who does not come, and for an event that nobody
// can travel to.
func (i *Invitation) MayHaveLetter(e *Event, now time.Time) error {
	switch {
	case i.Status != Accepted:
		return ErrLetterNotAccepted
	case e.Status != Published && e.Status != Closed || !e.Ends.After(now):
		return ErrLetterEventOver
	case e.Place == "":
		return ErrLetterNoPlace
	case i.Letters >= maxLetters:
		return ErrLetterTooOften
	}
	return nil
}

// IssueLetter makes the letter of who comes. It takes the place of one that was
// issued before. Code is one that nobody can guess; organisation is the name of the
// stakeholder in the language of the letter.
func (i *Invitation) IssueLetter(e *Event, q LetterRequest, code, organisation string, now time.Time) (*Letter, error) {
	if err := i.MayHaveLetter(e, now); err != nil {
		return nil, err
	}
	if err := q.Check(); err != nil {
		return nil, err
	}
	until := e.Ends.Add(letterLasts)
	l := &Letter{
		Code: code, EventID: e.ID, Stakeholder: i.Stakeholder, Contact: i.Contact, Name: q.Name, Language: q.Language, Organisation: organisation,
		Role: i.Role, Kind: e.Kind, Titles: slices.Clone(e.Titles), Starts: e.Starts, Ends: e.Ends, Zone: e.Zone, Place: e.Place, Convener: e.Convener,
		IssuedAt: now, Until: until, DueAt: &until,
	}
	i.Letter, i.Letters = code, i.Letters+1
	i.record("invitation.letter_issued")
	l.Record("letter.issued", "event", e.ID, "stakeholder", i.Stakeholder, "contact", i.Contact, "issued", now.UTC().Format(time.RFC3339Nano))
	return l, nil
}

// DropLetter lets go of the letter of who does not come any more.
func (i *Invitation) DropLetter() {
	if i.Status != Accepted {
		i.Letter = ""
	}
}

// Revoke ends the letter, and forgets whose it was: nobody needs it. What it changes
// is in no trail. Again changes nothing.
func (l *Letter) Revoke(now time.Time) {
	if l.RevokedAt != nil {
		return
	}
	l.RevokedAt = &now
	l.forget("letter.revoked")
}

// Expire forgets whose the letter was when nobody needs to verify it any more. Too
// early, or again, changes nothing.
func (l *Letter) Expire(now time.Time) {
	if l.DueAt != nil && !l.DueAt.After(now) {
		l.forget("letter.expired")
	}
}

func (l *Letter) forget(kind string) {
	l.Name, l.Organisation, l.DueAt = "", "", nil
	l.Conceal()
	l.Record(kind, "event", l.EventID, "contact", l.Contact)
}

// Standing is what the letter is worth now, by its event and invitation as they are;
// nil for one that is gone. It does not wait for who revokes it.
func (l *Letter) Standing(e *Event, i *Invitation, now time.Time) LetterStanding {
	switch {
	case !l.Until.After(now):
		return LetterExpired
	case l.RevokedAt != nil, l.Name == "", e == nil, i == nil, e.Status == Cancelled, i.Letter != l.Code, i.Status != Accepted:
		return LetterRevoked
	case !l.Starts.Equal(e.Starts), !l.Ends.Equal(e.Ends), l.Zone != e.Zone, l.Place != e.Place, l.Role != i.Role:
		return LetterChanged
	}
	return LetterValid
}
