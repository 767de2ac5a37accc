package directory

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// EvidenceKind is a rung of the evidence ladder. Any one of them will do; an
// association that cannot register at home has references and sponsorship.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidenceCertificate EvidenceKind = "certificate"
	EvidenceIdentifier  EvidenceKind = "identifier"
	EvidenceReferences  EvidenceKind = "references"
	EvidenceSponsorship EvidenceKind = "sponsorship"
)

// What is checked when an entry is claimed. No applicant names these.
const (
	CheckedDomain EvidenceKind = "mail_domain"
	CheckedClaim  EvidenceKind = "claim"
)

const maxEvidence = 10

// Evidence is what supports a registration.
type Evidence struct {
	Kind       EvidenceKind `json:"kind"`
	Identifier *Identifier  `json:"identifier,omitempty"` // with EvidenceIdentifier
	Referees   []string     `json:"referees,omitempty"`   // ids of listed stakeholders, with EvidenceReferences: two of them
	Sponsor    string       `json:"sponsor,omitempty"`    // organising unit, with EvidenceSponsorship
	Note       string       `json:"note,omitempty"`       // what a moderator should know

	// Kept by the directory; what a client sends of these is not taken.
	ID      string        `json:"id,omitempty"`
	State   EvidenceState `json:"state,omitempty"`
	StateAt *time.Time    `json:"state_at,omitempty"`

	Document *Document `json:"document,omitempty"` // with EvidenceCertificate, once it was sent
}

// same reports whether two pieces say the same, so that what became of the one
// holds of the other.
func (e Evidence) same(o Evidence) bool {
	return e.Kind == o.Kind && e.Sponsor == o.Sponsor && slices.Equal(e.Referees, o.Referees) &&
		(e.Identifier == nil) == (o.Identifier == nil) && (e.Identifier == nil || *e.Identifier == *o.Identifier)
}

func validateEvidence(faults *fault.List, evidence []Evidence) {
	if len(evidence) > maxEvidence {
		faults.Add("/evidence", "list.too_long", "max", strconv.Itoa(maxEvidence))
		return
	}
	for i, e := range evidence {
		e.validate(faults, "/evidence/"+strconv.Itoa(i))
	}
}

// tidyEvidence keeps of each piece what its kind calls for and was validated,
// and identifiers in their one spelling: a moderator is shown nothing else. A
// piece that was there before keeps its id and what became of it.
func tidyEvidence(given, before []Evidence, newID func() string) []Evidence {
	var list []Evidence
	before = slices.Clone(before)
	for _, e := range given {
		tidied := Evidence{Kind: e.Kind, Note: e.Note}
		switch e.Kind {
		case EvidenceIdentifier:
			id := e.Identifier.normal()
			tidied.Identifier = &id
		case EvidenceReferences:
			tidied.Referees = slices.Clone(e.Referees)
		case EvidenceSponsorship:
			tidied.Sponsor = e.Sponsor
		}
		if i := slices.IndexFunc(before, tidied.same); i >= 0 {
			tidied.ID, tidied.State, tidied.StateAt, tidied.Document = before[i].ID, before[i].State, before[i].StateAt, before[i].Document
			before = slices.Delete(before, i, i+1)
		}
		if tidied.ID == "" {
			tidied.ID = newID()
		}
		list = append(list, tidied)
	}
	return list
}

func (e Evidence) validate(faults *fault.List, at string) {
	if e.Note != "" && ProseFault(e.Note, MaxProseRunes) != "" {
		faults.Add(at+"/note", ProseFault(e.Note, MaxProseRunes), "max", strconv.Itoa(MaxProseRunes))
	}
	switch e.Kind {
	case EvidenceCertificate:
	case EvidenceIdentifier:
		if e.Identifier == nil {
			faults.Add(at+"/identifier", "evidence.identifier_missing")
			break
		}
		if id := e.Identifier.normal(); taxonomy.IdentifierFault(id.Scheme, id.ID) != "" {
			faults.Add(at+"/identifier", taxonomy.IdentifierFault(id.Scheme, id.ID))
		}
	case EvidenceReferences:
		if len(e.Referees) != 2 || e.Referees[0] == e.Referees[1] {
			faults.Add(at+"/referees", "evidence.two_referees")
		}
		for i, id := range e.Referees {
			if LineFault(id, 64) != "" {
				faults.Add(at+"/referees/"+strconv.Itoa(i), "stakeholder.unknown")
			}
		}
	case EvidenceSponsorship:
		CheckLine(faults, at+"/sponsor", e.Sponsor, 64)
	default:
		faults.Add(at+"/kind", "evidence.kind_unknown")
	}
}
