package mailer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeMatched tells a unit who is new in one of its saved searches, as long as
// its alert is on. Who is listed no more is not named, and who is at risk is in no
// mail: it is counted, and found by who asks the search again.
func (m *Mailer) composeMatched(ctx context.Context, job store.Job) (*mail.Message, error) {
	x, err := m.Store.SavedSearch(ctx, job.Data["search"])
	if errors.Is(err, store.ErrNotFound) || err == nil && !x.Alert {
		return nil, notNeeded("its alert was stopped")
	}
	if err != nil {
		return nil, fmt.Errorf("saved search: %w", err)
	}
	u, err := m.Store.Unit(ctx, x.Unit)
	if errors.Is(err, store.ErrNotFound) || err == nil && u.ReplyTo == "" {
		return nil, notNeeded("the unit has no address")
	}
	if err != nil {
		return nil, fmt.Errorf("unit: %w", err)
	}
	total, err := strconv.Atoi(job.Data["count"])
	if err != nil {
		return nil, fmt.Errorf("count %q: %w", job.Data["count"], mail.ErrPermanent)
	}
	lang := string(i18n.Match(u.Language))
	letter := mail.SearchMatched{
		Unit: directory.In(u.Names, lang, "en"), Search: x.Name, DirectoryURL: m.url("/", lang),
		StopURL: m.link("alerts", lang, auth.Claims{Purpose: auth.PurposeAlert, IDs: []string{x.ID}, Expires: m.Store.Now().Add(unsubscribeLasts)}),
	}
	var gone int
	if letter.Stakeholders, gone, err = m.matches(ctx, strings.Split(job.Data["stakeholders"], ","), lang); err != nil {
		return nil, err
	}
	if letter.Total = total - gone; letter.Total <= 0 {
		return nil, notNeeded("who was new is listed no more")
	}
	message := m.message(job, mail.KindSearchMatched, directory.Contact{Name: letter.Unit, Email: u.ReplyTo, Language: lang}, letter)
	message.UnsubscribeURL = letter.StopURL
	for _, id := range strings.Split(job.Data["stakeholders"], ",") {
		message.Names = append(message.Names, mail.Named{Stakeholder: id})
	}
	return message, nil
}

// matches returns those of the stakeholders that can be named, in their order, and
// how many are listed no more.
func (m *Mailer) matches(ctx context.Context, ids []string, lang string) (named []mail.Match, gone int, err error) {
	found, err := m.Store.Stakeholders(ctx, ids)
	if err != nil {
		return nil, 0, fmt.Errorf("who is new: %w", err)
	}
	found = slices.DeleteFunc(found, func(e *directory.Stakeholder) bool { return e.Status != directory.Listed })
	gone = len(ids) - len(found)
	for _, id := range ids {
		at := slices.IndexFunc(found, func(e *directory.Stakeholder) bool { return e.ID == id })
		if at < 0 || !found[at].Public() {
			continue
		}
		e := found[at]
		named = append(named, mail.Match{Name: e.DisplayName(lang), Category: e.Category, Country: e.Country})
	}
	return named, gone, nil
}
