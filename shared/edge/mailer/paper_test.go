package mailer_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/paper"
	"convoke/shared/platform/paper/papertest"
)

// attached returns the file of a name that goes with a mail, nil when none does.
func attached(t *testing.T, m *message.Entity, name string) (body []byte) {
	t.Helper()
	err := m.Walk(func(_ []int, part *message.Entity, err error) error {
		if _, params, _ := part.Header.ContentDisposition(); err == nil && params["filename"] == name {
			body, err = io.ReadAll(part.Body)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// earned invites the stakeholder to a course that is over, and certifies its focal
// point.
func (o *office) earned(t *testing.T, s *directory.Stakeholder, name string) *convening.Invitation {
	t.Helper()
	e, err := convening.NewEvent(o.Store.NewID(), "unit-1", "Unit One", convening.Plan{
		Kind: "course", Titles: []directory.Text{{Lang: "en", Text: "Remittances"}}, Starts: o.now.AddDate(0, 0, 30), Ends: o.now.AddDate(0, 0, 31), Zone: "Europe/Zurich", Place: "Palais",
		Audience: convening.Audience{Text: "x"},
	}, o.now)
	if err == nil {
		err = errors.Join(e.Publish(o.now), o.Store.CreateEvent(t.Context(), e))
	}
	if err != nil {
		t.Fatal(err)
	}
	i := convening.NewInvitation(e, s.ID, s.Contacts[0].ID, o.now)
	if _, err := o.Store.PlanInvitations(t.Context(), []*convening.Invitation{i}); err != nil {
		t.Fatal(err)
	}
	i = o.move(t, i, func(i *convening.Invitation) error {
		i.Advance(o.now)
		if err := i.Answer(convening.Answer{Answer: convening.Accepted}, o.now); err != nil {
			return err
		}
		return i.Attend(convening.Presence{Attendance: convening.Attended})
	})
	i = o.move(t, i, func(i *convening.Invitation) error { i.Certify("CODE" + i.EventID); i.Thank(o.now); return nil })
	if err := o.Store.KeepCertificate(t.Context(), convening.NewCertificate(e, i, name, o.now)); err != nil {
		t.Fatal(err)
	}
	return i
}

// TestCertificateGoesWithTheThanks attaches it in the recipient's language, unless
// it is revoked or cannot name its holder.
func TestCertificateGoesWithTheThanks(t *testing.T) {
	for _, tt := range []struct {
		name, holder      string
		revoked, attached bool
	}{
		{"valid", "Focal Point", false, true},
		{"revoked", "Focal Point", true, false},
		{"in a script that is not printed", "नमस्ते", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t)
			i := o.earned(t, o.register(t, "fr"), tt.holder)
			if tt.revoked {
				_, err := o.Store.UpdateCertificate(t.Context(), i.Certificate, func(c *convening.Certificate) error { c.TakeAway(o.now); return nil })
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := o.Do(t.Context(), o.job(t, "invitation.thanked")); err != nil {
				t.Fatal(err)
			}
			m := o.mails(t)[0]
			raw := attached(t, m, "certificate.pdf")
			if (raw != nil) != tt.attached {
				t.Fatalf("%d bytes are attached", len(raw))
			}
			if raw == nil {
				return
			}
			p, err := papertest.Read(raw)
			if err != nil || p.Lang != "fr" || !strings.Contains(p.Text(), "Focal Point") || !strings.Contains(p.Text(), "https://convoke.example.org/certificates/"+i.Certificate) {
				t.Errorf("%v: %s\n%s", err, p.Lang, p.Text())
			}
			if bytes.Contains(o.log.Bytes(), []byte(i.Certificate)) {
				t.Error("the code is logged")
			}
		})
	}
}

// lettered issues a letter to who was invited and comes.
func (o *office) lettered(t *testing.T, i *convening.Invitation, name, language string) *convening.Invitation {
	t.Helper()
	e, err := o.Store.Event(t.Context(), i.EventID)
	if err != nil {
		t.Fatal(err)
	}
	i, err = o.Store.IssueLetter(t.Context(), i.EventID, i.Contact, func(i *convening.Invitation) (*convening.Letter, error) {
		return i.IssueLetter(e, convening.LetterRequest{Name: name, Language: language}, o.Store.NewID()+"CODE", "Association", o.now)
	})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// TestLettersAreSent sends a letter in the language that was asked for, with a mail
// in the recipient's; of two in a row the last one; and none that is revoked.
func TestLettersAreSent(t *testing.T) {
	o := open(t)
	if err := o.Store.CreateUnit(t.Context(), unit(t)); err != nil {
		t.Fatal(err)
	}
	i := o.invite(t, o.register(t, "ar"))
	i = o.move(t, i, func(i *convening.Invitation) error {
		return i.Answer(convening.Answer{Answer: convening.Accepted}, o.now)
	})
	o.lettered(t, i, "Amina Wrong", "en")
	o.now = o.now.Add(time.Second)
	i = o.lettered(t, i, "Amina Example-Núñez", "fr")
	for _, job := range o.jobs(t, "letter.issued") {
		if err := o.Do(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	mails := o.mails(t)
	if len(mails) != 1 || mails[0].Header.Get("Content-Language") != "ar" || mails[0].Header.Get("List-Unsubscribe-Post") != "" {
		t.Fatalf("%d mails", len(mails))
	}
	raw := attached(t, mails[0], "letter.pdf")
	p, err := papertest.Read(raw)
	if err != nil || p.Lang != "fr" || len(raw) > 150<<10 {
		t.Fatal(p.Lang, len(raw), err)
	}
	for _, shows := range []string{"Amina Example-Núñez", "Association", "Unité une", "unit@example.org", "Palais", "2026", "https://convoke.example.org/letters/" + i.Letter} {
		if !strings.Contains(p.Text(), shows) {
			t.Errorf("no %q in\n%s", shows, p.Text())
		}
	}
	o.lettered(t, i, "Amina Example", "zh")
	job := o.job(t, "letter.issued")
	o.move(t, i, func(i *convening.Invitation) error { i.Withdraw(o.now); return nil })
	if err := o.Do(t.Context(), job); err != nil || len(o.mails(t)) != 1 {
		t.Errorf("revoked: %v, %d mails", err, len(o.mails(t)))
	}
	if logged := o.log.String(); strings.Contains(logged, "Amina") || strings.Contains(logged, "CODE") {
		t.Errorf("logged: %s", logged)
	}
}

// unit is what is known of the one that convenes.
func unit(t *testing.T) *convening.Unit {
	t.Helper()
	u, err := convening.NewUnit("unit-1", convening.UnitPlan{
		Names: []directory.Text{{Lang: "en", Text: "Unit One"}, {Lang: "fr", Text: "Unité une"}}, Zone: "Europe/Zurich", Language: "fr", ReplyTo: "unit@example.org",
	}, start)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestEveryPassportNameIsPrinted holds that the fonts have every letter that a
// request may have.
func TestEveryPassportNameIsPrinted(t *testing.T) {
	var name strings.Builder
	for r := rune(' '); r < 0x1f00; r++ {
		if (convening.LetterRequest{Name: "A" + string(r) + "A"}).Check() == nil {
			name.WriteString("A" + string(r)) // marks on a letter each
		}
	}
	if n := utf8.RuneCountInString(name.String()) / 2; n < 700 {
		t.Fatalf("%d letters", n)
	}
	raw, err := paper.Letter{Lang: i18n.English, Name: name.String(), Role: "speaker", EventKind: "seminar", Zone: "UTC", Proof: paper.Proof{Code: "CODECODE"}}.PDF()
	if err != nil {
		t.Fatal(err)
	}
	if p, err := papertest.Read(raw); err != nil || strings.Contains(p.Text(), "…") {
		t.Errorf("%v\n%s", err, p.Text())
	}
}
