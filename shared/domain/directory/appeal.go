package directory

import (
	"strings"
	"time"

	"convoke/shared/domain/fault"
)

// Faults of what follows a decision.
var (
	ErrNotAppealable = fault.New(fault.Conflict, "appeal.not_possible")
	ErrOwnDecision   = fault.New(fault.Forbidden, "appeal.own_decision")
	ErrNoAppeal      = fault.New(fault.Conflict, "appeal.none")
	ErrNotSuspended  = fault.New(fault.Conflict, "stakeholder.not_suspended")
	ErrNotListed     = fault.New(fault.Conflict, "stakeholder.not_listed")
)

// Decided is one decision of the past. By is kept so that an appeal comes to
// somebody else; it is shown to nobody but moderators.
type Decided struct {
	Outcome Status    `json:"outcome"`
	Reasons []string  `json:"reasons,omitempty"`
	Note    string    `json:"note,omitempty"`
	At      time.Time `json:"at"`
	By      string    `json:"by,omitempty"`
}

// Appeal is the applicant's one objection to a refusal or a suspension.
type Appeal struct {
	Text    string     `json:"text"`
	At      time.Time  `json:"at"`
	Against Status     `json:"against"` // declined, suspended
	Outcome Status     `json:"outcome,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
}

// Object appeals against a refusal or a suspension, once.
func (s *Stakeholder) Object(text string, now time.Time) error {
	var faults fault.List
	if code := ProseFault(text, MaxProseRunes); code != "" {
		faults.Add("/text", code, "max", "4000")
	}
	if err := faults.Err("appeal.invalid"); err != nil {
		return err
	}
	if s.Appeal != nil || s.Status != Declined && s.Status != Suspended {
		return ErrNotAppealable
	}
	s.Appeal, s.UpdatedAt = &Appeal{Text: text, At: now, Against: s.Status}, now
	s.Record("verification.appealed", "stakeholder", s.ID)
	return nil
}

// DecideAppeal upholds the decision, with the outcome that stands, or lists the
// stakeholder. It is for another moderator than the one who decided.
func (s *Stakeholder) DecideAppeal(d Decision, now time.Time) error {
	if s.Appeal == nil || s.Appeal.Ended != nil || s.Appeal.Against != s.Status {
		return ErrNoAppeal
	}
	if last := len(s.Decisions) - 1; last < 0 || s.Decisions[last].By == d.By {
		return ErrOwnDecision
	}
	if d.Outcome != Listed && d.Outcome != s.Status {
		return &fault.Error{Kind: fault.Invalid, Code: "decision.invalid", Fields: []fault.Field{{Pointer: "/outcome", Code: "decision.outcome_unknown"}}}
	}
	if err := d.validateWords(); err != nil {
		return err
	}
	s.Appeal.Outcome, s.Appeal.Ended = d.Outcome, &now
	s.carryOut(d, now)
	focal, _ := s.FocalPoint()
	s.Record("verification.appeal_decided", "stakeholder", s.ID, "contact", focal.ID)
	return nil
}

// Suspend takes a stakeholder out of the directory for reasons; its name and
// identifiers stay its own.
func (s *Stakeholder) Suspend(d Decision, now time.Time) error {
	d.Outcome = Suspended
	if err := d.validateWords(); err != nil {
		return err
	}
	if s.Status != Listed && s.Status != Lapsed {
		return ErrNotListed
	}
	s.DueAt, s.Appeal = nil, nil
	s.carryOut(d, now)
	focal, _ := s.FocalPoint()
	s.Record("verification.suspended", "stakeholder", s.ID, "contact", focal.ID)
	return nil
}

// Reinstate brings back what was suspended, verified anew.
func (s *Stakeholder) Reinstate(d Decision, now time.Time) error {
	d.Outcome = Listed
	if err := d.validateWords(); err != nil {
		return err
	}
	if s.Status != Suspended {
		return ErrNotSuspended
	}
	s.carryOut(d, now)
	focal, _ := s.FocalPoint()
	s.Record("verification.reinstated", "stakeholder", s.ID, "contact", focal.ID)
	return nil
}

// carryOut lets a decision be, and remembers it.
func (s *Stakeholder) carryOut(d Decision, now time.Time) {
	s.Status, s.Reasons, s.Note, s.DecidedAt, s.UpdatedAt = d.Outcome, d.Reasons, d.Note, &now, now
	if d.Outcome == Listed {
		s.verify(now, d.Lasts)
		s.weigh(now)
	}
	s.Explain(strings.TrimSpace(strings.Join(d.Reasons, ", ") + " " + d.Note))
	s.Decisions = append(s.Decisions, Decided{d.Outcome, d.Reasons, d.Note, now, d.By})
}
