package mailer_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-message"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
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
