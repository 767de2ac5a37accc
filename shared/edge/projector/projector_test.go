package projector_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/edge/projector"
	blobs "convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// line is a projector on engines of its own. Its queue and its bus keep what
// they are given, and fail while they are told to.
type line struct {
	*projector.Projector
	index *search.Index
	jobs  []store.Job
	bus   []store.Outbox
	fail  error
}

func (l *line) Send(_ context.Context, jobs []store.Job) error {
	if l.fail == nil {
		l.jobs = append(l.jobs, jobs...)
	}
	return l.fail
}

func (l *line) Publish(_ context.Context, list []store.Outbox) error {
	if l.fail == nil {
		l.bus = append(l.bus, list...)
	}
	return l.fail
}

func openStore(t *testing.T) *store.Store {
	t.Helper()
	b, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	var ids atomic.Int64
	return &store.Store{Table: b, Now: func() time.Time { return start }, NewID: func() string { return fmt.Sprintf("ID%04d", ids.Add(1)) }}
}

func open(t *testing.T) *line {
	t.Helper()
	folder, err := blobs.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	index, err := search.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{index: index}
	l.Projector = &projector.Projector{
		Store: openStore(t), Queue: l, Bus: l, Index: &search.Writer{Store: folder, Now: func() time.Time { return start }},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	return l
}

// state is everything a projection leads to, without what may come twice.
type state struct {
	Found, Jobs, Published []string
	Counts                 map[convening.InvitationStatus]int
}

func (l *line) state(t *testing.T, event string) state {
	t.Helper()
	if err := l.index.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := l.index.Search(t.Context(), listing.For(listing.Organisers, search.Query{Limit: 100}))
	if err != nil {
		t.Fatal(err)
	}
	counts, err := l.Store.Counts(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	s := state{Counts: counts.ByStatus}
	for _, h := range found.Hits {
		s.Found = append(s.Found, h.ID)
	}
	for _, j := range l.jobs {
		s.Jobs = append(s.Jobs, j.Kind+" "+j.ID)
	}
	for _, o := range l.bus {
		s.Published = append(s.Published, o.Type+" "+o.ID)
	}
	for _, list := range []*[]string{&s.Found, &s.Jobs, &s.Published} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return s
}

func application(n int) directory.Application {
	return directory.Application{
		Profile: directory.Profile{
			Category: "migrant_association", Country: "CH",
			Names: []directory.Name{{Text: fmt.Sprintf("Association %d", n), Lang: "fr", Kind: directory.NameLegal}},
		},
		Contacts: []directory.Contact{{Name: "Focal Point", Role: directory.RoleFocalPoint, Email: fmt.Sprintf("focal%d@association.example.org", n), Language: "fr"}},
		Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}
}

// history is the changes that registrations, decisions and answers make.
func history(t *testing.T) (event string, changes []table.Change) {
	t.Helper()
	s, ctx := openStore(t), t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	by := start.AddDate(0, 0, 20)
	e := &convening.Event{ID: "EVENT1", Unit: "unit-1", Status: convening.Published, Plan: convening.Plan{AnswerBy: &by, Starts: by, Ends: by}}
	var invitations []*convening.Invitation
	for n := range 6 {
		o, err := directory.Register(s.NewID(), application(n), s.NewID, start)
		check(err)
		check(s.Register(ctx, o))
		update := func(change func(*directory.Stakeholder) error) {
			t.Helper()
			_, err := s.UpdateStakeholder(ctx, o.ID, change)
			check(err)
		}
		update(func(o *directory.Stakeholder) error { return o.ConfirmAddress(o.Contacts[0].ID, start) })
		update(func(o *directory.Stakeholder) error {
			return o.Decide([]directory.Decision{{Outcome: directory.Listed}, {Outcome: directory.Returned, Reasons: []string{"incomplete"}}}[n%2], start)
		})
		if n == 4 {
			update(func(o *directory.Stakeholder) error {
				o.Status = directory.Suspended
				o.Record("stakeholder.suspended", "stakeholder", o.ID)
				return nil
			})
		}
		if n%2 == 0 {
			invitations = append(invitations, convening.NewInvitation(e, o.ID, o.Contacts[0].ID, start))
		}
	}
	_, err := s.PlanInvitations(ctx, invitations)
	check(err)
	for n, i := range invitations {
		for _, change := range []func(*convening.Invitation) error{
			func(i *convening.Invitation) error { i.Advance(start); return nil },
			func(i *convening.Invitation) error { i.MarkSent(start); return nil },
			func(i *convening.Invitation) error {
				return i.Answer(convening.Answer{Answer: []convening.InvitationStatus{convening.Accepted, convening.Declined, convening.Tentative}[n]}, start)
			},
		} {
			_, err := s.UpdateInvitation(ctx, "EVENT1", i.Contact, change)
			check(err)
		}
	}
	all, _, err := s.Table.Changes(ctx, "", 1000)
	check(err)
	return "EVENT1", all
}

func TestProjectOnce(t *testing.T) {
	event, changes := history(t)
	l := open(t)
	if err := l.Project(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	got := l.state(t, event)
	kinds := map[string]int{}
	for _, j := range l.jobs {
		kinds[j.Kind]++
	}
	if diff := cmp.Diff(map[string]int{
		"registration.submitted": 6, "registration.listed": 3, "registration.returned": 3,
		"invitation.queued": 3, "invitation.accepted": 1, "invitation.declined": 1, "invitation.tentative": 1,
	}, kinds); diff != "" {
		t.Error(diff)
	}
	for _, o := range l.bus {
		if o.Type == "contact.confirmed" {
			t.Error("what concerns one person's access was published")
		}
	}
	if len(got.Found) != 2 { // the third was suspended again
		t.Errorf("found %v", got.Found)
	}
	if diff := cmp.Diff(map[convening.InvitationStatus]int{"accepted": 1, "declined": 1, "tentative": 1}, got.Counts); diff != "" {
		t.Error(diff)
	}
}

// A batch that failed comes again, and everything after it; and what it led to
// stays as if it had come once.
func TestReplaysHaveNoSecondEffect(t *testing.T) {
	event, changes := history(t)
	once := open(t)
	if err := once.Project(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	want := once.state(t, event)
	for _, size := range []int{1, 7, 40} {
		l := open(t)
		for from := 0; from < len(changes); from += size {
			end := min(from+size, len(changes))
			l.fail = errors.New("the queue is down")
			if err := l.Project(t.Context(), changes[from:end]); err == nil && size == 40 {
				t.Error("nothing failed")
			}
			l.fail = nil
			for _, again := range []int{max(0, from-2*size), from} { // from an older place, then from this
				if err := l.Project(t.Context(), changes[again:end]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if diff := cmp.Diff(want, l.state(t, event)); diff != "" {
			t.Errorf("by %d: %s", size, diff)
		}
	}
}

// down is an index that cannot be written.
type down struct{ err error }

func (d down) Apply(context.Context, []search.Change) error { return d.err }

// A batch that fails for long enough is given up. What can be done of it must not
// be given up with the rest.
func TestMailGoesWhileTheIndexIsDown(t *testing.T) {
	event, changes := history(t)
	whole := open(t)
	if err := whole.Project(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	l, outage := open(t), errors.New("no storage")
	l.Index = down{outage}
	if err := l.Project(t.Context(), changes); !errors.Is(err, outage) {
		t.Errorf("a batch that is not done whole: %v", err)
	}
	want := whole.state(t, event)
	want.Found = nil
	if diff := cmp.Diff(want, l.state(t, event)); diff != "" {
		t.Error(diff)
	}
}

// Shards of a stream are read side by side: changes of different items arrive in
// any order, those of one partition in theirs.
func TestPartitionsMayArriveInAnyOrder(t *testing.T) {
	event, changes := history(t)
	once := open(t)
	if err := once.Project(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	partitions := map[string][]table.Change{}
	for _, ch := range changes {
		partitions[ch.PK] = append(partitions[ch.PK], ch)
	}
	l := open(t)
	for _, pk := range slices.Backward(slices.Sorted(maps.Keys(partitions))) {
		if err := l.Project(t.Context(), partitions[pk]); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(once.state(t, event), l.state(t, event)); diff != "" {
		t.Error(diff)
	}
}

// An old change that arrives after a newer one, as a replay without its successor
// would, does not bring back what is no longer so.
func TestAnOldChangeDoesNotRelist(t *testing.T) {
	event, changes := history(t)
	l := open(t)
	if err := l.Project(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	want := l.state(t, event)
	for _, ch := range changes {
		if err := l.Project(t.Context(), []table.Change{ch}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, l.state(t, event)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsRemovedFromTheTableIsFoundNoMore(t *testing.T) {
	event, changes := history(t)
	l := open(t)
	if err := l.Project(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	gone := l.state(t, event).Found[0]
	for _, ch := range changes {
		if ch.New != nil && ch.New.Type == "STAKEHOLDER" && ch.New.PK == "STAKEHOLDER#"+gone {
			last := *ch.New
			if err := l.Project(t.Context(), []table.Change{{Seq: "999999", Key: last.Key, Old: &last}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if slices.Contains(l.state(t, event).Found, gone) {
		t.Errorf("%s is still found", gone)
	}
}

func sample(t *testing.T, name string) []events.DynamoDBEventRecord {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../events/sample/aws/dynamodb", name))
	if err != nil {
		t.Fatal(err)
	}
	var batch events.DynamoDBEvent
	if err := json.Unmarshal(b, &batch); err != nil {
		t.Fatal(err)
	}
	return batch.Records
}

func TestHandleTheSamplesOfTheStream(t *testing.T) {
	l := open(t)
	batch := events.DynamoDBEvent{Records: append(sample(t, "outbox-insert.json"), sample(t, "stakeholder-modify.json")...)}
	for range 2 {
		out, err := l.Handle(t.Context(), batch)
		if err != nil || len(out.BatchItemFailures) != 0 {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	got := l.state(t, "none")
	if diff := cmp.Diff(state{
		Found: []string{"01KB0000000000000000000001"}, Jobs: []string{"registration.submitted 01KB0000000000000000000003"},
		Published: []string{"registration.submitted 01KB0000000000000000000003"}, Counts: map[convening.InvitationStatus]int{},
	}, got); diff != "" {
		t.Error(diff)
	}
	if out, err := l.Handle(t.Context(), events.DynamoDBEvent{}); err != nil || len(out.BatchItemFailures) != 0 {
		t.Errorf("an empty batch: %+v, %v", out, err)
	}
}

// One record that nobody can read is named, and takes no other with it.
func TestHandleNamesWhatItCannotRead(t *testing.T) {
	good := func(seq string) events.DynamoDBEventRecord {
		r := sample(t, "outbox-insert.json")[0]
		r.Change.SequenceNumber = seq
		r.Change.NewImage = maps.Clone(r.Change.NewImage)
		r.Change.NewImage["id"] = events.NewStringAttribute("OUT" + seq)
		return r
	}
	broken := func(seq, attribute string, v events.DynamoDBAttributeValue) events.DynamoDBEventRecord {
		r := good(seq)
		r.Change.NewImage[attribute] = v
		return r
	}
	stakeholder := sample(t, "stakeholder-modify.json")[0]
	stakeholder.Change.SequenceNumber = "102"
	stakeholder.Change.NewImage["names"] = events.NewStringAttribute("no list")
	for _, tt := range []struct {
		name    string
		records []events.DynamoDBEventRecord
		down    bool
		want    string
		jobs    int
	}{
		{"the first", []events.DynamoDBEventRecord{broken("101", "v", events.NewStringAttribute("x")), good("102")}, false, "101", 1},
		{"one within", []events.DynamoDBEventRecord{good("101"), broken("102", "event", events.NewNumberAttribute("1")), good("103")}, false, "102", 2},
		{"a stakeholder", []events.DynamoDBEventRecord{good("101"), stakeholder, good("103")}, false, "102", 2},
		{"two", []events.DynamoDBEventRecord{good("101"), broken("102", "data", events.NewStringAttribute("x")), broken("103", "v", events.NewStringAttribute("x"))}, false, "102", 1},
		{"the queue is down", []events.DynamoDBEventRecord{good("101"), good("102")}, true, "101", 0},
		{"both", []events.DynamoDBEventRecord{good("101"), broken("102", "v", events.NewStringAttribute("x"))}, true, "101", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := open(t)
			if tt.down {
				l.fail = errors.New("the queue is down")
			}
			out, err := l.Handle(t.Context(), events.DynamoDBEvent{Records: tt.records})
			if err != nil || len(out.BatchItemFailures) != 1 || out.BatchItemFailures[0].ItemIdentifier != tt.want || len(l.jobs) != tt.jobs {
				t.Errorf("%+v, %v, %d jobs; want %s and %d", out, err, len(l.jobs), tt.want, tt.jobs)
			}
		})
	}
}
