package runtime

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// Of what each noun says of the stakeholder or of one of its persons there is a word
// that begins with Zqx, as none other does.

// past is long enough before the present that an address to send a document to has
// ended.
var past = then.Add(-time.Hour)

// life is what the deeds of a stakeholder are done with.
type life struct {
	*testing.T
	*Process
	e                *directory.Stakeholder
	referees         []string // listed stakeholders that can vouch
	event            *convening.Event
	person, departed string // contacts
	nominee          string // who was nominated and comes
}

func (l *life) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *life) settle() { l.Helper(); l.must(l.Settle(l.Context())) }

// change changes the stakeholder itself.
func (l *life) change(fn func(*directory.Stakeholder) error) {
	l.Helper()
	e, err := l.Store.UpdateStakeholder(l.Context(), l.e.ID, fn)
	l.must(err)
	l.e = e
	l.settle()
}

// listed lists another stakeholder that says nothing of e.
func (l *life) listed(name, email string, evidence ...directory.Evidence) *directory.Stakeholder {
	l.Helper()
	a := marked()
	a.Names[0].Text, a.Website, a.Identifiers, a.Descriptions, a.Evidence = name, "", nil, nil, evidence
	a.Contacts = []directory.Contact{{Name: "Person", Role: directory.RoleFocalPoint, Email: email, Language: "en"}}
	o, err := directory.Register(l.Store.NewID(), a, l.Store.NewID, then)
	l.must(err)
	l.must(l.Store.Register(l.Context(), o))
	for _, step := range []func(*directory.Stakeholder) error{
		func(s *directory.Stakeholder) error { return s.ConfirmAddress(s.Contacts[0].ID, then) },
		func(s *directory.Stakeholder) error {
			return s.Decide(directory.Decision{Outcome: directory.Listed}, then)
		},
	} {
		o, err = l.Store.UpdateStakeholder(l.Context(), o.ID, step)
		l.must(err)
	}
	l.settle()
	return o
}

// deeds lets a listed stakeholder do, and others do with it, what there is a noun
// for and the rest of its life has not.
func deeds(t *testing.T, p *Process, e *directory.Stakeholder) *life {
	t.Helper()
	l := &life{T: t, Process: p, e: e}
	unit, err := convening.NewUnit("geneva", convening.UnitPlan{
		Names: []directory.Text{{Lang: "en", Text: "Geneva"}}, Zone: "Europe/Zurich", Language: "en", ReplyTo: "geneva@example.org",
	}, then)
	l.must(err)
	l.must(p.Store.CreateUnit(t.Context(), unit))
	for _, name := range []string{"First referee", "Second referee"} {
		l.referees = append(l.referees, l.listed(name, strings.ToLower(name[:5])+"@referee.example.org").ID)
	}
	l.contacts()
	l.vouched()
	l.documents()
	l.course()
	l.handedOn()
	l.nominated()
	l.letters()
	l.searched()
	l.claimed()
	l.change(func(s *directory.Stakeholder) error {
		given := s.Profile
		given.Names = slices.Clone(given.Names)
		given.Names[0].Text = "Zqxamendment"
		return s.Revise(given, l.person, then)
	})
	return l
}

// contacts has two persons added: one who stays, and one who leaves again.
func (l *life) contacts() {
	for _, word := range []string{"Zqxperson", "Zqxdeparted"} {
		l.change(func(s *directory.Stakeholder) error {
			c, err := s.AddContact(directory.Contact{Name: word, Role: directory.RoleRepresentative, Email: strings.ToLower(word) + "@zzyzx.example.org", Language: "en"}, l.Store.NewID, then)
			if l.person == "" || word == "Zqxperson" {
				l.person = c.ID
			} else {
				l.departed = c.ID
			}
			return err
		})
	}
	for _, id := range []string{l.person, l.departed} {
		l.change(func(s *directory.Stakeholder) error { return s.ConfirmAddress(id, then) })
		c, _ := l.e.Contact(id)
		l.must(l.Store.Announce(l.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"address": store.AddressHash(c.Email)}}))
		l.settle()
		l.must(l.Store.KeepSignInLink(l.Context(), "link of "+id, store.ContactRef{Stakeholder: l.e.ID, Contact: id}))
		_, err := l.Store.SpendSignInLink(l.Context(), "link of "+id, "session of "+id)
		l.must(err)
	}
}

// vouched has the stakeholder ask two others and a unit for their word, and give
// its own for one that asks it.
func (l *life) vouched() {
	applicant := l.listed("An applicant", "person@applicant.example.org", directory.Evidence{
		Kind: directory.EvidenceReferences, Referees: []string{l.e.ID, l.referees[0]},
	})
	_, err := l.Store.UpdateStakeholder(l.Context(), applicant.ID, func(s *directory.Stakeholder) error {
		return s.Vouch(directory.EvidenceReferences, l.e.ID, directory.Word{Vouch: true, Note: "Zqxreferee says so."}, then)
	})
	l.must(err)
	l.settle()
	branch := l.listed("Zqxbranch", "zqxbranch@zzyzx.example.org",
		directory.Evidence{Kind: directory.EvidenceReferences, Referees: l.referees},
		directory.Evidence{Kind: directory.EvidenceSponsorship, Sponsor: "vienna"},
		directory.Evidence{Kind: directory.EvidenceSponsorship, Sponsor: "geneva"})
	_, err = l.Store.UpdateStakeholder(l.Context(), branch.ID, func(s *directory.Stakeholder) error {
		return s.Vouch(directory.EvidenceReferences, l.referees[0], directory.Word{Vouch: true, Note: "Zqxvoucher is known."}, then)
	})
	l.must(err)
	l.settle()
	l.merge(branch.ID)
}

// merge makes another a part of the stakeholder.
func (l *life) merge(other string) {
	m, err := l.Store.BeginMerge(l.Context(), l.e.ID, other, func(a, b *directory.Stakeholder) (*directory.Merge, error) {
		return directory.BeginMerge(l.Store.NewID(), a, b, directory.MergeOrder{Merged: b.ID, Reason: "A branch."}, "moderator", then)
	})
	l.must(err)
	_, err = l.Store.SettleMerge(l.Context(), m.ID)
	l.must(err)
	l.change(func(*directory.Stakeholder) error { return nil })
}

// documents has one certificate sent whole, and one whose sending nobody completed.
func (l *life) documents() {
	at := slices.IndexFunc(l.e.Evidence, func(e directory.Evidence) bool { return e.Kind == directory.EvidenceCertificate })
	for _, name := range []string{"Zqxcertificate", "Zqxunfinished"} {
		data := []byte("%PDF-1.7\n" + name + "\nstartxref\n9\n%%EOF\n")
		sum := sha256.Sum256(data)
		u, err := directory.NewUpload(l.Store.NewID(), l.e, directory.Offer{
			Evidence: l.e.Evidence[at].ID, MediaType: "application/pdf", Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:]),
		}, past)
		l.must(err)
		l.must(l.Store.CreateUpload(l.Context(), u))
		l.must(l.Depot.Put(l.Context(), u.Key(), data))
		if name == "Zqxunfinished" {
			continue
		}
		u, err = l.Store.UpdateUpload(l.Context(), l.e.ID, u.ID, func(u *directory.Upload) error { return u.Complete(data) })
		l.must(err)
		l.change(func(s *directory.Stakeholder) error { return s.Attach(u, then) })
	}
}

// course has both persons come to a course: a letter for the consulate, what they
// need, a certificate, and an announcement to all.
func (l *life) course() {
	event, err := convening.NewEvent(l.Store.NewID(), "geneva", "Seminar series", convening.Plan{
		Kind: "course", Titles: []directory.Text{{Lang: "en", Text: "International migration law"}}, Zone: "UTC", Place: "Geneva",
		Starts: then.AddDate(0, 2, 0), Ends: then.AddDate(0, 2, 1),
		Audience: convening.Audience{Filters: map[string][]string{"category": {"academic"}}},
		Terms: convening.Terms{Sessions: []convening.Session{{
			Titles: []directory.Text{{Lang: "en", Text: "One"}}, Starts: then.AddDate(0, 2, 0), Ends: then.AddDate(0, 2, 1),
		}}},
	}, then)
	l.must(err)
	l.must(l.Store.CreateEvent(l.Context(), event))
	l.event, err = l.Store.UpdateEvent(l.Context(), event.ID, func(e *convening.Event) error { return e.Publish(then) })
	l.must(err)
	l.settle()
	for contact, word := range map[string]string{l.person: "Zqxperson", l.departed: "Zqxdeparted"} {
		i := l.invite(contact)
		l.answer(i, convening.Accepted, "")
		_, err := l.Store.IssueLetter(l.Context(), i.EventID, contact, func(i *convening.Invitation) (*convening.Letter, error) {
			return i.IssueLetter(l.event, convening.LetterRequest{Name: "ZQX PASSPORT", Language: "en"}, l.Store.NewID(), "Zqxletter", then)
		})
		l.must(err)
		i, err = l.Store.UpdateInvitation(l.Context(), i.EventID, contact, func(i *convening.Invitation) error { i.Certify(l.Store.NewID()); return nil })
		l.must(err)
		l.must(l.Store.KeepCertificate(l.Context(), convening.NewCertificate(l.event, i, word+" of the course", then)))
	}
	a, err := convening.NewAnnouncement(l.Store.NewID(), l.event.ID, convening.AnnouncementPlan{
		To: convening.ToAccepted, Subjects: []directory.Text{{Lang: "en", Text: "The room"}}, Texts: []directory.Text{{Lang: "en", Text: "Another room."}},
	}, 2, then)
	l.must(err)
	l.must(l.Store.CreateAnnouncement(l.Context(), a))
	l.settle()
	l.change(func(s *directory.Stakeholder) error { return s.RemoveContact(l.departed, then) })
}

// invite invites a contact to the course.
func (l *life) invite(contact string) *convening.Invitation {
	i := convening.NewInvitation(l.event, l.e.ID, contact, then)
	_, err := l.Store.PlanInvitations(l.Context(), []*convening.Invitation{i})
	l.must(err)
	l.settle()
	return i
}

func (l *life) answer(i *convening.Invitation, answer convening.InvitationStatus, reason string) {
	_, err := l.Store.UpdateInvitation(l.Context(), i.EventID, i.Contact, func(i *convening.Invitation) error {
		return i.Answer(convening.Answer{Answer: answer, Reason: reason, Needs: []string{"childcare"}}, then)
	})
	l.must(err)
	l.settle()
}

// handedOn has the focal point hand an invitation on to somebody who is no contact,
// and who declines another one that the person handed on.
func (l *life) handedOn() {
	i := l.invite(l.e.Contacts[0].ID)
	_, err := l.Store.HandOn(l.Context(), i.EventID, i.Contact, func(i *convening.Invitation) (*convening.Invitation, error) {
		return i.HandOn(l.Store.NewID(), &convening.Colleague{Name: "Zqxcolleague", Email: "zqxcolleague@elsewhere.example.org", Language: "en"}, then)
	})
	l.must(err)
	l.settle()
	i = l.invite(l.e.Contacts[1].ID)
	l.answer(i, convening.Declined, "Zqxreason")
}

// nominated has the focal point put names: one stands and takes a place, one is
// swapped for another, who declines, and one is taken back.
func (l *life) nominated() {
	focal, places := l.e.Contacts[0].ID, convening.Vacancies{PerOrganisation: 4}
	named := func(word string) convening.Nominee {
		return convening.Nominee{Contact: l.Store.NewID(), Person: &convening.Colleague{Name: word, Email: strings.ToLower(word) + "@elsewhere.example.org", Language: "en"}}
	}
	names := []convening.Nominee{named("Zqxnominee"), named("Zqxswapped"), named("Zqxrecalled")}
	first, err := l.Store.Nominate(l.Context(), l.event.ID, focal, func(i *convening.Invitation) ([]*convening.Invitation, error) {
		return i.Nominate(names, places, then)
	})
	l.must(err)
	l.settle()
	came := named("Zqxsubstitute")
	_, err = l.Store.Swap(l.Context(), l.event.ID, names[1].Contact, func(i *convening.Invitation) (*convening.Invitation, error) {
		return i.Swap(first, came, places, then)
	})
	l.must(err)
	_, err = l.Store.UpdateInvitation(l.Context(), l.event.ID, names[2].Contact, func(i *convening.Invitation) error { return i.Recall(first, then) })
	l.must(err)
	l.settle()
	l.nominee = names[0].Contact
	for contact, answer := range map[string]convening.InvitationStatus{names[0].Contact: convening.Accepted, came.Contact: convening.Declined} {
		i, err := l.Store.Invitation(l.Context(), l.event.ID, contact)
		l.must(err)
		l.answer(i, answer, "")
	}
	for _, gone := range []string{names[1].Contact, names[2].Contact, came.Contact} {
		if i, err := l.Store.Invitation(l.Context(), l.event.ID, gone); err != nil || i.Colleague != nil {
			l.Errorf("who was told, or declined, is still named: %+v, %v", i, err)
		}
	}
}

// letters has a letter relayed from the person to another stakeholder, and asks
// for a mandate whose address was proved.
func (l *life) letters() {
	l.must(l.Store.Relay(l.Context(), &directory.Relayed{
		ID: l.Store.NewID(), Stakeholder: l.referees[1], Contact: directory.ToFocalPoint, Sender: l.person, For: l.e.ID, At: then,
		Letter: directory.Letter{Subject: "Zqxrelayed", Text: "Zqxrelayed writes.", Language: "en", ReplyTo: "zqxreply@zzyzx.example.org"},
	}))
	mandate, err := directory.NewMandate(l.Store.NewID(), l.e, directory.MandateRequest{Name: "Zqxmandate", Email: "zqxmandate@elsewhere.example.org", Language: "en", Message: "Zqxmandated"}, then)
	l.must(err)
	l.must(l.Store.AskMandate(l.Context(), mandate))
	_, err = l.Store.UpdateMandate(l.Context(), l.e.ID, mandate.ID, func(m *directory.Mandate) (string, error) { m.Prove(then); return "contact.mandate_waiting", nil })
	l.must(err)
	l.settle()
}

// searched has a unit told that the stakeholder is new in a search that it keeps,
// and that a seat in its panel is the stakeholder's.
func (l *life) searched() {
	x, err := convening.NewSearch(l.Store.NewID(), "geneva", "organiser", convening.SearchPlan{
		Name: "Associations", Query: convening.Query{Filters: map[string][]string{"category": {"migrant_association"}}}, Shared: true, Alert: true,
	}, then)
	l.must(err)
	l.must(l.Store.CreateSearch(l.Context(), x))
	_, err = l.Store.UpdatePanel(l.Context(), l.event.ID, func(p *convening.Panel) error {
		seats := []convening.Seat{{ID: "a", Role: convening.SeatSpeaker, Holder: &convening.Person{Stakeholder: l.e.ID, Contact: l.person}}}
		return p.Revise(convening.PanelPlan{Seats: seats, Pool: &convening.Audience{Search: x.ID}}, then)
	})
	l.must(err)
	for _, told := range []journal.Entry{
		{Type: "search.matched", Data: map[string]string{"search": x.ID, "unit": "geneva", "stakeholders": l.referees[0] + "," + l.e.ID, "count": "2"}},
		{Type: "panel.seat_passed", Data: map[string]string{"event": l.event.ID, "role": "speaker", "stakeholder": l.e.ID}},
	} {
		l.must(l.Store.Announce(l.Context(), told))
	}
	l.settle()
}

// claimed has an entry that became a part of the stakeholder while a unit was asked
// to vouch for who claims it.
func (l *life) claimed() {
	profile := marked().Profile
	profile.Names, profile.Identifiers = []directory.Name{{Text: "Zqxentry", Lang: "en", Kind: directory.NameLegal}}, nil
	entry, err := directory.Enter(l.Store.NewID(), profile, then)
	l.must(err)
	l.must(l.Store.Register(l.Context(), entry))
	c, err := directory.NewClaim(l.Store.NewID(), entry, directory.ClaimRequest{
		Name: "Zqxclaimant", Email: "zqxclaimant@elsewhere.example.org", Language: "en", Text: "Zqxclaim", Sponsor: "geneva", Consent: marked().Consent,
	}, "api", l.Store.NewID, then)
	l.must(err)
	l.must(l.Store.CreateClaim(l.Context(), c))
	l.settle()
	_, _, err = l.Store.UpdateClaim(l.Context(), c.ID, func(c *directory.Claim, s *directory.Stakeholder) error { return c.Confirm(s, 0, then) })
	l.must(err)
	l.merge(entry.ID)
}

// fate is what an erasure does to the items of one type.
type fate string

const (
	gone    fate = "gone"    // none is left that leads to the stakeholder or to a person
	emptied fate = "emptied" // what it says of them is gone, and that there was one stays
	kept    fate = "kept"    // it says nothing of them but opaque ids, or is not about them
)

// duty is what an item's type owes to who it speaks of.
type duty struct {
	export  string // the list of the export that has it; with "- " before, why none has
	erasure fate
	why     string
}

// duties has a row for every type of item that there is. A type without one fails
// the test: whoever adds it says here what becomes of it.
var duties = map[string]duty{
	"STAKEHOLDER":   {"record", emptied, "a tombstone stays, so that its id is not another's"},
	"LEDGER":        {"engagement", emptied, "it says nothing any more"},
	"RELATION":      {"relations", emptied, "it is ended, and the other end may know that there was one"},
	"MOVED":         {"- leads from an id of before a merge to the relation", kept, "ids"},
	"MENTION":       {"- leads to where else the stakeholder is spoken of", kept, "ids; that of who was a contact has an address's hash, and goes"},
	"STUBCLAIM":     {"claims", emptied, "that there was one, when, and what came of it"},
	"VOUCHING":      {"- leads a unit to a claim", gone, ""},
	"CASE":          {"- moderators' work; what they decided is in the record", emptied, "that a check was made"},
	"SCREENING":     {"- moderators' alone: a suspicion that is told of is no use", emptied, "that there was one"},
	"TOSCREEN":      {"- asks for a comparison", gone, ""},
	"SANCTION":      {"- of a public list", kept, "of a public list"},
	"SANCTIONS":     {"- of a public list", kept, "of a public list"},
	"RELAYED":       {"relayed", gone, ""},
	"RELAYCOUNT":    {"- a number for a day", gone, ""},
	"RELAYSENDER":   {"- a number for a day", emptied, "nothing but the hash of an id"},
	"UPLOAD":        {"uploads", emptied, "its bytes, type, size and checksum go"},
	"CLAIM":         {"- the record's names and identifiers", gone, ""},
	"HOLDER":        {"- the record's names and identifiers", gone, ""},
	"DISTINCTION":   {"distinctions", emptied, "the words go"},
	"MERGE":         {"merges", emptied, "the words and values go"},
	"ADDRESS":       {"- the contact's address", gone, ""},
	"SUPPRESSION":   {"- said to everybody who asks by the link in a mail", kept, "the hash of an address that takes no mail: nothing else stops mail to it"},
	"SPONSORSHIP":   {"- the record's evidence", gone, ""},
	"AMENDMENT":     {"- the record's amendment", gone, ""},
	"MANDATE":       {"mandates", gone, ""},
	"EVENT":         {"events", emptied, "who organised with the unit is taken out"},
	"UNIT":          {"- not of stakeholders", kept, "not of stakeholders"},
	"RULE":          {"- not of stakeholders", kept, "not of stakeholders"},
	"SEARCH":        {"- an organiser's words", kept, "names nobody but by an organiser's own words"},
	"ALERT":         {"- a date of a search", kept, "not of stakeholders"},
	"SEARCH_USE":    {"- leads from a search to what rests on it", kept, "not of stakeholders"},
	"PUBLIC_EVENT":  {"- leads to events", kept, "not of stakeholders"},
	"SERIES":        {"series", emptied, "who organised is taken out"},
	"UNIT_SERIES":   {"- leads to series", kept, "not of stakeholders"},
	"SERIES_EVENT":  {"- leads to events", kept, "not of stakeholders"},
	"COUNTS":        {"- numbers of an event", kept, "numbers: that somebody was invited stays counted"},
	"PANEL":         {"seats", emptied, "seats, lists and declared conflicts"},
	"ANNOUNCEMENT":  {"- an organiser's words to many; that it came is in invitations and mails", kept, "an organiser's words to many"},
	"CERTIFICATE":   {"certificates", emptied, "the name goes, and it verifies no more"},
	"LETTER":        {"letters", emptied, "the name goes, and it verifies no more"},
	"INVITATION":    {"invitations", emptied, "the person's words go; that there was one stays counted"},
	"ACCREDITATION": {"accreditations", emptied, "that there was one, and its outcome"},
	"SEATS":         {"- numbers of an event", kept, "numbers"},
	"WAITING":       {"- the invitation's place in line", kept, "ids"},
	"SESSION":       {"access", gone, ""},
	"SECRET":        {"access", gone, ""},
	"FEED":          {"calendar", emptied, "the address ends"},
	"ONCE":          {"- an answer that was given, for a day", gone, ""},
	"MESSAGE":       {"mails", gone, ""},
	"OUTBOX":        {"- opaque ids, for a week", kept, "opaque ids"},
	"ERASURE":       {"- opaque ids", kept, "opaque ids, so that it can be shown that it was done"},
	"AUDIT":         {"audit", emptied, "the values go; the chain of hashes stays"},
	"CURSOR":        {"- a place in the change log", kept, "not of stakeholders"},
	"QUEUE":         {"- opaque ids", kept, "opaque ids"},
}

// elsewhere are the types that no life of a stakeholder writes.
var elsewhere = map[string]string{
	"SANCTION": "an import of the list", "SANCTIONS": "an import of the list", "SUPPRESSION": "who opts out; its item is a hash",
	"RULE": "an organiser", "MOVED": "a relation moved by a merge", "SEATS": "an event with places", "WAITING": "an event with places",
	"QUEUE": "gone when a job is done", "TOSCREEN": "gone when it is compared", "SERIES_EVENT": "an event of a series", "ERASURE": "an erasure",
}

// declared are the types of items that store/keys.go names.
func declared(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../state/store/keys.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "type") {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			value, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			types = append(types, value)
		}
		return true
	})
	return types
}

// written counts the items of each type, and those of them that hold one of the ids.
func written(t *testing.T, p *Process, ids []string) (all, holding map[string]int) {
	t.Helper()
	all, holding = map[string]int{}, map[string]int{}
	err := p.Store.Table.Walk(t.Context(), func(it table.Item) error {
		all[it.Type]++
		text := it.PK + it.SK + it.G1.PK + it.G1.SK + it.G2.PK + it.G2.SK + string(it.Attributes)
		if slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(text, id) }) {
			holding[it.Type]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, holding
}

// TestEveryTypeOfItemHasItsDuties holds that nothing is kept of which nobody said
// whether it is exported and what an erasure does to it, and that a life writes all
// of it.
func TestEveryTypeOfItemHasItsDuties(t *testing.T) {
	p, _ := open(t)
	l := deeds(t, p, lived(t, p))
	all, _ := written(t, p, nil)
	types := declared(t)
	for _, kind := range types {
		d, said := duties[kind]
		if !said || d.export == "" || d.erasure != gone && d.why == "" {
			t.Errorf("nobody said what becomes of %s", kind)
		}
		if _, other := elsewhere[kind]; !other && all[kind] == 0 {
			t.Errorf("no life wrote a %s", kind)
		}
	}
	for kind := range all {
		if !slices.Contains(types, kind) {
			t.Errorf("%s is written, and not named in keys.go", kind)
		}
	}
	for kind := range duties {
		if !slices.Contains(types, kind) {
			t.Errorf("there is no %s", kind)
		}
	}
	lists := map[string]json.RawMessage{}
	for _, contact := range contactsOf(l.e) {
		for name, list := range l.exported(contact) {
			if len(list) > len(lists[name]) {
				lists[name] = list
			}
		}
	}
	used := map[string]bool{"exported_at": true, "you": true, "references": true} // the last are in the records of others
	for kind, d := range duties {
		if used[d.export] = true; !strings.HasPrefix(d.export, "- ") && len(lists[d.export]) < 3 { // more than [] or {}
			t.Errorf("%s is said to be exported as %s, which is %q", kind, d.export, lists[d.export])
		}
	}
	for name := range lists {
		if !used[name] && !strings.Contains(name, "mails") {
			t.Errorf("the export has %s, of which nobody said what it is", name)
		}
	}
}

// exported is what one of its contacts is handed as everything that is held.
func (l *life) exported(contact string) map[string]json.RawMessage {
	l.Helper()
	first := slices.IndexFunc(l.e.Contacts, func(c directory.Contact) bool { return c.ID == contact })
	asking := *l.e
	asking.Contacts = l.e.Contacts[first:]
	lists := map[string]json.RawMessage{}
	l.must(json.Unmarshal([]byte(exported(l.T, l.Process, &asking)), &lists))
	return lists
}

// TestTheExportTellsEachContactItsOwn holds that what the nouns say of a stakeholder
// is in its export, and what is one person's in that person's alone.
func TestTheExportTellsEachContactItsOwn(t *testing.T) {
	p, _ := open(t)
	l := deeds(t, p, lived(t, p))
	focal, person := l.exported(l.e.Contacts[0].ID), l.exported(l.person)
	for _, c := range []struct {
		list, focal, person string // what is in it; with "- " before, what is not
	}{
		{"references", "Zqxreferee says so.", "Zqxreferee says so."},
		{"relayed", "- Zqxrelayed", "Zqxrelayed writes."},
		{"relayed", "Dear Quillfeather", "- Dear Quillfeather"},
		{"certificates", "- Zqxperson", "Zqxperson of the course"},
		{"letters", "- ZQX PASSPORT", "ZQX PASSPORT"},
		{"mandates", "Zqxmandated", "- Zqxmandated"},
		{"invitations", "zqxnominee@", "zqxnominee@"},
		{"invitations", "- Zqxrecalled", "- Zqxsubstitute"},
		{"seats", `"roles":["speaker"]`, `"roles":["speaker"]`},
		{"seats", `"conflict":[{`, `"conflict":[{`},
		{"uploads", `"application/pdf"`, `"application/pdf"`},
		{"events", "Political rights of migrants", "Political rights of migrants"},
		{"relations", "Brambleshaw's seat", "Brambleshaw's seat"},
		{"merges", `"state":"`, `"state":"`},
		{"distinctions", `"at":"`, `"at":"`},
		{"record", "Zqxamendment", "Zqxamendment"},
		{"audit", "claim", "claim"},
		{"mails_to_focal_point", "contact.mandate_waiting", "- contact."},
	} {
		for who, list := range map[string]map[string]json.RawMessage{c.focal: focal, c.person: person} {
			words, not := strings.CutPrefix(who, "- ")
			if strings.Contains(string(list[c.list]), words) == not {
				t.Errorf("%s: %s: %s", c.list, who, list[c.list])
			}
		}
	}
	for name, list := range focal {
		for _, hidden := range []string{"Zqxvoucher", "Quillfeather says so", "was on the telephone", "Quillfeather knows", "A branch.", `"moderator"`} {
			if strings.Contains(string(list), hidden) && name != "audit" { // which gives the reason of what was done to it

				t.Errorf("%s tells %s", name, hidden)
			}
		}
	}
}

// words are those that each noun of the deeds has of its own.
var words = regexp.MustCompile(`(?i)zqx(person|departed|branch|voucher|referee|certificate|unfinished|late| passport|letter|colleague|nominee|swapped|recalled|substitute|reason|relayed|reply|mandate|amendment|entry|claim(ant)?)`)

// wordsOf are the words of the deeds that a file of the process's folder holds.
func wordsOf(t *testing.T, home string) []string {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, w := range words.FindAllString(string(raw), -1) {
			found[strings.ToLower(w)+" in "+filepath.Ext(path)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}

// holders are the files of the folder that hold a word of the deeds.
func (l *life) holders(only ...string) []string {
	l.Helper()
	return slices.DeleteFunc(wordsOf(l.T, filepath.Dir(fileOf(l.T, l.Process))), func(found string) bool {
		return len(only) > 0 && !slices.ContainsFunc(only, func(w string) bool { return strings.HasPrefix(found, strings.ToLower(w)) })
	})
}

// erase erases the stakeholder, or one of its contacts, and lets all be done that
// follows.
func (l *life) erase(contact string) {
	l.Helper()
	l.must(l.Store.BeginErasure(l.Context(), directory.NewErasure(l.Store.NewID(), l.e.ID, contact, then)))
	l.settle()
	compactAll(l.T, l.Process)
	if _, _, err := l.Store.VerifyTrails(l.Context()); err != nil {
		l.Errorf("the chain of the trail: %v", err)
	}
}

// TestErasureReachesEveryNoun lets a stakeholder do all that there is a noun for, and
// looks in every byte for what any of them said of it, after it was erased.
func TestErasureReachesEveryNoun(t *testing.T) {
	p, _ := open(t)
	l := deeds(t, p, lived(t, p))
	before := l.holders()
	for _, said := range []string{
		"zqxperson in .db", "zqxdeparted in .eml", "zqxcertificate in ", "zqxunfinished in ", "zqxreferee in .db", "zqxvoucher in .db", "zqxbranch in .eml",
		"zqx passport in .db", "zqxletter in .db", "zqxcolleague in .eml", "zqxnominee in .db", "zqxnominee in .eml", "zqxswapped in .eml", "zqxrecalled in .eml", "zqxsubstitute in .eml", "zqxreason in .db", "zqxrelayed in .eml", "zqxreply in .eml", "zqxmandate in .eml",
		"zqxamendment in .db", "zqxentry in .eml", "zqxclaim in .db", "zqxclaimant in .eml",
	} {
		if !slices.Contains(before, said) {
			t.Errorf("%s is not there before the erasure", said)
		}
	}
	ids := append([]string{l.e.ID, l.departed}, contactsOf(l.e)...)
	l.erase("")
	if left := l.holders(); len(left) > 0 {
		t.Errorf("after the erasure there is still %v", left)
	}
	if left := holding(t, filepath.Dir(fileOf(t, p))); len(left) != 0 {
		t.Errorf("after the erasure there is still %v", left)
	}
	_, held := written(t, p, ids)
	for kind, d := range duties {
		if d.erasure == gone && held[kind] > 0 {
			t.Errorf("%d of %s lead to who is erased", held[kind], kind)
		}
	}
	l.invitationsCounted()
	for _, path := range []string{
		"/hsds/organizations", "/", "/?q=zqx", "/events", "/calendar/events.ics", "/events/" + l.event.ID, "/stakeholders/" + l.e.ID, "/v1/stakeholders/" + l.e.ID, "/v1/statistics",
	} {
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if left := append(words.FindAllString(w.Body.String(), -1), marksIn(w.Body.String())...); len(left) > 0 {
			t.Errorf("%s still gives %v", path, left)
		}
	}
}

func marksIn(text string) []string {
	return slices.DeleteFunc(slices.Clone(marks), func(mark string) bool { return !strings.Contains(text, mark) })
}

func contactsOf(e *directory.Stakeholder) []string {
	ids := make([]string, len(e.Contacts))
	for i, c := range e.Contacts {
		ids[i] = c.ID
	}
	return ids
}

// invitationsCounted fails unless who was invited, and answered how, stays counted.
func (l *life) invitationsCounted() {
	l.Helper()
	counts, err := l.Store.Counts(l.Context(), l.event.ID)
	l.must(err)
	if counts.Total() != 9 || counts.ByStatus[convening.Accepted] != 3 || counts.ByStatus[convening.Declined] != 2 {
		l.Errorf("counted are %+v", counts)
	}
	for _, contact := range []string{l.person, l.departed} {
		i, err := l.Store.Invitation(l.Context(), l.event.ID, contact)
		l.must(err)
		if i.Status != convening.Accepted || i.Needs != nil || i.Letter != "" || i.Certificate != "" {
			l.Errorf("the invitation is %+v", i)
		}
	}
}

// TestADocumentOnItsWayIsErasedToo holds that bytes which come through an address
// that was given out before the erasure do not stay.
func TestADocumentOnItsWayIsErasedToo(t *testing.T) {
	p, _ := open(t)
	l := &life{T: t, Process: p, e: lived(t, p)}
	u, err := directory.NewUpload(p.Store.NewID(), l.e, directory.Offer{
		Evidence: l.e.Evidence[0].ID, MediaType: "application/pdf", Size: 20, SHA256: strings.Repeat("0", 64),
	}, then)
	l.must(err)
	l.must(p.Store.CreateUpload(t.Context(), u))
	l.erase("")
	l.must(p.Depot.Put(t.Context(), u.Key(), []byte("%PDF-1.7 zqxlate")))
	p.Clock.Advance(directory.UploadLasts)
	l.settle()
	if left := l.holders(); len(left) > 0 {
		t.Errorf("there is still %v", left)
	}
	if list, err := p.Store.UploadsOf(t.Context(), l.e.ID); err != nil || len(list) > 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestOnePersonIsErasedFromEveryNoun erases one contact alone, then one who is a
// contact no more, and looks in every byte for what any noun said of them.
func TestOnePersonIsErasedFromEveryNoun(t *testing.T) {
	p, _ := open(t)
	l := deeds(t, p, lived(t, p))
	for contact, words := range map[string][]string{
		l.person: {"zqxperson", "zqxrelayed", "zqxreply"}, l.departed: {"zqxdeparted"}, l.nominee: {"zqxnominee"},
	} {
		if before := l.holders(words...); len(before) < len(words)+1 {
			t.Fatalf("before the erasure there is only %v", before)
		}
		l.erase(contact)
		if left := l.holders(words...); len(left) > 0 {
			t.Errorf("after the erasure there is still %v", left)
		}
		i, err := p.Store.Invitation(t.Context(), l.event.ID, contact)
		if err != nil || i.Status != convening.Accepted || i.Needs != nil {
			t.Errorf("the invitation is %+v, %v", i, err)
		}
	}
	if left := l.holders("zqx passport"); len(left) > 0 {
		t.Errorf("letters that were erased still have %v", left)
	}
	after, err := p.Store.Stakeholder(t.Context(), l.e.ID)
	if err != nil || after.Status != directory.Listed || after.Contacts[0].Name != "Quillfeather" {
		t.Errorf("the record is %+v, %v", after, err)
	}
	if others := l.holders("zqxcertificate", "zqxcolleague", "zqxmandate"); len(others) != 5 {
		t.Errorf("of what others did there is only %v", others)
	}
}
