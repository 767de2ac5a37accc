package web

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
)

// figuresView is what came of a series over the years, in pictures and in numbers.
type figuresView struct {
	id          string
	title       directory.Text
	done        string
	own         bool // who reads it may change the series
	total       statistics
	years       []figureLine // the latest first
	categories  []figureLine // who was asked the most first
	regions     []figureLine
	represented []groupFigures
	copied      formView
}

// figureLine is one line of a picture, in hundredths of the longest, and the same
// in words.
type figureLine struct {
	label             string
	tally             string
	first             string // how many came for the first time; empty where that is not counted
	invited, attended string
	accepted          string
}

// groupFigures are how many of who was asked say something of themselves.
type groupFigures struct {
	label string
	lines []needLine
}

func (s *Server) figuresPage(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "done", "lang")
	if err != nil {
		return err
	}
	return s.showFigures(w, r, http.StatusOK, figuresView{done: pageOf(r).doneText(q.Get("done"), ""), copied: s.copyForm(nil)})
}

func (s *Server) copyForm(values url.Values) formView {
	return formView{values: values, labels: "desk.series.copy", once: s.Store.NewID()}
}

func (s *Server) showFigures(w http.ResponseWriter, r *http.Request, status int, view figuresView) error {
	p := pageOf(r)
	e, organises, err := s.seriesAsked(r)
	if err != nil {
		return err
	}
	if !organises {
		return errNoRoute
	}
	sum, err := s.sumSeries(r.Context(), e.ID)
	if err != nil {
		return err
	}
	if sum.Represented, err = s.represented(r, e.ID); err != nil {
		return err
	}
	view.id, view.title, view.own = e.ID, textIn(e.Titles, p.lang), ofUnit(identityOf(r), e.Unit) == nil
	view.total, view.years = sum.Total, p.yearLines(sum.Years)
	view.categories, view.regions = p.figureLines("category", sum.Total.Categories), p.figureLines("region", sum.Total.Regions)
	for _, field := range representedBy() {
		if counts := sum.Represented[field]; len(counts) > 0 {
			view.represented = append(view.represented, groupFigures{p.t("profile." + field), p.groupLines(field, counts)})
		}
	}
	return s.show(w, r, p, status, figures(p, view))
}

func (p page) yearLines(years []seriesYear) []figureLine {
	most := 0
	for _, y := range years {
		most = max(most, y.Invited)
	}
	lines := make([]figureLine, len(years))
	for i, y := range years {
		lines[i] = p.figureLine(strconv.Itoa(y.Year), y.Tally, most)
		lines[i].first = y.firstTimers(p)
	}
	return lines
}

// figureLines are the lines of a field, who was asked the most first.
func (p page) figureLines(field string, tallies map[string]convening.Tally) []figureLine {
	most, keys := 0, slices.SortedFunc(maps.Keys(tallies), func(a, b string) int {
		return cmp.Or(tallies[b].Invited-tallies[a].Invited, cmp.Compare(a, b))
	})
	lines := make([]figureLine, len(keys))
	for i, key := range keys {
		most = max(most, tallies[key].Invited)
		lines[i] = p.figureLine(p.valueName(field, key), tallies[key], most)
	}
	return lines
}

func (p page) figureLine(label string, t convening.Tally, most int) figureLine {
	return figureLine{
		label: label, tally: p.tally(t),
		invited: hundredths(t.Invited, most), accepted: hundredths(t.Accepted, most), attended: hundredths(t.Attended, most),
	}
}

func (p page) tally(t convening.Tally) string {
	return p.said("desk.series.tally", "invited", strconv.Itoa(t.Invited), "accepted", strconv.Itoa(t.Accepted),
		"attended", strconv.Itoa(t.Attended), "spoke", strconv.Itoa(t.Spoke))
}

// groupLines are how many say a thing of themselves, the most first.
func (p page) groupLines(field string, counts map[string]int) []needLine {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	lines := make([]needLine, len(keys))
	for i, key := range keys {
		lines[i] = needLine{p.valueName(field, key), counts[key]}
	}
	return lines
}

// copySeriesForm copies a series to another unit, for who may act for that one too.
func (s *Server) copySeriesForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, organises, err := s.seriesAsked(r)
	if err != nil {
		return err
	}
	if !organises {
		return errNoRoute
	}
	unit := line(form, "unit")
	if err = s.actsForUnit(r, unit); errors.Is(err, errNotDelegated) {
		view := figuresView{copied: s.copyForm(form)}
		view.copied.faults.list = []formFault{{"unit", p.t("desk.series.copy.unit"), describe(p.lang, err).Title}}
		return s.showFigures(w, r, http.StatusForbidden, view)
	}
	if err != nil {
		return err
	}
	err = s.takeOnce(r, form, func(ctx context.Context) error {
		return s.Store.CreateSeries(ctx, e.Copy(s.Store.NewID(), unit, s.now()))
	})
	if err != nil {
		return err
	}
	return p.see(w, seriesPathOf(e.ID), url.Values{"done": {"series_copied"}})
}
