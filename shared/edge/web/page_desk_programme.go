package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
)

// programmeView is what an event is made up of, as a form in rows: who organises
// it with the unit, its documents, sessions, and ways of accreditation.
type programmeView struct {
	form   formView
	id     string
	title  directory.Text
	done   string
	stale  bool
	course bool
	zone   string
	in     i18n.Lang // in which titles are shown and taken
	rows   map[string]int
	next   []option // the events that this one can prepare
}

// The kinds of row of this form, and of that of a series.
const (
	rowBody     = "body"
	rowHost     = "host"
	rowDocument = "document"
	rowSession  = "session"
	rowTrack    = "track"
)

// The parts of a row.
const (
	partTitle      = "title"
	partYear       = "year"
	partTopics     = "topics"
	partDocument   = "document"
	partURL        = "url"
	partStarts     = "starts"
	partEnds       = "ends"
	partUntil      = "until"
	partObjections = "objections"
)

// rowParts are the parts of a row of a kind, in the order of the page.
func rowParts(kind string) []string {
	return map[string][]string{
		rowBody: {partTitle}, rowDocument: {partTitle, partURL}, rowSession: {partTitle, partStarts, partEnds},
		rowTrack: {partTitle, partDocument, partURL, partUntil, partObjections}, rowHost: {partYear, partTitle, partTopics},
	}[kind]
}

// rowsMost is how many rows of a kind are read: as many as an event or a series can
// have.
const rowsMost = 100

// rowField is the field of a part of a row, which is counted from 1.
func rowField(kind string, n int, part string) string {
	return kind + strconv.Itoa(n) + "_" + part
}

func programmePath(event string) string { return boardPath(event) + "/programme" }

func (s *Server) programmePage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.board(r)
	if err != nil {
		return err
	}
	if e.Over() {
		return convening.ErrEventOver
	}
	q, err := query(r, "done", "in", "lang")
	if err != nil {
		return err
	}
	p := pageOf(r)
	in := p.titlesIn(q.Get("in"), e.Titles)
	return s.showProgramme(w, r, http.StatusOK, e, programmeView{form: formView{values: programmeValues(s.BaseURL, e, in)}, in: in, done: p.doneText(q.Get("done"), "")})
}

// titlesIn is the language in which a form shows titles and takes them: the one that
// is asked for, and else the one in which the first was written.
func (p page) titlesIn(asked string, titles []directory.Text) i18n.Lang {
	if in, known := spoken(asked); known {
		return in
	}
	if len(titles) > 0 {
		if written, known := spoken(titles[0].Lang); known {
			return written
		}
	}
	return p.lang
}

func (s *Server) showProgramme(w http.ResponseWriter, r *http.Request, status int, e *convening.Event, view programmeView) error {
	p := pageOf(r)
	view.form.labels, view.form.first, view.id, view.title, view.zone, view.course = "desk.programme", "desk.event", e.ID, textIn(e.Titles, p.lang), e.Zone, e.Kind == "course"
	view.rows = map[string]int{}
	for kind, there := range map[string]int{rowBody: len(e.CoOrganisers), rowDocument: len(e.Documents), rowSession: len(e.Sessions), rowTrack: len(e.Tracks)} {
		last := slices.Max(append(rowsGiven(view.form.values, kind), there))
		view.rows[kind] = min(last+spareRows(kind), rowsMost)
	}
	list, _, err := s.Store.EventsToCome(r.Context(), e.Unit, e.Starts, "", choicesRead)
	if err != nil {
		return err
	}
	for _, other := range list {
		if other.ID != e.ID {
			view.next = append(view.next, option{other.ID, textIn(other.Titles, p.lang).Text})
		}
	}
	view.next = withStanding(view.next, view.form.values.Get("precedes"))
	return s.show(w, r, p, status, programme(p, view))
}

// spareRows is how many empty rows of a kind stand at the end.
func spareRows(kind string) int {
	if kind == rowTrack {
		return 1
	}
	return 2
}

// twice reports whether the form asks which of two equal times of a day is meant.
func (v programmeView) twice() bool {
	return v.form.filled("when_twice") || slices.ContainsFunc(v.form.faults.list, func(f formFault) bool {
		_, part, _ := strings.Cut(f.field, "_")
		return slices.Contains([]string{partStarts, partEnds, partUntil, partObjections}, part)
	})
}

// given reports whether a row says something.
func (v programmeView) given(kind string, n int) bool {
	return slices.Contains(rowsGiven(v.form.values, kind), n)
}

// partLabel is what a part of a row is called where it stands.
func (v programmeView) partLabel(p page, kind string, n int, part string) string {
	if kind == rowBody {
		return p.with("desk.programme.body", "n", strconv.Itoa(n))
	}
	return p.t("desk.programme.part." + part)
}

// numbers are the rows of a kind, from 1.
func (v programmeView) numbers(kind string) []int {
	list := make([]int, v.rows[kind])
	for i := range list {
		list[i] = i + 1
	}
	return list
}

// programmeForm changes what makes up exactly the version that was shown.
func (s *Server) programmeForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.board(r)
	if err != nil {
		return err
	}
	in, known := spoken(line(form, "in"))
	if !known {
		return errNotForm
	}
	_, err = s.changeEvent(r, readVersion(form), func(e *convening.Event) error {
		plan, late := e.Plan, error(nil)
		plan.Terms, late = s.programmeOf(form, e, string(in))
		return alongside(late, s.reviseEvent(r, e, eventRequest{Convener: e.Convener, Plan: plan}))
	})
	if err == nil {
		return p.see(w, programmePath(e.ID), url.Values{"done": {"changed"}, "in": {string(in)}})
	}
	view := programmeView{form: formView{values: form}, in: in}
	if errors.Is(err, errStale) {
		view.stale = true
		return s.showProgramme(w, r, http.StatusPreconditionFailed, e, view)
	}
	fields := formFields{labels: "desk.programme", order: programmeFields(), of: programmeField(form), says: func(name string) string { return p.rowLabel(name) }}
	if view.form.faults, err = faultsOf(p, err, fields); err != nil {
		return err
	}
	return s.showProgramme(w, r, http.StatusUnprocessableEntity, e, view)
}

// rowLabel is what a part of a row is called away from it; empty for what is no
// part of one.
func (p page) rowLabel(field string) string {
	if field == "precedes" {
		return p.t("event.prepares")
	}
	row, part, found := strings.Cut(field, "_")
	kind := strings.TrimRight(row, "0123456789")
	if !found || rowParts(kind) == nil {
		return ""
	}
	label := p.with("desk.programme."+kind, "n", strings.TrimPrefix(row, kind))
	if kind == rowBody {
		return label
	}
	return label + " – " + p.t("desk.programme.part."+part)
}

// rowsGiven are the rows of a kind in which the form says something.
func rowsGiven(form url.Values, kind string) []int {
	var rows []int
	for n := 1; n <= rowsMost; n++ {
		for _, part := range rowParts(kind) {
			if line(form, rowField(kind, n, part)) != "" {
				rows = append(rows, n)
				break
			}
		}
	}
	return rows
}

// programmeReader reads the rows of a form over what the event was made up of.
type programmeReader struct {
	form   url.Values
	e      *convening.Event
	in     string // language of the titles
	base   string // address of this directory
	faults fault.List
}

// programmeOf reads the form over the terms of the event. A row in which nothing
// is said any more is taken out. What is no time or number comes beside it.
func (s *Server) programmeOf(form url.Values, e *convening.Event, in string) (convening.Terms, error) {
	r := programmeReader{form: form, e: e, in: in, base: s.BaseURL}
	t := e.Terms
	t.Precedes = line(form, "precedes")
	t.CoOrganisers, t.Documents, t.Sessions, t.Tracks = nil, nil, nil, nil
	for _, n := range rowsGiven(form, rowBody) {
		t.CoOrganisers = append(t.CoOrganisers, r.body(rowBody, n))
	}
	for _, n := range rowsGiven(form, rowDocument) {
		t.Documents = append(t.Documents, convening.Document{
			Titles: r.titles(rowDocument, n, partTitle, before(e.Documents, n).Titles), URL: r.said(rowDocument, n, partURL),
		})
	}
	for i, n := range rowsGiven(form, rowSession) {
		at := "/sessions/" + strconv.Itoa(i)
		t.Sessions = append(t.Sessions, convening.Session{
			Titles: r.titles(rowSession, n, partTitle, before(e.Sessions, n).Titles),
			Starts: r.moment(at+"/starts", rowSession, n, partStarts), Ends: r.moment(at+"/ends", rowSession, n, partEnds),
		})
	}
	for i, n := range rowsGiven(form, rowTrack) {
		t.Tracks = append(t.Tracks, r.track("/tracks/"+strconv.Itoa(i), n))
	}
	t.CertificateSessions = numberOf(&r.faults, form, "certificate_sessions", "/certificate_sessions")
	return t, r.faults.Err(convening.ErrEventInvalid.Code)
}

// before is what stood in a row, or nothing for a new one.
func before[T any](list []T, n int) (standing T) {
	if n <= len(list) {
		return list[n-1]
	}
	return standing
}

func (r *programmeReader) said(kind string, n int, part string) string {
	return line(r.form, rowField(kind, n, part))
}

func (r *programmeReader) titles(kind string, n int, part string, standing []directory.Text) []directory.Text {
	return textsWith(standing, r.in, r.said(kind, n, part))
}

func (r *programmeReader) moment(at, kind string, n int, part string) time.Time {
	return convening.Moment(&r.faults, at, r.said(kind, n, part), r.e.Zone, line(r.form, "when_twice"))
}

// body is a stakeholder where the address of its page here is given, and else one
// that is only named.
func (r *programmeReader) body(kind string, n int) convening.CoOrganiser {
	given := r.said(kind, n, partTitle)
	if strings.HasPrefix(given, r.base+"/stakeholders/") {
		return convening.CoOrganiser{Stakeholder: stakeholderID(given)}
	}
	return convening.CoOrganiser{Name: given}
}

func (r *programmeReader) track(at string, n int) convening.Track {
	was := before(r.e.Tracks, n)
	return convening.Track{
		ID: cmp.Or(was.ID, r.newTrack(n)), Titles: r.titles(rowTrack, n, partTitle, was.Titles),
		Document: convening.Document{Titles: r.titles(rowTrack, n, partDocument, was.Document.Titles), URL: r.said(rowTrack, n, partURL)},
		Until:    r.moment(at+"/until", rowTrack, n, partUntil), ObjectionsUntil: r.moment(at+"/objections_until", rowTrack, n, partObjections),
	}
}

// newTrack is an id that no track of the event has.
func (r *programmeReader) newTrack(n int) string {
	for ; ; n++ {
		id := fmt.Sprintf("track-%d", n)
		if _, err := r.e.TrackOf(id); err != nil {
			return id
		}
	}
}

// programmeFields are the fields of the form in the order of the page.
func programmeFields() []string {
	list := []string{"precedes"}
	for _, kind := range []string{rowBody, rowDocument, rowSession, rowTrack} {
		for n := 1; n <= rowsMost; n++ {
			for _, part := range rowParts(kind) {
				list = append(list, rowField(kind, n, part))
			}
		}
	}
	return append(list, "certificate_sessions", "when_twice")
}

// programmeField names the field that a pointer came from: what the request has is
// what the rows say that say something, in their order.
func programmeField(form url.Values) func(string) string {
	return func(pointer string) string {
		parts := strings.Split(strings.TrimPrefix(pointer, "/")+"///", "/")
		kind := map[string]string{"co_organisers": rowBody, "documents": rowDocument, "sessions": rowSession, "tracks": rowTrack}[parts[0]]
		if kind == "" {
			return map[string]string{"precedes": "precedes", "certificate_sessions": "certificate_sessions"}[parts[0]]
		}
		rows := rowsGiven(form, kind)
		i, err := strconv.Atoi(parts[1])
		if err != nil || i >= len(rows) {
			return rowField(kind, 1, partTitle)
		}
		return rowField(kind, rows[i], partOf(parts[2], parts[3]))
	}
}

// partOf is the part of a row that a member of what it becomes came from.
func partOf(member, below string) string {
	switch member {
	case "document":
		return map[bool]string{true: partURL, false: partDocument}[below == "url"]
	case "url", "starts", "ends", "until":
		return member
	case "objections_until":
		return partObjections
	}
	return partTitle
}

// programmeValues is the form as it is filled with an event, its titles in the
// language.
func programmeValues(base string, e *convening.Event, in i18n.Lang) url.Values {
	v := url.Values{"version": {strconv.FormatInt(e.Version, 10)}, "in": {string(in)}, "precedes": {e.Precedes}}
	set := func(kind string, i int, part, value string) { v.Set(rowField(kind, i+1, part), value) }
	title := func(texts []directory.Text) string { return exactlyIn(texts, string(in)) }
	for i, o := range e.CoOrganisers {
		set(rowBody, i, partTitle, bodyGiven(base, o))
	}
	for i, d := range e.Documents {
		set(rowDocument, i, partTitle, title(d.Titles))
		set(rowDocument, i, partURL, d.URL)
	}
	for i, part := range e.Sessions {
		set(rowSession, i, partTitle, title(part.Titles))
		set(rowSession, i, partStarts, wallClock(part.Starts, e.Zone))
		set(rowSession, i, partEnds, wallClock(part.Ends, e.Zone))
	}
	for i, t := range e.Tracks {
		set(rowTrack, i, partTitle, title(t.Titles))
		set(rowTrack, i, partDocument, title(t.Document.Titles))
		set(rowTrack, i, partURL, t.Document.URL)
		set(rowTrack, i, partUntil, wallClock(t.Until, e.Zone))
		set(rowTrack, i, partObjections, wallClock(t.ObjectionsUntil, e.Zone))
	}
	if e.CertificateSessions > 0 {
		v.Set("certificate_sessions", strconv.Itoa(e.CertificateSessions))
	}
	return v
}

// bodyGiven is a body as a row takes it.
func bodyGiven(base string, o convening.CoOrganiser) string {
	if o.Stakeholder == "" {
		return o.Name
	}
	return base + "/stakeholders/" + url.PathEscape(o.Stakeholder)
}

// exactlyIn is the text in the language, and in no other.
func exactlyIn(texts []directory.Text, lang string) string {
	for _, t := range texts {
		if t.Lang == lang {
			return t.Text
		}
	}
	return ""
}
