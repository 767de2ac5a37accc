package directory

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// Limits of a case.
const (
	maxCaseChecks = 40
	maxCaseNotes  = 200
	maxCheckRunes = 80
)

// The states of a check.
const (
	CheckOpen      = "open"
	CheckPassed    = "passed"
	CheckFailed    = "failed"
	CheckNotNeeded = "not_needed"
)

// CheckStates are all of them.
func CheckStates() []string { return []string{CheckOpen, CheckPassed, CheckFailed, CheckNotNeeded} }

// CaseChecks are what is looked at of every registration. Moderators may add
// checks of their own, in their own words.
func CaseChecks() []string {
	return []string{"identity", "mandate", "evidence", "contact", "duplicates", "sanctions", "scope"}
}

// Case is how moderators work on one registration: who has it, what was looked at,
// and what they note for each other. It is kept apart from the registration, whose
// version it does not touch, and the applicant is never shown it.
type Case struct {
	Stakeholder string     `json:"stakeholder"`
	Version     int64      `json:"-"`
	Assignee    string     `json:"assignee,omitempty"` // the moderator's opaque id
	AssignedBy  string     `json:"assigned_by,omitempty"`
	AssignedAt  *time.Time `json:"assigned_at,omitempty"`
	Checks      []CaseWork `json:"checks,omitempty"` // those that somebody touched
	Notes       []CaseNote `json:"notes,omitempty"`  // oldest first

	journal.Log `json:"-"`
}

// CaseWork is how one check stands.
type CaseWork struct {
	Check string    `json:"check"` // of CaseChecks, or in a moderator's words
	State string    `json:"state"`
	Note  string    `json:"note,omitempty"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// CaseNote is what a moderator notes for the others.
type CaseNote struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

// Assign gives the case to a moderator, or with none gives it back. The same again
// changes nothing.
func (c *Case) Assign(to, by string, now time.Time) error {
	var faults fault.List
	if to != "" {
		CheckLine(&faults, "/assignee", to, 255)
	}
	if err := faults.Err("case.invalid"); err != nil {
		return err
	}
	if c.Assignee == to {
		return nil
	}
	c.Assignee, c.AssignedBy, c.AssignedAt = to, by, &now
	if to == "" {
		c.AssignedBy, c.AssignedAt = "", nil
	}
	c.Record("case.assigned", "stakeholder", c.Stakeholder)
	return nil
}

// Work notes how a check stands.
func (c *Case) Work(w CaseWork) error {
	var faults fault.List
	CheckLine(&faults, "/check", w.Check, maxCheckRunes)
	if !slices.Contains(CheckStates(), w.State) {
		faults.Add("/state", "case.state_unknown")
	}
	if w.Note != "" && ProseFault(w.Note, MaxReasonRunes) != "" {
		faults.Add("/note", ProseFault(w.Note, MaxReasonRunes), "max", strconv.Itoa(MaxReasonRunes))
	}
	i := slices.IndexFunc(c.Checks, func(o CaseWork) bool { return o.Check == w.Check })
	if i < 0 && len(c.Checks) >= maxCaseChecks {
		faults.Add("/check", "list.too_long", "max", strconv.Itoa(maxCaseChecks))
	}
	if err := faults.Err("case.invalid"); err != nil {
		return err
	}
	c.Checks = slices.Clone(c.Checks)
	if i < 0 {
		c.Checks = append(c.Checks, w)
	} else {
		c.Checks[i] = w
	}
	c.Record("case.checked", "stakeholder", c.Stakeholder)
	return nil
}

// Checklist is how all checks stand: those of every registration first, then those
// that moderators added.
func (c *Case) Checklist() []CaseWork {
	var list []CaseWork
	for _, check := range CaseChecks() {
		i := slices.IndexFunc(c.Checks, func(o CaseWork) bool { return o.Check == check })
		if i < 0 {
			list = append(list, CaseWork{Check: check, State: CheckOpen})
			continue
		}
		list = append(list, c.Checks[i])
	}
	for _, w := range c.Checks {
		if !slices.Contains(CaseChecks(), w.Check) {
			list = append(list, w)
		}
	}
	return list
}

// Open is how many checks are not done.
func (c *Case) Open() int {
	n := 0
	for _, w := range c.Checklist() {
		if w.State == CheckOpen {
			n++
		}
	}
	return n
}

// Note adds a note.
func (c *Case) Note(n CaseNote) error {
	var faults fault.List
	if code := ProseFault(n.Text, MaxProseRunes); code != "" {
		faults.Add("/text", code, "max", strconv.Itoa(MaxProseRunes))
	}
	if len(c.Notes) >= maxCaseNotes {
		faults.Add("/text", "list.too_long", "max", strconv.Itoa(maxCaseNotes))
	}
	if err := faults.Err("case.invalid"); err != nil {
		return err
	}
	c.Notes = append(slices.Clone(c.Notes), n)
	c.Record("case.noted", "stakeholder", c.Stakeholder)
	return nil
}

// Forget takes all that moderators wrote: nobody can say which of it speaks of a
// person. Again changes nothing.
func (c *Case) Forget() {
	wrote := len(c.Notes) > 0
	checks := slices.Clone(c.Checks)
	for i, w := range checks {
		wrote = wrote || w.Note != "" || !slices.Contains(CaseChecks(), w.Check)
		checks[i].Note = ""
	}
	if !wrote {
		return
	}
	c.Notes = nil
	c.Checks = slices.DeleteFunc(checks, func(w CaseWork) bool { return !slices.Contains(CaseChecks(), w.Check) })
	c.Conceal()
	c.Record("case.forgotten", "stakeholder", c.Stakeholder)
}
