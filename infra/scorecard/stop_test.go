package main

import (
	"bytes"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/edge/feedback"
	"convoke/shared/edge/web"
	"convoke/shared/platform/auth"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
)

// Row 9: bounces and complaints, one in five of them twice, one in ten out of
// order. Who complained, or whose address is gone, is sent nothing more; a full
// mailbox is written to again.
func TestScorecardBouncesAndComplaints(t *testing.T) {
	events := sized(500)
	o := open(t, always)
	random := rand.New(rand.NewPCG(9, 9))
	jobs := o.register(events)
	m := o.mailer(o.store.Table, o.sender)
	kinds := map[string]string{} // address -> what SES says of it
	var list []feedback.Event
	for _, job := range jobs {
		e, err := o.store.Stakeholder(t.Context(), job.Data["stakeholder"])
		if err != nil {
			t.Fatal(err)
		}
		address := e.Contacts[0].Email
		kinds[address] = []string{"Permanent", "Transient", "Complaint"}[random.IntN(3)]
		list = append(list, notice(job.ID, address, kinds[address]))
		if random.IntN(5) == 0 {
			list = append(list, list[len(list)-1])
		}
		if n := len(list); n > 1 && random.IntN(10) == 0 {
			i := random.IntN(n - 1)
			list[i], list[n-1] = list[n-1], list[i]
		}
	}
	for _, e := range list {
		if err := o.feedback().Apply(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, job := range jobs {
		if err := m.Do(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	sent := map[string]bool{}
	for _, mail := range o.provider.mails {
		sent[mail.to] = true
	}
	held := 0
	for address, kind := range kinds {
		if sent[address] == (kind == "Transient") {
			held++
		}
	}
	scored(t, 9, "bounce and complaint: mail stops, but not for a full mailbox", events, held)
}

// notice is what SES says of a mail.
func notice(message, address, kind string) feedback.Event {
	var e feedback.Event
	e.Type = "Bounce"
	e.Bounce.Type = kind
	if kind == "Complaint" {
		e.Type = kind
		e.Complaint.Recipients = append(e.Complaint.Recipients, struct {
			Address string `json:"emailAddress"`
		}{address})
		return e
	}
	e.Bounce.Recipients = append(e.Bounce.Recipients, struct {
		Address string `json:"emailAddress"`
	}{address})
	return e
}

func (o *office) handler() http.Handler {
	o.Helper()
	folder, err := dir.Open(o.TempDir())
	if err != nil {
		o.Fatal(err)
	}
	s := &web.Server{
		Store: o.store, Index: search.Await(folder), Links: o.links, Log: slog.New(slog.DiscardHandler),
		Random: secret{}, BaseURL: "https://convoke.example.org",
	}
	return s.Handler()
}

// secret is a source of bytes that never come twice.
type secret struct{}

func (secret) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return len(b), nil
}

// ask sends what a client without cookies sends, and returns the status.
func ask(h http.Handler, method, url, form string) int {
	r := httptest.NewRequest(method, url, strings.NewReader(form))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// invite lists as many stakeholders and queues an invitation for each.
func (o *office) invite(n int) []store.Job {
	o.Helper()
	e, err := convening.NewEvent(o.store.NewID(), "unit-1", "Unit One", convening.Plan{
		Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: "Remittances"}}, Starts: o.now().AddDate(0, 0, 30), Ends: o.now().AddDate(0, 0, 31),
		Zone: "Europe/Zurich", Place: "Palais", Audience: convening.Audience{Text: "x"},
	}, o.now())
	if err == nil {
		err = errors.Join(e.Publish(o.now()), o.store.CreateEvent(o.Context(), e))
	}
	if err != nil {
		o.Fatal(err)
	}
	var group errgroup.Group
	group.SetLimit(32)
	for _, job := range o.register(n) {
		group.Go(func() error { return o.inviteOne(e, job.Data["stakeholder"], job.Data["contact"]) })
	}
	if err := group.Wait(); err != nil {
		o.Fatal(err)
	}
	return o.jobs("invitation.queued")
}

func (o *office) inviteOne(e *convening.Event, stakeholder, contact string) error {
	_, err := o.store.UpdateStakeholder(o.Context(), stakeholder, func(s *directory.Stakeholder) error {
		if err := s.ConfirmAddress(contact, o.now()); err != nil {
			return err
		}
		return s.Decide(directory.Decision{Outcome: directory.Listed}, o.now())
	})
	if err != nil {
		return err
	}
	i := convening.NewInvitation(e, stakeholder, contact, o.now())
	if _, err := o.store.PlanInvitations(o.Context(), []*convening.Invitation{i}); err != nil {
		return err
	}
	_, err = o.store.UpdateInvitation(o.Context(), e.ID, contact, func(i *convening.Invitation) error { i.Advance(o.now()); return nil })
	return err
}

// Row 10: every bulk mail has both headers; its link opts out by a POST of any
// client, by nothing that a scanner does, and stops every kind of mail.
func TestScorecardOneClickOptOut(t *testing.T) {
	messages := sized(500)
	o := open(t, always)
	h := o.handler()
	m := o.mailer(o.store.Table, o.sender)
	for _, job := range o.invite(messages) {
		if err := m.Do(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	sent := len(o.provider.mails)
	scanned, stopped := 0, 0
	for _, mail := range o.provider.mails {
		url := optOut(t, mail.raw)
		hash := store.AddressHash(mail.to)
		ask(h, http.MethodGet, url, "")
		ask(h, http.MethodHead, url, "")
		if off, err := o.store.Suppressed(t.Context(), hash); err == nil && !off {
			scanned++
		}
		if ask(h, http.MethodPost, url, "List-Unsubscribe=One-Click") == http.StatusOK {
			stopped++
		}
		if err := o.store.Announce(t.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"address": hash}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{"registration.submitted", "registration.listed", "invitation.reminded", "sign_in.requested"} {
		for _, job := range o.jobs(kind) {
			if err := m.Do(t.Context(), job); err != nil {
				t.Fatal(err)
			}
		}
	}
	scored(t, 10, "opt-out: GET and HEAD change nothing", messages, scanned)
	scored(t, 10, "opt-out: POST without a cookie works", messages, stopped)
	scored(t, 10, "opt-out: stops every kind of mail", messages, messages-(len(o.provider.mails)-sent))
}

// optOut reads the two headers of RFC 2369 and RFC 8058.
func optOut(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	url, _, _ := strings.Cut(strings.TrimPrefix(m.Header.Get("List-Unsubscribe"), "<"), ">")
	if m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.HasPrefix(url, "https://") {
		t.Fatalf("headers of a bulk mail: %q", m.Header)
	}
	return url
}

// Row 11, beside the flipped bits (TestLinkRefusesEveryBitFlip): a link that has
// expired, or is for something else, changes nothing, and one that may be used
// once is, however many use it at the same time.
func TestScorecardTokens(t *testing.T) {
	const parallel = 50
	o := open(t, always)
	h := o.handler()
	links := sized(200)
	refused, once := 0, 0
	for i, job := range o.invite(links) {
		ids := []string{job.Data["event"], job.Data["contact"]}
		good := auth.Claims{Purpose: auth.PurposeAnswer, IDs: ids, Expires: o.now().Add(time.Hour), Generation: 1}
		forged := []auth.Claims{good, good, good, good}
		forged[0].Expires = o.now()
		forged[1].IDs = []string{"another", ids[1]}
		forged[2].Purpose = auth.PurposeConfirm
		forged[3].Generation = 2
		if o.refuses(h, forged[i%len(forged)], ids) {
			refused++
		}
	}
	ref := o.anyContact()
	for range links {
		token, hash, err := auth.NewToken(secret{})
		if err != nil {
			t.Fatal(err)
		}
		if err := o.store.KeepSignInLink(t.Context(), hash, ref); err != nil {
			t.Fatal(err)
		}
		var spent atomic.Int64
		var group errgroup.Group
		for range parallel {
			group.Go(func() error {
				if code := ask(h, http.MethodPost, "https://convoke.example.org/sign-in/"+token, ""); code == http.StatusSeeOther {
					spent.Add(1)
				}
				return nil
			})
		}
		_ = group.Wait() // the functions return nil
		if spent.Load() == 1 {
			once++
		}
	}
	scored(t, 11, "tokens: expired, of another event, purpose or generation", links, refused)
	scored(t, 11, "tokens: spent once by fifty at a time", links, once)
}

// refuses reports whether an answer through the link is refused and changes nothing.
func (o *office) refuses(h http.Handler, c auth.Claims, ids []string) bool {
	o.Helper()
	code := ask(h, http.MethodPost, "https://convoke.example.org/answer/"+o.links.Sign(c), "answer=accepted")
	i, err := o.store.Invitation(o.Context(), ids[0], ids[1])
	if err != nil {
		o.Fatal(err)
	}
	return code >= 400 && code < 500 && !i.Answered()
}

// anyContact is one whose address is proved.
func (o *office) anyContact() store.ContactRef {
	job := o.jobs("registration.submitted")[0]
	return store.ContactRef{Stakeholder: job.Data["stakeholder"], Contact: job.Data["contact"]}
}
