package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/i18n"
)

// outreachView is how the invitations of an event go out, as a form, beside what
// comes of it in the order of time.
type outreachView struct {
	form       formView
	id         string
	title      directory.Text
	done       string
	stale      bool
	waves      []waveRow
	categories []field
	milestones []milestoneLine
}

// waveRow is one wave as a form: how long before the start, and who is asked.
type waveRow struct {
	n    int // from 1
	kept bool
}

func (w waveRow) days() string { return "wave" + strconv.Itoa(w.n) + "_days" }
func (w waveRow) who() string  { return "wave" + strconv.Itoa(w.n) + "_who" }

// milestoneLine is one point of the way, in words.
type milestoneLine struct{ kind, when, what string }

// wavesOffered is how many waves the form has room for; an event that has more has
// them all.
const wavesOffered = 4

// Who is asked in a wave, as the form has it beside the categories.
const (
	waveRest   = "rest"
	waveNever  = "never_asked"
	waveSeats  = "seats"
	waveKept   = "kept" // what the form has no words for stays as it is
	waveOfKind = "category/"
)

func (s *Server) outreachPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.board(r)
	if err != nil {
		return err
	}
	if e.Over() {
		return convening.ErrEventOver
	}
	q, err := query(r, "done", "lang")
	if err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, outreach(p, s.outreachView(p, e, outreachValues(e), p.doneText(q.Get("done"), ""))))
}

func (s *Server) outreachView(p page, e *convening.Event, values url.Values, done string) outreachView {
	view := outreachView{form: formView{values: values, labels: "desk.outreach"}, id: e.ID, title: textIn(e.Titles, p.lang), done: done}
	for n := range max(wavesOffered, len(e.Waves)) {
		view.waves = append(view.waves, waveRow{n + 1, n < len(e.Waves) && whoOf(e.Waves[n]) == waveKept})
	}
	for _, category := range taxonomy.Categories() {
		view.categories = append(view.categories, field{name: quotaField(category), kind: "number", says: p.valueName("category", category)})
	}
	for _, m := range e.Timeline(s.now()) {
		view.milestones = append(view.milestones, p.milestone(e, m))
	}
	return view
}

func quotaField(category string) string { return "quota_" + category }

// milestone says what happens then. What goes out when a draft is published has no
// day yet.
func (p page) milestone(e *convening.Event, m convening.Milestone) milestoneLine {
	line := milestoneLine{kind: m.What, when: i18n.Date(p.lang, m.At, e.Zone), what: p.t("desk.milestone." + m.What)}
	switch {
	case m.What == convening.AtWave && e.Status == convening.Draft && (len(e.Waves) == 0 || m.At.After(e.Starts.AddDate(0, 0, -e.Waves[m.N-1].DaysBefore))):
		line.when = p.t("desk.milestone.at_once")
	case m.What == convening.AtStart:
		line.when = i18n.DateTime(p.lang, m.At, e.Zone)
	}
	if m.What == convening.AtWave && len(e.Waves) > 1 {
		line.what = p.said("desk.milestone.wave_of", "n", strconv.Itoa(m.N), "who", p.whoIn(e.Waves[m.N-1]))
	}
	return line
}

// whoIn is who is asked in a wave, in words.
func (p page) whoIn(w convening.Wave) string {
	who := whoOf(w)
	list := p.waveChoices(who == waveKept)
	return list[slices.IndexFunc(list, func(o option) bool { return o.value == who })].label
}

// waveChoices are those who can be asked in a wave.
func (p page) waveChoices(kept bool) []option {
	list := []option{{waveRest, p.t("desk.outreach.rest")}, {waveNever, p.t("desk.outreach.never_asked")}, {waveSeats, p.t("desk.outreach.seats")}}
	if kept {
		list = append(list, option{waveKept, p.t("desk.outreach.kept")})
	}
	for _, category := range taxonomy.Categories() {
		list = append(list, option{waveOfKind + category, p.valueName("category", category)})
	}
	return list
}

// seatRoles are the roles of who has a seat on the podium.
func seatRoles() []string {
	return slices.DeleteFunc(convening.Roles(), func(role string) bool { return role == "participant" })
}

// whoOf is who is asked in a wave as the form has it.
func whoOf(w convening.Wave) string {
	kinds := w.Filters["category"]
	switch plain := len(w.Filters) == 0; {
	case plain && w.NeverAsked && len(w.Roles) == 0:
		return waveNever
	case plain && !w.NeverAsked && slices.Equal(w.Roles, seatRoles()):
		return waveSeats
	case plain && !w.NeverAsked && len(w.Roles) == 0:
		return waveRest
	case len(w.Filters) == 1 && len(kinds) == 1 && taxonomy.ValidCategory(kinds[0]) && !w.NeverAsked && len(w.Roles) == 0:
		return waveOfKind + kinds[0]
	}
	return waveKept
}

// outreachForm changes how invitations go out, in the version that was shown.
func (s *Server) outreachForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.board(r)
	if err != nil {
		return err
	}
	_, err = s.changeEvent(r, readVersion(form), func(e *convening.Event) error {
		plan, late := e.Plan, error(nil)
		plan.Outreach, late = outreachOf(form, e.Outreach)
		return alongside(late, s.reviseEvent(r, e, eventRequest{Convener: e.Convener, Plan: plan}))
	})
	if err == nil {
		return p.see(w, boardPath(e.ID)+"/outreach", url.Values{"done": {"changed"}})
	}
	return s.refuseOutreach(w, r, e, form, err)
}

func (s *Server) refuseOutreach(w http.ResponseWriter, r *http.Request, e *convening.Event, form url.Values, err error) error {
	p := pageOf(r)
	view := s.outreachView(p, e, form, "")
	if errors.Is(err, errStale) {
		view.stale = true
		return s.show(w, r, p, http.StatusPreconditionFailed, outreach(p, view))
	}
	fields := formFields{labels: "desk.outreach", order: view.fields(), of: outreachField(form), says: view.says(p)}
	if view.form.faults, err = faultsOf(p, err, fields); err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusUnprocessableEntity, outreach(p, view))
}

// quotas reports whether the form has a quota.
func (v outreachView) quotas() bool {
	return slices.ContainsFunc(v.categories, func(c field) bool { return v.form.filled(c.name) })
}

// fields are the fields of the form in the order of the page.
func (v outreachView) fields() []string {
	var list []string
	for _, w := range v.waves {
		list = append(list, w.days(), w.who())
	}
	list = append(list, "reminders", "thank_after_days", "invitations_per_organisation", "places_per_organisation")
	for _, c := range v.categories {
		list = append(list, c.name)
	}
	return list
}

// says is the label of a field that there are several of.
func (v outreachView) says(p page) func(string) string {
	return func(name string) string {
		for _, w := range v.waves {
			if name == w.days() || name == w.who() {
				return p.with("desk.outreach.wave", "n", strconv.Itoa(w.n))
			}
		}
		for _, c := range v.categories {
			if name == c.name {
				return c.says
			}
		}
		return ""
	}
}

// outreachOf reads the form over what there is. What is no number comes beside it.
func outreachOf(form url.Values, o convening.Outreach) (convening.Outreach, error) {
	var faults fault.List
	o.PlacesPerOrganisation = numberOf(&faults, form, "places_per_organisation", "/places_per_organisation")
	o.InvitationsPerOrganisation = numberOf(&faults, form, "invitations_per_organisation", "/invitations_per_organisation")
	if o.ThankAfter = nil; line(form, "thank_after_days") != "" {
		days := numberOf(&faults, form, "thank_after_days", "/thank_after_days")
		o.ThankAfter = &days
	}
	o.Reminders = remindersOf(&faults, line(form, "reminders"))
	o.Quotas = map[string]int{}
	for _, category := range taxonomy.Categories() {
		if name := quotaField(category); line(form, name) != "" {
			o.Quotas[category] = numberOf(&faults, form, name, "/quotas/"+category)
		}
	}
	if len(o.Quotas) == 0 {
		o.Quotas = nil
	}
	o.Waves = wavesOf(&faults, form, o.Waves)
	return o, faults.Err(convening.ErrEventInvalid.Code)
}

// numberOf reads a field as a whole number; empty is 0.
func numberOf(faults *fault.List, form url.Values, name, pointer string) int {
	given := line(form, name)
	if given == "" {
		return 0
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		faults.Add(pointer, "query.number")
	}
	return n
}

// remindersOf reads numbers of days, with whatever stands between them.
func remindersOf(faults *fault.List, given string) []int {
	var list []int
	apart := func(c rune) bool { return strings.ContainsRune(" ,;،，、", c) }
	for i, word := range strings.FieldsFunc(given, apart) {
		n, err := strconv.Atoi(westernDigits(word))
		if err != nil {
			faults.Add("/reminders/"+strconv.Itoa(i), "query.number")
		}
		list = append(list, n)
	}
	return list
}

// westernDigits writes the digits of Arabic and Persian keyboards as numbers are
// read.
func westernDigits(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '٠' && c <= '٩':
			return '0' + c - '٠'
		case c >= '۰' && c <= '۹':
			return '0' + c - '۰'
		}
		return c
	}, s)
}

// wavesGiven are the rows of waves, from 0, in which the form says something.
func wavesGiven(form url.Values) []int {
	var rows []int
	for n := range 20 {
		if w := (waveRow{n: n + 1}); line(form, w.days())+line(form, w.who()) != "" {
			rows = append(rows, n)
		}
	}
	return rows
}

func wavesOf(faults *fault.List, form url.Values, before []convening.Wave) []convening.Wave {
	var waves []convening.Wave
	for i, n := range wavesGiven(form) {
		row, wave := waveRow{n: n + 1}, convening.Wave{}
		switch who := line(form, row.who()); {
		case who == waveKept && n < len(before):
			wave = before[n]
		case who == waveNever:
			wave.NeverAsked = true
		case who == waveSeats:
			wave.Roles = seatRoles()
		case strings.HasPrefix(who, waveOfKind):
			wave.Filters = map[string][]string{"category": {strings.TrimPrefix(who, waveOfKind)}}
		}
		wave.DaysBefore = numberOf(faults, form, row.days(), "/waves/"+strconv.Itoa(i)+"/days_before")
		waves = append(waves, wave)
	}
	return waves
}

// outreachField names the field that a pointer came from.
func outreachField(form url.Values) func(string) string {
	return func(pointer string) string {
		parts := strings.Split(strings.TrimPrefix(pointer, "/")+"///", "/")
		switch parts[0] {
		case "quotas":
			return quotaField(parts[1])
		case "waves":
			n, err := strconv.Atoi(parts[1])
			if rows := wavesGiven(form); err == nil && n < len(rows) {
				w := waveRow{n: rows[n] + 1}
				return map[bool]string{true: w.days(), false: w.who()}[parts[2] == "days_before"]
			}
			return waveRow{n: 1}.days()
		case "reminders", "thank_after_days", "invitations_per_organisation", "places_per_organisation":
			return parts[0]
		}
		return ""
	}
}

// outreachValues is the form as it is filled with an event.
func outreachValues(e *convening.Event) url.Values {
	v := url.Values{"version": {strconv.FormatInt(e.Version, 10)}}
	for name, n := range map[string]int{
		"places_per_organisation": e.PlacesPerOrganisation, "invitations_per_organisation": e.InvitationsPerOrganisation,
	} {
		if n > 0 {
			v.Set(name, strconv.Itoa(n))
		}
	}
	if e.ThankAfter != nil {
		v.Set("thank_after_days", strconv.Itoa(*e.ThankAfter))
	}
	for category, n := range e.Quotas {
		v.Set(quotaField(category), strconv.Itoa(n))
	}
	days := make([]string, len(e.Reminders))
	for i, d := range e.Reminders {
		days[i] = strconv.Itoa(d)
	}
	v.Set("reminders", strings.Join(days, ", "))
	for n, wave := range e.Waves {
		row := waveRow{n: n + 1}
		v.Set(row.days(), strconv.Itoa(wave.DaysBefore))
		v.Set(row.who(), whoOf(wave))
	}
	return v
}
