package specimen

import (
	"time"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/calendar"
)

// invitation asks a speaker in New York to Geneva, on International Migrants' Day.
func invitation(lang i18n.Lang) mail.Invitation {
	starts := time.Date(2025, 12, 18, 14, 0, 0, 0, time.UTC)
	return mail.Invitation{
		RecipientName: "Amina Example", Organisation: organisation, Role: "speaker", EventKind: "panel_discussion",
		Title:   i18n.T(lang, "observance.international_migrants_day", nil),
		Summary: "Political rights of migrants.\nThe floor will be open to civil society.",
		Starts:  starts, Ends: starts.Add(3 * time.Hour), Zone: "Europe/Zurich", ReaderZone: "America/New_York",
		Place: "Palais des Nations, Room XX", Online: true, ConvenerName: conveners,
		AnswerURL: site + "answer?t=v1.k2.0a1b2c3d4e5f", AnswerBy: time.Date(2025, 12, 11, 22, 59, 0, 0, time.UTC), UnsubscribeURL: unsubscribeURL,
	}
}

// accepted is the invitation of who takes part, and so is told the room.
func accepted(lang i18n.Lang) mail.Invitation {
	d := invitation(lang)
	d.Room = "https://meet.example.org/1"
	return d
}

// entry is the same invitation as a calendar has it.
func entry(d mail.Invitation, answer calendar.Status, sequence int) calendar.Event {
	return calendar.Event{
		UID: "01JBQ8Z6V0.C1@example.org", Sequence: sequence, Starts: d.Starts, Ends: d.Ends, Zone: d.Zone,
		Title: d.Title, Description: d.Summary, Location: d.Place, Room: d.Room, Documents: d.Documents, Answer: answer, Organizer: convener(), Attendee: invitee(),
	}
}

// described is the request with all that a calendar says of the event.
func described(lang i18n.Lang, d mail.Invitation) mail.Calendar {
	e := entry(d, "", 0)
	e.Description = d.About(lang)
	return itip(calendar.Request, "REQUEST", e)
}

func inviting(lang i18n.Lang) []draft {
	d := invitation(lang)
	cancel := itip(calendar.Cancel, "CANCEL", entry(d, "", 1))
	documented := d
	documented.Documents = []mail.Document{{Title: "Concept note (Example)", URL: "https://files.example.org/concept-note.pdf"}}
	experts := d
	experts.EventKind, experts.Conditions = "expert_group_meeting", mail.Conditions{Interpretation: []string{"fr", "ar"}, Unattributed: true}
	course := d
	course.EventKind, course.Role, course.Ends = "course", "participant", d.Ends.AddDate(0, 0, 7)
	course.Sessions = []mail.Session{{Title: "Sources of law", Starts: d.Starts, Ends: d.Ends}, {Title: "Rights at work", Starts: d.Starts.AddDate(0, 0, 7), Ends: course.Ends}}
	return []draft{
		{kind: mail.KindInvitation, letter: documented, calendar: itip(calendar.Request, "REQUEST", entry(documented, "", 0))},
		{kind: mail.KindInvitation, variant: "experts", letter: experts, calendar: described(lang, experts)},
		{kind: mail.KindInvitation, variant: "course", letter: course, calendar: described(lang, course)},
		{kind: mail.KindReminder, letter: mail.Reminder(d)},
		{kind: mail.KindReminder, variant: "again", letter: mail.FurtherReminder(d)},
		{kind: mail.KindSeatOffered, letter: mail.SeatOffered(d)},
		{kind: mail.KindUnplaced, letter: mail.Unplaced(d), calendar: cancel},
		{kind: mail.KindWithdrawn, letter: mail.Withdrawn(d), calendar: cancel},
	}
}

func answering(lang i18n.Lang) []draft {
	answer := func(a mail.Answer, d mail.Invitation, c mail.Calendar) draft {
		return draft{kind: mail.KindAnswerReceived, variant: string(a), letter: mail.AnswerReceived{Invitation: d, Answer: a}, calendar: c}
	}
	room := accepted(lang)
	return []draft{
		answer(mail.AnswerAccepted, room, itip(calendar.Request, "REQUEST", entry(room, calendar.Accepted, 0))),
		answer(mail.AnswerTentative, invitation(lang), mail.Calendar{}),
		answer(mail.AnswerDeclined, invitation(lang), mail.Calendar{}),
		answer(mail.AnswerWaiting, invitation(lang), mail.Calendar{}),
	}
}

func events(lang i18n.Lang) []draft {
	room := accepted(lang)
	changed := entry(room, calendar.Accepted, 3)
	opened := mail.EventOpened{
		Unit: conveners, Title: room.Title, Observance: "international_migrants_day", EventID: "01JBQ8Z6V0EVENT", URL: site + "desk/events/1",
		Starts: room.Starts, Ends: room.Ends, Zone: room.Zone, Place: room.Place,
	}
	published := opened
	published.Published = true
	bound := invitation(lang)
	bound.Conditions = mail.Conditions{Interpretation: []string{"fr", "ar"}, Unattributed: true}
	return []draft{
		{kind: mail.KindEventChanged, variant: "bound", letter: mail.EventChanged{Invitation: bound, Changed: []string{"interpretation", "attribution"}}, calendar: described(lang, bound)},
		{kind: mail.KindEventChanged, variant: "freed", letter: mail.EventChanged{Invitation: invitation(lang), Changed: []string{"sessions", "attribution"}}, calendar: itip(calendar.Request, "REQUEST", entry(invitation(lang), "", 3))},
		{kind: mail.KindEventChanged, letter: mail.EventChanged{Invitation: invitation(lang), Changed: []string{"time"}}, calendar: itip(calendar.Request, "REQUEST", entry(invitation(lang), "", 3))},
		{kind: mail.KindEventChanged, variant: "lettered", letter: mail.EventChanged{Invitation: room, Changed: []string{"place"}, Answered: true, Lettered: true}, calendar: itip(calendar.Request, "REQUEST", changed)},
		{
			kind: mail.KindEventChanged, variant: "accepted", calendar: itip(calendar.Request, "REQUEST", changed),
			letter: mail.EventChanged{Invitation: room, Changed: []string{"time", "place", "room"}, Answered: true},
		},
		{kind: mail.KindEventCancelled, letter: mail.EventCancelled{Invitation: room, Reason: "The airport is on strike."}, calendar: itip(calendar.Cancel, "CANCEL", changed)},
		{kind: mail.KindEventOpened, letter: opened},
		{kind: mail.KindEventOpened, variant: "published", letter: published},
		{kind: mail.KindSearchMatched, letter: mail.SearchMatched{
			Unit: conveners, Search: "Diaspora in Switzerland", Total: 5, DirectoryURL: site, StopURL: site + "alerts?t=v1.k2.5e6f7a",
			Stakeholders: []mail.Match{{Name: organisation, Category: "migrant_association", Country: "CH"}, {Name: "Association des migrants de Genève", Category: "ngo", Country: "CH"}},
		}},
	}
}
