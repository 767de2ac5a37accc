package mailer_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	gomail "github.com/emersion/go-message/mail"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// alerted keeps a search with an alert for a unit of the language, and asks for a
// mail about the stakeholders.
func (o *office) alerted(t *testing.T, lang string, count string, list ...*directory.Stakeholder) (search string, job store.Job) {
	t.Helper()
	u, err := convening.NewUnit("unit-"+lang, convening.UnitPlan{
		Names: []directory.Text{{Lang: "en", Text: "Unit One"}}, Zone: "UTC", Language: lang, ReplyTo: "unit@example.org",
	}, o.now)
	if err := errors.Join(err, o.Store.CreateUnit(t.Context(), u)); err != nil {
		t.Fatal(err)
	}
	s, err := convening.NewSearch(o.Store.NewID(), u.ID, "owner", convening.SearchPlan{Name: "Neighbours", Alert: true, Query: convening.Query{Text: "x"}}, o.now)
	if err := errors.Join(err, o.Store.CreateSearch(t.Context(), s)); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	if err := o.Store.Announce(t.Context(), journal.Entry{Type: "search.matched", Data: map[string]string{
		"search": s.ID, "unit": u.ID, "stakeholders": strings.Join(ids, ","), "count": count,
	}}); err != nil {
		t.Fatal(err)
	}
	return s.ID, o.job(t, "search.matched")
}

// TestAlertNamesWhoMayBeNamed holds that an alert, in any language, names who is
// listed and not who is at risk or listed no more, and that one click ends it.
func TestAlertNamesWhoMayBeNamed(t *testing.T) {
	subjects := map[string]bool{}
	for _, lang := range i18n.All() {
		o := open(t)
		shown, hidden, gone := o.register(t, "en"), o.register(t, "en"), o.register(t, "en")
		for _, e := range []*directory.Stakeholder{shown, hidden} {
			o.confirm(t, e)
			o.update(t, e.ID, func(e *directory.Stakeholder) error {
				e.AtRisk = e.ID == hidden.ID
				return e.Decide(directory.Decision{Outcome: directory.Listed}, o.now)
			})
		}
		_, job := o.alerted(t, string(lang), "30", shown, hidden, gone)
		if err := o.Do(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		m := o.mails(t)[0]
		h := gomail.Header{Header: m.Header}
		subject, err := h.Subject()
		if err != nil {
			t.Fatal(err)
		}
		subjects[subject] = true
		if got := m.Header.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" || !strings.Contains(m.Header.Get("List-Unsubscribe"), "/alerts/") {
			t.Errorf("%s: the opt-out is %q %q", lang, got, m.Header.Get("List-Unsubscribe"))
		}
		part, err := m.MultipartReader().NextPart()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]bool{shown.ID: true, hidden.ID: false, gone.ID: false, "29": true, "28": true} {
			if strings.Contains(string(text), id) != want {
				t.Errorf("%s: %s is in the mail: %t\n%s", lang, id, !want, text)
			}
		}
	}
	if len(subjects) != len(i18n.All()) {
		t.Errorf("%d subjects in six languages", len(subjects))
	}
}

// TestAlertThatIsNotNeeded holds that no alert goes out that was stopped, has
// nobody to name or count, or nowhere to go.
func TestAlertThatIsNotNeeded(t *testing.T) {
	for name, change := range map[string]func(o *office, search string) error{
		"stopped": func(o *office, search string) error {
			_, err := o.Store.UpdateSearch(t.Context(), search, func(s *convening.SavedSearch) error { s.StopAlert(o.now); return nil })
			return err
		},
		"deleted": func(o *office, search string) error {
			return o.Store.DeleteSearch(t.Context(), search, func(*convening.SavedSearch) error { return nil })
		},
		"no address": func(o *office, _ string) error {
			_, err := o.Store.UpdateUnit(t.Context(), "unit-en", func(u *convening.Unit) error {
				return u.Revise(convening.UnitPlan{Names: u.Names, Zone: u.Zone, Language: u.Language}, o.now)
			})
			return err
		},
		"listed no more": func(*office, string) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			e := o.register(t, "en")
			if name != "listed no more" {
				o.confirm(t, e)
				o.update(t, e.ID, func(e *directory.Stakeholder) error {
					return e.Decide(directory.Decision{Outcome: directory.Listed}, o.now)
				})
			}
			search, job := o.alerted(t, "en", "1", e)
			if err := errors.Join(change(o, search), o.Do(t.Context(), job)); err != nil {
				t.Fatal(err)
			}
			if got := o.kept(t, job.ID); got.State != store.MessageDropped || len(o.mails(t)) != 0 {
				t.Errorf("kept %+v", got)
			}
		})
	}
}
