package convening

import (
	"slices"
	"time"
)

// offerLasts is how long a place that came free is kept for the next in order.
const offerLasts = 48 * time.Hour

// Seats is how many places of an event, or of one organisation at it, are taken.
// It is written in the transaction of every answer that takes or frees one, while
// the event has a limit. Where it is of an earlier counting than the event's, there
// was a time without one, and it is to be counted anew.
type Seats struct {
	Taken    int `json:"taken"` // accepted, or offered and kept
	Counting int `json:"counting,omitempty"`
}

// HoldsSeat reports whether a place is taken or kept for the invitation.
func (i *Invitation) HoldsSeat() bool { return i.Status == Accepted || i.Status == Offered || i.Kept }

// says reports whether the answer is the one that stands: who waits for a place
// has accepted.
func (i *Invitation) says(a Answer) bool {
	return i.Reason == a.Reason && slices.Equal(i.Needs, a.Needs) && (i.Status == a.Answer || i.Status == Waiting && a.Answer == Accepted && i.Full)
}

// take makes the answer the one that stands. When all places are taken, who
// accepts waits, in the order of the answers.
func (i *Invitation) take(a Answer, now time.Time) {
	if a.Answer == Accepted && i.Full && i.Status != Offered {
		a.Answer = Waiting
	}
	i.Status, i.Reason, i.AnsweredAt, i.RepliedAt, i.DueAt, i.Reminders = a.Answer, a.Reason, &now, nil, nil, nil
	i.WaitingFrom, i.Needs, i.Channel = nil, a.Needs, ""
	if i.CutOff != nil {
		i.AnswerBy, i.CutOff = *i.CutOff, nil
	}
	if i.Status == Waiting {
		i.WaitingFrom = &now
		if i.Line != nil {
			i.WaitingFrom = i.Line
		}
		i.dueNext() // at the answer-by nobody waits any longer
	}
	i.leaveSeat(now)
	i.record("invitation." + string(i.Status))
}

// Offer keeps a place that came free for who waits for it, for two days or until
// the cut-off when that is sooner. An offer that is not taken passes on.
func (i *Invitation) Offer(now time.Time) {
	i.Status, i.WaitingFrom = Offered, nil
	i.answerWithin(offerLasts, now)
	i.record("invitation.offered")
}

// answerWithin sets a deadline before the cut-off, which comes back with an
// answer: a change of mind is taken until then.
func (i *Invitation) answerWithin(d time.Duration, now time.Time) {
	cutOff, by := i.AnswerBy, now.Add(d)
	if by.Before(cutOff) {
		i.AnswerBy, i.CutOff = by, &cutOff
	}
	i.DueAt = &i.AnswerBy
}

// Passes reports whether an alternate is to be asked in the place of this one:
// it was declined, withdrawn, or came to nothing.
func (i *Invitation) Passes() bool {
	switch i.Status {
	case Declined, Expired, Bounced, Withdrawn:
		return len(i.Alternates) > 0
	}
	return false
}

// NextAlternate takes the first alternate from the list and returns it with those
// who stand behind it.
func (i *Invitation) NextAlternate() (contact string, behind []string) {
	contact, behind = i.Alternates[0], i.Alternates[1:]
	i.Alternates = nil
	return contact, behind
}

// StandBy makes a planned invitation wait until another says no.
func (i *Invitation) StandBy() { i.Standby, i.DueAt = true, nil }

// StepIn asks an alternate now, with those behind it. Again changes nothing.
func (i *Invitation) StepIn(behind []string, now time.Time) {
	if !i.Standby || i.Status != Planned {
		return
	}
	i.Standby, i.Alternates, i.DueAt = false, behind, &now
	i.Advance(now)
}

// share leaves those who stand behind as much time to answer as who is asked
// before them.
func (i *Invitation) share(now time.Time) {
	if n := len(i.Alternates) + i.Behind; n > 0 {
		i.answerWithin(i.AnswerBy.Sub(now)/time.Duration(n+1), now)
	}
}
