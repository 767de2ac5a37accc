package convening

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// Certificate says that somebody attended a course. It is found by its code
// alone, which nobody can guess and the person alone is told.
type Certificate struct {
	Code        string           `json:"code"`
	Version     int64            `json:"-"`
	EventID     string           `json:"event"`
	Stakeholder string           `json:"stakeholder"`
	Contact     string           `json:"contact"`
	Name        string           `json:"name,omitempty"` // as the person was known when it was issued; empty once taken away
	Titles      []directory.Text `json:"titles"`
	Convener    string           `json:"convener"`
	Starts      time.Time        `json:"starts"`
	Ends        time.Time        `json:"ends"`
	Zone        string           `json:"zone"`
	Attended    int              `json:"attended,omitempty"` // sessions
	Sessions    int              `json:"sessions,omitempty"` // of the course
	IssuedAt    time.Time        `json:"issued_at"`
	RevokedAt   *time.Time       `json:"revoked_at,omitempty"`

	journal.Log `json:"-"`
}

// Earns reports whether the attendance that was noted earns the certificate of a
// course: as many sessions as the organiser asks for, else all of them.
func (i *Invitation) Earns(e *Event) bool {
	if e.Kind != course || i.Attendance != Attended {
		return false
	}
	need := e.CertificateSessions
	if need == 0 {
		need = len(e.Sessions)
	}
	return len(i.Sessions) >= need
}

const course = "course"

// Certify gives the invitation the code of its certificate, once.
func (i *Invitation) Certify(code string) {
	if i.Certificate != "" {
		return
	}
	i.Certificate = code
	i.record("invitation.certified")
}

// NewCertificate issues the certificate of somebody who earned it.
func NewCertificate(e *Event, i *Invitation, name string, now time.Time) *Certificate {
	c := &Certificate{
		Code: i.Certificate, EventID: e.ID, Stakeholder: i.Stakeholder, Contact: i.Contact, Name: name, Titles: e.Titles, Convener: e.Convener,
		Starts: e.Starts, Ends: e.Ends, Zone: e.Zone, Attended: len(i.Sessions), Sessions: len(e.Sessions), IssuedAt: now,
	}
	c.Record("certificate.issued", "event", e.ID, "stakeholder", i.Stakeholder, "contact", i.Contact)
	return c
}

// Follow revokes the certificate of who has not earned it after all, and brings it
// back for who has. One that was taken away stays so. Again changes nothing.
func (c *Certificate) Follow(e *Event, i *Invitation, now time.Time) {
	earned := i.Earns(e)
	if c.Name == "" || earned && c.RevokedAt == nil && c.Attended == len(i.Sessions) || !earned && c.RevokedAt != nil {
		return
	}
	c.Attended, c.RevokedAt = len(i.Sessions), nil
	if !earned {
		c.RevokedAt = &now
	}
	c.Record("certificate.revised", "event", c.EventID, "contact", c.Contact)
}

// TakeAway forgets whose it was: the person asked for it, or is erased. Again
// changes nothing.
func (c *Certificate) TakeAway(now time.Time) {
	if c.Name == "" {
		return
	}
	c.Name = ""
	if c.RevokedAt == nil {
		c.RevokedAt = &now
	}
	c.Conceal()
	c.Record("certificate.taken_away", "event", c.EventID)
}

// checkSessions refuses sessions that the course does not have. They are counted
// from 1.
func (p Presence) checkSessions(faults *fault.List, of int) {
	for k, n := range p.Sessions {
		at := "/sessions/" + strconv.Itoa(k)
		if n < 1 || n > of {
			faults.Add(at, "number.outside", "min", "1", "max", strconv.Itoa(of))
		} else if slices.Contains(p.Sessions[:k], n) {
			faults.Add(at, "list.repeated")
		}
	}
	if p.Attendance == Absent && len(p.Sessions) > 0 {
		faults.Add("/sessions", "invitation.absent_spoke")
	}
}

// AttendCourse notes presence as Attend does, with the sessions of the event that
// were attended.
func (i *Invitation) AttendCourse(e *Event, p Presence) error {
	var faults fault.List
	p.checkSessions(&faults, len(e.Sessions))
	if err := faults.Err(ErrEntryInvalid.Code); err != nil {
		return err
	}
	return i.Attend(p)
}

// ThankAgain lets the planner look once more at who came, because something was
// noted after those who came were thanked, or while they are: it has a new version
// then, by which the planner knows. A minute is for clocks that differ.
func (e *Event) ThankAgain(now time.Time) {
	if e.Status != Held || e.ThankedAt == nil && !e.Thanks(now.Add(time.Minute)) {
		return
	}
	e.ThankedAt, e.UpdatedAt = nil, now
	e.Record("event.revised", "event", e.ID)
	e.dueNext(now)
}
