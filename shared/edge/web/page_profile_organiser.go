package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// organiserView is what those who convene see of a stakeholder beside its profile.
type organiserView struct {
	engaged  string // what it was asked to before
	speakers []speakerLine
	panels   []panelLine // of the reader's unit, to come
}

// speakerLine is somebody who wants to be found as a speaker.
type speakerLine struct {
	contact, name string
	says          []string // of topics and languages
}

type panelLine struct {
	event, when string
	title       directory.Text
}

// panelsShown is how many of a unit's coming events a profile offers a seat of.
const panelsShown = 5

// viewForOrganiser is nil for who convenes nothing. It asks the table for the
// ledger, and for the events of the unit.
func (s *Server) viewForOrganiser(r *http.Request, p page, e *directory.Stakeholder) (*organiserView, error) {
	who := identityOf(r)
	if !seesHidden(who) {
		return nil, nil //nolint:nilnil // nothing to see
	}
	ledger, err := s.Store.Ledger(r.Context(), e.ID)
	if err != nil {
		return nil, err
	}
	view := &organiserView{engaged: p.engaged(ledger.Engagement())}
	for _, c := range e.Speakers() {
		view.speakers = append(view.speakers, p.speakerLine(c))
	}
	if !who.Has(auth.Organiser) || who.Unit == "" {
		return view, nil
	}
	list, _, err := s.Store.EventsToCome(r.Context(), who.Unit, s.now(), "", panelsShown)
	if err != nil {
		return nil, err
	}
	for _, event := range list {
		if event.Status == convening.Draft || event.Status == convening.Published {
			view.panels = append(view.panels, panelLine{event.ID, i18n.Date(p.lang, event.Starts, event.Zone), textIn(event.Titles, p.lang)})
		}
	}
	return view, nil
}

func (p page) speakerLine(c directory.Contact) speakerLine {
	one := speakerLine{contact: c.ID, name: c.Name}
	for _, t := range c.Speaking.Topics {
		one.says = append(one.says, p.valueName("topic", t))
	}
	for _, l := range c.Speaking.Languages {
		one.says = append(one.says, i18n.Language(p.lang, l))
	}
	return one
}

// engaged is what a stakeholder was asked to before, in words.
func (p page) engaged(sum convening.Engagement) string {
	if sum.Invited == 0 || sum.LastAsked == nil {
		return p.t("tools.never")
	}
	return p.said("tools.asked", "n", strconv.Itoa(sum.Invited), "date", i18n.Date(p.lang, *sum.LastAsked, "UTC"),
		"accepted", strconv.Itoa(sum.Accepted), "spoke", strconv.Itoa(sum.Spoke))
}

// seatFor leads to the page of a panel, where the person is named for a seat.
func (p page) seatFor(event string, who convening.Person) templ.SafeURL {
	return p.linkTo(boardPath(event)+"/panel", url.Values{"who": {who.ID()}})
}
