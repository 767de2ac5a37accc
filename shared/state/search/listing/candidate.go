package listing

import (
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
)

// What the index knows of a candidate, beside what a hit shows. The numbers are
// those of the engagement ledger; who has none was never asked.
const (
	timesInvited  = "invited"
	timesAccepted = "accepted"
	invitedLast   = "last_invited" // Unix seconds
)

// Candidates returns the query for one page of whom a panel could be chosen from:
// all whom an organiser may find, with what targets count.
func Candidates(a convening.Audience, limit int, cursor string) search.Query {
	q := Audience(a, limit, cursor)
	q.Want = []string{"category", "country", "language", "led_by", timesInvited, timesAccepted, invitedLast}
	return q
}

// CandidateOf returns the stakeholder of a hit as a candidate. Best is the score
// of the best hit, against which relevance is measured; 0 when the hits have no
// order of relevance.
func CandidateOf(h search.Hit, best float64) convening.Candidate {
	c := convening.Candidate{
		ID: h.ID, Stakeholder: h.ID, Category: first(h.Values["category"]), Country: first(h.Values["country"]),
		LedBy: h.Values["led_by"], Languages: h.Values["language"],
		Invited: int(h.Numbers[timesInvited]), Spoke: int(h.Numbers[timesAccepted]),
	}
	if at, asked := h.Numbers[invitedLast]; asked {
		last := time.Unix(at, 0).UTC()
		c.LastInvited = &last
	}
	if best > 0 {
		c.Relevance = int(h.Score / best * 1000)
	}
	return c
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// CandidateFrom returns a person of a stakeholder that was read from the table,
// as far as the directory knows them: how often they were asked, it does not.
func CandidateFrom(e *directory.Stakeholder, who convening.Person) convening.Candidate {
	c := convening.Candidate{
		ID: who.ID(), Stakeholder: e.ID, Contact: who.Contact, Category: e.Category, Country: e.Country, LedBy: e.LedBy, Languages: e.Languages,
	}
	if contact, ok := e.Contact(who.Contact); ok && contact.Speaking != nil && len(contact.Speaking.Languages) > 0 {
		c.Languages = contact.Speaking.Languages
	}
	return c
}
