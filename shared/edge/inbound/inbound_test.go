package inbound_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/edge/inbound"
	blobs "convoke/shared/state/blob/dir"
	"convoke/shared/state/store"
	"convoke/shared/state/table/bolt"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// Those of the sample mail.
const (
	event       = "01KB0000000000000000000009"
	contact     = "01KB0000000000000000000002"
	stakeholder = "01KB0000000000000000000001"
)

// box is a reader of mail on engines of its own, with one open invitation.
type box struct {
	*inbound.Inbound
	mail *blobs.Store
	now  time.Time
	log  bytes.Buffer
}

func open(t testing.TB) *box {
	t.Helper()
	b, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	folder, err := blobs.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	x := &box{mail: folder, now: start.AddDate(0, 0, 3)}
	var ids atomic.Int64
	s := &store.Store{Table: b, Now: func() time.Time { return x.now }, NewID: func() string { return fmt.Sprintf("ID%04d", ids.Add(1)) }}
	x.Inbound = &inbound.Inbound{Store: s, Mailbox: folder, Domain: "invitations.example.org", Log: slog.New(slog.NewJSONHandler(&x.log, nil))}

	e := &directory.Stakeholder{ID: stakeholder, Status: directory.Listed, Contacts: []directory.Contact{{ID: contact, Role: directory.RoleFocalPoint, Email: "Focal@association.example.org"}}}
	e.Record("registration.submitted")
	by := start.AddDate(0, 0, 20)
	held := &convening.Event{ID: event, Status: convening.Published, Plan: convening.Plan{AnswerBy: &by}}
	i := convening.NewInvitation(held, stakeholder, contact, start)
	_, err = s.PlanInvitations(t.Context(), []*convening.Invitation{i})
	if err := errors.Join(err, s.Register(t.Context(), e), s.CreateEvent(t.Context(), held)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateInvitation(t.Context(), event, contact, func(i *convening.Invitation) error { i.Advance(start); return nil }); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *box) invitation(t testing.TB) *convening.Invitation {
	t.Helper()
	i, err := x.Store.Invitation(t.Context(), event, contact)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// read reads a mail and returns why it was passed over, "" when it was not.
func (x *box) read(t testing.TB, raw string) string {
	t.Helper()
	x.log.Reset()
	if err := x.Read(t.Context(), []byte(strings.ReplaceAll(raw, "\n", "\r\n"))); err != nil {
		t.Fatal(err)
	}
	var line struct{ Reason string }
	if x.log.Len() > 0 {
		if err := json.Unmarshal(x.log.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
	}
	return line.Reason
}

func sample(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../../../events/sample/aws/s3/calendar-reply.eml")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// replace returns the sample with pairs of text replaced.
func replace(t testing.TB, pairs ...string) string {
	t.Helper()
	raw := sample(t)
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(raw, pairs[i]) {
			t.Fatalf("the sample has no %q", pairs[i])
		}
		raw = strings.ReplaceAll(raw, pairs[i], pairs[i+1])
	}
	return raw
}

// results returns the sample with another Authentication-Results.
func results(t testing.TB, value string) string {
	t.Helper()
	_, rest, _ := strings.Cut(sample(t), "Authentication-Results: ")
	was, _, _ := strings.Cut(rest, "\n")
	return replace(t, strings.TrimSuffix(was, "\r"), value)
}

func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		partstat string
		want     convening.InvitationStatus
	}{{"ACCEPTED", convening.Accepted}, {"TENTATIVE", convening.Tentative}, {"DECLINED", convening.Declined}, {"declined", convening.Declined}} {
		x := open(t)
		if why := x.read(t, replace(t, "PARTSTAT=ACCEPTED", "PARTSTAT="+tt.partstat)); why != "" {
			t.Errorf("%s: passed over: %s", tt.partstat, why)
		}
		if i := x.invitation(t); i.Status != tt.want || i.DueAt != nil {
			t.Errorf("%s: %+v", tt.partstat, i)
		}
	}
}

func TestWhatIsAuthentic(t *testing.T) {
	const dmarc = "dmarc=pass header.from=association.example.org"
	const dkim = "dkim=pass header.i=@association.example.org"
	for _, tt := range []struct{ name, raw, why string }{
		{"the sample", sample(t), ""},
		{"DMARC alone", results(t, "amazonses.com; "+dmarc), ""},
		{"DKIM of the domain, which says nothing of DMARC", results(t, "amazonses.com; dkim=pass header.d=association.example.org"), ""},
		{"capitals", results(t, "AmazonSES.com; DMARC=pass header.from=Association.Example.org"), ""},
		{"an address in capitals", replace(t, "From: Focal point <focal@association.example.org>", "From: <FOCAL@Association.Example.ORG>"), ""},

		{"no results", replace(t, "Authentication-Results", "X-Results"), "sender not verified"},
		{"results of another server", results(t, "mx.example.org; "+dmarc), "sender not verified"},
		{"a server whose name begins so", results(t, "amazonses.com.evil.org; "+dmarc), "sender not verified"},
		{"the name of the server in a comment", results(t, "(amazonses.com) evil.org; "+dmarc), "sender not verified"},
		{"forged results below the server's", results(t, "amazonses.com; dmarc=fail header.from=association.example.org\nAuthentication-Results: amazonses.com; "+dmarc), "sender not verified"},
		{"DMARC failed, DKIM of the domain", results(t, "amazonses.com; "+dkim+"; dmarc=fail header.from=association.example.org"), "sender not verified"},
		{"DMARC of another domain", results(t, "amazonses.com; dmarc=pass header.from=evil.org"), "sender not verified"},
		{"DMARC of a domain that ends so", results(t, "amazonses.com; dmarc=pass header.from=evil-association.example.org"), "sender not verified"},
		{"DKIM of another domain", results(t, "amazonses.com; dkim=pass header.i=@evil.org"), "sender not verified"},
		{"SPF alone", results(t, "amazonses.com; spf=pass envelope-from=focal@association.example.org"), "sender not verified"},
		{"a result in the comment of another", results(t, "amazonses.com; spf=pass (domain of evil.org; "+dmarc+") client-ip=203.0.113.9"), "sender not verified"},
		{"a result in a comment within a comment", results(t, "amazonses.com; spf=pass (a (b) ; "+dmarc+" )"), "sender not verified"},
		{"a result in a quoted envelope address", results(t, `amazonses.com; spf=pass envelope-from="x; `+dmarc+`; "@evil.org`), "sender not verified"},
		{"a word in a quoted envelope address", results(t, `amazonses.com; dkim=pass header.i="a header.i=@association.example.org "@evil.org`), "sender not verified"},
		{"an escaped quote", results(t, `amazonses.com; spf=pass envelope-from="x\"; `+dmarc+`; y"@evil.org`), "sender not verified"},
		{"a quote that does not end", results(t, `amazonses.com; `+dmarc+`; x="`), "sender not verified"},
		{"two findings of DMARC", results(t, "amazonses.com; "+dmarc+"; dmarc=fail header.from=association.example.org"), "sender not verified"},
		{"a finding that only begins so", results(t, "amazonses.com; dmarc=passed header.from=association.example.org"), "sender not verified"},

		{"from another address", replace(t, "From: Focal point <focal@association.example.org>", "From: <other@association.example.org>"), "comes from another address"},
		{"the address as a name", replace(t, "From: Focal point <focal@", `From: "focal@association.example.org" <evil@`), "comes from another address"},
		{"two senders", replace(t, "From: Focal point <focal@association.example.org>", "From: <focal@association.example.org>, <evil@evil.org>"), "no single sender"},
		{"two From fields", replace(t, "From: Focal", "From: evil@evil.org\nFrom: Focal"), "no single sender"},
		{"two From fields, the other way", replace(t, "To: convoke@", "From: evil@evil.org\nTo: convoke@"), "no single sender"},
		{"no sender", replace(t, "From: Focal", "X-From: Focal"), "no single sender"},
		{"answers for another", replace(t, "ACCEPTED:mailto:focal@", "ACCEPTED:mailto:other@"), "answers for another address"},
		{"sent on behalf", replace(t, "PARTSTAT=ACCEPTED:mailto:focal@", `PARTSTAT=ACCEPTED;SENT-BY="mailto:focal@association.example.org":mailto:other@`), "answers for another address"},
		{"another domain's entry", replace(t, "@invitations.example.org\nDTSTAMP", "@evil.org\nDTSTAMP"), "not our calendar entry"},
		{"no such invitation", replace(t, "UID:"+event, "UID:01KB00000000000000000000ZZ"), "no such invitation"},
		{"an id that no key can hold", replace(t, "UID:"+event, "UID:"+strings.Repeat("E", 3000)), "not our calendar entry"},
		{"delegated", replace(t, "PARTSTAT=ACCEPTED", `PARTSTAT=DELEGATED;DELEGATED-TO="mailto:x@example.org"`), "answer needs a person: DELEGATED"},
		{"a request", replace(t, "METHOD:REPLY", "METHOD:REQUEST"), "not a calendar reply"},
		{"a counter-proposal", replace(t, "METHOD:REPLY", "METHOD:COUNTER"), "not a calendar reply"},
		{"no answer yet", replace(t, "PARTSTAT=ACCEPTED", "PARTSTAT=NEEDS-ACTION"), "not a calendar reply"},
		{"two attendees", replace(t, "END:VEVENT", "ATTENDEE;PARTSTAT=DECLINED:mailto:x@example.org\nEND:VEVENT"), "not a calendar reply"},
		{"a broken calendar", replace(t, "BEGIN:VEVENT", "BEGIN:VEVENT;"), "not a calendar reply"},
		{"a large calendar", replace(t, "METHOD:REPLY", "METHOD:REPLY\nX-FILL:"+strings.Repeat("x", 70<<10)), "calendar part not readable"},
		{"out of office", replace(t, "MIME-Version", "Auto-Submitted: auto-replied\nMIME-Version"), "automatic reply"},
		{"a program's reply", replace(t, "MIME-Version", "Auto-Submitted: auto-generated\nMIME-Version"), ""},
		{"no calendar", replace(t, "text/calendar", "text/plain"), "no calendar reply"},
		{"nothing", "", "no single sender"},
		{"noise", "\x00\xff\x00", "not readable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := open(t)
			if why := x.read(t, tt.raw); why != tt.why {
				t.Errorf("passed over for %q, want %q", why, tt.why)
			}
			want := convening.Queued
			if tt.why == "" {
				want = convening.Accepted
			}
			if i := x.invitation(t); i.Status != want {
				t.Errorf("%s", i.Status)
			}
			if strings.Contains(x.log.String(), "@") {
				t.Errorf("the log holds an address: %s", x.log.String())
			}
		})
	}
}

func TestRepliesComeTwiceLateAndOutOfOrder(t *testing.T) {
	x := open(t)
	accepted := sample(t)
	declined := replace(t, "PARTSTAT=ACCEPTED", "PARTSTAT=DECLINED", "DTSTAMP:20261104T101500Z", "DTSTAMP:20261105T101500Z")
	x.now = start.AddDate(0, 0, 4)
	for _, raw := range []string{accepted, accepted, declined, accepted, declined} {
		if why := x.read(t, raw); why != "" {
			t.Errorf("passed over: %s", why)
		}
	}
	if i := x.invitation(t); i.Status != convening.Declined {
		t.Errorf("%s", i.Status)
	}
	x.now = start.AddDate(0, 0, 21)
	late := replace(t, "DTSTAMP:20261104T101500Z", "DTSTAMP:20261123T090000Z")
	if why := x.read(t, late); why != "invitation closed" {
		t.Errorf("passed over for %q", why)
	}
	if _, err := x.Store.UpdateStakeholder(t.Context(), stakeholder, func(e *directory.Stakeholder) error {
		e.Contacts = nil
		e.Record("contact.removed")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if why := x.read(t, late); why != "contact gone" {
		t.Errorf("passed over for %q", why)
	}
}

// TestWhoWasNominatedAnswersByCalendar holds the reply of somebody who is no contact
// against the address that the focal point gave; once the name is taken back it counts
// for nothing.
func TestWhoWasNominatedAnswersByCalendar(t *testing.T) {
	x := open(t)
	const nominee = "01KB0000000000000000000003"
	ask := func(i *convening.Invitation) ([]*convening.Invitation, error) {
		named := convening.Nominee{Contact: nominee, Person: &convening.Colleague{Name: "Nominee", Email: "nominee@elsewhere.example.org", Language: "fr"}}
		return i.Nominate([]convening.Nominee{named}, convening.Vacancies{PerOrganisation: 1}, x.now)
	}
	if _, err := x.Store.Nominate(t.Context(), event, contact, ask); err != nil {
		t.Fatal(err)
	}
	theirs := replace(t, contact, nominee, "focal@association.example.org", "nominee@elsewhere.example.org", "=association.example.org", "=elsewhere.example.org", "@association.example.org", "@elsewhere.example.org")
	if why := x.read(t, replace(t, contact, nominee)); why != "answers for another address" {
		t.Errorf("the focal point answers for the nominee: %q", why)
	}
	if why := x.read(t, theirs); why != "" {
		t.Errorf("passed over for %q", why)
	}
	i, err := x.Store.Invitation(t.Context(), event, nominee)
	if err != nil || i.Status != convening.Accepted {
		t.Fatalf("%+v, %v", i, err)
	}
	first := x.invitation(t)
	if _, err := x.Store.UpdateInvitation(t.Context(), event, nominee, func(i *convening.Invitation) error { return i.Recall(first, x.now) }); err != nil {
		t.Fatal(err)
	}
	x.now = x.now.AddDate(0, 0, 2)
	if why := x.read(t, strings.ReplaceAll(theirs, "DTSTAMP:20261104T101500Z", "DTSTAMP:20261106T101500Z")); why != "invitation closed" {
		t.Errorf("taken back, passed over for %q", why)
	}
}

// TestRepliesToAnEarlierVersion changes the event after it was sent out: who accepts
// the entry as it was has not accepted the event as it is, who declines has declined.
func TestRepliesToAnEarlierVersion(t *testing.T) {
	const says = "SEQUENCE:0"
	for _, tt := range []struct {
		name, raw, why string
		want           convening.InvitationStatus
	}{
		{"accepted as it was", sample(t), "answers an earlier version", convening.Queued},
		{"tentative as it was", replace(t, "PARTSTAT=ACCEPTED", "PARTSTAT=TENTATIVE"), "answers an earlier version", convening.Queued},
		{"declined as it was", replace(t, "PARTSTAT=ACCEPTED", "PARTSTAT=DECLINED"), "", convening.Declined},
		{"accepted as it is", replace(t, says, "SEQUENCE:1"), "", convening.Accepted},
		{"a calendar that does not say", replace(t, says+"\n", ""), "", convening.Accepted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := open(t)
			_, err := x.Store.UpdateInvitation(t.Context(), event, contact, func(i *convening.Invitation) error {
				i.Sequence = 1
				i.Record("test.changed", "event", event, "stakeholder", stakeholder, "contact", contact)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if why := x.read(t, tt.raw); why != tt.why {
				t.Errorf("passed over for %q, want %q", why, tt.why)
			}
			if i := x.invitation(t); i.Status != tt.want {
				t.Errorf("%s", i.Status)
			}
		})
	}
}

func TestHandleTheNoticeOfMail(t *testing.T) {
	x := open(t)
	b, err := os.ReadFile("../../../events/sample/aws/s3/object-created.json")
	if err != nil {
		t.Fatal(err)
	}
	var notice events.S3Event
	if err := json.Unmarshal(b, &notice); err != nil {
		t.Fatal(err)
	}
	if err := x.Handle(t.Context(), notice); err == nil {
		t.Error("mail that is not there was read") // Lambda tries again: the bucket may be behind
	}
	if err := x.mail.Put(t.Context(), "mail/calendar-reply.eml", []byte(sample(t))); err != nil {
		t.Fatal(err)
	}
	if err := x.Handle(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	if i := x.invitation(t); i.Status != convening.Accepted {
		t.Errorf("%s", i.Status)
	}
	notice.Records[0].S3.Object.Key = "%zz"
	if err := x.Handle(t.Context(), notice); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key that is none: %v", err)
	}
}

// Whatever is sent, reading it neither fails nor answers.
func FuzzRead(f *testing.F) {
	raw := sample(f)
	f.Add(raw)
	f.Add(strings.ReplaceAll(raw, "\n", "\r\n"))
	f.Add(strings.ReplaceAll(raw, "text/calendar; method=REPLY; charset=UTF-8", "text/calendar; charset=x-none\nContent-Transfer-Encoding: base64"))
	f.Add("From: a@b.c\nContent-Type: multipart/mixed; boundary=x\n\n--x\n--x--")
	x := open(f)
	f.Fuzz(func(t *testing.T, raw string) {
		if strings.Contains(strings.ToLower(raw), "amazonses.com") {
			return // might be authentic
		}
		if err := x.Read(context.Background(), []byte(raw)); err != nil {
			t.Fatal(err)
		}
		if i := x.invitation(t); i.Status != convening.Queued {
			t.Fatalf("%s", i.Status)
		}
	})
}

// TestPrograms reads mail in the shapes that calendar programs and absent people
// send: the answer counts, all else is passed over.
func TestPrograms(t *testing.T) {
	for name, want := range map[string]struct {
		status convening.InvitationStatus
		why    string
	}{
		"google":                   {convening.Accepted, ""},
		"outlook":                  {convening.Tentative, ""},
		"apple":                    {convening.Declined, ""},
		"exchange-out-of-office":   {convening.Queued, "no calendar reply"},
		"vacation-with-invitation": {convening.Queued, "automatic reply"},
		"forwarded-invitation":     {convening.Queued, "not a calendar reply"},
		"not-delivered":            {convening.Queued, "automatic reply"},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("../../../events/sample/aws/s3/replies", name+".eml"))
			if err != nil {
				t.Fatal(err)
			}
			x := open(t)
			if why := x.read(t, string(raw)); why != want.why {
				t.Errorf("passed over for %q, want %q", why, want.why)
			}
			if i := x.invitation(t); i.Status != want.status {
				t.Errorf("status %s, want %s", i.Status, want.status)
			}
		})
	}
}
