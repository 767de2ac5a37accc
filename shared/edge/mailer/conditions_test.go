package mailer_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// TestWhatMustBeKnownBeforeAnAnswer holds that an invitation says, in words and in
// the calendar, that the Chatham House Rule holds, which languages are interpreted
// into, and when a course meets; and says none of it where there is nothing to say.
func TestWhatMustBeKnownBeforeAnAnswer(t *testing.T) {
	told := func(t *testing.T, lang i18n.Lang, change func(*convening.Plan)) string {
		t.Helper()
		o := open(t)
		s := o.register(t, string(lang))
		o.confirm(t, s)
		i := o.invite(t, s)
		_, err := o.Store.UpdateEvent(t.Context(), i.EventID, func(e *convening.Event) error {
			p := e.Plan
			change(&p)
			return e.Revise(e.Convener, p, o.now)
		})
		if err := errors.Join(err, o.Do(t.Context(), o.job(t, "invitation.queued"))); err != nil {
			t.Fatal(err)
		}
		mails := o.mails(t)
		return plain(strings.NewReplacer("\r\n ", "", "\\,", ",").Replace(bodyText(t, mails[len(mails)-1])))
	}
	for _, lang := range i18n.All() {
		rule, into := plain(i18n.T(lang, "page.event.chatham_house", nil)), i18n.Language(lang, "es")
		text := told(t, lang, func(p *convening.Plan) {
			p.Kind, p.Attribution, p.Interpretation = "expert_group_meeting", convening.ChathamHouse, []string{"es"}
		})
		if n := strings.Count(text, rule); n < 4 { // text, HTML, the calendar twice
			t.Errorf("%s: the rule is told %d times", lang, n)
		}
		if !strings.Contains(text, into) {
			t.Errorf("%s: nothing of %s", lang, into)
		}
		if text = told(t, lang, func(*convening.Plan) {}); strings.Contains(text, rule) || strings.Contains(text, into) {
			t.Errorf("%s: told of a rule that does not hold", lang)
		}
	}
	text := told(t, i18n.English, func(p *convening.Plan) {
		p.Kind = "course"
		p.Sessions = []convening.Session{{Titles: []directory.Text{{Lang: "en", Text: "Sources of law"}}, Starts: p.Starts.Add(time.Hour), Ends: p.Starts.Add(3 * time.Hour)}}
	})
	if when := i18n.Span(i18n.English, start.AddDate(0, 0, 30).Add(time.Hour), start.AddDate(0, 0, 30).Add(3*time.Hour), "Europe/Zurich"); !strings.Contains(text, "Sources of law") || !strings.Contains(text, plain(when)) {
		t.Errorf("the session %s is not told of", when)
	}
}

// plain is a text without its breaks of lines and isolates.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u2068", "", "\u2069", "").Replace(text)), " ")
}
