package mailer_test

import (
	"errors"
	"strings"
	"testing"

	gomail "github.com/emersion/go-message/mail"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
)

// TestMailIsFromItsUnit names the unit as who writes, and takes the answers that
// people give by mail to its own address; calendars answer to the address of the
// invitations.
func TestMailIsFromItsUnit(t *testing.T) {
	o := open(t)
	unit, err := convening.NewUnit("unit-1", convening.UnitPlan{
		Names: []directory.Text{{Lang: "en", Text: "Unit One"}}, Zone: "Europe/Zurich", Language: "en", FromName: "The Seminar Series", ReplyTo: "seminars@example.org",
	}, o.now)
	if err = errors.Join(err, o.Store.CreateUnit(t.Context(), unit)); err != nil {
		t.Fatal(err)
	}
	s := o.register(t, "en")
	o.confirm(t, s)
	o.update(t, s.ID, func(s *directory.Stakeholder) error {
		return s.Decide(directory.Decision{Outcome: directory.Listed}, o.now)
	})
	o.invite(t, s)
	if err := o.Do(t.Context(), o.job(t, "invitation.queued")); err != nil {
		t.Fatal(err)
	}
	mails := o.mails(t)
	h := gomail.Header{Header: mails[len(mails)-1].Header}
	for field, want := range map[string]gomail.Address{"From": {Name: "The Seminar Series", Address: o.From.Addr}, "Reply-To": {Name: "The Seminar Series", Address: "seminars@example.org"}} {
		if got, err := h.AddressList(field); err != nil || len(got) != 1 || *got[0] != want {
			t.Errorf("%s is %v, %v, and not %v", field, got, err, want)
		}
	}
	if text := bodyText(t, mails[len(mails)-1]); !strings.Contains(strings.ReplaceAll(text, "\r\n ", ""), "mailto:"+o.From.Addr) {
		t.Errorf("calendars do not answer to %s:\n%s", o.From.Addr, text)
	}
}
