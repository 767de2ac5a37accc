package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
)

// rulesPath is where the standing rules of a unit are.
const rulesPath = deskPath + "/rules"

// rulesView are the standing rules of a unit.
type rulesView struct {
	done  string
	lines []ruleLine
	next  url.Values
	later bool
}

// ruleLine is one standing rule with what it does next.
type ruleLine struct {
	id, day string
	title   directory.Text
	opens   string // when the next event is opened; empty while it is paused
	publish bool
	last    string // id of the event that was opened last
}

// ruleFormView is a standing rule as a form: a new one, or one that is changed.
type ruleFormView struct {
	form     formView
	id       string
	stale    bool
	series   []option
	searches []option
}

func (v ruleFormView) title(p page) string {
	if v.id == "" {
		return p.t("desk.rule.make")
	}
	return p.t("desk.rule.change")
}

func (s *Server) rulesPage(w http.ResponseWriter, r *http.Request) error {
	unit, p := identityOf(r).Unit, pageOf(r)
	if unit == "" {
		return errNoUnit
	}
	q, err := query(r, "done", "cursor", "lang")
	if err != nil {
		return err
	}
	list, next, err := s.Store.Rules(r.Context(), unit, q.Get("cursor"), eventsShown)
	if err != nil {
		return err
	}
	view := rulesView{done: p.doneText(q.Get("done"), ""), later: q.Has("cursor")}
	for _, rule := range list {
		view.lines = append(view.lines, p.ruleLine(rule))
	}
	if next != "" {
		view.next = url.Values{"cursor": {next}}
	}
	return s.show(w, r, p, http.StatusOK, rules(p, view))
}

func (p page) ruleLine(rule *convening.StandingRule) ruleLine {
	line := ruleLine{
		id: rule.ID, day: i18n.T(p.lang, "observance."+rule.Observance, nil), title: textIn(rule.Template.Titles, p.lang),
		publish: rule.Publish, last: rule.LastEvent,
	}
	if rule.DueAt != nil {
		line.opens = p.said("desk.rules.opens", "date", i18n.Date(p.lang, *rule.DueAt, rule.Template.Zone), "year", strconv.Itoa(rule.Year))
	}
	return line
}

func (s *Server) newRulePage(w http.ResponseWriter, r *http.Request) error {
	p, unit := pageOf(r), identityOf(r).Unit
	if unit == "" {
		return errNoUnit
	}
	values := url.Values{"title_lang": {string(p.lang)}, "weeks_ahead": {"10"}, "starts_local": {"15:00"}, "minutes": {"120"}}
	if err := s.startOf(r, p, unit, values); err != nil {
		return err
	}
	return s.showRule(w, r, http.StatusOK, ruleFormView{form: s.eventForm(values)}, unit)
}

func (s *Server) showRule(w http.ResponseWriter, r *http.Request, status int, view ruleFormView, unit string) error {
	p := pageOf(r)
	var err error
	if view.series, view.searches, err = s.choicesOf(r, p, unit, view.form.values); err != nil {
		return err
	}
	return s.show(w, r, p, status, ruleForm(p, view))
}

func (s *Server) newRuleForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	plan, late := ruleOf(form, convening.RulePlan{})
	rule, err := s.newRule(r, plan)
	if err = alongside(late, err); err == nil {
		err = s.takeOnce(r, form, func(ctx context.Context) error { return s.Store.CreateRule(ctx, rule) })
	}
	if err != nil {
		return s.refuseRule(w, r, identityOf(r).Unit, ruleFormView{form: s.eventForm(form)}, err)
	}
	return pageOf(r).see(w, rulesPath, url.Values{"done": {"rule_made"}})
}

func (s *Server) changeRulePage(w http.ResponseWriter, r *http.Request) error {
	rule, err := s.standingRule(r)
	if err != nil {
		return err
	}
	return s.showRule(w, r, http.StatusOK, ruleFormView{form: s.eventForm(ruleValues(pageOf(r), rule)), id: rule.ID}, rule.Unit)
}

// changeRuleForm changes the version of the rule that the form was filled with. What
// the form does not speak of stays as it is.
func (s *Server) changeRuleForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	rule, err := s.standingRule(r)
	if err != nil {
		return err
	}
	_, err = s.reviseRule(r, readVersion(form), func(plan convening.RulePlan) (convening.RulePlan, error) { return ruleOf(form, plan) })
	if err != nil {
		return s.refuseRule(w, r, rule.Unit, ruleFormView{form: s.eventForm(form), id: rule.ID}, err)
	}
	return pageOf(r).see(w, rulesPath, url.Values{"done": {"rule_changed"}})
}

func (s *Server) refuseRule(w http.ResponseWriter, r *http.Request, unit string, view ruleFormView, err error) error {
	if errors.Is(err, errStale) {
		view.stale = true
		return s.showRule(w, r, http.StatusPreconditionFailed, view, unit)
	}
	view.form.faults, err = faultsOf(pageOf(r), err, formFields{labels: "desk.event", order: ruleFields(), of: ruleField})
	if err != nil {
		return err
	}
	return s.showRule(w, r, http.StatusUnprocessableEntity, view, unit)
}

// ruleFields are the fields of the form in the order of the page.
func ruleFields() []string {
	return slices.Concat([]string{"observance", "weeks_ahead", "shift_days"}, eventFields(), []string{"starts_local", "minutes", "answer_days"})
}

// ruleField names the field that a pointer came from.
func ruleField(pointer string) string {
	at := strings.TrimPrefix(strings.TrimPrefix(pointer, "/template"), "/")
	switch at {
	case "weeks_ahead", "shift_days", "starts_local", "minutes", "answer_days":
		return at
	}
	return eventField("/" + at)
}

// ruleOf reads the form over a rule. What is no number comes beside it.
func ruleOf(form url.Values, p convening.RulePlan) (convening.RulePlan, error) {
	var faults fault.List
	number := func(field, under string) int { return numberOf(&faults, form, field, under+"/"+field) }
	p.Observance, p.WeeksAhead = line(form, "observance"), number("weeks_ahead", "")
	p.Publish, p.Paused = form.Get("publish") == "yes", form.Get("paused") == "yes"
	t := &p.Template
	t.Kind, t.Convener, t.Zone, t.Place, t.Online = line(form, "kind"), line(form, "convener"), line(form, "zone"), line(form, "place"), line(form, "online")
	t.Titles = textsWith(t.Titles, line(form, "title_lang"), line(form, "title"))
	t.Summaries = textsWith(t.Summaries, line(form, "title_lang"), prose(form, "summary"))
	t.StartsLocal, t.Series, t.InviteOnly = line(form, "starts_local"), line(form, "series"), form.Get("invite_only") == "yes"
	t.ShiftDays, t.Minutes, t.AnswerDays = number("shift_days", "/template"), number("minutes", "/template"), number("answer_days", "/template")
	t.Capacity = number("capacity", "/template")
	t.Audience = audienceOf(form, t.Audience)
	return p, faults.Err(convening.ErrRuleInvalid.Code)
}

// ruleValues is the form as it is filled with a rule: what it has in common with
// the form of an event as that has it.
func ruleValues(p page, rule *convening.StandingRule) url.Values {
	t := rule.Template
	v := eventValues(p, &convening.Event{Version: rule.Version, Convener: t.Convener, Plan: convening.Plan{
		Kind: t.Kind, Titles: t.Titles, Summaries: t.Summaries, Observance: rule.Observance, Zone: t.Zone, Place: t.Place, Online: t.Online,
		Audience: t.Audience, Outreach: t.Outreach, Terms: convening.Terms{Series: t.Series, InviteOnly: t.InviteOnly},
	}})
	v.Set("starts_local", t.StartsLocal)
	for field, n := range map[string]int{"weeks_ahead": rule.WeeksAhead, "shift_days": t.ShiftDays, "minutes": t.Minutes, "answer_days": t.AnswerDays} {
		if n != 0 {
			v.Set(field, strconv.Itoa(n))
		}
	}
	for field, set := range map[string]bool{"publish": rule.Publish, "paused": rule.Paused} {
		if set {
			v.Set(field, "yes")
		}
	}
	return v
}
