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
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/i18n"
)

// builderView is the panel of an event as its organiser builds it.
type builderView struct {
	id, state string
	title     directory.Text
	done      string
	panel     seatsView
	seatForm  formView
	aimForm   formView
	proposed  *proposedView
	stale     bool
	refused   formFaults // what was refused that belongs to no field
}

// proposedView is what the panel could be, as it was asked for.
type proposedView struct {
	whole   bool
	found   string // how many were looked at
	gap     string // how good it is proven to be
	seats   []proposedSeat
	targets []targetLine
}

// proposedSeat is who could take a seat, and why.
type proposedSeat struct {
	seat, role string
	kept       bool
	who        proposedPerson
	alternates []proposedPerson
}

type proposedPerson struct {
	person  string // convening.Person.ID; empty when nobody is left
	name    directory.Text
	path    string
	reasons []string
}

func (s *Server) panelPage(w http.ResponseWriter, r *http.Request) error {
	e, panel, err := s.panel(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	q, err := query(r, "suggest", "done", "n", "who", "lang")
	if err != nil {
		return err
	}
	view := builderView{done: p.doneText(q.Get("done"), q.Get("n"))}
	if who := q.Get("who"); who != "" {
		view.seatForm.values = url.Values{"holder": {who}}
	}
	if wish := q.Get("suggest"); wish != "" && len(panel.Seats) > 0 {
		told, err := s.suggest(r.Context(), p.lang, e, panel, suggestionRequest{Wish: convening.Wish{Whole: wish == "whole"}})
		if err != nil {
			return err
		}
		if view.proposed, err = s.viewProposed(r.Context(), p, panel, told); err != nil {
			return err
		}
		view.proposed.whole = wish == "whole"
	}
	return s.showBuilder(w, r, http.StatusOK, e, panel, view)
}

func (s *Server) showBuilder(w http.ResponseWriter, r *http.Request, status int, e *convening.Event, panel *convening.Panel, view builderView) error {
	p := pageOf(r)
	var err error
	if view.panel, err = s.viewSeatsOf(r.Context(), p, e, panel); err != nil {
		return err
	}
	view.id, view.state, view.title = e.ID, string(e.Status), textIn(e.Titles, p.lang)
	for _, f := range []*formView{&view.seatForm, &view.aimForm} {
		f.labels, f.values = "desk.panel", orEmpty(f.values)
	}
	return s.show(w, r, p, status, builder(p, view))
}

// viewProposed puts a suggestion into words.
func (s *Server) viewProposed(ctx context.Context, p page, panel *convening.Panel, told suggestionView) (*proposedView, error) {
	var persons []convening.Person
	for _, seat := range told.Seats {
		for _, one := range append([]proposalView{seat}, seat.Alternates...) {
			if one.Person != nil {
				persons = append(persons, *one.Person)
			}
		}
	}
	_, named, err := s.mentioned(ctx, persons, nil)
	if err != nil {
		return nil, err
	}
	view := &proposedView{
		found:   p.said("desk.suggest.found", "looked", strconv.Itoa(told.Candidates), "found", strconv.Itoa(told.Found)),
		gap:     p.gapText(told),
		targets: p.targetLines(told.Balance, panel.Targets),
	}
	for _, seat := range told.Seats {
		one := proposedSeat{seat: seat.Seat, role: i18n.T(p.lang, "role."+seat.Role, nil), kept: seat.Kept, who: p.proposedPerson(seat, named)}
		for _, a := range seat.Alternates {
			one.alternates = append(one.alternates, p.proposedPerson(a, named))
		}
		view.seats = append(view.seats, one)
	}
	return view, nil
}

// gapText says how good a suggestion is proven to be: the best there is, or by how
// much a better one could be.
func (p page) gapText(told suggestionView) string {
	switch {
	case told.Proven:
		return p.t("desk.suggest.proven")
	case told.Missed > told.MissedBound:
		return p.said("desk.suggest.missed", "missed", strconv.Itoa(told.Missed), "bound", strconv.Itoa(told.MissedBound))
	}
	return p.with("desk.suggest.gap", "percent", strconv.FormatFloat(told.Gap, 'f', 1, 64))
}

func (p page) proposedPerson(one proposalView, named map[string]*directory.Stakeholder) proposedPerson {
	if one.Person == nil {
		return proposedPerson{}
	}
	view := proposedPerson{person: one.Person.ID()}
	view.name, view.path = p.bodyName(named[one.Person.Stakeholder])
	for _, why := range one.Reasons {
		view.reasons = append(view.reasons, why.Text)
	}
	return view
}

// panelForm does one thing to the panel in the version that was shown.
func (s *Server) panelForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if form.Get("act") == "invite" {
		return s.inviteForm(w, r)
	}
	e, panel, err := s.panel(r)
	if err != nil {
		return err
	}
	plan, view := panel.PanelPlan, builderView{}
	plan.Seats, plan.Targets = slices.Clone(plan.Seats), slices.Clone(plan.Targets)
	done, err := s.reshape(form, &plan)
	if err == nil {
		_, _, err = s.revisePanel(r, readVersion(form), plan)
	}
	if err == nil {
		return pageOf(r).see(w, boardPath(e.ID)+"/panel", url.Values{"done": {done}})
	}
	if errors.Is(err, errStale) {
		view.stale = true
		return s.showBuilder(w, r, http.StatusPreconditionFailed, e, panel, view)
	}
	faults, err := faultsOf(pageOf(r), err, formFields{labels: "desk.panel", order: []string{"role", "holder", "what", "rule", "count"}, of: panelField(form.Get("act"), panel)})
	if err != nil {
		return err
	}
	switch form.Get("act") {
	case "seat":
		view.seatForm = formView{values: form, faults: faults}
	case "aim":
		view.aimForm = formView{values: form, faults: faults}
	default:
		view.refused = faults
	}
	return s.showBuilder(w, r, http.StatusUnprocessableEntity, e, panel, view)
}

// errNoAct refuses a form that says of nothing what is to be done.
var errNoAct = fault.New(fault.Malformed, "query.malformed")

// reshape changes a plan as the form says, and returns the code of what was done.
func (s *Server) reshape(form url.Values, plan *convening.PanelPlan) (string, error) {
	switch form.Get("act") {
	case "seat":
		s.addSeat(form, plan)
		return "seated", nil
	case "unseat":
		plan.Seats = slices.DeleteFunc(plan.Seats, func(seat convening.Seat) bool { return seat.ID == form.Get("seat") })
		return "unseated", nil
	case "vacate":
		for i := range plan.Seats {
			if plan.Seats[i].ID == form.Get("seat") {
				plan.Seats[i].Holder, plan.Seats[i].Pinned = nil, false
			}
		}
		return "vacated", nil
	case "aim":
		return "aimed", addTarget(form, plan)
	case "unaim":
		if n, err := strconv.Atoi(form.Get("target")); err == nil && n > 0 && n <= len(plan.Targets) {
			plan.Targets = slices.Delete(plan.Targets, n-1, n)
		}
		return "unaimed", nil
	case "accept":
		acceptProposal(form, plan)
		return "accepted", nil
	}
	return "", errNoAct
}

// addSeat adds a seat, or puts who is named into an open one of the role.
func (s *Server) addSeat(form url.Values, plan *convening.PanelPlan) {
	seat := convening.Seat{ID: s.Store.NewID(), Role: line(form, "role")}
	if who, named := personOf(stakeholderID(line(form, "holder"))); named {
		seat.Holder, seat.Pinned = &who, true
		open := func(o convening.Seat) bool { return o.Role == seat.Role && o.Holder == nil }
		if i := slices.IndexFunc(plan.Seats, open); i >= 0 {
			plan.Seats[i].Holder, plan.Seats[i].Pinned = seat.Holder, true
			return
		}
	}
	plan.Seats = append(plan.Seats, seat)
}

// addTarget reads a target: what it counts by stands before a slash, the value
// after it.
func addTarget(form url.Values, plan *convening.PanelPlan) error {
	of, value, _ := strings.Cut(line(form, "what"), "/")
	t := convening.Target{Rule: convening.Rule(line(form, "rule")), Of: convening.Attribute(of)}
	if value != "" {
		t.Values = []string{value}
	}
	n, err := strconv.Atoi(line(form, "count"))
	if err != nil {
		var faults fault.List
		faults.Add("/targets/"+strconv.Itoa(len(plan.Targets))+"/count", "query.number")
		return faults.Err(convening.ErrPanelInvalid.Code)
	}
	t.Count = n
	plan.Targets = append(plan.Targets, t)
	return nil
}

// acceptProposal seats those of a suggestion that were chosen, with their
// alternates where that is wished.
func acceptProposal(form url.Values, plan *convening.PanelPlan) {
	takes := map[string]convening.Person{}
	for _, seat := range form["take"] {
		if who, ok := personOf(form.Get("who-" + seat)); ok {
			takes[seat] = who
		}
	}
	for i := range plan.Seats { // who moves leaves the seat that they had
		if h := plan.Seats[i].Holder; h != nil && !plan.Seats[i].Pinned {
			for seat, who := range takes {
				if who == *h && seat != plan.Seats[i].ID {
					plan.Seats[i].Holder = nil
				}
			}
		}
	}
	for i := range plan.Seats {
		seat := &plan.Seats[i]
		who, ok := takes[seat.ID]
		if !ok {
			continue
		}
		seat.Holder = &who
		if form.Get("alternates") == "yes" {
			seat.Alternates = nil
			for _, id := range form["alternate-"+seat.ID] {
				if a, ok := personOf(id); ok && a != who && !slices.Contains(seat.Alternates, a) {
					seat.Alternates = append(seat.Alternates, a)
				}
			}
		}
	}
}

// personOf reads convening.Person.ID.
func personOf(id string) (convening.Person, bool) {
	stakeholder, contact, _ := strings.Cut(id, ".")
	return convening.Person{Stakeholder: stakeholder, Contact: contact}, stakeholder != ""
}

// panelField names the field that a pointer into a panel came from, where it is of
// the seat or of the target that the form adds.
func panelField(act string, panel *convening.Panel) func(string) string {
	target := "/targets/" + strconv.Itoa(len(panel.Targets))
	return func(pointer string) string {
		switch {
		case act == "seat" && strings.HasPrefix(pointer, "/seats/") && strings.Contains(pointer, "/holder"):
			return "holder"
		case act == "seat" && strings.HasPrefix(pointer, "/seats/"):
			return "role"
		case act == "aim" && pointer == target+"/rule":
			return "rule"
		case act == "aim" && pointer == target+"/count":
			return "count"
		case act == "aim" && strings.HasPrefix(pointer, target):
			return "what"
		}
		return ""
	}
}

// inviteForm invites who sits, and says how many are new and how many cannot be
// reached.
func (s *Server) inviteForm(w http.ResponseWriter, r *http.Request) error {
	told, err := s.invitePanel(r)
	if err != nil {
		return err
	}
	done := "panel_invited"
	if len(told.Unreachable) > 0 {
		done = "panel_partly"
	}
	return pageOf(r).see(w, boardPath(r.PathValue("id"))+"/panel", url.Values{"done": {done}, "n": {strconv.Itoa(told.Invited)}})
}

// The choices of the forms, in the reader's language.

func (p page) seatRoles() []option {
	var list []option
	for _, role := range convening.SeatRoles() {
		list = append(list, option{role, i18n.T(p.lang, "role."+role, nil)})
	}
	return list
}

func (p page) rules() []option {
	var list []option
	for _, rule := range []convening.Rule{convening.AtLeast, convening.AtMost, convening.Exactly} {
		list = append(list, option{string(rule), p.t("desk.rule." + string(rule))})
	}
	return list
}

// optionGroup is some options of a list under a heading.
type optionGroup struct {
	label   string
	options []option
}

// aims are what a target can count by, grouped.
func (p page) aims() []optionGroup {
	group := func(key string, of convening.Attribute, values ...string) optionGroup {
		g := optionGroup{label: p.t("desk.aims." + key)}
		for _, v := range values {
			g.options = append(g.options, option{string(of) + "/" + v, targetValue(p.lang, of, v)})
		}
		return g
	}
	bare := func(of convening.Attribute) option {
		return option{string(of), i18n.T(p.lang, "target."+string(of), nil)}
	}
	first := group("first", convening.ByFirst, convening.NeverInvited, convening.NeverSpoke)
	first.options = append(first.options, bare(convening.ByOrganisation), bare(convening.ByEachCountry), bare(convening.ByConflict))
	return []optionGroup{
		first,
		group("category", convening.ByCategory, taxonomy.Categories()...),
		group("region", convening.ByRegion, "002", "019", "142", "150", "009"),
		group("group", convening.ByGroup, taxonomy.Groups()...),
		group("gender", convening.ByGender, convening.Genders()...),
		group("led_by", convening.ByLedBy, directory.Groups()...),
		group("lived_experience", convening.ByExperience, directory.Groups()...),
		group("language", convening.ByLanguage, taxonomy.UNLanguages()...),
	}
}
