package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// marks are strings that stand nowhere but where the erased stakeholder and its
// contacts put them.
var marks = []string{"Zzyzxian", "Quillfeather", "quillfeather", "zzyzx.example.org", "Brambleshaw"}

func marked() directory.Application {
	return directory.Application{
		Profile: directory.Profile{
			Category: "migrant_association", Country: "CH", Names: []directory.Name{{Text: "Zzyzxian Association", Lang: "en", Kind: directory.NameLegal}},
			Descriptions: []directory.Text{{Lang: "en", Text: "The Brambleshaw house."}}, Website: "https://zzyzx.example.org",
			Identifiers: []directory.Identifier{{Scheme: "local", ID: "Brambleshaw-1"}},
		},
		Contacts: []directory.Contact{
			{Name: "Quillfeather", Role: directory.RoleFocalPoint, Email: "quillfeather@zzyzx.example.org", Language: "en"},
			{Name: "Brambleshaw", Role: directory.RoleSpeaker, Email: "brambleshaw@zzyzx.example.org", Language: "en"},
		},
		Evidence: []directory.Evidence{{Kind: directory.EvidenceCertificate, Note: "Ask Quillfeather."}, {Kind: directory.EvidenceSponsorship, Sponsor: "vienna"}},
		Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}
}

// lived takes the stakeholder through the whole line: registered, corrected,
// returned, listed, signed in, invited, answered.
func lived(t *testing.T, p *Process) *directory.Stakeholder {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	e, err := directory.Register(p.Store.NewID(), marked(), p.Store.NewID, then)
	must(err)
	must(p.Store.Register(t.Context(), e))
	must(p.Settle(t.Context()))
	kept := func() context.Context { // as the web keeps the view that it answers with
		view, _ := json.Marshal(e)
		return store.WithOnce(t.Context(), &store.Once{Scope: "m", Key: p.Store.NewID(), Request: "r", Status: 200, Body: view})
	}
	change := func(fn func(*directory.Stakeholder) error) {
		t.Helper()
		e, err = p.Store.UpdateStakeholder(kept(), e.ID, fn)
		must(err)
		must(p.Settle(t.Context()))
	}
	for i := range e.Contacts {
		change(func(s *directory.Stakeholder) error { return s.ConfirmAddress(s.Contacts[i].ID, then) })
	}
	change(func(s *directory.Stakeholder) error {
		return s.Decide(directory.Decision{Outcome: directory.Returned, Reasons: []string{"incomplete"}, Note: "Dear Quillfeather."}, then)
	})
	change(func(s *directory.Stakeholder) error {
		a := marked()
		a.Website = "https://brambleshaw.zzyzx.example.org"
		return s.Correct(a, p.Store.NewID, then)
	})
	change(func(s *directory.Stakeholder) error {
		return s.Decide(directory.Decision{Outcome: directory.Listed}, then)
	})
	must(p.Store.Announce(t.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"address": store.AddressHash(e.Contacts[0].Email)}}))
	must(p.Settle(t.Context()))

	event, err := convening.NewEvent(p.Store.NewID(), "geneva", "Seminar series", convening.Plan{
		Kind: "panel_discussion", Titles: []directory.Text{{Lang: "en", Text: "Political rights of migrants"}}, Zone: "UTC",
		Starts: then.AddDate(0, 1, 0), Ends: then.AddDate(0, 1, 1), Audience: convening.Audience{Filters: map[string][]string{"category": {"migrant_association"}}},
	}, then)
	must(err)
	must(p.Store.CreateEvent(t.Context(), event))
	_, err = p.Store.UpdateEvent(t.Context(), event.ID, func(e *convening.Event) error { return e.Publish(then) })
	must(err)
	must(p.Settle(t.Context()))
	_, err = p.Store.UpdateInvitation(t.Context(), event.ID, e.Contacts[0].ID, func(i *convening.Invitation) error {
		return i.Answer(convening.Answer{Answer: convening.Declined, Reason: "Quillfeather is travelling."}, then)
	})
	must(err)
	must(p.Settle(t.Context()))
	e = known(t, p, e, event.ID)
	return e
}

// known lets others speak of the stakeholder: it is merged with one and held apart
// from another, related, seated, and written to through the relay.
func known(t *testing.T, p *Process, e *directory.Stakeholder, event string) *directory.Stakeholder {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	other := func(name, email string) *directory.Stakeholder {
		a := marked()
		a.Names[0].Text, a.Website, a.Identifiers, a.Descriptions, a.Evidence = name, "", nil, nil, nil
		a.Contacts = []directory.Contact{{Name: "Person", Role: directory.RoleFocalPoint, Email: email, Language: "en"}}
		o, err := directory.Register(p.Store.NewID(), a, p.Store.NewID, then)
		must(err)
		must(p.Store.Register(ctx, o))
		o, err = p.Store.UpdateStakeholder(ctx, o.ID, func(s *directory.Stakeholder) error { return s.ConfirmAddress(s.Contacts[0].ID, then) })
		must(err)
		return o
	}
	twin, plain := other("Zzyzxian Twin", "twin@zzyzx.example.org"), other("An association", "person@association.example.org")
	m, err := p.Store.BeginMerge(ctx, e.ID, twin.ID, func(a, b *directory.Stakeholder) (*directory.Merge, error) {
		order := directory.MergeOrder{Merged: b.ID, Reason: "Quillfeather says so.", Fields: map[string]directory.Choice{"names": directory.KeepBoth}}
		return directory.BeginMerge(p.Store.NewID(), a, b, order, "moderator", then)
	})
	must(err)
	_, err = p.Store.SettleMerge(ctx, m.ID)
	must(err)
	d, err := directory.Distinguish(e.ID, plain.ID, "moderator", "Brambleshaw is another.", then)
	must(err)
	must(p.Store.Distinguish(ctx, d))
	for _, ends := range [][2]string{{e.ID, plain.ID}, {plain.ID, e.ID}} {
		r, err := directory.Assert(p.Store.NewID(), ends[0], directory.Assertion{Kind: "member_of", Stakeholder: ends[1], Role: "Brambleshaw's seat"}, true, then)
		must(err)
		must(p.Store.CreateRelation(ctx, r))
	}
	must(p.Store.Relay(ctx, &directory.Relayed{
		ID: p.Store.NewID(), Stakeholder: e.ID, Contact: directory.ToFocalPoint, Sender: "organiser", Unit: "geneva", At: then,
		Letter: directory.Letter{Subject: "Seminar", Text: "Dear Quillfeather, dear Brambleshaw,", Language: "en", ReplyTo: "geneva@example.org"},
	}))
	mandate, err := directory.NewMandate(p.Store.NewID(), e, directory.MandateRequest{
		Name: "Quillfeather Junior", Email: "junior@zzyzx.example.org", Language: "en", Message: "For Brambleshaw.",
	}, then)
	must(err)
	must(p.Store.AskMandate(ctx, mandate))
	_, err = p.Store.UpdatePanel(ctx, event, func(panel *convening.Panel) error {
		who := convening.Person{Stakeholder: e.ID, Contact: e.Contacts[0].ID}
		if err := panel.Revise(convening.PanelPlan{Seats: []convening.Seat{{ID: "a", Role: convening.SeatSpeaker, Holder: &who}}}, then); err != nil {
			return err
		}
		return panel.Declare(who, then)
	})
	must(err)
	track := convening.Track{ID: "civil", Titles: []directory.Text{{Lang: "en", Text: "Civil society"}}, Until: then.AddDate(0, 0, -1), ObjectionsUntil: then.AddDate(0, 0, 1)}
	for _, applicant := range []string{e.ID, plain.ID} {
		open := track
		open.Until = then.AddDate(0, 0, 1)
		a, err := convening.Apply(&convening.Event{ID: event, Status: convening.Published, Plan: convening.Plan{Ends: then.AddDate(0, 1, 1), Terms: convening.Terms{Tracks: []convening.Track{open}}}}, "civil", applicant, e.Contacts[0].ID, then)
		must(err)
		must(p.Store.CreateAccreditation(ctx, a))
		objector := map[string]string{e.ID: plain.ID, plain.ID: e.ID}[applicant]
		_, err = p.Store.UpdateAccreditation(ctx, event, applicant, func(a *convening.Accreditation) error {
			return a.Object(track, convening.Objection{Stakeholder: objector, Text: "Brambleshaw of Quillfeather."}, then)
		})
		must(err)
	}
	_, err = p.Store.UpdateFeed(ctx, store.ContactRef{Stakeholder: e.ID, Contact: e.Contacts[0].ID}, func(f *convening.Feed) { f.Renew(e.ID, "hash", then) })
	must(err)
	body := convening.CoOrganiser{Stakeholder: e.ID, Name: "Brambleshaw House"}
	series, err := convening.NewSeries("series-of-"+event, "geneva", convening.SeriesPlan{
		Titles: []directory.Text{{Lang: "en", Text: "Seminars"}}, CoOrganisers: []convening.CoOrganiser{body}, Hosts: []convening.Host{{Year: 2026, CoOrganiser: body}},
	}, then)
	must(err)
	must(p.Store.CreateSeries(ctx, series))
	_, err = p.Store.UpdateEvent(ctx, event, func(e *convening.Event) error {
		said := e.Plan
		said.CoOrganisers = []convening.CoOrganiser{body}
		return e.Revise(e.Convener, said, then)
	})
	must(err)
	moderated(t, p, e)
	must(p.Settle(ctx))
	e, err = p.Store.Stakeholder(ctx, e.ID)
	must(err)
	return e
}

// forgotten fails unless nothing that spoke of the stakeholder still names it.
func forgotten(t *testing.T, p *Process, e *directory.Stakeholder) {
	t.Helper()
	merge, err := p.Store.Merge(t.Context(), e.Merges[0])
	if err != nil || merge.Reason != "" || merge.Changes != nil {
		t.Errorf("merge %+v, %v", merge, err)
	}
	twin, err := p.Store.Stakeholder(t.Context(), merge.Merged)
	if err != nil || twin.Status != directory.Erased {
		t.Errorf("what was merged is %+v, %v", twin, err)
	}
	ties, err := p.Store.Relations(t.Context(), e.ID)
	if err != nil || len(ties) != 2 {
		t.Fatalf("relations %+v, %v", ties, err)
	}
	for _, r := range ties {
		from, err := p.Store.Stakeholder(t.Context(), r.From)
		if err != nil || r.State != directory.RelationEnded || r.Role != "" || len(from.Ties) != 0 {
			t.Errorf("relation %+v of %+v, %v", r, from, err)
		}
	}
	list, _, err := p.Store.InvitationsOf(t.Context(), e.ID, "", 10)
	if err != nil || len(list) == 0 {
		t.Fatalf("invitations %v, %v", list, err)
	}
	held, err := p.Store.HeldOf(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if applied, err := held.Accreditations(t.Context()); err != nil || len(applied) != 2 || len(applied[0].Objections)+len(applied[1].Objections) != 0 {
		t.Errorf("accreditations %+v, %v", applied, err)
	}
	if f, err := p.Store.Feed(t.Context(), list[0].Contact); err != nil || f.Hash != "" || f.MadeAt != nil {
		t.Errorf("feed %+v, %v", f, err)
	}
	series, err := p.Store.Series(t.Context(), "series-of-"+list[0].EventID)
	if err != nil || len(series.Names()) != 0 || len(series.Hosts) != 1 {
		t.Errorf("series %+v, %v", series, err)
	}
	event, err := p.Store.Event(t.Context(), list[0].EventID)
	if err != nil || len(event.CoOrganisers) != 0 {
		t.Errorf("event %+v, %v", event, err)
	}
	panel, err := p.Store.Panel(t.Context(), list[0].EventID)
	if err != nil || panel.Seats[0].Holder != nil || len(panel.Conflicts) != 0 {
		t.Errorf("panel %+v, %v", panel, err)
	}
}

// exported is what the stakeholder is handed as everything that is held.
func exported(t *testing.T, p *Process, e *directory.Stakeholder) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/stakeholders/"+e.ID+"/export", nil)
	r.Header.Set("Cookie", entered(t, p, e))
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK || !json.Valid(w.Body.Bytes()) {
		t.Fatalf("export: %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// entered signs the first contact in, and returns the cookie that says so.
func entered(t *testing.T, p *Process, e *directory.Stakeholder) string {
	t.Helper()
	link, linkHash, err := auth.NewToken(randomReader{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Store.KeepSignInLink(t.Context(), linkHash, store.ContactRef{Stakeholder: e.ID, Contact: e.Contacts[0].ID}); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/sign-in/"+link, nil))
	cookies := w.Result().Cookies()
	if len(cookies) == 0 {
		t.Fatalf("sign in: %d %s", w.Code, w.Body)
	}
	return cookies[0].Name + "=" + cookies[0].Value
}

type randomReader struct{}

func (randomReader) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return len(b), nil
}

// holding returns the files below the folder that hold any of the marks.
func holding(t *testing.T, home string) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, mark := range marks {
			if bytes.Contains(raw, []byte(mark)) {
				files[path] = append(files[path], mark)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestErasureReachesEveryByte lets a stakeholder live, erases it, compacts, and
// looks for what it said of itself in every byte of the table, the index, the
// feed and the mailbox.
func TestErasureReachesEveryByte(t *testing.T) {
	p, file := open(t)
	home := filepath.Dir(fileOf(t, p))
	e := lived(t, p)
	held := exported(t, p, e)
	for _, mark := range marks {
		if !bytes.Contains([]byte(held), []byte(mark)) {
			t.Errorf("the export lacks %s", mark)
		}
	}
	if before := holding(t, home); len(before) < 8 { // table, index, and a mail at each step
		t.Fatalf("only %v hold anything before the erasure; the search misses some", before)
	} else if before[filepath.Join(home, "table.db")] == nil {
		t.Fatal("the table's file holds nothing before the erasure")
	}
	if err := p.Store.BeginErasure(t.Context(), directory.NewErasure(p.Store.NewID(), e.ID, "", then)); err != nil {
		t.Fatal(err)
	}
	if err := p.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	compactAll(t, p)
	if left := holding(t, home); len(left) != 0 {
		t.Errorf("after the erasure there is still %v", left)
	}
	if _, _, err := p.Store.VerifyTrails(t.Context()); err != nil {
		t.Errorf("the chain of the trail: %v", err)
	}
	if err := file.Verify(t.Context()); err != nil {
		t.Errorf("the table's file: %v", err)
	}
	after, err := p.Store.Stakeholder(t.Context(), e.ID)
	if err != nil || after.Status != directory.Erased || len(after.Names)+len(after.Contacts) != 0 {
		t.Errorf("the record is %+v, %v", after, err)
	}
	forgotten(t, p, e)
	list, _, err := p.Store.InvitationsOf(t.Context(), e.ID, "", 10)
	if err != nil || len(list) != 1 || list[0].Status != convening.Declined || list[0].Reason != "" {
		t.Errorf("invitations %+v, %v", list, err)
	}
}

// fileOf is where the table lies: beside the feed.
func fileOf(t *testing.T, p *Process) string {
	t.Helper()
	return p.pump.projector.Bus.(*feed).path
}

// compactAll does what a process does of itself in its first minutes.
func compactAll(t *testing.T, p *Process) {
	t.Helper()
	p.Indexer.Index.Now = func() time.Time { return time.Now().Add(time.Hour) } // past the grace of segments out of force
	for range 2 {
		if err := errors.Join(p.Indexer.Compact(t.Context()), p.Index.Refresh(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.upkeep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestOneContactIsErasedAlone holds that nothing is left of one contact, and the
// others and the stakeholder are as before.
func TestOneContactIsErasedAlone(t *testing.T) {
	p, _ := open(t)
	e := lived(t, p)
	if err := p.Store.BeginErasure(t.Context(), directory.NewErasure(p.Store.NewID(), e.ID, e.Contacts[1].ID, then)); err != nil {
		t.Fatal(err)
	}
	if err := p.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	compactAll(t, p)
	for path := range holding(t, filepath.Dir(fileOf(t, p))) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("brambleshaw@")) {
			t.Errorf("%s still has the address", path)
		}
	}
	after, err := p.Store.Stakeholder(t.Context(), e.ID)
	if err != nil || after.Status != directory.Listed || len(after.Contacts) != 3 || after.Contacts[0].Name != "Quillfeather" {
		t.Errorf("the record is %+v, %v", after, err)
	}
}

// flaky is a table that fails at random, before or after it did what it was asked.
type flaky struct {
	table.Table
	*rand.Rand
	failures int
}

var errInjected = errors.New("injected")

func (f *flaky) Transact(ctx context.Context, ops []table.Op) error {
	switch f.IntN(6) {
	case 0:
		f.failures++
		return errInjected
	case 1:
		f.failures++
		return errors.Join(f.Table.Transact(ctx, ops), errInjected)
	}
	return f.Table.Transact(ctx, ops)
}

// TestAHalfFinishedErasureContinues stops erasures at random before and after
// their writes, and holds that each ends like one that was never stopped.
func TestAHalfFinishedErasureContinues(t *testing.T) {
	failures := 0
	for seed := range uint64(8) {
		p, file := open(t)
		l := deeds(t, p, lived(t, p))
		e := l.e
		id := p.Store.NewID()
		if err := p.Store.BeginErasure(t.Context(), directory.NewErasure(id, e.ID, "", then)); err != nil {
			t.Fatal(err)
		}
		broken := &flaky{Table: file, Rand: rand.New(rand.NewPCG(seed, 1))}
		for range 1000 {
			p.Store.Table = broken
			_ = p.Store.AdvanceErasure(t.Context(), id, p.planner.Mails)
			p.Store.Table = file
			if x, err := p.Store.Erasure(t.Context(), id); err != nil {
				t.Fatal(err)
			} else if x.DoneAt != nil {
				break
			}
		}
		failures += broken.failures
		if err := p.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		compactAll(t, p)
		if left := holding(t, filepath.Dir(fileOf(t, p))); len(left) != 0 {
			t.Errorf("seed %d: there is still %v", seed, left)
		}
		if left := l.holders(); len(left) != 0 {
			t.Errorf("seed %d: there is still %v", seed, left)
		}
		if _, _, err := p.Store.VerifyTrails(t.Context()); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		x, err := p.Store.Erasure(t.Context(), id)
		if err != nil || x.DoneAt == nil || len(x.Addresses) != 0 {
			t.Errorf("seed %d: %+v, %v", seed, x, err)
		}
	}
	if failures < 20 {
		t.Errorf("only %d failures were injected", failures)
	}
}
