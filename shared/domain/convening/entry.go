package convening

import (
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
)

// Faults of what an organiser enters.
var (
	ErrEntryInvalid = fault.New(fault.Invalid, "invitation.entry_invalid")
	ErrNotInvited   = fault.New(fault.Conflict, "invitation.not_asked")
)

// Needs are what somebody may need in order to take part.
func Needs() []string { return []string{"interpretation", "childcare", "travel", "safety"} }

// Channels are the ways, other than Convoke's own, in which an answer comes to an
// organiser.
func Channels() []string { return []string{"phone", "letter", "in_person", "mail"} }

// Entry is an answer that an organiser enters for who gave it otherwise.
type Entry struct {
	Answer
	Channel string `json:"channel"` // see Channels
}

// Enter takes an answer that came to the organiser: as Answer does, with how it
// came.
func (i *Invitation) Enter(e Entry, now time.Time) error {
	if !slices.Contains(Channels(), e.Channel) {
		var faults fault.List
		faults.Add("/channel", "invitation.channel_unknown")
		return faults.Err(ErrEntryInvalid.Code)
	}
	if err := i.Answer(e.Answer, now); err != nil {
		return err
	}
	i.Channel = e.Channel
	return nil
}

// validateNeeds refuses what is not among Needs.
func validateNeeds(faults *fault.List, needs []string) {
	directory.CheckEach(faults, "/needs", needs, len(Needs()), func(s string) string {
		return unless(slices.Contains(Needs(), s), "speaking.need_unknown")
	})
}

// Withdraw takes the invitation back: its links no longer answer, and its place,
// if it has one, goes to the next. Again changes nothing.
func (i *Invitation) Withdraw(now time.Time) {
	if i.Status == Withdrawn {
		return
	}
	told := i.AskedAt != nil
	i.Status, i.WithdrawnAt, i.DueAt, i.Reminders, i.WaitingFrom = Withdrawn, &now, nil, nil, nil
	i.Generation++
	if told {
		i.record("invitation.withdrawn")
	} else {
		i.record("invitation.dropped") // nobody heard of it, and nobody is written to
	}
}

// Presence is what an organiser notes after the event.
type Presence struct {
	Attendance Attendance `json:"attendance"` // attended, absent
	Spoke      bool       `json:"spoke,omitempty"`
	Sessions   []int      `json:"sessions,omitempty"` // of a course, from 1
}

// Attend notes whether the recipient came, and had the floor. It can be mended;
// the same again changes nothing.
func (i *Invitation) Attend(p Presence) error {
	var faults fault.List
	if p.Attendance != Attended && p.Attendance != Absent {
		faults.Add("/attendance", "invitation.attendance_unknown")
	}
	if p.Spoke && p.Attendance == Absent {
		faults.Add("/spoke", "invitation.absent_spoke")
	}
	if err := faults.Err(ErrEntryInvalid.Code); err != nil {
		return err
	}
	if i.AskedAt == nil {
		return ErrNotInvited
	}
	if i.Attendance != p.Attendance || i.Spoke != p.Spoke || !slices.Equal(i.Sessions, p.Sessions) {
		i.Attendance, i.Spoke, i.Debut, i.Sessions = p.Attendance, p.Spoke, i.Debut && p.Spoke, p.Sessions
		i.record("invitation.attendance_noted")
	}
	return nil
}

// Introduce notes of who had the floor whether it was for the first time, as the
// ledger of its stakeholder says.
func (i *Invitation) Introduce(l *Ledger) {
	if debut := i.Spoke && !l.SpokeBefore(i.EventID, i.Contact); debut != i.Debut {
		i.Debut = debut
		i.record("invitation.attendance_noted")
	}
}
