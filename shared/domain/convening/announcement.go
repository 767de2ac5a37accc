package convening

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// Limits of announcements.
const (
	announcedADay = 3  // of one event
	announcedKept = 50 // of which an invitation remembers that it was told
)

// To whom an announcement goes.
const (
	ToInvited    = "invited"    // who was asked and has not said no
	ToAccepted   = "accepted"   // who comes
	ToUnanswered = "unanswered" // who was asked and has said nothing
	ToPlanned    = "planned"    // whose invitation is to go out later, so that they hold the date
)

// Faults of announcements.
var (
	ErrAnnouncementInvalid = fault.New(fault.Invalid, "announcement.invalid")
	ErrAnnouncedOften      = fault.New(fault.Limited, "announcement.too_many")
	ErrNotOut              = fault.New(fault.Conflict, "announcement.not_out")
)

// Audiences are those that an announcement can have.
func Audiences() []string { return []string{ToInvited, ToAccepted, ToUnanswered, ToPlanned} }

// AnnouncementPlan is what an organiser says to those who are invited, in one
// language or several.
type AnnouncementPlan struct {
	To       string           `json:"to"` // see Audiences
	Subjects []directory.Text `json:"subjects"`
	Texts    []directory.Text `json:"texts"` // in the languages of the subjects
}

// Announcement is one message of an organiser to everybody who is invited to an
// event, or to a part of them.
type Announcement struct {
	ID      string `json:"id"`
	EventID string `json:"event"`
	Version int64  `json:"-"`
	AnnouncementPlan
	Recipients int        `json:"recipients"` // as the organiser confirmed
	CreatedAt  time.Time  `json:"created_at"`
	SentAt     *time.Time `json:"sent_at,omitempty"` // when the last of them was queued
	DueAt      *time.Time `json:"due_at,omitempty"`

	journal.Log `json:"-"`
}

// NewAnnouncement makes an announcement that goes out at once.
func NewAnnouncement(id, event string, p AnnouncementPlan, recipients int, now time.Time) (*Announcement, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	p.Subjects, p.Texts = directory.TidyTexts(p.Subjects), directory.TidyTexts(p.Texts)
	a := &Announcement{ID: id, EventID: event, AnnouncementPlan: p, Recipients: recipients, CreatedAt: now, DueAt: &now}
	a.Record("announcement.made", "event", event, "announcement", id)
	return a, nil
}

// Check returns nil, or one fault with everything that is wrong.
func (p AnnouncementPlan) Check() error {
	var faults fault.List
	if !slices.Contains(Audiences(), p.To) {
		faults.Add("/to", "announcement.to_unknown")
	}
	checkTitles(&faults, "/subjects", p.Subjects)
	if len(p.Texts) == 0 {
		faults.Add("/texts", "list.empty")
	}
	directory.CheckTexts(&faults, "/texts", p.Texts, maxProseRunes)
	for i, t := range p.Subjects {
		if !slices.ContainsFunc(p.Texts, func(o directory.Text) bool { return o.Lang == t.Lang }) {
			faults.Add("/subjects/"+strconv.Itoa(i)+"/lang", "announcement.languages_differ")
		}
	}
	if len(p.Texts) > len(p.Subjects) {
		faults.Add("/texts", "announcement.languages_differ")
	}
	return faults.Err(ErrAnnouncementInvalid.Code)
}

// Reaches reports whether an announcement to such an audience goes to the
// recipient of an invitation.
func (i *Invitation) Reaches(to string) bool {
	switch to {
	case ToAccepted:
		return i.Status == Accepted
	case ToUnanswered:
		return i.awaits() && i.Status != Offered
	case ToPlanned:
		return i.Status == Planned && !i.Standby
	}
	return i.reached()
}

// Announce asks for the mail of an announcement. Again changes nothing.
func (i *Invitation) Announce(a *Announcement) {
	if !i.Reaches(a.To) || slices.Contains(i.Announced, a.ID) {
		return
	}
	if i.Announced = append(i.Announced, a.ID); len(i.Announced) > announcedKept {
		i.Announced = i.Announced[len(i.Announced)-announcedKept:]
	}
	i.Record("invitation.announced", "event", i.EventID, "stakeholder", i.Stakeholder, "contact", i.Contact, "announcement", a.ID)
}

// Finish notes that everybody was told. Again changes nothing.
func (a *Announcement) Finish(now time.Time) {
	if a.DueAt == nil {
		return
	}
	a.DueAt, a.SentAt = nil, &now
	a.Record("announcement.sent", "event", a.EventID, "announcement", a.ID)
}

// Announce lets an event that is out be announced something, not more than three
// times within a day.
func (e *Event) Announce(now time.Time) error {
	if e.Status != Published && e.Status != Closed {
		return ErrNotOut
	}
	recent := slices.DeleteFunc(slices.Clone(e.Announced), func(t time.Time) bool { return now.Sub(t) >= 24*time.Hour })
	if len(recent) >= announcedADay {
		return ErrAnnouncedOften
	}
	e.Announced = append(recent, now)
	e.Record("event.announced", "event", e.ID)
	return nil
}
