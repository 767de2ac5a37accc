// Package events_test holds the published contracts to what the program
// publishes.
package events_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/store"
)

// schema compiles one file of schema/.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(filepath.Join("schema", name+".v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check validates a JSON text.
func check(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

// samples returns the files of a folder of sample/own by name.
func samples(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("sample/own", folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples in %s (%v)", folder, err)
	}
	found := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		found[strings.TrimSuffix(filepath.Base(f), ".json")] = b
	}
	return found
}

func noun(kind string) string {
	n, _, _ := strings.Cut(kind, ".")
	return n
}

// TestSamples holds that each sample is of the type that its name says, and fits
// its schema, and that there is one for every type.
func TestSamples(t *testing.T) {
	busy := map[string]bool{}
	for name, text := range samples(t, "bus") {
		if err := check(t, schema(t, noun(name)), text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var e struct{ Type string }
		if err := json.Unmarshal(text, &e); err != nil || e.Type != "convoke."+name+".v1" {
			t.Errorf("%s is of type %s (%v)", name, e.Type, err)
		}
		busy[name] = true
	}
	if diff := cmp.Diff(publishedTypes(t), busy); diff != "" {
		t.Errorf("types and samples (-schema +sample):\n%s", diff)
	}
	mails := map[string]bool{}
	for name, text := range samples(t, "mail") {
		if err := check(t, schema(t, "mail"), text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var m store.Job
		if err := json.Unmarshal(text, &m); err != nil || m.Kind != name {
			t.Errorf("%s is of kind %s (%v)", name, m.Kind, err)
		}
		mails[name] = true
	}
	if diff := cmp.Diff(mailKinds(t), mails); diff != "" {
		t.Errorf("kinds and samples (-schema +sample):\n%s", diff)
	}
}

// TestNothingPersonalFits holds that an event cannot carry what is not an opaque
// id.
func TestNothingPersonalFits(t *testing.T) {
	for name, text := range samples(t, "bus") {
		s := schema(t, noun(name))
		for what, change := range map[string]func(e, data map[string]any){
			"another member of data": func(_, data map[string]any) { data["name"] = "x" },
			"an address":             func(_, data map[string]any) { data[slices.Sorted(maps.Keys(data))[0]] = "focal.point@example.org" },
			"a sentence":             func(_, data map[string]any) { data[slices.Sorted(maps.Keys(data))[0]] = "two words" },
			"no data":                func(e, _ map[string]any) { e["data"] = map[string]any{} },
			"another member":         func(e, _ map[string]any) { e["email"] = "x" },
			"no time":                func(e, _ map[string]any) { delete(e, "time") },
			"another version":        func(e, _ map[string]any) { e["type"] = strings.TrimSuffix(e["type"].(string), "1") + "2" },
		} {
			var e map[string]any
			if err := json.Unmarshal(text, &e); err != nil {
				t.Fatal(err)
			}
			change(e, e["data"].(map[string]any))
			if s.Validate(e) == nil {
				t.Errorf("%s: %s is taken", name, what)
			}
		}
	}
}

// constants returns the strings that stand anywhere under "const" and "enum" of
// a member called name.
func constants(t *testing.T, file, name string) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	found := map[string]bool{}
	var walk func(v any, inside bool)
	walk = func(v any, inside bool) {
		switch v := v.(type) {
		case map[string]any:
			for k, child := range v {
				if s, ok := child.(string); ok && inside && k == "const" {
					found[s] = true
				}
				walk(child, inside && k != "properties" || k == name)
			}
		case []any:
			for _, child := range v {
				if s, ok := child.(string); ok && inside {
					found[s] = true
				}
				walk(child, inside)
			}
		}
	}
	walk(doc, false)
	return found
}

// publishedTypes returns the entry types that the schemas promise on the bus.
func publishedTypes(t *testing.T) map[string]bool {
	t.Helper()
	types := map[string]bool{}
	for _, n := range []string{"registration", "verification", "protection", "stakeholder", "event", "invitation", "panel", "unit", "series"} {
		for s := range constants(t, filepath.Join("schema", n+".v1.json"), "type") {
			types[strings.TrimSuffix(strings.TrimPrefix(s, "convoke."), ".v1")] = true
		}
	}
	return types
}

func mailKinds(t *testing.T) map[string]bool {
	t.Helper()
	return constants(t, "schema/mail.v1.json", "kind")
}

// TestEveryEntryIsPromised reads the source for what is recorded, and for what
// the projector takes for mail, and holds that the schemas know it.
func TestEveryEntryIsPromised(t *testing.T) {
	promised := publishedTypes(t)
	for _, inside := range []string{
		"sign_in.requested", "contact.confirmed", // one person's access
		"protection.visibility_changed", "protection.at_risk", "protection.requested", "protection.exposed", // one stakeholder's protection
		"upload.asked", "upload.kept", "upload.looked_at", "upload.released", "upload.dropped", // until evidence rests on it
		"verification.reference_asked", "verification.sponsorship_asked", "verification.reference_given", "verification.reference_refused", // who vouches for whom
		"protection.visibility_changed", "protection.at_risk", "protection.requested", "protection.exposed", "protection.consent_given", "protection.consent_withdrawn",
		"protection.erasure_begun", "protection.erasure_moved", "protection.erased", "protection.contact_erased", "protection.forgotten", // one stakeholder's protection
		"stakeholder.distinguished",                                                                     // a moderator's view of a suspicion
		"merge.begun", "merge.moved", "merge.settled", "merge.reverting", "merge.stays", "merge.undone", // how a merge goes on
		"stakeholder.absorbed", "stakeholder.released", "invitation.moved", // what follows from stakeholder.merged
		"certificate.issued", "certificate.revised", "certificate.taken_away", "invitation.certified",
		"letter.issued", "letter.revoked", "letter.expired", "invitation.letter_issued", // who travels
		"invitation.announced", "invitation.thanked", "event.announced", "event.thanked", "event.names_forgotten", "event.places_offered", "event.test_mail", "announcement.made", "announcement.sent", // an organiser's letters
		"panel.seat_passed",                          // what follows from panel.alternate_seated and panel.seat_open
		"stakeholder.imported", "invitation.planned", // written in bulk, without an outbox
		"case.assigned", "case.checked", "case.noted", "case.forgotten",
		"screening.found", "screening.decided", "screening.forgotten", "sanctions.begun", "sanctions.imported", "sanctions.swept", // moderators' alone
		"claim.asked", "claim.awaiting_review", "claim.sponsorship_asked", "claim.sponsor_answered", "claim.granted", "claim.looked_at", "claim.settled", "claim.forgotten", // one person's claim
		"relation.asserted", "relation.confirmed", "relation.begun", "relation.ended", "relation.moved", "relation.set_aside", "stakeholder.tied", "stakeholder.composed", "stakeholder.revised",
		"accreditation.applied", "accreditation.objected", "accreditation.decided", "accreditation.looked_at", "accreditation.expired", // between an applicant and an organiser
		"contact.calendar_renewed", "contact.calendar_revoked", // one person's access
		"contact.added", "contact.admitted", "contact.mandate_asked", "contact.mandate_waiting", "contact.mandate_approved", "contact.mandate_refused", "contact.revised", "contact.removed", "contact.focal_point", "relay.sent", // between two, and not all of it public
		"search.kept", "search.revised", "search.deleted", "search.alert_stopped", "search.matched", // what a unit looks for
	} {
		promised[inside] = true
	}
	recorded := recordedTypes(t)
	if len(recorded) < 15 {
		t.Fatalf("only %d types were found in the source; the search misses some", len(recorded))
	}
	for kind := range recorded {
		family := strings.HasSuffix(kind, ".") && slices.ContainsFunc(slices.Collect(maps.Keys(promised)), func(p string) bool { return strings.HasPrefix(p, kind) })
		if !promised[kind] && !family {
			t.Errorf("%s is recorded and in no schema", kind)
		}
	}
	if diff := cmp.Diff(mailKinds(t), mailedTypes(t)); diff != "" {
		t.Errorf("mail (-mail.v1.json +projector):\n%s", diff)
	}
}

func sources(t *testing.T, visit func(ast.Node) bool) {
	t.Helper()
	err := filepath.WalkDir("../shared", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, visit)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// recordedTypes returns the types that Record and journal.Entry are given; one
// that is put together ends with a dot.
func recordedTypes(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	take := func(e ast.Expr) {
		if sum, ok := e.(*ast.BinaryExpr); ok {
			e = sum.X
		}
		if s, ok := literal(e); ok && strings.Contains(s, ".") {
			found[s] = true
		}
	}
	sources(t, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 && strings.EqualFold(f.Sel.Name, "record") {
				take(n.Args[0])
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Type" {
				take(n.Value)
			}
		}
		return true
	})
	return found
}

// mailedTypes returns what the projector's function mailed lists.
func mailedTypes(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	sources(t, func(n ast.Node) bool {
		f, ok := n.(*ast.FuncDecl)
		if !ok || f.Name.Name != "mailed" {
			return true
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if s, ok := literal(e); ok {
					found[s] = true
				}
			}
			return true
		})
		return false
	})
	return found
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// TestWhatTheDomainRecords lets registrations, events and invitations live, and
// holds every event and every mail that comes of it to the schemas.
func TestWhatTheDomainRecords(t *testing.T) {
	promised, mails := publishedTypes(t), mailKinds(t)
	seen := map[string]bool{}
	for i, entry := range slices.Concat(registrations(t), verifications(t), convenings(t), panels(t), claims(t)) {
		o := store.Outbox{ID: "01KPE0T6X5P8S2Z4C7H3J1M9" + string(rune('A'+i%26)), Entry: entry, At: today, Actor: "system"}
		if promised[entry.Type] {
			text, err := o.CloudEvent("https://convoke.example.org")
			if err != nil {
				t.Fatal(err)
			}
			if err := check(t, schema(t, noun(entry.Type)), text); err != nil {
				t.Errorf("%s: %v\n%s", entry.Type, err, text)
			}
			seen[entry.Type] = true
		}
		if mails[entry.Type] {
			text, err := json.Marshal(o.Job())
			if err != nil {
				t.Fatal(err)
			}
			if err := check(t, schema(t, "mail"), text); err != nil {
				t.Errorf("mail %s: %v\n%s", entry.Type, err, text)
			}
		}
	}
	if diff := cmp.Diff(promised, seen); diff != "" {
		t.Errorf("promised types that these lives did not bring about (-promised +seen):\n%s", diff)
	}
}

var today = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

func application() directory.Application {
	return directory.Application{
		Profile: directory.Profile{
			Category: "un_agency", Country: "CH",
			Names: []directory.Name{{Text: "United Nations Institute for Training and Research", Lang: "en", Kind: directory.NameLegal}},
		},
		Contacts: []directory.Contact{{Name: "Focal point", Role: directory.RoleFocalPoint, Email: "focal.point@example.org", Language: "en"}},
		Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}
}

func newID() string { return "01KPB3Q0Z8M6T2V4X9C7D5E1FB" }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// registrations returns what three registrations record, each with another end,
// and an import that is repeated.
func registrations(t *testing.T) []journal.Entry {
	t.Helper()
	var entries []journal.Entry
	for _, d := range []directory.Decision{
		{Outcome: directory.Listed},
		{Outcome: directory.Returned, Reasons: []string{"incomplete"}},
		{Outcome: directory.Declined, Reasons: []string{"out_of_scope"}},
	} {
		s, err := directory.Register("01KPB3Q0Z8M6T2V4X9C7D5E1FA", application(), newID, today)
		must(t, err)
		must(t, s.ConfirmAddress(newID(), today))
		must(t, s.Correct(application(), newID, today))
		must(t, s.Decide(d, today))
		must(t, s.Protect(today))
		must(t, s.AskExposure(newID(), today))
		must(t, s.Expose(newID(), today))
		entries = append(entries, s.Take()...)
	}
	s, err := directory.Import("01KPB3Q0Z8M6T2V4X9C7D5E1FC", "ror", application().Profile, today)
	must(t, err)
	s.Reimport(application().Profile, func(_, _ directory.Profile) bool { return false }, today)
	entries = append(entries, s.Take()...)
	survivor, err := directory.Import("01KPB3Q0Z8M6T2V4X9C7D5E1FB", "ror", application().Profile, today)
	must(t, err)
	m, err := directory.BeginMerge(newID(), survivor, s, directory.MergeOrder{Reason: "They are one."}, "moderator", today)
	must(t, err)
	must(t, m.Undo(survivor, s, today))
	return append(entries, s.Take()...)
}

// claims returns what is recorded of an entry that an organiser made and of three
// claims to it, of which one is granted.
func claims(t *testing.T) []journal.Entry {
	t.Helper()
	p := application().Profile
	p.Domains = []string{"example.org"}
	s, err := directory.Enter("01KPB3Q0Z8M6T2V4X9C7D5E1FA", p, today)
	must(t, err)
	var list []*directory.Claim
	for range 3 {
		c, err := directory.NewClaim(newID(), s, directory.ClaimRequest{
			Name: "Focal point", Email: "focal.point@elsewhere.example.org", Language: "en", Text: "I am the secretary.", Sponsor: "unitar", Consent: application().Consent,
		}, "api", newID, today)
		must(t, err)
		must(t, c.Confirm(s, 0, today))
		list = append(list, c)
	}
	must(t, list[0].Decide(s, directory.ClaimDecision{Outcome: directory.ClaimRefused, Reasons: []string{"incomplete"}}, today))
	must(t, list[1].Vouch(s, "unitar", directory.Word{Vouch: true}, false, 0, today))
	list[2].End(today)
	return slices.Concat(s.Take(), list[0].Take(), list[1].Take(), list[2].Take())
}

// verifications returns what a verification records that lapses and is renewed.
func verifications(t *testing.T) []journal.Entry {
	t.Helper()
	a := application()
	a.Evidence = []directory.Evidence{
		{Kind: directory.EvidenceIdentifier, Identifier: &directory.Identifier{Scheme: "local", ID: "7"}},
		{Kind: directory.EvidenceReferences, Referees: []string{"01KPB3Q0Z8M6T2V4X9C7D5E1FD", "01KPB3Q0Z8M6T2V4X9C7D5E1FE"}},
		{Kind: directory.EvidenceSponsorship, Sponsor: "unitar"},
		{Kind: directory.EvidenceCertificate},
	}
	s, err := directory.Register("01KPB3Q0Z8M6T2V4X9C7D5E1FA", a, newID, today)
	must(t, err)
	must(t, s.ConfirmAddress(newID(), today))
	must(t, s.CheckEvidence(s.Evidence[0].ID, true, today))
	for _, vouch := range []bool{false, true} {
		must(t, s.Vouch(directory.EvidenceReferences, "01KPB3Q0Z8M6T2V4X9C7D5E1FD", directory.Word{Vouch: vouch}, today))
		must(t, s.Vouch(directory.EvidenceSponsorship, "unitar", directory.Word{Vouch: vouch}, today))
	}
	must(t, s.Decide(directory.Decision{Outcome: directory.Listed}, today))
	must(t, s.Attach(&directory.Upload{ID: "01KPB3Q0Z8M6T2V4X9C7D5E1FF", Offer: directory.Offer{Evidence: s.Evidence[3].ID}}, today))
	for range 3 {
		s.Advance(*s.DueAt)
	}
	must(t, s.Renew(directory.Renewal{}, today))
	must(t, s.Suspend(directory.Decision{Reasons: []string{"incomplete"}, By: "one"}, today))
	must(t, s.Object("We are who we were.", today))
	must(t, s.DecideAppeal(directory.Decision{Outcome: directory.Suspended, Reasons: []string{"incomplete"}, By: "two"}, today))
	must(t, s.Reinstate(directory.Decision{By: "two"}, today))
	moved := s.Profile
	moved.Country = "FR"
	must(t, s.Revise(moved, s.Contacts[0].ID, today))
	must(t, s.DecideAmendment(directory.AmendmentDecision{Outcome: directory.AmendmentReturned, Reasons: []string{"incomplete"}}, today))
	must(t, s.Revise(moved, s.Contacts[0].ID, today))
	must(t, s.DecideAmendment(directory.AmendmentDecision{Outcome: directory.AmendmentAccepted}, today))
	return s.Take()
}

// convenings returns what one event and its invitations record.
func convenings(t *testing.T) []journal.Entry {
	t.Helper()
	plan := convening.Plan{
		Kind: "panel_discussion", Titles: []directory.Text{{Lang: "en", Text: "Political rights of migrants"}},
		Starts: today.AddDate(0, 1, 0), Ends: today.AddDate(0, 1, 1), Zone: "UTC", Audience: convening.Audience{Text: "migration"},
	}
	e, err := convening.NewEvent("01KPD8S5W4N7R1Y3B6G2H9J0KC", "unitar", "UNITAR", plan, today)
	must(t, err)
	must(t, e.Revise("UNITAR", plan, today))
	must(t, e.Publish(today))
	e.Planned(today)
	entries := e.Take()
	entries = append(entries, afterwards(t, e, plan)...)
	entries = append(entries, standing(t)...)
	for _, end := range []convening.InvitationStatus{convening.Accepted, convening.Tentative, convening.Declined, convening.Bounced, convening.Expired} {
		entries = append(entries, invitation(t, e, end)...)
	}
	return slices.Concat(entries, waitingList(t, e), handedOn(t, e), nominated(t, e))
}

// nominated returns what two invitations record, of which the first puts a name that
// comes to nothing.
func nominated(t *testing.T, e *convening.Event) []journal.Entry {
	t.Helper()
	first := convening.NewInvitation(e, "01KPB3Q0Z8M6T2V4X9C7D5E1FA", newID(), today)
	first.Advance(today)
	named, err := first.Nominate([]convening.Nominee{{Contact: "01KPB3Q0Z8M6T2V4X9C7D5E1FC"}}, convening.Vacancies{PerOrganisation: 1}, today)
	must(t, err)
	must(t, named[0].Answer(convening.Answer{Answer: convening.Declined}, today))
	_, err = first.Vacate(named[0], nil)
	must(t, err)
	return slices.Concat(first.Take(), named[0].Take())
}

// handedOn returns what two invitations of one seat record, the second of which
// is declined.
func handedOn(t *testing.T, e *convening.Event) []journal.Entry {
	t.Helper()
	first := convening.NewInvitation(e, "01KPB3Q0Z8M6T2V4X9C7D5E1FA", newID(), today)
	first.Advance(today)
	second, err := first.HandOn("01KPB3Q0Z8M6T2V4X9C7D5E1FC", &convening.Colleague{Name: "Colleague", Email: "colleague@example.org", Language: "en"}, today)
	must(t, err)
	must(t, second.Answer(convening.Answer{Answer: convening.Declined}, today))
	first.TakeBack(second, false, today)
	first.TakeSeat(convening.PanelSeat{Seat: "speaker-1"}, "speaker", today)
	return append(first.Take(), second.Take()...)
}

// waitingList returns what an invitation records that waits for a place and is
// offered one, and one that waits in vain.
func waitingList(t *testing.T, e *convening.Event) []journal.Entry {
	t.Helper()
	i := convening.NewInvitation(e, "01KPB3Q0Z8M6T2V4X9C7D5E1FA", newID(), today)
	i.Advance(today)
	i.Full = true
	must(t, i.Answer(convening.Answer{Answer: convening.Accepted}, today))
	i.Offer(today)
	must(t, i.Attend(convening.Presence{Attendance: convening.Attended}))
	i.Withdraw(today)
	unheard := convening.NewInvitation(e, "01KPB3Q0Z8M6T2V4X9C7D5E1FA", newID(), today)
	unheard.Withdraw(today)
	unplaced := convening.NewInvitation(e, "01KPB3Q0Z8M6T2V4X9C7D5E1FA", newID(), today)
	unplaced.Advance(today)
	unplaced.Full = true
	must(t, unplaced.Answer(convening.Answer{Answer: convening.Accepted}, today))
	unplaced.Advance(unplaced.AnswerBy)
	return slices.Concat(i.Take(), unheard.Take(), unplaced.Take())
}

// standing returns what a unit and its standing rule record.
func standing(t *testing.T) []journal.Entry {
	t.Helper()
	about := convening.UnitPlan{Names: []directory.Text{{Lang: "en", Text: "New York"}}, Zone: "America/New_York", Language: "en"}
	u, err := convening.NewUnit("unitar", about, today)
	must(t, err)
	must(t, u.Revise(about, today))
	yearly := convening.RulePlan{Observance: "international_migrants_day", WeeksAhead: 3, Template: convening.Template{
		Convener: "UNITAR", Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: "Political rights of migrants"}},
		StartsLocal: "15:00", Minutes: 60, Zone: "UTC", Audience: convening.Audience{Text: "migration"},
	}}
	r, err := convening.NewRule("01KPD8S5W4N7R1Y3B6G2H9J0RV", "unitar", yearly, today)
	must(t, err)
	must(t, r.Revise(yearly, today))
	r.Opened(r.Year, r.EventID(r.Year), today)
	return slices.Concat(u.Take(), r.Take(), series(t))
}

// series returns what a series records that is copied to another unit.
func series(t *testing.T) []journal.Entry {
	t.Helper()
	about := convening.SeriesPlan{Titles: []directory.Text{{Lang: "en", Text: "Migration and Development Seminar Series"}}}
	s, err := convening.NewSeries("01KPD8S5W4N7R1Y3B6G2H9J0SR", "unitar", about, today)
	must(t, err)
	must(t, s.Revise(about, today))
	copied := s.Copy("01KPD8S5W4N7R1Y3B6G2H9J0SC", "geneva", today)
	return append(s.Take(), copied.Take()...)
}

// afterwards returns what two events record that change, one of which is closed
// and held and one cancelled, and what their invitations do.
func afterwards(t *testing.T, e *convening.Event, plan convening.Plan) []journal.Entry {
	t.Helper()
	out, unsent := convening.NewInvitation(e, "01KPB3Q0Z8M6T2V4X9C7D5E1FA", newID(), today), convening.NewInvitation(e, "01KPB3Q0Z8M6T2V4X9C7D5E1FA", newID(), today)
	out.Advance(today)
	held := *e
	plan.Place = "Another room"
	must(t, held.Revise("UNITAR", plan, today))
	for _, i := range []*convening.Invitation{out, unsent} {
		i.Hear(&held)
	}
	held.Told(held.Version, today)
	must(t, held.Close(today))
	held.Hold(held.Ends)
	off := held
	off.Status = convening.Published
	must(t, off.Cancel("", today))
	for _, i := range []*convening.Invitation{out, unsent} {
		i.Hear(&off)
	}
	return slices.Concat(off.Take(), out.Take(), unsent.Take())
}

// invitation returns what an invitation records that is reminded and ends so.
func invitation(t *testing.T, e *convening.Event, end convening.InvitationStatus) []journal.Entry {
	t.Helper()
	i := convening.NewInvitation(e, "01KPB3Q0Z8M6T2V4X9C7D5E1FA", newID(), today)
	i.Advance(today)
	i.MarkSent(today)
	if end == convening.Bounced {
		i.MarkBounced()
		return i.Take()
	}
	i.MarkDelivered(today)
	i.Advance(*i.DueAt)
	if end == convening.Expired {
		i.Advance(*i.DueAt)
		return i.Take()
	}
	must(t, i.Answer(convening.Answer{Answer: end}, today))
	return i.Take()
}
