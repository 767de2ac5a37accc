package directory

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/domain/taxonomy"
)

// ClaimWay says how it was shown that a claimant acts for the organisation.
type ClaimWay string

// The ways of a claim.
const (
	ClaimByDomain    ClaimWay = "mail_domain" // an address at a domain of the organisation's own was proved
	ClaimByModerator ClaimWay = "moderator"   // a moderator held what was said to be good
	ClaimBySponsor   ClaimWay = "sponsor"     // an organising unit vouched
)

// ClaimState is how far a claim has come.
type ClaimState string

// The states of a claim. The first two are open.
const (
	ClaimAwaitingEmail  ClaimState = "awaiting_email"  // the claimant's address is not proved
	ClaimAwaitingReview ClaimState = "awaiting_review" // a sponsor or a moderator is to answer
	ClaimGranted        ClaimState = "granted"
	ClaimRefused        ClaimState = "refused"
	ClaimEnded          ClaimState = "ended"     // another was granted, or there is nothing to claim any more
	ClaimWithdrawn      ClaimState = "withdrawn" // by the claimant
	ClaimExpired        ClaimState = "expired"   // the address was never proved
)

// ClaimStates are all of them.
func ClaimStates() []ClaimState {
	return []ClaimState{ClaimAwaitingEmail, ClaimAwaitingReview, ClaimGranted, ClaimRefused, ClaimEnded, ClaimWithdrawn, ClaimExpired}
}

// How long a claim waits and is kept.
const (
	ClaimProofLasts = 7 * day   // for the proof of the address
	ClaimKept       = 180 * day // once it is decided: time to ask why
	claimLookedAt   = 30 * day  // how often it is asked whether there is still something to claim
)

// Faults of claims.
var (
	ErrClaimed      = fault.New(fault.Conflict, "claim.already_claimed")
	ErrClaimNotOpen = fault.New(fault.Conflict, "claim.not_in_review")
)

// ClaimRequest is what somebody says who claims an entry that others made.
type ClaimRequest struct {
	Name     string       `json:"name"`
	Email    string       `json:"email"`
	Language string       `json:"language"`          // in which the claimant is written to, BCP 47
	Text     string       `json:"text"`              // who the claimant is to the organisation, and what shows it
	Sponsor  string       `json:"sponsor,omitempty"` // organising unit that can vouch
	Consent  ConsentGiven `json:"consent"`
}

// Validate returns nil or an Invalid fault.
func (r ClaimRequest) Validate() error {
	var faults fault.List
	CheckLine(&faults, "/name", r.Name, MaxNameRunes)
	if code := AddressFault(r.Email); code != "" {
		faults.Add("/email", code)
	}
	if !taxonomy.ValidLanguage(r.Language) {
		faults.Add("/language", "language.unknown")
	}
	if code := ProseFault(r.Text, MaxProseRunes); code != "" {
		faults.Add("/text", code, "max", strconv.Itoa(MaxProseRunes))
	}
	if r.Sponsor != "" {
		CheckLine(&faults, "/sponsor", r.Sponsor, 64)
	}
	if !r.Consent.Directory {
		faults.Add("/consent/directory", "consent.required")
	}
	if r.Consent.TextVersion != ConsentText {
		faults.Add("/consent/text_version", "consent.text_version", "current", ConsentText)
	}
	return faults.Err("claim.invalid")
}

// Claim is somebody's claim to act for an organisation whose entry others made.
// What came of it is kept for some time and then forgotten but for its dates.
type Claim struct {
	ID          string `json:"id"` // begins with the stakeholder's
	Version     int64  `json:"-"`
	Stakeholder string `json:"stakeholder"`
	Contact     string `json:"contact"` // the id that the claimant has as a contact, once granted
	Name        string `json:"name,omitempty"`
	Email       string `json:"email,omitempty"`
	Language    string `json:"language,omitempty"`
	Text        string `json:"text,omitempty"`
	Sponsor     string `json:"sponsor,omitempty"`
	ConsentText string `json:"consent_text"`
	Channel     string `json:"channel"` // api, page

	State       ClaimState `json:"state"`
	Way         ClaimWay   `json:"way,omitempty"` // once granted
	AskedAt     time.Time  `json:"asked_at"`
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	Word        *ClaimWord `json:"word,omitempty"` // of the sponsor; for moderators
	Reasons     []string   `json:"reasons,omitempty"`
	Note        string     `json:"note,omitempty"` // the moderator's words to the claimant
	By          string     `json:"by,omitempty"`   // who decided; for moderators
	Forgotten   bool       `json:"forgotten,omitempty"`
	DueAt       *time.Time `json:"due_at,omitempty"`

	journal.Log `json:"-"`
}

// ClaimWord is what the sponsor of a claim answered.
type ClaimWord struct {
	Word
	At time.Time `json:"at"`
}

// Claimed says how an entry that others made came to its organisation.
type Claimed struct {
	Way  ClaimWay  `json:"way"`
	At   time.Time `json:"at"`
	Unit string    `json:"unit,omitempty"` // that vouched
}

// tier is what the claim shows of who acts for the organisation.
func (c *Claimed) tier() Tier {
	if c == nil {
		return TierNone
	}
	switch c.Way {
	case ClaimByDomain:
		return TierDomain
	case ClaimBySponsor:
		return TierSponsored
	}
	return TierReviewed
}

func (c *Claimed) checks() []Check {
	if c == nil {
		return nil
	}
	kind := CheckedClaim
	switch c.Way {
	case ClaimByDomain:
		kind = CheckedDomain
	case ClaimBySponsor:
		kind = EvidenceSponsorship
	}
	return []Check{{kind, c.At}}
}

// Unclaimed reports whether the stakeholder is listed and nobody acts for it: an
// organiser or an import made the entry.
func (s *Stakeholder) Unclaimed() bool { return s.Status == Listed && len(s.Contacts) == 0 }

// HasDomain reports whether the address is at one of the domains that the entry
// declares, and not at a host where anybody can have one. A part of a domain is
// another: it may be somebody else's.
func (p Profile) HasDomain(address string) bool {
	_, host, _ := strings.Cut(address, "@")
	host, ok := taxonomy.CanonicalDomain(host)
	return ok && !taxonomy.SharedHost(host) && slices.Contains(p.WebDomains(), host)
}

// NewClaim begins a claim to an entry that nobody acts for. Nothing is looked up
// of the claimant, so that answer and cost are the same whoever it is.
func NewClaim(own string, s *Stakeholder, r ClaimRequest, channel string, newID func() string, now time.Time) (*Claim, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if !s.Unclaimed() {
		return nil, ErrClaimed
	}
	due := now.Add(ClaimProofLasts)
	c := &Claim{
		ID: s.ID + "_" + own, Stakeholder: s.ID, Contact: newID(), Name: Tidy(r.Name), Email: norm.NFC.String(r.Email), Language: r.Language,
		Text: r.Text, Sponsor: r.Sponsor, ConsentText: r.Consent.TextVersion, Channel: channel, State: ClaimAwaitingEmail, AskedAt: now, DueAt: &due,
	}
	c.record("claim.asked")
	return c, nil
}

func (c *Claim) record(kind string) {
	c.Record(kind, "stakeholder", c.Stakeholder, "claim", c.ID, "contact", c.Contact)
}

// Open reports whether the claim can still be granted.
func (c *Claim) Open() bool { return c.State == ClaimAwaitingEmail || c.State == ClaimAwaitingReview }

// Confirm proves the claimant's address. At a domain of the organisation's own
// that is all it takes; else a sponsor or a moderator is to answer. A second
// proof changes nothing and is no error.
func (c *Claim) Confirm(s *Stakeholder, lasts time.Duration, now time.Time) error {
	if c.State != ClaimAwaitingEmail {
		if c.Forgotten {
			return ErrLinkSuperseded
		}
		return nil
	}
	c.ConfirmedAt = &now
	switch {
	case !s.Unclaimed():
		c.End(now)
	case s.HasDomain(c.Email):
		c.grant(s, ClaimByDomain, lasts, now)
	default:
		due := now.Add(claimLookedAt)
		c.State, c.DueAt = ClaimAwaitingReview, &due
		c.record("claim.awaiting_review")
		if c.Sponsor != "" {
			c.record("claim.sponsorship_asked")
		}
	}
	return nil
}

// Vouch takes the word of the unit that was named. It decides alone where nobody
// else claims the entry; with rivals, or when the unit does not vouch, a moderator
// decides and is shown the word.
func (c *Claim) Vouch(s *Stakeholder, unit string, w Word, rivals bool, lasts time.Duration, now time.Time) error {
	if err := w.Validate(); err != nil {
		return err
	}
	if unit == "" || c.Sponsor != unit || c.State == ClaimAwaitingEmail {
		return ErrEvidenceUnknown
	}
	if c.Word != nil && c.Word.Word == w {
		return nil
	}
	if err := c.decidable(s); err != nil {
		return err
	}
	c.Word = &ClaimWord{w, now}
	c.record("claim.sponsor_answered")
	if w.Vouch && !rivals {
		c.grant(s, ClaimBySponsor, lasts, now)
	}
	return nil
}

// ClaimDecision is a moderator's answer to a claim.
type ClaimDecision struct {
	Outcome ClaimState `json:"outcome"`           // granted, refused
	Reasons []string   `json:"reasons,omitempty"` // see ReturnReasons; at least one when refused
	Note    string     `json:"note,omitempty"`    // in the claimant's language

	By    string        `json:"-"`
	Lasts time.Duration `json:"-"` // see Decision
}

func (d ClaimDecision) validate() error {
	var faults fault.List
	if d.Outcome != ClaimGranted && d.Outcome != ClaimRefused {
		faults.Add("/outcome", "claim.outcome_unknown")
	}
	outcome := Declined
	if d.Outcome == ClaimGranted {
		outcome = Listed
	}
	Decision{Outcome: outcome, Reasons: d.Reasons, Note: d.Note}.checkWords(&faults)
	return faults.Err("decision.invalid")
}

// Decide carries a moderator's decision out. Only who proved the address can be
// decided on.
func (c *Claim) Decide(s *Stakeholder, d ClaimDecision, now time.Time) error {
	if err := d.validate(); err != nil {
		return err
	}
	if err := c.decidable(s); err != nil {
		return err
	}
	c.Reasons, c.Note, c.By = d.Reasons, d.Note, d.By
	c.Explain(strings.TrimSpace(strings.Join(d.Reasons, ", ") + " " + d.Note))
	if d.Outcome == ClaimGranted {
		c.grant(s, ClaimByModerator, d.Lasts, now)
		return nil
	}
	c.close(ClaimRefused, now)
	return nil
}

func (c *Claim) decidable(s *Stakeholder) error {
	if c.State != ClaimAwaitingReview {
		return ErrClaimNotOpen
	}
	if !s.Unclaimed() {
		return ErrClaimed
	}
	return nil
}

// grant makes the claimant the focal point. The claim is due at once, so that its
// rivals are ended whatever happens after.
func (c *Claim) grant(s *Stakeholder, way ClaimWay, lasts time.Duration, now time.Time) {
	c.State, c.Way, c.EndedAt, c.DueAt = ClaimGranted, way, &now, &now
	c.record("claim.granted")
	s.takeOver(c, lasts, now)
}

func (s *Stakeholder) takeOver(c *Claim, lasts time.Duration, now time.Time) {
	s.Contacts = []Contact{{ID: c.Contact, Name: c.Name, Role: RoleFocalPoint, Email: c.Email, Language: c.Language, ConfirmedAt: c.ConfirmedAt}}
	s.Consents = append(slices.Clone(s.Consents), Consent{Purpose: ConsentDirectory, TextVersion: c.ConsentText, At: c.AskedAt, Channel: c.Channel, Contact: c.Contact})
	s.Claimed = &Claimed{Way: c.Way, At: now}
	if c.Way == ClaimBySponsor {
		s.Claimed.Unit = c.Sponsor
	}
	s.UpdatedAt = now
	s.verify(now, lasts)
	s.weigh(now)
	s.Record("stakeholder.claimed", "stakeholder", s.ID, "way", string(c.Way))
}

// End closes a claim because another was granted, or because there is nothing to
// claim any more.
func (c *Claim) End(now time.Time) {
	if c.Open() {
		c.close(ClaimEnded, now)
	}
}

func (c *Claim) close(state ClaimState, now time.Time) {
	due := now.Add(ClaimKept)
	c.State, c.EndedAt, c.DueAt = state, &now, &due
	c.record("claim." + string(state))
}

// Withdraw takes the claim back, and with it what the claimant said. One that was
// granted is not taken back by this.
func (c *Claim) Withdraw(now time.Time) error {
	if c.State == ClaimGranted {
		return ErrClaimNotOpen
	}
	if c.Open() {
		c.State, c.EndedAt = ClaimWithdrawn, &now
	}
	c.Forget()
	return nil
}

// Advance does what is due: a claim that nobody confirmed expires, one that was
// decided is forgotten when its time is over. Of one in review it is asked whether
// there is still something to claim.
func (c *Claim) Advance(s *Stakeholder, now time.Time) {
	if c.DueAt == nil || c.DueAt.After(now) {
		return
	}
	switch c.State {
	case ClaimAwaitingEmail:
		c.State, c.EndedAt = ClaimExpired, &now
		c.Forget()
	case ClaimAwaitingReview:
		if !s.Unclaimed() {
			c.End(now)
			return
		}
		due := now.Add(claimLookedAt)
		c.DueAt = &due
		c.record("claim.looked_at")
	default:
		c.Forget()
	}
}

// Settled notes that the rivals of a granted claim were ended.
func (c *Claim) Settled(now time.Time) {
	due := now.Add(ClaimKept)
	c.DueAt = &due
	c.record("claim.settled")
}

// Settles reports whether its rivals are still to be ended.
func (c *Claim) Settles() bool {
	return c.State == ClaimGranted && c.DueAt != nil && c.EndedAt != nil && c.DueAt.Equal(*c.EndedAt)
}

// Forget takes what the claim says of a person. That there was one, when, and
// what came of it stays. Again changes nothing.
func (c *Claim) Forget() {
	if c.Forgotten {
		return
	}
	c.Forgotten, c.DueAt = true, nil
	c.Name, c.Email, c.Language, c.Text, c.Word, c.Note, c.By = "", "", "", "", nil, "", ""
	c.Conceal()
	c.record("claim.forgotten")
}
