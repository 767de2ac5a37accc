package web

import (
	"net/http"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// ruleView is a standing rule as its unit sees it.
type ruleView struct {
	ID        string     `json:"id"`
	Unit      string     `json:"unit"`
	Year      int        `json:"year"`
	OpensAt   *time.Time `json:"opens_at,omitempty"`
	LastEvent string     `json:"last_event,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	convening.RulePlan
}

func viewRule(r *convening.StandingRule) ruleView {
	return ruleView{r.ID, r.Unit, r.Year, r.DueAt, r.LastEvent, r.CreatedAt, r.UpdatedAt, r.RulePlan}
}

func (s *Server) ruleRoutes() []route {
	return []route{
		{"GET", "/v1/observances", anyone, document, s.listObservances},
		{"POST", "/v1/rules", access{auth.Organiser}, command, s.postRule},
		{"GET", "/v1/rules", access{auth.Organiser}, document, s.listRules},
		{"GET", "/v1/rules/{id}", conveners, document, s.getRule},
		{"PUT", "/v1/rules/{id}", conveners, command, s.putRule},
	}
}

// observanceView is an international day for a reader.
type observanceView struct {
	convening.Observance
	Title string `json:"title"`
}

// listObservances answers without the table: the catalogue is part of the program.
func (s *Server) listObservances(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	items := []observanceView{}
	for _, o := range convening.Calendar() {
		items = append(items, observanceView{o, i18n.T(language(r), "observance."+o.Code, nil)})
	}
	w.Header().Set("Vary", "Accept-Language")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	return ok(w, listOf[observanceView]{items, ""})
}

func (s *Server) postRule(w http.ResponseWriter, r *http.Request) error {
	var plan convening.RulePlan
	if err := decode(r, &plan); err != nil {
		return err
	}
	rule, err := s.newRule(r, plan)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated, header: []string{"Location", "/v1/rules/" + rule.ID, "ETag", etag(1)}, body: viewRule(rule)}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.CreateRule(r.Context(), rule); err != nil {
		return err
	}
	return answer.write(w)
}

// newRule makes the standing rule that is asked for, and does not keep it yet.
func (s *Server) newRule(r *http.Request, plan convening.RulePlan) (*convening.StandingRule, error) {
	unit := identityOf(r).Unit
	if unit == "" {
		return nil, errNoUnit
	}
	if err := s.knowsSearch(r, "/template/audience", unit, plan.Template.Audience, ""); err != nil {
		return nil, err
	}
	rule, err := convening.NewRule(s.Store.NewID(), unit, plan, s.now())
	if err != nil {
		return nil, err
	}
	return rule, s.seriesFor(r, "/template/series", rule.Template.Series, unit)
}

func (s *Server) listRules(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	list, next, err := s.Store.Rules(r.Context(), identityOf(r).Unit, cursor, limit)
	if err != nil {
		return err
	}
	items := make([]ruleView, len(list))
	for i, rule := range list {
		items[i] = viewRule(rule)
	}
	return ok(w, listOf[ruleView]{items, next})
}

// standingRule returns the rule of the path to who may change it.
func (s *Server) standingRule(r *http.Request) (*convening.StandingRule, error) {
	rule, err := s.Store.Rule(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return rule, ofUnit(identityOf(r), rule.Unit)
}

func (s *Server) getRule(w http.ResponseWriter, r *http.Request) error {
	rule, err := s.standingRule(r)
	if err != nil {
		return err
	}
	if unchanged(w, r, etag(rule.Version)) {
		return nil
	}
	return ok(w, viewRule(rule))
}

func (s *Server) putRule(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var plan convening.RulePlan
	if err := decode(r, &plan); err != nil {
		return err
	}
	rule, err := s.reviseRule(r, read, func(convening.RulePlan) (convening.RulePlan, error) { return plan, nil })
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(rule.Version))
	return ok(w, viewRule(rule))
}

// reviseRule changes what the rule of the path says, in the version that was read.
func (s *Server) reviseRule(r *http.Request, read int64, change func(convening.RulePlan) (convening.RulePlan, error)) (*convening.StandingRule, error) {
	return s.Store.UpdateRule(r.Context(), r.PathValue("id"), func(rule *convening.StandingRule) error {
		if err := ofUnit(identityOf(r), rule.Unit); err != nil {
			return err
		}
		if rule.Version != read {
			return errStale
		}
		plan, late := change(rule.RulePlan)
		return alongside(late, s.setRule(r, rule, plan))
	})
}

func (s *Server) setRule(r *http.Request, rule *convening.StandingRule, plan convening.RulePlan) error {
	if plan.Template.Series != rule.Template.Series {
		if err := s.seriesFor(r, "/template/series", plan.Template.Series, rule.Unit); err != nil {
			return err
		}
	}
	if err := s.knowsSearch(r, "/template/audience", rule.Unit, plan.Template.Audience, rule.Template.Audience.Search); err != nil {
		return err
	}
	return rule.Revise(plan, s.now())
}

// ofUnit refuses who may not change what belongs to a unit; see convenes.
func ofUnit(who auth.Identity, unit string) error {
	return convenes(who, &convening.Event{Unit: unit})
}
