package main

import (
	"crypto/rand"
	"fmt"
	"time"

	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/calendar"
)

// kind is a kind of message, as large as those it is compared with or as it is
// sent.
type kind struct {
	name     string
	calendar bool
}

var (
	short      = kind{"sign-in link", false}
	plain      = kind{"invitation without calendar", false}
	invitation = kind{"invitation", true}
)

// post writes messages that all differ: recipient, language, links.
type post struct {
	links *auth.Keyring
	now   time.Time
}

func newPost() (*post, error) {
	key, err := auth.NewKey("bench", rand.Reader)
	if err != nil {
		return nil, err
	}
	links, err := auth.ParseKeyring(key)
	if err != nil {
		return nil, err
	}
	return &post{links, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}, nil
}

func (p *post) write(k kind, i int) (*mail.Message, error) {
	to := mail.Address{Name: fmt.Sprintf("Focal point %d", i), Addr: fmt.Sprintf("focal%d@example.org", i)}
	from := mail.Address{Name: "Migration and Development Seminar Series", Addr: "convoke@example.org"}
	letter, lang := p.letter(i, to), i18n.All()[i%len(i18n.All())]
	m := &mail.Message{
		ID: fmt.Sprintf("01KB%022d", i), From: from, To: to, Kind: mail.KindInvitation,
		UnsubscribeURL: letter.UnsubscribeURL,
	}
	if k == short {
		m.Kind, m.Letter, m.UnsubscribeURL = mail.KindSignIn, mail.SignIn{URL: letter.AnswerURL, ExpiresAt: letter.AnswerBy}.Letter(lang), ""
		return m, nil
	}
	m.Letter = letter.Letter(lang)
	if !k.calendar {
		return m, nil
	}
	b, err := calendar.Request(calendar.Event{
		UID: fmt.Sprintf("01KBEVENT.01KB%d@example.org", i), Title: letter.Title, Description: letter.Summary, Location: letter.Place,
		Starts: letter.Starts, Ends: letter.Ends, Zone: letter.Zone, Organizer: from, Attendee: to,
	}, p.now)
	m.Calendar = mail.Calendar{Method: "REQUEST", Bytes: b}
	return m, err
}

func (p *post) letter(i int, to mail.Address) mail.Invitation {
	starts := time.Date(2026, 12, 18, 20, 0, 0, 0, time.UTC)
	by := starts.AddDate(0, 0, -7)
	link := func(page string, purpose string) string {
		return "https://convoke.example.org/" + page + "/" + p.links.Sign(auth.Claims{
			Purpose: purpose, IDs: []string{"01KB0000000000000000EVENT0", fmt.Sprintf("01KB%022d", i)}, Expires: starts, Generation: 1,
		})
	}
	return mail.Invitation{
		RecipientName: to.Name, Organisation: fmt.Sprintf("Association des migrants %d", i), Role: "participant", EventKind: "panel_discussion",
		Title: "Political rights of migrants", Summary: "A panel discussion on International Migrants' Day.\nIt looks at voting from abroad and in the country of residence.",
		Starts: starts, Ends: starts.Add(2 * time.Hour), Zone: "America/New_York", Place: "United Nations Headquarters, New York",
		ConvenerName: "Migration and Development Seminar Series", AnswerBy: by,
		AnswerURL: link("answer", auth.PurposeAnswer), UnsubscribeURL: link("unsubscribe", auth.PurposeUnsubscribe),
	}
}
