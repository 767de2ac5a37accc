package web

import (
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// TestConditionsAreShownBeforeAnAnswer holds that the page on which an answer is
// given, the page of the event and its calendar say that the Chatham House Rule
// holds, which languages are interpreted into, and when a course meets.
func TestConditionsAreShownBeforeAnAnswer(t *testing.T) {
	s := newPageSite(t)
	_, err := s.server.Store.UpdateEvent(t.Context(), s.event.ID, func(e *convening.Event) error {
		p := e.Plan
		p.Kind = "course"
		p.Sessions = []convening.Session{{Titles: []directory.Text{{Lang: "en", Text: "Sources of law"}}, Starts: p.Starts, Ends: p.Ends}}
		return e.Revise(e.Convener, p, s.now)
	})
	noError(t, err)
	for _, lang := range i18n.All() {
		for _, path := range []string{s.answerPath(), "/events/" + s.event.ID, "/calendar/events/" + s.event.ID + ".ics"} {
			body := strings.NewReplacer("\r\n ", "", "\\,", ",").Replace(s.get(path + "?lang=" + string(lang)).Body.String())
			for _, want := range []string{i18n.T(lang, "page.event.chatham_house", nil), i18n.Language(lang, "fr"), i18n.Language(lang, "ar"), "Sources of law"} {
				if !strings.Contains(body, want) {
					t.Errorf("%s in %s does not say %q", path, lang, want)
				}
			}
		}
	}
}
