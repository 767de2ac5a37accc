package convening

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// Limits of the terms of an event.
const (
	maxOrganisers   = 40
	maxDocuments    = 40
	maxSessions     = 60
	maxInterpreting = 20
)

// Terms are the conditions under which an event takes place: what it belongs to,
// who may know of it, and what may be said of it afterwards.
type Terms struct {
	Series              string        `json:"series,omitempty"`         // id of the series that it belongs to
	InviteOnly          bool          `json:"invite_only,omitempty"`    // nothing of it is public
	AtRisk              bool          `json:"at_risk,omitempty"`        // to be known to attend would put people in danger: nothing of it is public
	Attribution         string        `json:"attribution,omitempty"`    // see Attributions
	Interpretation      []string      `json:"interpretation,omitempty"` // languages interpreted into, BCP 47
	Precedes            string        `json:"precedes,omitempty"`       // id of the event that it prepares
	CoOrganisers        []CoOrganiser `json:"co_organisers,omitempty"`
	Documents           []Document    `json:"documents,omitempty"`
	Sessions            []Session     `json:"sessions,omitempty"`             // of a course, in the order of time
	CertificateSessions int           `json:"certificate_sessions,omitempty"` // of a course, that earn the certificate; 0 is all of them
	Tracks              []Track       `json:"tracks,omitempty"`               // of accreditation
}

// CoOrganiser is a body that organises with the unit: a stakeholder of the
// directory, or one that is only named.
type CoOrganiser struct {
	Stakeholder string `json:"stakeholder,omitempty"`
	Name        string `json:"name,omitempty"`
}

// Document is something to read before the event, where it lies.
type Document struct {
	Titles []directory.Text `json:"titles"`
	URL    string           `json:"url"`
}

// Session is one meeting of a course.
type Session struct {
	Titles []directory.Text `json:"titles"`
	Starts time.Time        `json:"starts"`
	Ends   time.Time        `json:"ends"`
}

// The rules of attribution: under the Chatham House Rule what was said may be
// used, and not who said it.
const (
	Attributed   = "attributed"
	ChathamHouse = "chatham_house"
)

// Attributions are the rules of attribution. An event that names none is
// attributed.
func Attributions() []string { return []string{Attributed, ChathamHouse} }

// Public reports whether anyone may know of the event.
func (e *Event) Public() bool { return e.Status != Draft && !e.InviteOnly && !e.AtRisk }

// CheckCapacity refuses a limit below the number of places that are taken.
func (p Plan) CheckCapacity(taken int) error {
	var faults fault.List
	if p.Capacity > 0 && p.Capacity < taken {
		faults.Add("/capacity", "event.capacity_below_accepted", "accepted", strconv.Itoa(taken))
	}
	return faults.Err(ErrEventInvalid.Code)
}

func (t Terms) tidied() Terms {
	t.CoOrganisers, t.Documents, t.Sessions = slices.Clone(t.CoOrganisers), slices.Clone(t.Documents), slices.Clone(t.Sessions)
	t.Tracks = slices.Clone(t.Tracks)
	for i := range t.Tracks {
		k := &t.Tracks[i]
		k.Titles, k.Document.Titles = directory.TidyTexts(k.Titles), directory.TidyTexts(k.Document.Titles)
		k.Until, k.ObjectionsUntil = k.Until.UTC(), k.ObjectionsUntil.UTC()
	}
	for i := range t.CoOrganisers {
		t.CoOrganisers[i].Name = directory.Tidy(t.CoOrganisers[i].Name)
	}
	for i := range t.Documents {
		t.Documents[i].Titles = directory.TidyTexts(t.Documents[i].Titles)
	}
	for i, s := range t.Sessions {
		t.Sessions[i] = Session{Titles: directory.TidyTexts(s.Titles), Starts: s.Starts.UTC(), Ends: s.Ends.UTC()}
	}
	return t
}

func (t Terms) validate(faults *fault.List, p Plan) {
	if t.Attribution != "" && !slices.Contains(Attributions(), t.Attribution) {
		faults.Add("/attribution", "event.attribution_unknown")
	}
	directory.CheckEach(faults, "/interpretation", t.Interpretation, maxInterpreting, func(s string) string { return unless(taxonomy.ValidLanguage(s), "language.unknown") })
	checkID(faults, "/series", t.Series)
	checkID(faults, "/precedes", t.Precedes)
	checkOrganisers(faults, "/co_organisers", t.CoOrganisers)
	t.validateDocuments(faults)
	t.validateSessions(faults, p)
	t.validateTracks(faults, p)
}

// checkID refuses what no id can be; whether there is such a thing is the
// store's to say.
func checkID(faults *fault.List, at, id string) {
	if id != "" && !idLike(id) {
		faults.Add(at, "id.malformed")
	}
}

func checkOrganisers(faults *fault.List, at string, list []CoOrganiser) {
	if tooMany(faults, at, len(list), maxOrganisers) {
		return
	}
	for i, o := range list {
		o.validate(faults, at+"/"+strconv.Itoa(i))
	}
}

func (o CoOrganiser) validate(faults *fault.List, at string) {
	checkID(faults, at+"/stakeholder", o.Stakeholder)
	if o.Name != "" || o.Stakeholder == "" {
		directory.CheckLine(faults, at+"/name", o.Name, maxTitleRunes)
	}
}

func (t Terms) validateDocuments(faults *fault.List) {
	if tooMany(faults, "/documents", len(t.Documents), maxDocuments) {
		return
	}
	for i, d := range t.Documents {
		at := "/documents/" + strconv.Itoa(i)
		checkTitles(faults, at+"/titles", d.Titles)
		if !directory.WebAddress(d.URL) {
			faults.Add(at+"/url", "website.not_http")
		}
	}
}

func (t Terms) validateSessions(faults *fault.List, p Plan) {
	if tooMany(faults, "/sessions", len(t.Sessions), maxSessions) {
		return
	}
	if len(t.Sessions) > 0 && p.Kind != "course" {
		faults.Add("/sessions", "event.sessions_of_course")
	}
	checkCount(faults, "/certificate_sessions", t.CertificateSessions, 0, len(t.Sessions))
	last := p.Starts
	for i, s := range t.Sessions {
		at := "/sessions/" + strconv.Itoa(i)
		checkTitles(faults, at+"/titles", s.Titles)
		if s.Starts.Before(last) || s.Ends.After(p.Ends) {
			faults.Add(at+"/starts", "event.session_outside")
		}
		if !s.Ends.After(s.Starts) {
			faults.Add(at+"/ends", "event.ends_before_start")
		}
		last = s.Ends
	}
}

// checkTitles records what is wrong with a title: one line in at least one
// language.
func checkTitles(faults *fault.List, at string, titles []directory.Text) {
	if len(titles) == 0 {
		faults.Add(at, "event.title_missing")
	}
	for i, t := range titles {
		directory.CheckLine(faults, at+"/"+strconv.Itoa(i)+"/text", t.Text, maxTitleRunes)
	}
	directory.CheckTextLanguages(faults, at, titles)
}

func tooMany(faults *fault.List, at string, n, most int) bool {
	if n > most {
		faults.Add(at, "list.too_long", "max", strconv.Itoa(most))
	}
	return n > most
}
