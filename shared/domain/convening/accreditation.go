package convening

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// Limits of accreditation.
const (
	maxTracks     = 20
	maxObjections = 100

	accreditationKept = 180 * 24 * time.Hour // after the end of the event: time to ask why
)

// Track is one way of being accredited to an event: for whom it is, the document
// that says what it asks for, and its dates. Who has applied is open to objection
// from the end of applications until the end of objections.
type Track struct {
	ID              string           `json:"id"` // chosen by the organiser
	Titles          []directory.Text `json:"titles"`
	Document        Document         `json:"document"`
	Until           time.Time        `json:"until"`            // that applications are taken
	ObjectionsUntil time.Time        `json:"objections_until"` // and that decisions wait for
}

// AccreditationStatus is where an application stands, as the applicant is told.
type AccreditationStatus string

// The statuses. Until it is decided an application is under consideration,
// whether anybody objects or not.
const (
	UnderConsideration AccreditationStatus = "under_consideration"
	Accredited         AccreditationStatus = "accredited"
	NotAccredited      AccreditationStatus = "not_accredited"
)

// Faults of accreditation.
var (
	ErrAccreditationInvalid = fault.New(fault.Invalid, "accreditation.invalid")
	ErrNoTrack              = fault.New(fault.NotFound, "accreditation.no_track")
	ErrTrackClosed          = fault.New(fault.Conflict, "accreditation.closed")
	ErrNotOpenToObjection   = fault.New(fault.Conflict, "accreditation.no_objections")
	ErrTooSoon              = fault.New(fault.Conflict, "accreditation.too_soon")
	ErrAccreditationDecided = fault.New(fault.Conflict, "accreditation.decided")
)

// Accreditation is the application of a stakeholder to be accredited to an event.
// A stakeholder has one for an event.
type Accreditation struct {
	EventID     string              `json:"event"`
	Stakeholder string              `json:"stakeholder"`
	Version     int64               `json:"-"`
	Track       string              `json:"track"`
	Contact     string              `json:"contact,omitempty"` // who applied
	Status      AccreditationStatus `json:"status"`
	Reason      string              `json:"reason,omitempty"` // of the decision, in the organiser's words
	Objections  []Objection         `json:"objections,omitempty"`
	AppliedAt   time.Time           `json:"applied_at"`
	DecidedAt   *time.Time          `json:"decided_at,omitempty"`
	DueAt       *time.Time          `json:"due_at,omitempty"` // when the planner lets its words be forgotten

	journal.Log `json:"-"`
}

// Objection is what somebody has against an accreditation. It is for the organiser
// alone: the applicant learns neither of it nor of who made it.
type Objection struct {
	Stakeholder string    `json:"stakeholder"`
	Contact     string    `json:"contact,omitempty"`
	Text        string    `json:"text"`
	At          time.Time `json:"at"`
}

// TrackOf returns a track of the event.
func (e *Event) TrackOf(id string) (Track, error) {
	i := slices.IndexFunc(e.Tracks, func(t Track) bool { return t.ID == id })
	if i < 0 {
		return Track{}, ErrNoTrack
	}
	return e.Tracks[i], nil
}

// Apply asks for the accreditation of a stakeholder in a track.
func Apply(e *Event, track, stakeholder, contact string, now time.Time) (*Accreditation, error) {
	t, err := e.TrackOf(track)
	if err != nil {
		return nil, err
	}
	if e.TakesAnswers() != nil || !now.Before(t.Until) {
		return nil, ErrTrackClosed
	}
	due := e.Ends.Add(accreditationKept)
	a := &Accreditation{EventID: e.ID, Stakeholder: stakeholder, Track: track, Contact: contact, Status: UnderConsideration, AppliedAt: now, DueAt: &due}
	a.record("accreditation.applied")
	return a, nil
}

func (a *Accreditation) record(kind string) {
	a.Record(kind, "event", a.EventID, "stakeholder", a.Stakeholder)
}

// OpenToObjection reports whether objections are taken now.
func (t Track) OpenToObjection(now time.Time) bool {
	return !now.Before(t.Until) && now.Before(t.ObjectionsUntil)
}

// Object notes what a stakeholder has against the accreditation, while the window
// is open. A second objection of the same stakeholder takes the place of its first.
func (a *Accreditation) Object(t Track, o Objection, now time.Time) error {
	if o.Stakeholder == a.Stakeholder || a.DecidedAt != nil || !t.OpenToObjection(now) {
		return ErrNotOpenToObjection
	}
	if code := directory.ProseFault(o.Text, maxReasonRunes); code != "" {
		var faults fault.List
		faults.Add("/text", code, "max", strconv.Itoa(maxReasonRunes))
		return faults.Err(ErrAccreditationInvalid.Code)
	}
	o.At = now
	list := slices.DeleteFunc(slices.Clone(a.Objections), func(other Objection) bool { return other.Stakeholder == o.Stakeholder })
	if len(list) >= maxObjections {
		return ErrNotOpenToObjection
	}
	a.Objections = append(list, o)
	a.record("accreditation.objected")
	return nil
}

// Verdict is what an organiser decides on an accreditation.
type Verdict struct {
	Outcome AccreditationStatus `json:"outcome"` // accredited, not_accredited
	Reason  string              `json:"reason,omitempty"`
}

// Decide takes the organiser's decision, once, when the time for objections is over.
func (a *Accreditation) Decide(t Track, v Verdict, now time.Time) error {
	var faults fault.List
	if v.Outcome != Accredited && v.Outcome != NotAccredited {
		faults.Add("/outcome", "accreditation.outcome_unknown")
	}
	if v.Reason != "" || v.Outcome == NotAccredited {
		if code := directory.ProseFault(v.Reason, maxReasonRunes); code != "" {
			faults.Add("/reason", code, "max", strconv.Itoa(maxReasonRunes))
		}
	}
	if err := faults.Err(ErrAccreditationInvalid.Code); err != nil {
		return err
	}
	switch {
	case a.DecidedAt != nil:
		return ErrAccreditationDecided
	case now.Before(t.ObjectionsUntil):
		return ErrTooSoon
	}
	a.Status, a.Reason, a.DecidedAt = v.Outcome, v.Reason, &now
	a.record("accreditation.decided")
	return nil
}

// Forget takes who is erased out of the application: the words about and by the
// applicant, and the objections that it made to others. Contact is empty for all
// of the stakeholder. Again changes nothing.
func (a *Accreditation) Forget(stakeholder, contact string) {
	changed := false
	if a.Stakeholder == stakeholder && (contact == "" || contact == a.Contact) && a.Contact != "" {
		a.Contact, changed = "", true
	}
	if a.Stakeholder == stakeholder && contact == "" && (a.Reason != "" || len(a.Objections) > 0) {
		a.Reason, a.Objections, changed = "", nil, true
	}
	kept := slices.DeleteFunc(slices.Clone(a.Objections), func(o Objection) bool {
		return o.Stakeholder == stakeholder && (contact == "" || contact == o.Contact)
	})
	if len(kept) < len(a.Objections) {
		a.Objections, changed = kept, true
	}
	if changed {
		a.Conceal()
		a.Record("protection.forgotten", "event", a.EventID)
	}
}

// Outlived reports whether the application has been kept for long enough after its
// event, which ended then.
func (a *Accreditation) Outlived(ended, now time.Time) bool {
	return a.DueAt != nil && !ended.Add(accreditationKept).After(now)
}

// Expire forgets, when the event is long over, who applied and what was said of it.
// That it applied, and what was decided, stays. An event that was put off since puts
// this off too. Too early, or again, changes nothing.
func (a *Accreditation) Expire(ended, now time.Time) {
	switch {
	case a.DueAt == nil || a.DueAt.After(now):
	case !a.Outlived(ended, now):
		due := ended.Add(accreditationKept)
		a.DueAt = &due
		a.record("accreditation.looked_at")
	default:
		a.Contact, a.Reason, a.Objections, a.DueAt = "", "", nil, nil
		a.Conceal()
		a.record("accreditation.expired")
	}
}

func (t Terms) validateTracks(faults *fault.List, p Plan) {
	if tooMany(faults, "/tracks", len(t.Tracks), maxTracks) {
		return
	}
	ids := map[string]bool{}
	for i, track := range t.Tracks {
		at := "/tracks/" + strconv.Itoa(i)
		if !unitID.MatchString(track.ID) {
			faults.Add(at+"/id", "id.malformed")
		}
		if ids[track.ID] {
			faults.Add(at+"/id", "list.repeated")
		}
		ids[track.ID] = true
		checkTitles(faults, at+"/titles", track.Titles)
		checkTitles(faults, at+"/document/titles", track.Document.Titles)
		if !directory.WebAddress(track.Document.URL) {
			faults.Add(at+"/document/url", "website.not_http")
		}
		if !track.ObjectionsUntil.After(track.Until) || track.ObjectionsUntil.After(p.Starts) {
			faults.Add(at+"/objections_until", "accreditation.window_outside")
		}
	}
}
