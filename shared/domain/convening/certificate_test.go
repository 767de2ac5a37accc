package convening

import (
	"testing"
)

// taught is a course of three sessions that asks for so many.
func taught(need int) *Event {
	return &Event{ID: "E1", Plan: Plan{Kind: course, AnswerBy: at(5), Terms: Terms{Sessions: make([]Session, 3), CertificateSessions: need}}}
}

// TestEarns holds who earns a certificate to the rule of the course.
func TestEarns(t *testing.T) {
	seminar := taught(0)
	seminar.Kind = "seminar"
	for _, tt := range []struct {
		name     string
		event    *Event
		presence Presence
		want     bool
	}{
		{"all, by no rule", taught(0), Presence{Attendance: Attended, Sessions: []int{1, 2, 3}}, true},
		{"one short, by no rule", taught(0), Presence{Attendance: Attended, Sessions: []int{1, 2}}, false},
		{"as many as asked for", taught(2), Presence{Attendance: Attended, Sessions: []int{1, 3}}, true},
		{"one short", taught(2), Presence{Attendance: Attended, Sessions: []int{3}}, false},
		{"absent", taught(2), Presence{Attendance: Absent}, false},
		{"no course", seminar, Presence{Attendance: Attended, Sessions: []int{1, 2, 3}}, false},
	} {
		i := invited(5)
		i.Advance(start)
		must(i.AttendCourse(tt.event, tt.presence))
		if got := i.Earns(tt.event); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
	i := invited(5)
	i.Advance(start)
	for _, p := range []Presence{
		{Attendance: Attended, Sessions: []int{4}}, {Attendance: Attended, Sessions: []int{0}}, {Attendance: Attended, Sessions: []int{1, 1}}, {Attendance: Absent, Sessions: []int{1}},
	} {
		if err := i.AttendCourse(taught(0), p); err == nil {
			t.Errorf("%+v was taken", p)
		}
	}
}

// TestCertificateFollows revokes a certificate and brings it back, until it is
// taken away.
func TestCertificateFollows(t *testing.T) {
	e, i := taught(1), invited(5)
	i.Advance(start)
	note := func(a Attendance, sessions ...int) {
		must(i.AttendCourse(e, Presence{Attendance: a, Sessions: sessions}))
	}
	note(Attended, 1)
	i.Certify("ONE")
	i.Certify("TWO")
	c := NewCertificate(e, i, "Amina", start)
	if c.Code != "ONE" {
		t.Errorf("a second code: %s", c.Code)
	}
	follows := func(valid bool, attended int) {
		t.Helper()
		for range 2 {
			c.Follow(e, i, start)
			if (c.RevokedAt == nil) != valid || c.Attended != attended {
				t.Errorf("revoked %v, %d sessions", c.RevokedAt, c.Attended)
			}
		}
	}
	follows(true, 1)
	note(Absent)
	follows(false, 0)
	note(Attended, 1, 2)
	follows(true, 2)
	c.TakeAway(start)
	c.TakeAway(start)
	follows(false, 2)
	n := 0
	for _, entry := range c.Take() {
		if entry.Type == "certificate.taken_away" {
			n++
		}
	}
	if n != 1 || c.Name != "" {
		t.Errorf("taken away %d times, %q", n, c.Name)
	}
}
