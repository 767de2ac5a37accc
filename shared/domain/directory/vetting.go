package directory

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/fault"
)

// EvidenceState is how far a piece of evidence has come. It is empty while the
// applicant's address is not proved: until then nobody is troubled with it.
type EvidenceState string

// The states of evidence.
const (
	EvidenceAsked   EvidenceState = "asked"   // a document is to be sent, or a third party is to answer
	EvidenceGiven   EvidenceState = "given"   // it is there
	EvidenceRefused EvidenceState = "refused" // by a referee, a sponsor, or the moderator who looked at it
	EvidenceChecked EvidenceState = "checked" // a moderator looked at it and holds it good
)

// Tier says on what kind of evidence a listing rests.
type Tier string

// The tiers. A listing may rest on none: what convinced the moderator is then
// not among the kinds of evidence.
const (
	TierDocumented Tier = "documented"  // a certificate or a register identifier was checked
	TierVouched    Tier = "vouched"     // two listed stakeholders vouched
	TierSponsored  Tier = "sponsored"   // an organising unit confirmed its sponsorship
	TierDomain     Tier = "mail_domain" // claimed by who proved an address at its own domain
	TierReviewed   Tier = "reviewed"    // claimed, and a moderator held the claim to be good
	TierNone       Tier = "none"
)

// Tiers are all of them, the firmest first.
func Tiers() []Tier {
	return []Tier{TierDocumented, TierVouched, TierSponsored, TierDomain, TierReviewed, TierNone}
}

// Faults of vetting.
var (
	ErrEvidenceUnknown = fault.New(fault.NotFound, "not_found")
	ErrNotCheckable    = fault.New(fault.Conflict, "evidence.not_checkable")
	ErrVouchClosed     = fault.New(fault.Gone, "reference.closed")
)

// Voucher is the word of a third party for an applicant. What it said is for
// moderators alone.
type Voucher struct {
	Evidence   string        `json:"evidence"` // id of the piece that named it
	Kind       EvidenceKind  `json:"kind"`     // references or sponsorship
	From       string        `json:"from"`     // stakeholder, or organising unit
	State      EvidenceState `json:"state"`    // asked, given, refused
	AskedAt    time.Time     `json:"asked_at"`
	AnsweredAt *time.Time    `json:"answered_at,omitempty"`
	Note       string        `json:"note,omitempty"`
}

// Check is what was looked at before a listing, and when; not by whom.
type Check struct {
	Kind EvidenceKind `json:"kind"`
	At   time.Time    `json:"at"`
}

// Word is what a third party says for or against an applicant.
type Word struct {
	Vouch bool   `json:"vouch"`
	Note  string `json:"note,omitempty"` // for moderators
}

// Validate returns nil or an Invalid fault.
func (a Word) Validate() error {
	var faults fault.List
	if a.Note != "" && ProseFault(a.Note, MaxProseRunes) != "" {
		faults.Add("/note", ProseFault(a.Note, MaxProseRunes), "max", "4000")
	}
	return faults.Err("reference.invalid")
}

// askForEvidence asks third parties, once the applicant's address is proved, and
// lays down what became of each piece.
func (s *Stakeholder) askForEvidence(now time.Time) {
	var kept []Voucher
	for _, e := range s.Evidence {
		for _, from := range e.vouchers() {
			i := slices.IndexFunc(s.Vouchers, func(v Voucher) bool { return v.Evidence == e.ID && v.From == from })
			if i >= 0 {
				kept = append(kept, s.Vouchers[i])
				continue
			}
			kept = append(kept, Voucher{Evidence: e.ID, Kind: e.Kind, From: from, State: EvidenceAsked, AskedAt: now})
			if e.Kind == EvidenceReferences {
				s.Record("verification.reference_asked", "stakeholder", s.ID, "evidence", e.ID, "referee", from)
			} else {
				s.Record("verification.sponsorship_asked", "stakeholder", s.ID, "evidence", e.ID, "unit", from)
			}
		}
	}
	s.Vouchers = kept
	s.weigh(now)
}

// vouchers are the third parties that a piece of evidence names.
func (e Evidence) vouchers() []string {
	switch e.Kind {
	case EvidenceReferences:
		return e.Referees
	case EvidenceSponsorship:
		return []string{e.Sponsor}
	}
	return nil
}

// weigh derives the state of each piece of evidence, and from those, for who is
// in the directory, the tier and what was checked.
func (s *Stakeholder) weigh(now time.Time) {
	for i := range s.Evidence {
		e := &s.Evidence[i]
		if state := s.stateOf(*e); state != e.State {
			e.State, e.StateAt = state, &now
		}
	}
	if s.Holds() {
		s.Tier, s.Checks = s.tier(), s.checks()
	}
}

// stateOf is what a piece of evidence has come to. Of a document and an
// identifier it stands until a moderator looks.
func (s *Stakeholder) stateOf(e Evidence) EvidenceState {
	switch {
	case e.Kind == EvidenceCertificate && e.State == "":
		return EvidenceAsked
	case e.Kind == EvidenceIdentifier && e.State == "":
		return EvidenceGiven
	case e.Kind == EvidenceCertificate, e.Kind == EvidenceIdentifier:
		return e.State
	}
	state := EvidenceGiven
	for _, v := range s.Vouchers {
		if v.Evidence != e.ID {
			continue
		}
		if v.State == EvidenceRefused {
			return EvidenceRefused
		}
		if v.State != EvidenceGiven {
			state = EvidenceAsked
		}
	}
	return state
}

// tier is the firmest tier that the evidence bears out.
func (s *Stakeholder) tier() Tier {
	best := s.Claimed.tier()
	for _, e := range s.Evidence {
		if t := e.tier(); slices.Index(Tiers(), t) < slices.Index(Tiers(), best) {
			best = t
		}
	}
	return best
}

func (e Evidence) tier() Tier {
	switch {
	case e.State == EvidenceChecked:
		return TierDocumented
	case e.State != EvidenceGiven:
	case e.Kind == EvidenceReferences:
		return TierVouched
	case e.Kind == EvidenceSponsorship:
		return TierSponsored
	}
	return TierNone
}

func (s *Stakeholder) checks() []Check {
	list := s.Claimed.checks()
	for _, e := range s.Evidence {
		if e.tier() != TierNone {
			list = append(list, Check{e.Kind, *e.StateAt})
		}
	}
	return list
}

// CheckEvidence notes what a moderator made of a certificate or an identifier.
func (s *Stakeholder) CheckEvidence(id string, good bool, now time.Time) error {
	i := slices.IndexFunc(s.Evidence, func(e Evidence) bool { return e.ID == id && id != "" })
	if i < 0 {
		return ErrEvidenceUnknown
	}
	e := &s.Evidence[i]
	documented := e.Kind == EvidenceCertificate || e.Kind == EvidenceIdentifier
	if !documented || e.State == EvidenceAsked || e.State == "" {
		return ErrNotCheckable
	}
	e.State, e.StateAt = EvidenceRefused, &now
	if good {
		e.State = EvidenceChecked
	}
	s.UpdatedAt = now
	s.weigh(now)
	s.Record("verification.evidence_checked", "stakeholder", s.ID)
	return nil
}

// Vouch takes the word of a referee or sponsor. It may be changed until the
// registration is decided; saying the same again changes nothing.
func (s *Stakeholder) Vouch(kind EvidenceKind, from string, w Word, now time.Time) error {
	if err := w.Validate(); err != nil {
		return err
	}
	state := EvidenceRefused
	if w.Vouch {
		state = EvidenceGiven
	}
	found, changed := false, false
	for i := range s.Vouchers {
		v := &s.Vouchers[i]
		if v.Kind != kind || v.From != from {
			continue
		}
		found = true
		if v.State == state && v.Note == w.Note {
			continue
		}
		if s.Status != AwaitingReview && s.Status != Returned && v.State != EvidenceAsked {
			return ErrVouchClosed
		}
		v.State, v.Note, v.AnsweredAt, changed = state, w.Note, &now, true
	}
	if !found {
		return ErrEvidenceUnknown
	}
	if changed {
		s.UpdatedAt = now
		s.weigh(now)
		s.recordWord(kind, from, state)
	}
	return nil
}

// recordWord lets the applicant know what a referee answered, and the bus that
// a sponsor did.
func (s *Stakeholder) recordWord(kind EvidenceKind, from string, state EvidenceState) {
	focal, _ := s.FocalPoint()
	switch given := state == EvidenceGiven; {
	case kind == EvidenceReferences && given:
		s.Record("verification.reference_given", "stakeholder", s.ID, "contact", focal.ID, "referee", from)
	case kind == EvidenceReferences:
		s.Record("verification.reference_refused", "stakeholder", s.ID, "contact", focal.ID, "referee", from)
	case given:
		s.Record("verification.sponsorship_given", "stakeholder", s.ID)
	default:
		s.Record("verification.sponsorship_refused", "stakeholder", s.ID)
	}
}

// Word returns the word that a third party was asked for.
func (s *Stakeholder) Word(kind EvidenceKind, from string) (Voucher, bool) {
	i := slices.IndexFunc(s.Vouchers, func(v Voucher) bool { return v.Kind == kind && v.From == from })
	if i < 0 {
		return Voucher{}, false
	}
	return s.Vouchers[i], true
}

// AskedReferees returns the stakeholders that were asked for their word, each once.
func (s *Stakeholder) AskedReferees() []string {
	var ids []string
	for _, v := range s.Vouchers {
		if v.Kind == EvidenceReferences && !slices.Contains(ids, v.From) {
			ids = append(ids, v.From)
		}
	}
	return ids
}

// Referees returns the stakeholders that evidence names as referees, with the
// JSON Pointer of each.
func (a Application) Referees() (ids, pointers []string) {
	for i, e := range a.Evidence {
		if e.Kind != EvidenceReferences {
			continue
		}
		for j, id := range e.Referees {
			ids, pointers = append(ids, id), append(pointers, "/evidence/"+strconv.Itoa(i)+"/referees/"+strconv.Itoa(j))
		}
	}
	return ids, pointers
}
