package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/interchange"
	"convoke/shared/state/table"
)

// errEnded is what a write meets once the process has ended.
var errEnded = errors.New("the process ended")

// ending is a table under a process that ends before its next write but so many.
type ending struct {
	table.Table
	left atomic.Int64 // writes until then; below zero it never ends
}

func (t *ending) Transact(ctx context.Context, ops []table.Op) error {
	for left := t.left.Load(); left >= 0; left = t.left.Load() { // several mailers write at once
		if left == 0 {
			return errEnded
		}
		if t.left.CompareAndSwap(left, left-1) {
			break
		}
	}
	return t.Table.Transact(ctx, ops)
}

// reader is one way in which somebody reads.
type reader struct {
	path    string
	as      []string // headers
	alone   bool     // what is read changes in a transaction of its own
	follows bool     // what is read is of the search and of the table, which the search follows within a moment
	asked   bool     // of what is held, to which events somebody was invited is read
}

// watched is a process whose every write can be its last, and those who read
// meanwhile.
type watched struct {
	*life
	table   *ending
	readers map[string]reader
}

// watch lets a process end when it is told to.
func watch(l *life, file table.Table) *watched {
	w := &watched{life: l, table: &ending{Table: file}, readers: map[string]reader{}}
	w.table.left.Store(-1)
	l.Store.Table = w.table
	return w
}

// staffed returns the header of who is signed in with a role.
func (w *watched) staffed(role auth.Role, unit string) []string {
	w.Helper()
	token, err := w.Issuer.Token(role, unit, "", time.Hour)
	w.must(err)
	return []string{"Authorization", "Bearer " + token}
}

func (w *watched) reads(name, path string, as ...string) {
	w.readers[name] = reader{path: path, as: as}
}

// readsAlone is reads of what changes in a transaction of its own, before or after
// the rest.
func (w *watched) readsAlone(name, path string, as ...string) {
	w.readers[name] = reader{path: path, as: as, alone: true}
}

// readsLater is reads of hits of the search to which the table adds.
func (w *watched) readsLater(name, path string, as ...string) {
	w.readers[name] = reader{path: path, as: as, follows: true}
}

// send does one request.
func (w *watched) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, r)
	return answer
}

// incidental is what an answer tells of when it was written and not of what it says.
var incidental = regexp.MustCompile(`"(version|updated_at)":[^,}]*|\bREV:\S*`)

// look returns what each reader sees, and what a whole export holds. Where there is
// nothing to be seen it is all the same how that is said.
func (w *watched) look() map[string]string {
	w.Helper()
	seen := map[string]string{}
	for name, r := range w.readers {
		answer := w.send(http.MethodGet, r.path, "", r.as...)
		switch {
		case answer.Code == http.StatusOK && r.asked:
			seen[name] = w.asked(answer.Body.Bytes())
		case answer.Code == http.StatusOK:
			seen[name] = incidental.ReplaceAllString(answer.Body.String(), "")
		case answer.Code < 500:
			seen[name] = "nothing"
		default:
			w.Fatalf("%s: %d %s", r.path, answer.Code, answer.Body)
		}
	}
	var exported []string
	w.must(w.Store.WalkStakeholders(w.Context(), func(e *directory.Stakeholder) error {
		if !e.Public() {
			return nil
		}
		line, err := json.Marshal(e.For(directory.ReaderPublic))
		exported = append(exported, e.ID+" "+string(line))
		return err
	}))
	slices.Sort(exported)
	seen["export"] = strings.Join(exported, "\n")
	return seen
}

// asked is to what and by whom the invitations of an export are, whomever they name.
func (w *watched) asked(export []byte) string {
	w.Helper()
	var held struct {
		Invitations []struct {
			Event   string `json:"event"`
			Contact string `json:"contact"`
		} `json:"invitations"`
	}
	w.must(json.Unmarshal(export, &held))
	list := make([]string, len(held.Invitations))
	for i, invitation := range held.Invitations {
		list[i] = invitation.Event + " " + invitation.Contact
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// project lets the search and the counts follow what was written, as they do within
// a moment, and reports whether there was anything to follow.
func (w *watched) project() (followed bool) {
	w.Helper()
	for moved := true; moved; followed = followed || moved {
		var err error
		moved, err = w.advance(w.Context())
		w.must(err)
	}
	return followed
}

// stop is what readers saw where a process ended: at once, and when it had started
// again and the search had followed.
type stop struct {
	at          string
	first, then map[string]string
}

// ends lets the process end before its n-th write from now in do, and looks before
// and after it has started again. It reports whether it came to an end.
func (w *watched) ends(at string, n int, do func()) (stop, bool) {
	w.Helper()
	w.table.left.Store(int64(n))
	do()
	ended := w.table.left.Load() == 0
	w.table.left.Store(-1)
	s := stop{at: at + " after " + strconv.Itoa(n), first: w.look()}
	if s.then = s.first; w.project() {
		s.then = w.look()
	}
	return s, ended
}

// judge fails unless each reader saw one of two states at every stop, and all of
// them the same one once the search had followed.
func (w *watched) judge(before, after map[string]string, stops ...stop) {
	w.Helper()
	for _, s := range stops {
		for i, seen := range []map[string]string{s.first, s.then} {
			for name := range seen {
				if w.readers[name].follows && i == 0 {
					continue
				}
				if seen[name] != before[name] && seen[name] != after[name] {
					w.Errorf("%s, %s is neither as before nor as after:\n%s", s.at, name, cmp.Diff(after[name], seen[name]))
				}
			}
		}
		together := func(name string) bool { return w.readers[name].alone }
		old, late := slices.DeleteFunc(differ(s.then, after), together), slices.DeleteFunc(differ(s.then, before), together)
		if len(old) > 0 && len(late) > 0 {
			w.Errorf("%s, it is as before for %v, and as after for %v", s.at, old, late)
		}
	}
}

// differ returns which readers of the first state see a difference to another.
func differ(a, b map[string]string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(a)), func(name string) bool { return a[name] == b[name] })
}

// watchErased lets a stakeholder live whom everybody reads of.
func watchErased(t *testing.T) (w *watched, id string) {
	t.Helper()
	p, file := open(t)
	e := lived(t, p)
	w = watch(&life{T: t, Process: p, e: e}, file)
	member := w.listed("A member", "member@member.example.org")
	r, err := directory.Assert(p.Store.NewID(), member.ID, directory.Assertion{Kind: "member_of", Stakeholder: e.ID, Role: "Brambleshaw's seat"}, true, then)
	w.must(err)
	w.must(p.Store.CreateRelation(t.Context(), r))
	merge, err := p.Store.Merge(t.Context(), e.Merges[0])
	w.must(err)
	list, _, err := p.Store.InvitationsOf(t.Context(), e.ID, "", 10)
	w.must(err)
	ties, err := p.Store.Relations(t.Context(), e.ID)
	w.must(err)
	objected, _ := ties[0].Other(e.ID)
	w.everybody(e.ID, merge.Merged, member.ID)
	w.conveners(e.ID, list[0].EventID, objected)
	moderator := w.staffed(auth.Moderator, "")
	w.reads("registration", "/v1/registrations/"+e.ID, moderator...)
	w.reads("registrations", "/v1/registrations?status=listed", moderator...)
	w.reads("comparison", "/v1/stakeholders/"+member.ID+"/duplicates/"+e.ID, moderator...)
	w.reads("merge", "/v1/merges/"+merge.ID, moderator...)
	w.reads("trail", "/v1/stakeholders/"+e.ID+"/audit", moderator...)
	w.settle()
	return w, e.ID
}

// everybody reads of a stakeholder, of one that was merged into it, and of a member
// of it.
func (w *watched) everybody(id, merged, member string) {
	w.reads("profile", "/v1/stakeholders/"+id)
	w.reads("card", "/v1/stakeholders/"+id, "Accept", "text/vcard")
	w.reads("linked data", "/v1/stakeholders/"+id, "Accept", "application/ld+json")
	w.reads("page", "/stakeholders/"+id)
	w.reads("profile of the merged one", "/v1/stakeholders/"+merged)
	w.reads("relations", "/v1/stakeholders/"+id+"/relations")
	w.reads("relations of the merged one", "/v1/stakeholders/"+merged+"/relations")
	w.reads("relations of a member", "/v1/stakeholders/"+member+"/relations")
	w.reads("profile of a member", "/v1/stakeholders/"+member)
	w.reads("open data", "/hsds/organizations/"+interchange.HSDS(interchange.Of(w.e, directory.ReaderPublic, "")).ID)
	w.readsLater("all open data", "/hsds/organizations")
	w.reads("search by name", "/v1/stakeholders?q=zzyzxian")
	w.readsLater("search for members", "/v1/stakeholders?member_of="+id)
	w.reads("search for all", "/v1/stakeholders?facet=category&facet=country")
	w.reads("home page", "/?q=zzyzxian")
}

// conveners read of a stakeholder that was invited, applied, and objected.
func (w *watched) conveners(id, event, objected string) {
	organiser := w.staffed(auth.Organiser, "geneva")
	w.reads("event", "/v1/events/"+event)
	w.reads("event page", "/events/"+event)
	w.reads("series", "/v1/series/series-of-"+event)
	w.reads("profile for organisers", "/v1/stakeholders/"+id, organiser...)
	w.readsLater("search by organisers", "/v1/stakeholders?q=zzyzxian", organiser...)
	w.reads("engagement", "/v1/stakeholders/"+id+"/engagement", organiser...)
	w.readsAlone("invitations", "/v1/events/"+event+"/invitations", organiser...)
	w.readsAlone("panel", "/v1/events/"+event+"/panel", organiser...)
	w.readsAlone("application", "/v1/events/"+event+"/accreditations/"+id, organiser...)
	w.readsAlone("objection", "/v1/events/"+event+"/accreditations/"+objected, organiser...)
}

// An erasure is stopped after every one of its writes. Whoever reads then sees the
// stakeholder as it was, or not at all; and the planner ends what was begun.
func TestAnErasureIsStoppedAfterEveryWrite(t *testing.T) {
	w, id := watchErased(t)
	before, erasure := w.look(), w.Store.NewID()
	w.must(w.Store.BeginErasure(t.Context(), directory.NewErasure(erasure, id, "", then)))
	var stops []stop
	for x, most := w.erasure(erasure), 1; x.DoneAt == nil; most++ {
		s, _ := w.ends(string(x.Step), most, func() { _ = w.Store.AdvanceErasure(t.Context(), erasure, w.planner.Mails) })
		stops = append(stops, s)
		if now := w.erasure(erasure); now.Version != x.Version {
			x, most = now, 0
		}
	}
	w.settle()
	after := w.look()
	for name := range before {
		if before[name] == after[name] {
			t.Errorf("%s tells no erasure:\n%s", name, after[name])
		}
	}
	if len(stops) < 50 {
		t.Errorf("there are only %d writes to stop after", len(stops))
	}
	w.judge(before, after, stops...)
}

func (w *watched) erasure(id string) *directory.Erasure {
	w.Helper()
	e, err := w.Store.Erasure(w.Context(), id)
	w.must(err)
	return e
}

// watchMerged lets two live that a moderator holds to be one.
func watchMerged(t *testing.T) (w *watched, one, other string) {
	t.Helper()
	p, file := open(t)
	w = watch(&life{T: t, Process: p}, file)
	w.e = w.listed("Zzyzxian Association", "one@association.example.org")
	twin := w.listed("Zzyzxian Twin", "twin@association.example.org")
	one, other = w.e.ID, twin.ID
	member, network := w.listed("A member", "member@member.example.org"), w.listed("A network", "network@network.example.org")
	for _, a := range []struct{ by, kind, to string }{
		{member.ID, "member_of", other},
		{other, "member_of", network.ID},
		{one, "member_of", network.ID},
		{other, "partner_of", one},
		{network.ID, "funded_by", other},
		{one, "observer_of", other},
		{member.ID, "member_of", one},
		{network.ID, "funded_by", one},
	} {
		r, err := directory.Assert(p.Store.NewID(), a.by, directory.Assertion{Kind: a.kind, Stakeholder: a.to, Role: "seat of " + a.kind}, true, then)
		w.must(err)
		w.must(p.Store.CreateRelation(t.Context(), r))
	}
	w.everybody(one, other, member.ID)
	w.reads("relations of a network", "/v1/stakeholders/"+network.ID+"/relations")
	w.readsLater("search for members of the merged one", "/v1/stakeholders?member_of="+other)
	organiser := w.staffed(auth.Organiser, "geneva")
	w.reads("profile of a network", "/v1/stakeholders/"+network.ID)
	w.readsLater("search by organisers", "/v1/stakeholders?q=zzyzxian", organiser...)
	w.readsLater("members for organisers", "/v1/stakeholders?member_of="+other, organiser...)
	w.reads("engagement", "/v1/stakeholders/"+one+"/engagement", organiser...)
	w.reads("engagement of the merged one", "/v1/stakeholders/"+other+"/engagement", organiser...)
	w.readers["invitations of what is held"] = reader{path: "/v1/stakeholders/" + one + "/export", as: []string{"Cookie", entered(t, p, w.e)}, asked: true}
	for _, title := range []string{"First", "Second", "Third"} {
		event := w.convened(title, one, other)
		w.readsAlone("invitations, "+title, "/v1/events/"+event+"/invitations", organiser...)
	}
	w.settle()
	return w, one, other
}

// convened lets an event be planned and published, to which the stakeholders are
// invited, and answer.
func (w *watched) convened(title string, stakeholders ...string) (id string) {
	w.Helper()
	w.Clock.Advance(time.Minute) // so that it is known which was the first
	event, err := convening.NewEvent(w.Store.NewID(), "geneva", "Seminar series", convening.Plan{
		Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: title}}, Zone: "UTC", Starts: then.AddDate(0, 1, 0), Ends: then.AddDate(0, 1, 1),
		Audience: convening.Audience{Filters: map[string][]string{"category": {"migrant_association"}}},
	}, then)
	w.must(err)
	w.must(w.Store.CreateEvent(w.Context(), event))
	_, err = w.Store.UpdateEvent(w.Context(), event.ID, func(e *convening.Event) error { return e.Publish(then) })
	w.must(err)
	w.settle()
	for _, id := range stakeholders {
		e, err := w.Store.Stakeholder(w.Context(), id)
		w.must(err)
		_, err = w.Store.UpdateInvitation(w.Context(), event.ID, e.Contacts[0].ID, func(i *convening.Invitation) error {
			return i.Answer(convening.Answer{Answer: convening.Accepted}, then)
		})
		w.must(err)
	}
	w.settle()
	return event.ID
}

// A merge and its undoing are stopped after every one of their writes. Whoever
// reads then sees two stakeholders or one, and never something of both; the planner
// ends what was begun, and what is undone is as it was before.
func TestAMergeIsStoppedAfterEveryWrite(t *testing.T) {
	w, one, other := watchMerged(t)
	two := w.look()
	merge := func() { w.merge(one, other) }
	merge()
	w.rest()
	merged := w.look()
	w.undo(one)
	w.rest()
	w.judge(two, two, stop{at: "undone", first: w.look(), then: w.look()})
	stops := 0
	for n, more := 0, true; more; n++ {
		begun, ended := w.ends("merge", n, merge)
		if merge(); !w.isMerged(other) {
			t.Fatalf("after %d writes it cannot be merged", n)
		}
		w.rest()
		rested := w.look()
		w.judge(merged, merged, stop{at: "merged", first: rested, then: rested})
		reverted, again := w.ends("undoing", n, func() { w.undo(one) })
		w.undo(one)
		w.rest()
		w.judge(two, merged, begun, reverted)
		rested = w.look()
		w.judge(two, two, stop{at: "undone", first: rested, then: rested})
		more, stops = ended || again, stops+1
	}
	if stops < 10 {
		t.Errorf("there are only %d writes to stop after", stops)
	}
	if _, _, err := w.Store.VerifyTrails(t.Context()); err != nil {
		t.Error(err)
	}
}

// rest lets the planner end what is under way.
func (w *watched) rest() {
	w.Helper()
	w.settle()
	w.Clock.Advance(2 * time.Minute)
	w.settle()
}

func (w *watched) isMerged(id string) bool {
	w.Helper()
	e, err := w.Store.Stakeholder(w.Context(), id)
	w.must(err)
	return e.Status == directory.Merged
}

// merge merges other into one as a moderator does, unless that is done. It may
// fail: the process may end.
func (w *watched) merge(one, other string) {
	w.Helper()
	if w.isMerged(other) {
		return
	}
	e, err := w.Store.Stakeholder(w.Context(), one)
	w.must(err)
	order := `{"merged":"` + other + `","reason":"They are one.","fields":{"names":"both"}}`
	w.send(http.MethodPost, "/v1/stakeholders/"+one+"/merges", order, append(w.staffed(auth.Moderator, ""), "If-Match", `"`+strconv.FormatInt(e.Version, 10)+`"`)...)
}

// undo undoes the latest merge of one, unless there is none.
func (w *watched) undo(one string) {
	w.Helper()
	e, err := w.Store.Stakeholder(w.Context(), one)
	w.must(err)
	if n := len(e.Merges); n > 0 {
		w.send(http.MethodPost, "/v1/merges/"+e.Merges[n-1]+"/undo", `{"reason":"They are two."}`, w.staffed(auth.Moderator, "")...)
	}
}
