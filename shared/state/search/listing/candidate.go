package listing

import (
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
)

// Candidates returns the query for one page of whom a panel could be chosen from:
// all whom an organiser may find, with what targets count.
func Candidates(a convening.Audience, limit int, cursor string) search.Query {
	q := Audience(a, limit, cursor)
	q.Want = []string{hasSpeaker, "category", "country", "language", "led_by", invited, accepted, lastInvited}
	return q
}

// CandidateOf returns the stakeholder of a hit as a candidate. Best is the score
// of the best hit, against which relevance is measured; 0 when the hits have no
// order of relevance.
func CandidateOf(h search.Hit, best float64) convening.Candidate {
	c := convening.Candidate{
		ID: h.ID, Stakeholder: h.ID, Category: first(h.Values["category"]), Country: first(h.Values["country"]),
		LedBy: visible(h.Values["led_by"]), Languages: visible(h.Values["language"]),
		Invited: int(h.Numbers[invited]), Spoke: int(h.Numbers[accepted]),
	}
	if at, asked := h.Numbers[lastInvited]; asked {
		last := time.Unix(at, 0).UTC()
		c.LastInvited = &last
	}
	if best > 0 {
		c.Relevance = int(h.Score / best * 1000)
	}
	return c
}

// visible are the values of a facet that organisers may see, without the mark of
// their least reader.
func visible(values []string) (list []string) {
	for _, v := range values {
		value, least, hidden := strings.Cut(v, mark)
		if !hidden || Organisers.Sees().Sees(directory.Reader(least)) {
			list = append(list, value)
		}
	}
	return list
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// CandidateFrom returns a person of a stakeholder that was read from the table,
// as far as organisers may see them. How often they were asked, the table's
// stakeholder does not say.
func CandidateFrom(e *directory.Stakeholder, who convening.Person) convening.Candidate {
	seen := e.For(Organisers.Sees())
	c := convening.Candidate{
		ID: who.ID(), Stakeholder: e.ID, Contact: who.Contact, Category: seen.Category, Country: seen.Country, LedBy: seen.LedBy, Languages: seen.Languages,
	}
	contact, ok := e.Contact(who.Contact)
	if !ok || contact.Speaking == nil || e.Withdrawn(directory.ConsentSpeaking) {
		return c
	}
	if len(contact.Speaking.Languages) > 0 {
		c.Languages = contact.Speaking.Languages
	}
	if contact.Speaking.Findable { // what persons say of themselves counts when they want to be found
		c.Gender, c.Experience = contact.Speaking.Gender, contact.Speaking.Experience
	}
	return c
}

// hasSpeaker is the facet of who has speakers that want to be found.
const hasSpeaker = "has_speaker"

// HasSpeaker reports whether the stakeholder of a hit of Candidates has speakers
// who want to be found.
func HasSpeaker(h search.Hit) bool { return len(h.Values[hasSpeaker]) > 0 }

// Speakers returns the speakers of a stakeholder who want to be found, each as a
// candidate in the place of the stakeholder, with what the index knows of that.
func Speakers(e *directory.Stakeholder, of convening.Candidate) []convening.Candidate {
	var list []convening.Candidate
	for _, who := range e.Speakers() {
		c := CandidateFrom(e, convening.Person{Stakeholder: e.ID, Contact: who.ID})
		c.Invited, c.Spoke, c.LastInvited, c.Relevance = of.Invited, of.Spoke, of.LastInvited, of.Relevance
		list = append(list, c)
	}
	return list
}
