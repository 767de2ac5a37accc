package directory

import "time"

// Retention says how long one kind of record is kept, and from when.
type Retention struct {
	Record string        // what it is about
	Status Status        // of the registrations that the planner erases; empty where the record expires by itself
	Keep   time.Duration // after the record was last changed
}

const day = 24 * time.Hour

// Retentions are the rules of this program. What expires by itself has its date
// in the table; a registration that came to nothing is erased by the planner, as
// on request. Whatever is in the directory is kept until it is erased, and its
// audit trail with it.
func Retentions() []Retention {
	return []Retention{
		{Record: "unconfirmed registration", Status: AwaitingEmail, Keep: 30 * day},
		{Record: "registration returned and never sent again", Status: Returned, Keep: 180 * day},
		{Record: "declined registration", Status: Declined, Keep: 180 * day}, // time to appeal
		{Record: "claim whose address was not proved", Keep: ClaimProofLasts},
		{Record: "claim that was decided or ended", Keep: ClaimKept},
		{Record: "name on a letter of participation", Keep: 30 * day},          // after the end of the event; see convening.Letter
		{Record: "name and address of a colleague or nominee", Keep: 90 * day}, // after the end of the event; see convening.NamedKept
		{Record: "words of an application for accreditation", Keep: 180 * day}, // after the end of the event; see convening.Accreditation
		{Record: "session", Keep: 30 * day},
		{Record: "link to sign in", Keep: 15 * time.Minute},
		{Record: "record of a mail", Keep: 90 * day},
		{Record: "event on its way to the bus", Keep: 7 * day},
		{Record: "answer kept for an Idempotency-Key", Keep: day},
	}
}

// Outlived reports whether the rule says that the stakeholder is to be erased.
func (r Retention) Outlived(s *Stakeholder, now time.Time) bool {
	return r.Status != "" && s.Status == r.Status && !s.UpdatedAt.Add(r.Keep).After(now)
}
