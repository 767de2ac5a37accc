package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/i18n"
)

// unusual is an application of which the form cannot express the half.
func unusual() directory.Application {
	a := fullApplication()
	a.Names = []directory.Name{
		{Text: "UM", Kind: directory.NameAcronym, Lang: "fr"},
		{Text: "Alias first", Lang: "zh-Hant", Kind: directory.NameAlias},
		{Text: "Once", Lang: "en", Kind: directory.NameFormer},
		{Text: hostile + " Abroad", Lang: "en", Kind: directory.NameLegal},
		{Text: "Третье", Lang: "ru", Kind: directory.NameLegal},
		{Text: "UM2", Kind: directory.NameAcronym},
	}
	a.Descriptions = []directory.Text{{Lang: "fr", Text: "Premier"}, {Lang: "en", Text: "First\nsecond"}, {Lang: "ru", Text: "Первое"}}
	a.Languages = []string{"wo", "fr", "sw", "en"}
	a.OriginCountries, a.ResidenceCountries = []string{"SN", "MA", "ML"}, []string{"CH", "FR", "DE", "IT"}
	a.Contacts = []directory.Contact{
		{Name: "Speaker", Role: directory.RoleSpeaker, Email: "speaker@example.org", Language: "en", Speaking: &directory.SpeakingProfile{Topics: []string{"gcm:20"}, Travel: "none"}},
		{Name: "A contact", Role: directory.RoleFocalPoint, Email: "second@example.org", Language: "wo", Speaking: &directory.SpeakingProfile{Formats: []string{"panel"}}},
	}
	a.Evidence = []directory.Evidence{
		{Kind: directory.EvidenceIdentifier, Identifier: &directory.Identifier{Scheme: taxonomy.SchemeGRID, ID: "grid.5335.0"}, Note: "See the register."},
		{Kind: directory.EvidenceSponsorship, Sponsor: "unit", Note: "Another."},
	}
	a.AtRisk = true
	return a
}

// returned is a site whose waiting registration is the unusual one, returned to
// its contact, who is signed in.
func returned(t *testing.T) (*pageSite, []string) {
	t.Helper()
	s := newPageSite(t)
	a := unusual()
	a.Contacts[1].Email = "third@example.org"
	e := s.register(a)
	focal, _ := e.FocalPoint()
	s.update(e.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(focal.ID, s.now) })
	s.waiting = s.update(e.ID, func(e *directory.Stakeholder) error {
		return e.Decide(directory.Decision{Outcome: directory.Returned, Reasons: []string{"unclear_mandate", "incomplete"}, Note: hostile + "\nAnd more."}, s.now)
	})
	s.waiting.Contacts = slices.DeleteFunc(s.waiting.Contacts, func(c directory.Contact) bool { return c.ID != focal.ID })
	return s, s.signedIn()
}

func (s *pageSite) stored() *directory.Stakeholder {
	s.Helper()
	e, err := s.server.Store.Stakeholder(s.Context(), s.waiting.ID)
	noError(s.T, err)
	return e
}

// filledForm is what a browser would send of the form of a page, untouched.
func filledForm(t *testing.T, w *httptest.ResponseRecorder) url.Values {
	t.Helper()
	form := url.Values{}
	doc := parsePage(t, w.Body.String())
	for n := range elements(doc) {
		name := attr(n, "name")
		switch {
		case n.Type != html.ElementNode || name == "" || !within(n, "main") || within(n, "head"):
		case n.Data == "textarea":
			form.Add(name, strings.ReplaceAll(text0(n), "\n", "\r\n"))
		case n.Data == "select":
			for _, o := range all(n, "option") {
				if has(o, "selected") {
					form.Add(name, attr(o, "value"))
				}
			}
		case n.Data == "input" && (attr(n, "type") != "checkbox" && attr(n, "type") != "radio" || has(n, "checked")):
			form.Add(name, attr(n, "value"))
		}
	}
	return form
}

func text0(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

// ofTime leaves out what changes with each write.
func ofTime() cmp.Option {
	return cmpopts.IgnoreFields(directory.Stakeholder{}, "Version", "UpdatedAt", "Log", "Status")
}

func TestMe(t *testing.T) {
	s, session := returned(t)
	for _, lang := range i18n.All() {
		in := "?lang=" + string(lang)
		refused := filledForm(t, s.get("/me/registration", session...))
		refused.Set("email", "nobody")
		refused.Set("name2_lang", "")
		stale := url.Values{"version": {"1"}, "name": {hostile}}
		for name, w := range map[string]*httptest.ResponseRecorder{
			"me": s.get("/me"+in, session...), "saved": s.get("/me"+in+"&saved=1", session...), "correct": s.get("/me/registration"+in, session...),
			"refused": s.post("/me/registration"+in, refused, session...), "stale": s.post("/me/registration"+in, stale, session...),
		} {
			t.Run(name+" "+string(lang), func(t *testing.T) { checkPage(t, lang, w) })
		}
		shown := text(parsePage(t, s.get("/me"+in, session...).Body.String()))
		for _, part := range []string{i18n.T(lang, "reason.unclear_mandate", nil), i18n.T(lang, "reason.incomplete", nil), hostile, i18n.T(lang, "page.me.next.returned", nil)} {
			if !strings.Contains(shown, strings.Join(strings.Fields(part), " ")) {
				t.Errorf("%s: the page lacks %q", lang, part)
			}
		}
	}
}

// TestMeByStatus holds that each status has its words, and a way to correct only
// where the domain takes a correction.
func TestMeByStatus(t *testing.T) {
	s, session := returned(t)
	for _, status := range []directory.Status{
		directory.AwaitingEmail, directory.AwaitingReview, directory.Returned, directory.Declined, directory.Listed, directory.Suspended,
		directory.Lapsed, directory.Merged, directory.Erased,
	} {
		s.update(s.waiting.ID, func(e *directory.Stakeholder) error {
			e.Status = status
			e.Record("test.changed", "stakeholder", e.ID)
			return nil
		})
		w := s.get("/me", session...)
		checkPage(t, i18n.English, w)
		open := status == directory.AwaitingEmail || status == directory.AwaitingReview || status == directory.Returned
		if strings.Contains(w.Body.String(), `href="/me/registration"`) != open {
			t.Errorf("%s: the link to correct is shown wrongly", status)
		}
		if decided := status == directory.Returned || status == directory.Declined || status == directory.Suspended; strings.Contains(w.Body.String(), "And more.") != decided {
			t.Errorf("%s: the reasons are shown wrongly", status)
		}
		if form := s.get("/me/registration", session...); !open {
			want(t, form, http.StatusSeeOther, "/me")
		} else if form.Code != http.StatusOK {
			t.Errorf("%s: the form answers %d", status, form.Code)
		}
	}
}

// TestSignInFirst holds that pages of contacts lead others to sign in.
func TestSignInFirst(t *testing.T) {
	s, session := returned(t)
	want(t, s.get("/me"), http.StatusSeeOther, "/sign-in")
	want(t, s.get("/me/registration?lang=fr"), http.StatusSeeOther, "/sign-in?lang=fr")
	want(t, s.post("/me/registration", url.Values{"name": {"x"}}), http.StatusSeeOther, "/sign-in")
	s.update(s.waiting.ID, func(e *directory.Stakeholder) error {
		e.Contacts = slices.DeleteFunc(e.Contacts, func(c directory.Contact) bool { return c.Role == directory.RoleFocalPoint })
		e.Record("test.changed", "stakeholder", e.ID)
		return nil
	})
	want(t, s.get("/me", session...), http.StatusSeeOther, "/sign-in")
	want(t, s.get("/me/registration", session...), http.StatusSeeOther, "/sign-in")
	want(t, s.post("/me/registration", url.Values{"name": {"x"}}, session...), http.StatusSeeOther, "/sign-in")
}

// TestCorrectUntouched holds that to send the form as it is changes nothing but
// where the registration stands.
func TestCorrectUntouched(t *testing.T) {
	s, session := returned(t)
	before := s.stored()
	form := filledForm(t, s.get("/me/registration", session...))
	for range 2 { // the second press of the button
		want(t, s.post("/me/registration", form, session...), http.StatusSeeOther, "/me?saved=1")
	}
	after := s.stored()
	if diff := cmp.Diff(before, after, ofTime()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if after.Status != directory.AwaitingReview || after.Version != before.Version+1 {
		t.Errorf("it stands at %s, version %d", after.Status, after.Version)
	}
}

func TestCorrect(t *testing.T) {
	s, session := returned(t)
	before := s.stored()
	first, second := s.referee("first"), s.referee("second")
	form := filledForm(t, s.get("/me/registration", session...))
	for name, values := range map[string][]string{
		"name": {"New name"}, "name_lang": {"es"}, "name2": {""}, "acronym": {"NN"}, "description": {"Nuevo\r\ntexto"}, "topics": {"topic:migration_data"},
		"languages": {"es"}, "language_other": {"am"}, "origin": {"GH"}, "residence": {""}, "led_by": nil, "contact_name": {"Someone else"},
		"contact_language": {"es"}, "evidence": {"references"}, "referee1": {first}, "referee2": {second}, "at_risk": nil,
	} {
		form[name] = values
	}
	want(t, s.post("/me/registration?lang=es", form, session...), http.StatusSeeOther, "/me?lang=es&saved=1")
	wanted := *before
	wanted.Names = []directory.Name{
		{Text: "NN", Kind: directory.NameAcronym, Lang: "fr"},
		{Text: "Once", Lang: "en", Kind: directory.NameFormer},
		{Text: "New name", Lang: "es", Kind: directory.NameLegal},
		{Text: "Третье", Lang: "ru", Kind: directory.NameLegal},
		{Text: "UM2", Kind: directory.NameAcronym},
	}
	wanted.Descriptions = []directory.Text{{Lang: "fr", Text: "Premier"}, {Lang: "es", Text: "Nuevo\ntexto"}, {Lang: "ru", Text: "Первое"}}
	wanted.Topics = []string{"gcm:20", "sdg:10.7", "topic:migration_data"}
	wanted.Languages = []string{"sw", "es", "am"}
	wanted.OriginCountries, wanted.ResidenceCountries = []string{"MA", "ML", "GH"}, []string{"FR", "DE", "IT"}
	wanted.LedBy, wanted.AtRisk = nil, false
	wanted.Contacts = slices.Clone(before.Contacts)
	wanted.Contacts[1].Name, wanted.Contacts[1].Language = "Someone else", "es"
	wanted.Evidence = []directory.Evidence{{Kind: directory.EvidenceReferences, Referees: []string{first, second}, Note: "See the register.", State: directory.EvidenceAsked}, before.Evidence[1]}
	got := s.stored()
	if diff := cmp.Diff(&wanted, got, ofTime(), ofEvidence(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// ofEvidence passes over what the directory gives to pieces of evidence by itself.
func ofEvidence() cmp.Option {
	return cmp.Options{
		cmpopts.IgnoreFields(directory.Evidence{}, "ID", "StateAt"), cmpopts.IgnoreFields(directory.Stakeholder{}, "Vouchers"),
	}
}

// referee lists another stakeholder and returns its id.
func (s *pageSite) referee(name string) string {
	a := fullApplication()
	a.Names, a.Identifiers, a.AtRisk = []directory.Name{{Text: name, Lang: "en", Kind: directory.NameLegal}}, nil, false
	a.Contacts[0].Email = name + "@example.org"
	e := s.register(a)
	s.update(e.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.now) })
	return s.update(e.ID, func(e *directory.Stakeholder) error {
		return e.Decide(directory.Decision{Outcome: directory.Listed}, s.now)
	}).ID
}

// TestCorrectStale holds that what was changed in the meantime is not written
// over, and that what was typed stays.
func TestCorrectStale(t *testing.T) {
	s, session := returned(t)
	form := filledForm(t, s.get("/me/registration", session...))
	s.now = s.now.Add(time.Hour)
	s.update(s.waiting.ID, func(e *directory.Stakeholder) error {
		e.Website = "https://changed.example.org"
		e.Record("test.changed", "stakeholder", e.ID)
		return nil
	})
	before := s.stored()
	form.Set("name", "Typed")
	for _, version := range []string{form.Get("version"), "", "0", "x"} {
		form.Set("version", version)
		w := s.post("/me/registration", form, session...)
		doc := parsePage(t, w.Body.String())
		if w.Code != http.StatusPreconditionFailed || !strings.Contains(text(doc), i18n.T(i18n.English, "page.correct.stale.text", nil)) {
			t.Fatalf("version %q: %d", version, w.Code)
		}
		if got := filledForm(t, w).Get("name"); got != "Typed" {
			t.Errorf("the name became %q", got)
		}
	}
	if diff := cmp.Diff(before, s.stored(), cmpopts.IgnoreFields(directory.Stakeholder{}, "Log")); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// TestCorrectAddress holds that another address is to be confirmed, and that
// whoever had the old one acts no more.
func TestCorrectAddress(t *testing.T) {
	s, session := returned(t)
	form := filledForm(t, s.get("/me/registration", session...))
	form.Set("email", "fourth@example.org")
	want(t, s.post("/me/registration", form, session...), http.StatusSeeOther, "/register?received=1")
	after := s.stored()
	if focal, _ := after.FocalPoint(); after.Status != directory.AwaitingEmail || focal.Email != "fourth@example.org" || focal.ConfirmedAt != nil || focal.Speaking == nil {
		t.Errorf("%s: %+v", after.Status, focal)
	}
	want(t, s.get("/me", session...), http.StatusSeeOther, "/sign-in")
}

func TestCorrectRefused(t *testing.T) {
	s, session := returned(t)
	before := s.stored()
	form := filledForm(t, s.get("/me/registration", session...))
	for name, value := range map[string]string{
		"name": "Name\u202e", "name2_lang": "", "email": "speaker@example.org", "website": "javascript:alert(1)", "description": "\x01", "evidence_id": "", "acronym": "\u200b",
	} {
		form.Set(name, value)
	}
	w := s.post("/me/registration", form, session...)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	doc := parsePage(t, w.Body.String())
	for _, field := range []string{"name", "email", "website", "description", "evidence_id", "acronym"} {
		if !slices.ContainsFunc(all(doc, "div"), func(n *html.Node) bool { return attr(n, "id") == field+"-fault" }) {
			t.Errorf("no message at %s", field)
		}
	}
	if diff := cmp.Diff(before, s.stored(), cmpopts.IgnoreFields(directory.Stakeholder{}, "Log")); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// TestCorrectedIsStored holds for any registration that the form, untouched,
// says what is stored.
func TestCorrectedIsStored(t *testing.T) {
	tag := rapid.SampledFrom([]string{"en", "fr", "ar", "zh-Hant", "wo", "sw", "gsw"})
	country := rapid.SampledFrom([]string{"CH", "SN", "MA", "FR", "PS", "XK"})
	topic := rapid.SampledFrom(taxonomy.Topics())
	group := rapid.SampledFrom(directory.Groups())
	kind := rapid.SampledFrom([]directory.NameKind{directory.NameLegal, directory.NameAlias, directory.NameAcronym, directory.NameFormer})
	name := rapid.Custom(func(t *rapid.T) directory.Name {
		return directory.Name{Text: rapid.StringMatching(`[A-Za-z]{1,8}`).Draw(t, "text"), Lang: tag.Draw(t, "lang"), Kind: kind.Draw(t, "kind")}
	})
	prose := rapid.Custom(func(t *rapid.T) directory.Text { return directory.Text{Lang: tag.Draw(t, "lang"), Text: "Some\ntext"} })
	id := func(s string) string { return s }
	rapid.Check(t, func(t *rapid.T) {
		a := unusual()
		a.Names = append(rapid.SliceOfN(name, 0, 6).Draw(t, "names"), directory.Name{Text: "Own", Lang: tag.Draw(t, "own"), Kind: directory.NameAlias})
		a.Descriptions = rapid.SliceOfNDistinct(prose, 0, 4, func(t directory.Text) string { return t.Lang }).Draw(t, "descriptions")
		a.Languages = rapid.SliceOfNDistinct(tag, 0, 5, id).Draw(t, "languages")
		a.OriginCountries = rapid.SliceOfNDistinct(country, 0, 5, id).Draw(t, "origin")
		a.ResidenceCountries = rapid.SliceOfNDistinct(country, 0, 5, id).Draw(t, "residence")
		a.Topics = rapid.SliceOfNDistinct(topic, 0, 9, id).Draw(t, "topics")
		a.Serves = rapid.SliceOfNDistinct(group, 0, 5, id).Draw(t, "serves")
		a.Evidence = a.Evidence[rapid.IntRange(0, len(a.Evidence)).Draw(t, "evidence"):]
		e := &directory.Stakeholder{Profile: a.Profile, Contacts: a.Contacts, Evidence: a.Evidence, Consents: []directory.Consent{{TextVersion: directory.ConsentText}}}
		got, _ := corrected(e, registrationValues(e))
		if diff := cmp.Diff(a, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-stored +corrected):\n%s", diff)
		}
	})
}

// TestConsentAgain holds that a correction asks for consent where the text is
// another one than was agreed to.
func TestConsentAgain(t *testing.T) {
	s, session := returned(t)
	if w := s.get("/me/registration", session...); strings.Contains(w.Body.String(), `name="consent"`) {
		t.Error("consent is asked for twice")
	}
	s.update(s.waiting.ID, func(e *directory.Stakeholder) error {
		e.Consents[0].TextVersion = "2020-01"
		e.Record("test.changed", "stakeholder", e.ID)
		return nil
	})
	w := s.get("/me/registration", session...)
	form := filledForm(t, w)
	if !strings.Contains(w.Body.String(), `name="consent"`) || form.Has("consent") {
		t.Error("consent is not asked for")
	}
	if w := s.post("/me/registration", form, session...); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without consent the form answers %d", w.Code)
	}
	form.Set("consent", "yes")
	want(t, s.post("/me/registration", form, session...), http.StatusSeeOther, "/me?saved=1")
}
