package mailer_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/edge/mailer"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	maildir "convoke/shared/platform/mail/dir"
	"convoke/shared/state/store"
	"convoke/shared/state/table/bolt"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// office is a mailer on engines of its own, with mail that lies in a folder and
// a clock that is moved by hand.
type office struct {
	*mailer.Mailer
	folder string
	now    time.Time
	log    bytes.Buffer
}

func open(t *testing.T) *office {
	t.Helper()
	b, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	key, err := auth.NewKey("k1", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	links, err := auth.ParseKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{folder: t.TempDir(), now: start}
	var ids atomic.Int64
	clock := func() time.Time { return o.now }
	o.Mailer = &mailer.Mailer{
		Store:  &store.Store{Table: b, Now: clock, NewID: func() string { return fmt.Sprintf("ID%04d", ids.Add(1)) }},
		Sender: &maildir.Sender{Path: o.folder, Now: clock}, Links: links, Random: rand.Reader,
		Log: slog.New(slog.NewJSONHandler(&o.log, nil)), BaseURL: "https://convoke.example.org",
		From: mail.Address{Name: "Convoke", Addr: "convoke@invitations.example.org"}, Domain: "invitations.example.org",
	}
	return o
}

// failing is a sender whose next attempts fail with the errors, in order, after
// the mail has gone if it is uncertain.
type failing struct {
	mailer.Sender
	errs []error
}

func (f *failing) Send(ctx context.Context, m *mail.Message) (string, error) {
	if len(f.errs) == 0 {
		return f.Sender.Send(ctx, m)
	}
	err := f.errs[0]
	f.errs = f.errs[1:]
	if errors.Is(err, mail.ErrUncertain) {
		if _, sent := f.Sender.Send(ctx, m); sent != nil {
			return "", sent
		}
	}
	return "", err
}

func (o *office) mails(t *testing.T) []*message.Entity {
	t.Helper()
	entries, err := os.ReadDir(o.folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []*message.Entity
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(o.folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		m, err := message.Read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

func (o *office) register(t *testing.T, language string) *directory.Stakeholder {
	t.Helper()
	id := o.Store.NewID()
	s, err := directory.Register(id, directory.Application{
		Profile: directory.Profile{
			Category: "migrant_association", Country: "CH",
			Names: []directory.Name{{Text: "Association " + id, Lang: "fr", Kind: directory.NameLegal}, {Text: "Neighbours " + id, Lang: "en", Kind: directory.NameAlias}},
		},
		Contacts: []directory.Contact{{Name: "Focal Point", Role: directory.RoleFocalPoint, Email: "focal@" + strings.ToLower(id) + ".example.org", Language: language}},
		Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}, o.Store.NewID, o.now)
	if err == nil {
		err = o.Store.Register(t.Context(), s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (o *office) update(t *testing.T, id string, change func(*directory.Stakeholder) error) {
	t.Helper()
	if _, err := o.Store.UpdateStakeholder(t.Context(), id, change); err != nil {
		t.Fatal(err)
	}
}

func (o *office) confirm(t *testing.T, s *directory.Stakeholder) {
	t.Helper()
	o.update(t, s.ID, func(s *directory.Stakeholder) error { return s.ConfirmAddress(s.Contacts[0].ID, o.now) })
}

// invite queues an invitation of the stakeholder's focal point.
func (o *office) invite(t *testing.T, s *directory.Stakeholder) *convening.Invitation {
	t.Helper()
	e, err := convening.NewEvent(o.Store.NewID(), "unit-1", "Unit One", convening.Plan{
		Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: "Remittances"}}, Starts: o.now.AddDate(0, 0, 30), Ends: o.now.AddDate(0, 0, 31),
		Zone: "Europe/Zurich", Place: "Palais", Online: "https://meet.example.org/1", Audience: convening.Audience{Text: "x"},
		Terms: convening.Terms{Documents: []convening.Document{
			{Titles: []directory.Text{{Lang: "en", Text: "Concept note"}}, URL: "https://files.example.org/note.pdf"},
			{Titles: []directory.Text{{Lang: "en", Text: "Agenda"}}, URL: "http://files.example.org/agenda.pdf"},
		}},
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
	return o.move(t, i, func(i *convening.Invitation) error { i.Advance(o.now); return nil })
}

// accredit has the focal point apply for accreditation, and decides.
func (o *office) accredit(t *testing.T, s *directory.Stakeholder) {
	t.Helper()
	e := o.invite(t, s).EventID
	track := convening.Track{ID: "civil_society", Until: o.now.Add(time.Hour), ObjectionsUntil: o.now.Add(2 * time.Hour)}
	public := &convening.Event{ID: e, Status: convening.Published, Plan: convening.Plan{Terms: convening.Terms{Tracks: []convening.Track{track}}}}
	a, err := convening.Apply(public, track.ID, s.ID, s.Contacts[0].ID, o.now)
	if err == nil {
		err = o.Store.CreateAccreditation(t.Context(), a)
	}
	if err == nil {
		_, err = o.Store.UpdateAccreditation(t.Context(), e, s.ID, func(a *convening.Accreditation) error {
			return a.Decide(track, convening.Verdict{Outcome: convening.NotAccredited, Reason: "No statutes."}, track.ObjectionsUntil)
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// colleague is somebody who is no contact.
func (o *office) colleague() *convening.Colleague {
	return &convening.Colleague{Name: "A colleague", Email: "colleague@elsewhere.example.org", Language: "en"}
}

// handOn hands an invitation on and returns that of who was named.
func (o *office) handOn(t *testing.T, i *convening.Invitation) *convening.Invitation {
	t.Helper()
	var second *convening.Invitation
	_, err := o.Store.HandOn(t.Context(), i.EventID, i.Contact, func(i *convening.Invitation) (_ *convening.Invitation, err error) {
		second, err = i.HandOn(o.Store.NewID(), o.colleague(), o.now)
		return second, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return second
}

// nominate puts a name and returns the invitation of who was named.
func (o *office) nominate(t *testing.T, i *convening.Invitation) *convening.Invitation {
	t.Helper()
	var named []*convening.Invitation
	_, err := o.Store.Nominate(t.Context(), i.EventID, i.Contact, func(i *convening.Invitation) (_ []*convening.Invitation, err error) {
		named, err = i.Nominate([]convening.Nominee{{Contact: o.Store.NewID(), Person: o.colleague()}}, convening.Vacancies{PerOrganisation: 1}, o.now)
		return named, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return named[0]
}

// announce says something to who is invited, in each of the languages.
func (o *office) announce(t *testing.T, i *convening.Invitation) {
	t.Helper()
	p := convening.AnnouncementPlan{To: convening.ToInvited}
	for _, lang := range i18n.All() {
		p.Subjects = append(p.Subjects, directory.Text{Lang: string(lang), Text: "Another room, " + string(lang)})
		p.Texts = append(p.Texts, directory.Text{Lang: string(lang), Text: "Room XXI."})
	}
	a, err := convening.NewAnnouncement(o.Store.NewID(), i.EventID, p, 1, o.now)
	if err = errors.Join(err, o.Store.CreateAnnouncement(t.Context(), a)); err != nil {
		t.Fatal(err)
	}
	o.move(t, i, func(i *convening.Invitation) error { i.Announce(a); return nil })
}

// tell changes the event, and lets the invitation hear of it.
func (o *office) tell(t *testing.T, i *convening.Invitation, change func(*convening.Event) error) {
	t.Helper()
	e, err := o.Store.UpdateEvent(t.Context(), i.EventID, change)
	if err != nil {
		t.Fatal(err)
	}
	o.move(t, i, func(i *convening.Invitation) error { i.Hear(e); return nil })
}

func (o *office) move(t *testing.T, i *convening.Invitation, change func(*convening.Invitation) error) *convening.Invitation {
	t.Helper()
	i, err := o.Store.UpdateInvitation(t.Context(), i.EventID, i.Contact, change)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// jobs returns what the table's changes ask for, oldest first.
func (o *office) jobs(t *testing.T, kind string) []store.Job {
	t.Helper()
	changes, _, err := o.Store.Table.Changes(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	var list []store.Job
	for _, ch := range changes {
		if out, ok, err := store.DecodeOutbox(ch); err != nil {
			t.Fatal(err)
		} else if ok && out.Type == kind {
			list = append(list, out.Job())
		}
	}
	return list
}

func (o *office) job(t *testing.T, kind string) store.Job {
	t.Helper()
	list := o.jobs(t, kind)
	if len(list) == 0 {
		t.Fatalf("no %s", kind)
	}
	return list[len(list)-1]
}

// kept is the record of a mail, read past its lease so that a claim shows.
func (o *office) kept(t *testing.T, id string) (m struct {
	State    store.MessageState
	Reason   string
	Attempts int
},
) {
	t.Helper()
	changes, _, err := o.Store.Table.Changes(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range changes {
		if ch.PK == "MESSAGE#"+id && ch.New != nil {
			m.Reason = "" // left out when empty
			if err := json.Unmarshal(ch.New.Attributes, &m); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// Every kind of mail is written in each of the six languages.
func TestEveryKindInEveryLanguage(t *testing.T) {
	type kind struct {
		job string
		do  func(*office, *directory.Stakeholder)
	}
	decide := func(d directory.Decision) func(*office, *directory.Stakeholder) {
		return func(o *office, s *directory.Stakeholder) {
			o.confirm(t, s)
			o.update(t, s.ID, func(s *directory.Stakeholder) error { return s.Decide(d, o.now) })
		}
	}
	answer := func(a convening.InvitationStatus) func(*office, *directory.Stakeholder) {
		return func(o *office, s *directory.Stakeholder) {
			o.move(t, o.invite(t, s), func(i *convening.Invitation) error { return i.Answer(convening.Answer{Answer: a}, o.now) })
		}
	}
	after := func(change func(*directory.Stakeholder, time.Time) error) func(*office, *directory.Stakeholder) {
		return func(o *office, s *directory.Stakeholder) {
			decide(directory.Decision{Outcome: directory.Listed, By: "one"})(o, s)
			o.update(t, s.ID, func(s *directory.Stakeholder) error { return change(s, o.now) })
		}
	}
	suspend := func(s *directory.Stakeholder, now time.Time) error {
		return s.Suspend(directory.Decision{Reasons: []string{"incomplete"}, By: "one"}, now)
	}
	amend := func(s *directory.Stakeholder, now time.Time) error {
		given := s.Profile
		given.Country = "FR"
		return s.Revise(given, s.Contacts[0].ID, now)
	}
	for _, k := range []kind{
		{"verification.expiring", after(func(s *directory.Stakeholder, _ time.Time) error { s.Advance(*s.DueAt); return nil })},
		{"verification.lapsed", after(func(s *directory.Stakeholder, _ time.Time) error {
			for range 3 {
				s.Advance(*s.DueAt)
			}
			return nil
		})},
		{"verification.suspended", after(suspend)},
		{"verification.reinstated", after(func(s *directory.Stakeholder, now time.Time) error {
			return errors.Join(suspend(s, now), s.Reinstate(directory.Decision{}, now))
		})},
		{"verification.appeal_decided", after(func(s *directory.Stakeholder, now time.Time) error {
			return errors.Join(suspend(s, now), s.Object("Why?", now), s.DecideAppeal(directory.Decision{Outcome: directory.Listed, By: "two"}, now))
		})},
		{"verification.change_accepted", after(func(s *directory.Stakeholder, now time.Time) error {
			return errors.Join(amend(s, now), s.DecideAmendment(directory.AmendmentDecision{Outcome: directory.AmendmentAccepted}, now))
		})},
		{"verification.change_returned", after(func(s *directory.Stakeholder, now time.Time) error {
			return errors.Join(amend(s, now), s.DecideAmendment(directory.AmendmentDecision{Outcome: directory.AmendmentReturned, Reasons: []string{"name_mismatch"}}, now))
		})},
		{"registration.submitted", func(*office, *directory.Stakeholder) {}},
		{"registration.listed", decide(directory.Decision{Outcome: directory.Listed})},
		{"registration.returned", decide(directory.Decision{Outcome: directory.Returned, Reasons: directory.ReturnReasons(), Note: "One.\nTwo."})},
		{"registration.declined", decide(directory.Decision{Outcome: directory.Declined, Reasons: []string{"duplicate"}})},
		{"sign_in.requested", func(o *office, s *directory.Stakeholder) {
			o.confirm(t, s)
			if err := o.Store.Announce(t.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"address": store.AddressHash(s.Contacts[0].Email)}}); err != nil {
				t.Fatal(err)
			}
		}},
		{"invitation.queued", func(o *office, s *directory.Stakeholder) { o.invite(t, s) }},
		{"invitation.reminded", func(o *office, s *directory.Stakeholder) {
			o.move(t, o.invite(t, s), func(i *convening.Invitation) error { i.Advance(*i.DueAt); return nil })
		}},
		{"invitation.accepted", answer(convening.Accepted)},
		{"invitation.tentative", answer(convening.Tentative)},
		{"invitation.declined", answer(convening.Declined)},
		{"invitation.waiting", func(o *office, s *directory.Stakeholder) {
			o.move(t, o.invite(t, s), func(i *convening.Invitation) error {
				i.Full = true
				return i.Answer(convening.Answer{Answer: convening.Accepted}, o.now)
			})
		}},
		{"invitation.withdrawn", func(o *office, s *directory.Stakeholder) {
			o.move(t, o.invite(t, s), func(i *convening.Invitation) error { i.Withdraw(o.now); return nil })
		}},
		{"invitation.delegated", func(o *office, s *directory.Stakeholder) { o.handOn(t, o.invite(t, s)) }},
		{"invitation.returned", func(o *office, s *directory.Stakeholder) {
			o.move(t, o.handOn(t, o.invite(t, s)), func(i *convening.Invitation) error {
				return i.Answer(convening.Answer{Answer: convening.Declined}, o.now)
			})
		}},
		{"invitation.vacated", func(o *office, s *directory.Stakeholder) {
			o.move(t, o.nominate(t, o.invite(t, s)), func(i *convening.Invitation) error {
				return i.Answer(convening.Answer{Answer: convening.Declined}, o.now)
			})
		}},
		{"invitation.announced", func(o *office, s *directory.Stakeholder) { o.announce(t, o.invite(t, s)) }},
		{"invitation.thanked", func(o *office, s *directory.Stakeholder) {
			o.move(t, o.invite(t, s), func(i *convening.Invitation) error {
				err := i.Attend(convening.Presence{Attendance: convening.Attended})
				i.Thank(o.now)
				return err
			})
		}},
		{"invitation.changed", func(o *office, s *directory.Stakeholder) {
			o.tell(t, o.invite(t, s), func(e *convening.Event) error {
				p := e.Plan
				p.Place = "Another room"
				return e.Revise(e.Convener, p, o.now)
			})
		}},
		{"invitation.cancelled", func(o *office, s *directory.Stakeholder) {
			o.tell(t, o.invite(t, s), func(e *convening.Event) error { return e.Cancel("The airport is on strike.", o.now) })
		}},
		{"accreditation.decided", func(o *office, s *directory.Stakeholder) { o.accredit(t, s) }},
		{"invitation.unplaced", func(o *office, s *directory.Stakeholder) {
			i := o.move(t, o.invite(t, s), func(i *convening.Invitation) error {
				i.Full = true
				return i.Answer(convening.Answer{Answer: convening.Accepted}, o.now)
			})
			o.move(t, i, func(i *convening.Invitation) error { i.Advance(i.AnswerBy); return nil })
		}},
		{"invitation.offered", func(o *office, s *directory.Stakeholder) {
			o.move(t, o.invite(t, s), func(i *convening.Invitation) error { i.Offer(o.now); return nil })
		}},
	} {
		t.Run(k.job, func(t *testing.T) {
			o := open(t)
			subjects := map[string]bool{}
			for _, lang := range i18n.All() {
				o.now = o.now.Add(time.Second)
				s := o.register(t, string(lang))
				k.do(o, s)
				if err := o.Do(t.Context(), o.job(t, k.job)); err != nil {
					t.Fatalf("%s: %v", lang, err)
				}
				mails := o.mails(t)
				m := mails[len(mails)-1]
				if got := m.Header.Get("Content-Language"); got != string(lang) {
					t.Errorf("in %s, not %s", got, lang)
				}
				h := gomail.Header{Header: m.Header}
				if to, err := h.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != s.Contacts[0].Email {
					t.Errorf("to %v, %v", to, err)
				}
				bulk := slices.Contains([]string{
					"invitation.queued", "invitation.reminded", "invitation.returned", "invitation.vacated", "invitation.announced", "invitation.thanked",
					"invitation.changed", "invitation.cancelled",
				}, k.job)
				if got := m.Header.Get("List-Unsubscribe-Post") != ""; got != bulk {
					t.Errorf("opt-out by one click: %t, want %t", got, bulk)
				}
				subject, err := h.Subject()
				if err != nil || subject == "" || strings.Contains(subject, "mail.") {
					t.Errorf("subject %q, %v", subject, err)
				}
				subjects[subject] = true
			}
			if len(subjects) != len(i18n.All()) {
				t.Errorf("%d subjects in six languages", len(subjects))
			}
			if logged := o.log.String(); strings.Contains(logged, "@") || strings.Contains(logged, "Focal") {
				t.Errorf("the log holds who was written to: %s", logged)
			}
		})
	}
}

func TestAContactsOwnRegionOfALanguage(t *testing.T) {
	o := open(t)
	o.register(t, "en-GB")
	if err := o.Do(t.Context(), o.job(t, "registration.submitted")); err != nil {
		t.Fatal(err)
	}
	h := gomail.Header{Header: o.mails(t)[0].Header}
	if subject, _ := h.Subject(); !strings.Contains(bodyText(t, o.mails(t)[0])+subject, "Neighbours ") {
		t.Errorf("the English name is not used: %s", subject)
	}
}

// TestDocumentsAreLedTo holds that a mail leads to what is to be read, and never
// by a link that could be changed on its way.
func TestDocumentsAreLedTo(t *testing.T) {
	o := open(t)
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
	text := bodyText(t, mails[len(mails)-1])
	if !strings.Contains(text, "Concept note") || !strings.Contains(text, "https://files.example.org/note.pdf") || strings.Contains(text, "http://files.example.org") {
		t.Errorf("not led to the documents:\n%s", text)
	}
}

func bodyText(t *testing.T, m *message.Entity) string {
	t.Helper()
	var all strings.Builder
	if err := m.Walk(func(_ []int, part *message.Entity, err error) error {
		if err == nil && part.MultipartReader() == nil {
			b, err := io.ReadAll(part.Body)
			all.Write(b)
			return err
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestAJobThatComesAgainIsSentOnce(t *testing.T) {
	o := open(t)
	s := o.register(t, "en")
	o.confirm(t, s)
	i := o.invite(t, s)
	job := o.job(t, "invitation.queued")
	for range 3 {
		if err := o.Do(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		o.now = o.now.Add(time.Hour)
	}
	if n := len(o.mails(t)); n != 1 {
		t.Errorf("%d mails", n)
	}
	if i, err := o.Store.Invitation(t.Context(), i.EventID, i.Contact); err != nil || i.Status != convening.Sent || !i.SentAt.Equal(start) {
		t.Errorf("%+v, %v", i, err)
	}
	m := o.mails(t)[0]
	if text := bodyText(t, m); !strings.Contains(text, "METHOD:REQUEST") || strings.Contains(text, "meet.example.org") {
		t.Error("no calendar entry, or the room is told to who has not accepted")
	}
}

// After a crash between sending and noting it at the invitation, the note is all
// that is made up for.
func TestACrashAfterItWasFinished(t *testing.T) {
	o := open(t)
	s := o.register(t, "en")
	i := o.invite(t, s)
	job := o.job(t, "invitation.queued")
	claim, err := o.Store.ClaimMessage(t.Context(), job.ID)
	if err != nil {
		t.Fatal(err)
	}
	claim.State = store.MessageSent
	if err := o.Store.FinishMessage(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	if err := o.Do(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if i, err = o.Store.Invitation(t.Context(), i.EventID, i.Contact); err != nil || i.Status != convening.Sent {
		t.Errorf("%s, %v", i.Status, err)
	}
	if n := len(o.mails(t)); n != 0 {
		t.Errorf("%d mails more", n)
	}
}

// After a crash between claim and send, nobody sends until the lease has ended.
func TestACrashBeforeItWasSent(t *testing.T) {
	o := open(t)
	o.register(t, "en")
	job := o.job(t, "registration.submitted")
	if _, err := o.Store.ClaimMessage(t.Context(), job.ID); err != nil {
		t.Fatal(err)
	}
	if err := o.Do(t.Context(), job); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("%v", err)
	}
	o.now = o.now.Add(5 * time.Minute)
	if err := o.Do(t.Context(), job); err != nil || len(o.mails(t)) != 1 {
		t.Errorf("%v, %d mails", err, len(o.mails(t)))
	}
}

func TestWhatASendersErrorMeans(t *testing.T) {
	sendError := func(kind error) error { return &mail.SendError{Kind: kind, Reason: "550 5.1.1", Cause: io.EOF} }
	for _, tt := range []struct {
		name   string
		err    error
		reason string
		atOnce error // of a second attempt at once
		later  int   // mails after a third, when the lease has ended
	}{
		{"permanent", sendError(mail.ErrPermanent), "refused for good: 550 5.1.1", nil, 1},
		{"throttled", sendError(mail.ErrThrottled), "too fast, not sent: 550 5.1.1", nil, 1},
		{"transient", sendError(mail.ErrTransient), "not sent: 550 5.1.1", nil, 1},
		{"uncertain, and it went", sendError(mail.ErrUncertain), "", store.ErrClaimed, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t)
			o.Sender = &failing{o.Sender, []error{tt.err}}
			o.register(t, "en")
			job := o.job(t, "registration.submitted")
			if err := o.Do(t.Context(), job); !errors.Is(err, tt.err) {
				t.Fatalf("%v", err)
			}
			if got := o.kept(t, job.ID); got.State != store.MessageClaimed || !strings.HasSuffix(got.Reason, tt.reason) || (got.Reason == "") != (tt.reason == "") {
				t.Errorf("kept %+v", got)
			}
			o.now = o.now.Add(time.Second)
			if err := o.Do(t.Context(), job); !errors.Is(err, tt.atOnce) {
				t.Errorf("at once: %v, want %v", err, tt.atOnce)
			}
			o.now = o.now.Add(5 * time.Minute)
			if err := o.Do(t.Context(), job); err != nil {
				t.Errorf("later: %v", err)
			}
			if n := len(o.mails(t)); n != tt.later {
				t.Errorf("%d mails, want %d", n, tt.later)
			}
			if got := o.kept(t, job.ID); got.State != store.MessageSent || got.Reason != "" {
				t.Errorf("at last %+v", got)
			}
		})
	}
}

func TestMailThatIsNotNeeded(t *testing.T) {
	for _, tt := range []struct {
		name, kind string
		do         func(*testing.T, *office, *directory.Stakeholder)
		change     func(*store.Job)
	}{
		{"suppressed", "registration.submitted", func(t *testing.T, o *office, s *directory.Stakeholder) {
			if err := o.Store.Suppress(t.Context(), store.AddressHash(strings.ToUpper(s.Contacts[0].Email)), store.OptedOut); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"suppressed while it waited", "invitation.queued", func(t *testing.T, o *office, s *directory.Stakeholder) {
			o.invite(t, s)
			if err := o.Store.Suppress(t.Context(), store.AddressHash(s.Contacts[0].Email), store.Complained); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"stakeholder gone", "registration.submitted", nil, func(j *store.Job) { j.Data["stakeholder"] = "none" }},
		{"contact gone", "registration.submitted", nil, func(j *store.Job) { j.Data["contact"] = "none" }},
		{"address proved since", "registration.submitted", func(t *testing.T, o *office, s *directory.Stakeholder) { o.confirm(t, s) }, nil},
		{"corrected since it was returned", "registration.returned", func(t *testing.T, o *office, s *directory.Stakeholder) {
			o.confirm(t, s)
			o.update(t, s.ID, func(s *directory.Stakeholder) error {
				return s.Decide(directory.Decision{Outcome: directory.Returned, Reasons: []string{"incomplete"}}, o.now)
			})
			o.update(t, s.ID, func(s *directory.Stakeholder) error {
				return s.Correct(directory.Application{
					Profile: s.Profile, Contacts: s.Contacts, Consent: directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
				}, o.Store.NewID, o.now)
			})
		}, nil},
		{"nobody has the address", "sign_in.requested", func(t *testing.T, o *office, _ *directory.Stakeholder) {
			if err := o.Store.Announce(t.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"address": store.AddressHash("nobody@example.org")}}); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"nobody has proved the address", "sign_in.requested", func(t *testing.T, o *office, s *directory.Stakeholder) {
			if err := o.Store.Announce(t.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"address": store.AddressHash(s.Contacts[0].Email)}}); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"answered before the reminder", "invitation.reminded", func(t *testing.T, o *office, s *directory.Stakeholder) {
			i := o.move(t, o.invite(t, s), func(i *convening.Invitation) error { i.Advance(*i.DueAt); return nil })
			o.move(t, i, func(i *convening.Invitation) error {
				return i.Answer(convening.Answer{Answer: convening.Declined}, o.now)
			})
		}, nil},
		{"too late to answer", "invitation.queued", func(t *testing.T, o *office, s *directory.Stakeholder) {
			o.invite(t, s)
			o.now = o.now.AddDate(0, 0, 25)
		}, nil},
		{"answered otherwise since", "invitation.accepted", func(t *testing.T, o *office, s *directory.Stakeholder) {
			i := o.invite(t, s)
			for _, a := range []convening.InvitationStatus{convening.Accepted, convening.Declined} {
				o.move(t, i, func(i *convening.Invitation) error { return i.Answer(convening.Answer{Answer: a}, o.now) })
			}
		}, nil},
		{"invitation gone", "invitation.queued", func(t *testing.T, o *office, s *directory.Stakeholder) { o.invite(t, s) }, func(j *store.Job) { j.Data["event"] = "none" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t)
			s := o.register(t, "en")
			if tt.do != nil {
				tt.do(t, o, s)
			}
			job := o.job(t, tt.kind)
			if tt.change != nil {
				tt.change(&job)
			}
			for range 2 {
				if err := o.Do(t.Context(), job); err != nil {
					t.Fatal(err)
				}
			}
			if got := o.kept(t, job.ID); got.State != store.MessageDropped || got.Reason == "" || got.Attempts != 1 {
				t.Errorf("kept %+v", got)
			}
			if n := len(o.mails(t)); n != 0 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

func TestSignInLinkIsKeptAsAHashAlone(t *testing.T) {
	o := open(t)
	s := o.register(t, "en")
	o.confirm(t, s)
	if err := o.Store.Announce(t.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"address": store.AddressHash(s.Contacts[0].Email)}}); err != nil {
		t.Fatal(err)
	}
	if err := o.Do(t.Context(), o.job(t, "sign_in.requested")); err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(bodyText(t, o.mails(t)[0]), "/sign-in/")
	token, _, _ := strings.Cut(after, "?")
	if !ok || len(token) != 43 {
		t.Fatalf("token %q", token)
	}
	changes, _, err := o.Store.Table.Changes(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range changes {
		if ch.New != nil && (strings.Contains(string(ch.New.Attributes), token) || strings.Contains(ch.PK, token)) {
			t.Errorf("the secret is kept in %s", ch.PK)
		}
	}
}

// Who registered again after a refusal, or acts for two, must reach the
// registration that waits for them.
func TestSignInLeadsToWhatCanBeCorrected(t *testing.T) {
	o := open(t)
	const address = "focal@association.example.org"
	for _, outcome := range []directory.Status{directory.Declined, directory.Returned, directory.Listed} {
		s := o.register(t, "en")
		o.update(t, s.ID, func(s *directory.Stakeholder) error {
			s.Contacts[0].Email = address
			if err := s.ConfirmAddress(s.Contacts[0].ID, o.now); err != nil {
				return err
			}
			d := directory.Decision{Outcome: outcome, Reasons: []string{"incomplete"}}
			return s.Decide(d, o.now)
		})
	}
	if err := o.Store.Announce(t.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"address": store.AddressHash(address)}}); err != nil {
		t.Fatal(err)
	}
	if err := o.Do(t.Context(), o.job(t, "sign_in.requested")); err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(bodyText(t, o.mails(t)[0]), "/sign-in/")
	token, _, _ := strings.Cut(after, "?")
	link, err := o.Store.SignInLink(t.Context(), auth.Hash(token))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := o.Store.Stakeholder(t.Context(), link.Stakeholder); err != nil || s.Status != directory.Returned {
		t.Errorf("it leads to one that is %s, %v", s.Status, err)
	}
}

// One message that cannot be sent does not hold up its neighbours.
func TestHandleNamesEachThatFailed(t *testing.T) {
	o := open(t)
	o.register(t, "en")
	good := o.job(t, "registration.submitted")
	o.register(t, "fr")
	bad := o.job(t, "registration.submitted")
	body := func(j store.Job) string {
		b, err := json.Marshal(j)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	o.Sender = &failing{o.Sender, []error{&mail.SendError{Kind: mail.ErrPermanent, Reason: "x", Cause: io.EOF}}}
	out, err := o.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{
		{MessageId: "1", Body: body(bad)}, {MessageId: "2", Body: body(good)}, {MessageId: "3", Body: "{"}, {MessageId: "4", Body: `{"id":"X","kind":"party","data":{}}`}, {MessageId: "5", Body: `{}`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, f := range out.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	if diff := cmp.Diff([]string{"1", "3", "4", "5"}, failed); diff != "" || len(o.mails(t)) != 1 {
		t.Errorf("%d mails, %s", len(o.mails(t)), diff)
	}
	b, err := os.ReadFile("../../../events/sample/aws/sqs/mail.json")
	if err != nil {
		t.Fatal(err)
	}
	var sample events.SQSEvent
	if err := json.Unmarshal(b, &sample); err != nil {
		t.Fatal(err)
	}
	if out, err = o.Handle(t.Context(), sample); err != nil || len(out.BatchItemFailures) != 0 {
		t.Errorf("the sample, of what is not here: %+v, %v", out, err)
	}
	if strings.Contains(o.log.String(), "@") {
		t.Errorf("the log holds an address: %s", o.log.String())
	}
}
