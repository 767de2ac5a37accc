package mail

import (
	"strings"
	"time"

	"convoke/shared/platform/i18n"
)

// Invitation is what an invitation and everything after it say of the event and
// of who is asked. Role, EventKind and Answer are the codes of the domain, whose
// names the catalogue has under "role." and "event_kind.".
type Invitation struct {
	RecipientName  string // may be empty, for an address of an office
	Organisation   string
	Role           string // participant, moderator, speaker, discussant, rapporteur
	EventKind      string // seminar, panel_discussion, expert_group_meeting, course, consultation
	Title          string
	Summary        string // a person's text, lines are paragraphs
	Starts, Ends   time.Time
	Zone           string // IANA zone of the event
	ReaderZone     string // IANA zone of the reader; left out when empty or of the same time
	Place          string
	Online         bool   // may be joined online, alone or besides Place
	Room           string // address of the online room, for who accepted alone
	ConvenerName   string
	AnswerURL      string
	AnswerBy       time.Time // zero when there is no date
	UnsubscribeURL string
	Documents      []Document
	Conditions
}

// Conditions are what else who is asked must know before they answer.
type Conditions struct {
	Sessions       []Session // of a course
	Interpretation []string  // languages that is interpreted into, BCP 47
	Unattributed   bool      // the Chatham House Rule holds
}

// Session is one meeting of a course.
type Session struct {
	Title        string
	Starts, Ends time.Time
}

// Document is something to read before the event, where it lies.
type Document struct{ Title, URL string }

// Reminder is sent to who has not answered. It has the data of the invitation.
type Reminder Invitation

// AnswerReceived confirms an answer.
type AnswerReceived struct {
	Invitation
	Answer Answer
}

// Answer is what was answered, or what became of it.
type Answer string

// The answers. An acceptance waits when all places are taken.
const (
	AnswerAccepted  Answer = "accepted"
	AnswerTentative Answer = "tentative"
	AnswerDeclined  Answer = "declined"
	AnswerWaiting   Answer = "waiting"
)

// Letter writes it in the language.
func (d Invitation) Letter(lang i18n.Lang) Letter { return d.ask(lang, "mail.invitation") }

// Letter writes it in the language.
func (d Reminder) Letter(lang i18n.Lang) Letter { return Invitation(d).ask(lang, "mail.reminder") }

// Letter writes it in the language.
func (d AnswerReceived) Letter(lang i18n.Lang) Letter {
	w := d.writer(lang)
	prefix := "mail.answer." + string(d.Answer)
	return Letter{
		Lang:       lang,
		Subject:    w.t(prefix + ".subject"),
		Heading:    w.t(prefix + ".heading"),
		Paragraphs: append(d.greeting(w), w.t(prefix+".body")),
		Facts:      append([]Fact{{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)}}, d.facts(w)...),
		Actions:    append([]Action{{Label: w.t("mail.answer.action"), URL: d.AnswerURL, Primary: true}}, d.reading(w)...),
		Footer:     d.footer(w),
	}
}

// ask is the letter that wants an answer.
func (d Invitation) ask(lang i18n.Lang, prefix string) Letter {
	w := d.writer(lang)
	l := Letter{
		Lang:       lang,
		Subject:    w.t(prefix + ".subject"),
		Preheader:  w.t(prefix + ".preheader"),
		Heading:    i18n.Isolate(lang, d.Title),
		Paragraphs: append(d.greeting(w), w.t(prefix+".body")),
		Quote:      w.quote("", d.Summary),
		Facts:      d.facts(w),
		Actions:    append([]Action{{Label: w.t("mail.invitation.action"), URL: d.AnswerURL, Primary: true}}, d.reading(w)...),
		Closing:    []string{w.t("mail.invitation.calendar")},
		Footer:     d.footer(w),
	}
	if !d.AnswerBy.IsZero() {
		by := i18n.DateTime(lang, d.AnswerBy, d.Zone)
		l.Paragraphs = append(l.Paragraphs, i18n.T(lang, "mail.invitation.answer_by", map[string]string{"time": by}))
	}
	return l
}

func (d Invitation) writer(lang i18n.Lang) writer {
	return writer{lang: lang, params: map[string]string{
		"organisation": d.Organisation,
		"convener":     d.ConvenerName,
		"title":        d.Title,
		"date":         i18n.Date(lang, d.Starts, d.Zone),
		"name":         d.RecipientName,
	}}
}

func (d Invitation) greeting(w writer) []string {
	if d.RecipientName == "" {
		return nil
	}
	return []string{w.t("mail.greeting")}
}

func (d Invitation) facts(w writer) []Fact {
	facts := []Fact{
		{w.t("mail.fact.kind"), w.t("event_kind." + d.EventKind)},
		{w.t("mail.fact.role"), w.t("role." + d.Role)},
		{w.t("mail.fact.when"), i18n.Span(w.lang, d.Starts, d.Ends, d.Zone)},
	}
	if d.readerElsewhere() {
		facts = append(facts, Fact{w.t("mail.fact.reader_when"), i18n.Span(w.lang, d.Starts, d.Ends, d.ReaderZone)})
	}
	if place := d.place(w); place != "" {
		facts = append(facts, Fact{w.t("mail.fact.place"), place})
	}
	if d.Room != "" {
		facts = append(facts, Fact{w.t("mail.fact.room"), d.Room})
	}
	facts = append(facts, Fact{w.t("mail.fact.convener"), i18n.Isolate(w.lang, d.ConvenerName)})
	return append(facts, d.conditions(w.lang, d.Zone)...)
}

// conditions are rows of an event's facts, whose words the pages of events have too.
func (c Conditions) conditions(lang i18n.Lang, zone string) []Fact {
	var facts []Fact
	for _, s := range c.Sessions {
		facts = append(facts, Fact{i18n.Isolate(lang, s.Title), i18n.Span(lang, s.Starts, s.Ends, zone)})
	}
	if len(c.Interpretation) > 0 {
		names := make([]string, len(c.Interpretation))
		for i, tag := range c.Interpretation {
			names[i] = i18n.Language(lang, tag)
		}
		facts = append(facts, Fact{i18n.T(lang, "page.event.interpretation", nil), i18n.List(lang, names)})
	}
	if c.Unattributed {
		facts = append(facts, Fact{i18n.T(lang, "page.event.attribution", nil), i18n.T(lang, "page.event.chatham_house", nil)})
	}
	return facts
}

// About is what a calendar says of the event beside its time and place.
func (d Invitation) About(lang i18n.Lang) string {
	lines := []string{}
	if d.Summary != "" {
		lines = append(lines, d.Summary)
	}
	for _, f := range d.conditions(lang, d.Zone) {
		lines = append(lines, f.Label+": "+f.Value)
	}
	return strings.Join(lines, "\n")
}

// reading leads to the documents of the event. They are not attached: what may have
// megabytes is fetched by who wants it.
func (d Invitation) reading(w writer) []Action {
	var list []Action
	for _, doc := range d.Documents {
		label := i18n.T(w.lang, "mail.invitation.document", map[string]string{"title": doc.Title})
		list = append(list, Action{Label: label, URL: doc.URL})
	}
	return list
}

// readerElsewhere reports whether the reader's clock shows another time than the
// event's does.
func (d Invitation) readerElsewhere() bool {
	if d.ReaderZone == "" {
		return false
	}
	_, event := d.Starts.In(i18n.Zone(d.Zone)).Zone()
	_, reader := d.Starts.In(i18n.Zone(d.ReaderZone)).Zone()
	return event != reader
}

func (d Invitation) place(w writer) string {
	switch {
	case d.Online && d.Place != "":
		return i18n.T(w.lang, "mail.place.hybrid", map[string]string{"place": d.Place})
	case d.Online:
		return w.t("mail.place.online")
	}
	return i18n.Isolate(w.lang, d.Place)
}

func (d Invitation) footer(w writer) []Line {
	lines := w.footer("mail.why.invitation")
	if d.UnsubscribeURL != "" {
		lines = append(lines, Line{Text: w.t("mail.unsubscribe"), URL: d.UnsubscribeURL})
	}
	return lines
}
