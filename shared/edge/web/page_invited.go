package web

import (
	"context"
	"net/url"
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// invitedLine is an invitation of who is signed in, and the way to its answer.
type invitedLine struct {
	event string
	title directory.Text
	when  string
	says  string // what was answered, or until when it can be
	at    string // the page of the answer, empty when none is taken any more
	again bool   // something was answered
}

// invitationsRead is how many of a stakeholder's invitations are looked through
// for those of one contact that are still to come.
const invitationsRead = 50

// invitedLines are the contact's own invitations to what has not ended, the newest
// first.
func (s *Server) invitedLines(ctx context.Context, p page, stakeholder, contact string) ([]invitedLine, error) {
	list, err := s.Store.LatestInvitations(ctx, stakeholder, invitationsRead)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(i *convening.Invitation) bool {
		return i.Contact != contact || i.AskedAt == nil || i.Status == convening.Withdrawn
	})
	ids := make([]string, len(list))
	for k, i := range list {
		ids[k] = i.EventID
	}
	events, err := s.Store.EventsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	var lines []invitedLine
	for _, i := range list {
		at := slices.IndexFunc(events, func(e *convening.Event) bool { return e.ID == i.EventID })
		if at >= 0 && events[at].Ends.After(s.now()) {
			lines = append(lines, s.invitedLine(p, i, events[at]))
		}
	}
	return lines, nil
}

// invitedLine leads to the page of the answer as the mail does.
func (s *Server) invitedLine(p page, i *convening.Invitation, e *convening.Event) invitedLine {
	asked := viewAnswer(p, i, e, s.now())
	line := invitedLine{event: e.ID, title: asked.title, when: asked.when, again: asked.answer != ""}
	switch {
	case e.Status == convening.Cancelled:
		line.says = p.t("event.cancelled")
		return line
	case asked.answer != "":
		line.says = p.t("answer.given." + string(asked.answer))
	case asked.closed:
		line.says = p.t("answer.closed")
	default:
		line.says = p.t("answer.by") + " " + i18n.DateTime(p.lang, i.AnswerBy, e.Zone)
	}
	if e.TakesAnswers() == nil && i.AnswerBy.After(s.now()) && !i.GoesBack() {
		line.at = "/answer/" + url.PathEscape(s.Links.Sign(auth.Claims{
			Purpose: auth.PurposeAnswer, IDs: []string{e.ID, i.Contact}, Expires: e.Ends, Generation: i.Generation,
		}))
	}
	return line
}
