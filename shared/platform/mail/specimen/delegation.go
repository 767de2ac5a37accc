package specimen

import (
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/calendar"
)

// handing are the mails about an invitation that is handed on to a colleague.
func handing(lang i18n.Lang) []draft {
	d, room := invitation(lang), accepted(lang)
	const colleague = "Bilal Example"
	return []draft{
		{kind: mail.KindInvitation, variant: "in_place_of", letter: mail.InPlaceOf{Invitation: d, Colleague: colleague}, calendar: itip(calendar.Request, "REQUEST", entry(d, "", 0))},
		{
			kind: mail.KindHandedOn, calendar: itip(calendar.Cancel, "CANCEL", entry(d, "", 1)),
			letter: mail.HandedOn{Invitation: d, Colleague: colleague, Until: i18n.DateTime(lang, expires(), d.Zone)},
		},
		{kind: mail.KindWithdrawn, variant: "recalled", letter: mail.Recalled{Invitation: d, Colleague: colleague}, calendar: itip(calendar.Cancel, "CANCEL", entry(d, "", 1))},
		{kind: mail.KindCameBack, letter: mail.CameBack{Invitation: d}, calendar: itip(calendar.Request, "REQUEST", entry(d, "", 2))},
		{
			kind: mail.KindCameBack, variant: "accepted", letter: mail.CameBack{Invitation: room, Answered: true},
			calendar: itip(calendar.Request, "REQUEST", entry(room, calendar.Accepted, 2)),
		},
	}
}

// nominating are the mails about who is nominated for a place of an organisation.
func nominating(lang i18n.Lang) []draft {
	d := invitation(lang)
	until := i18n.DateTime(lang, expires(), d.Zone)
	return []draft{
		{kind: mail.KindInvitation, variant: "nominated", letter: mail.Nominated(d), calendar: itip(calendar.Request, "REQUEST", entry(d, "", 0))},
		{kind: mail.KindWithdrawn, variant: "unnominated", letter: mail.Unnominated(d), calendar: itip(calendar.Cancel, "CANCEL", entry(d, "", 1))},
		{kind: mail.KindVacated, letter: mail.Vacated{Invitation: d, Until: until, Standing: []string{"Bilal Example", "Chen Example"}}},
		{kind: mail.KindVacated, variant: "nobody", letter: mail.Vacated{Invitation: d, Until: until}},
	}
}

// seating are the mails about seats in a panel.
func seating(lang i18n.Lang) []draft {
	d := invitation(lang)
	passed := mail.SeatPassed{Unit: conveners, Title: d.Title, EventID: "01JBQ8Z6V0EVENT", URL: site + "desk/events/1/panel", Role: d.Role}
	next := passed
	next.Next = organisation
	return []draft{
		{kind: mail.KindSeated, letter: mail.Seated(d)},
		{kind: mail.KindSeatPassed, letter: next},
		{kind: mail.KindSeatPassed, variant: "open", letter: passed},
	}
}
