package mailer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/paper"
	"convoke/shared/state/store"
)

// certify adds the certificate that was earned to the thanks, and returns it to go
// with them: none when there is none, or when it names its holder in a script that
// cannot be printed, so that the page alone shows it.
func (m *Mailer) certify(ctx context.Context, c call, thanks *mail.Thanks) ([]mail.Attachment, error) {
	code := c.invitation.Certificate
	if code == "" || !c.invitation.Earns(c.event) {
		return nil, nil
	}
	earned, err := m.Store.Certificate(ctx, code)
	if errors.Is(err, store.ErrNotFound) || err == nil && earned.RevokedAt != nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	thanks.CertificateURL = m.url("/certificates/"+code, c.to.Language)
	thanks.RemovalURL = m.link("certificate-removal", c.to.Language, auth.Claims{
		Purpose: auth.PurposeCertificate, IDs: []string{c.event.ID, c.to.ID}, Expires: m.Store.Now().Add(unsubscribeLasts),
	})
	raw, err := m.certificate(earned, i18n.Match(c.to.Language)).PDF()
	if errors.Is(err, paper.ErrScript) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	thanks.Attached = true
	return []mail.Attachment{pdf("certificate", raw)}, nil
}

func (m *Mailer) certificate(c *convening.Certificate, lang i18n.Lang) paper.Certificate {
	return paper.Certificate{
		Lang: lang, Name: c.Name, Title: directory.In(c.Titles, string(lang), "en"), Convener: c.Convener,
		Starts: c.Starts, Ends: c.Ends, Zone: c.Zone, Attended: c.Attended, Sessions: c.Sessions, IssuedAt: c.IssuedAt,
		Proof: m.proof("/certificates/", c.Code),
	}
}

// proof is where a paper can be verified.
func (m *Mailer) proof(page, code string) paper.Proof {
	return paper.Proof{Code: code, URL: m.BaseURL + page + code}
}

func pdf(name string, raw []byte) mail.Attachment {
	return mail.Attachment{Name: name + ".pdf", Type: "application/pdf", Bytes: raw}
}

// composeLetter sends a letter of participation to who is invited, while it is what
// it says. Of two that were issued in a row the last one goes.
func (m *Mailer) composeLetter(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, err := m.call(ctx, job)
	if err != nil {
		return nil, err
	}
	if c.invitation.Letter == "" {
		return nil, notNeeded("letter revoked")
	}
	l, err := m.Store.Letter(ctx, c.invitation.Letter)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notNeeded("letter gone")
	}
	if err != nil {
		return nil, fmt.Errorf("letter: %w", err)
	}
	if job.Data["issued"] != l.IssuedAt.UTC().Format(time.RFC3339Nano) || l.Standing(c.event, c.invitation, m.Store.Now()) != convening.LetterValid {
		return nil, notNeeded("letter superseded")
	}
	raw, err := m.participation(ctx, c.event.Unit, l)
	if err != nil {
		return nil, err
	}
	message := m.message(job, mail.KindLetter, c.to, mail.ParticipationLetter{Invitation: c.letter, VerifyURL: m.url("/letters/"+l.Code, c.to.Language)})
	message.Attachments = []mail.Attachment{pdf("letter", raw)}
	return message, m.tagged(ctx, message, c)
}

// participation writes the letter, from the unit if more is known of it than its id.
func (m *Mailer) participation(ctx context.Context, unit string, l *convening.Letter) ([]byte, error) {
	lang := i18n.Match(l.Language)
	written := paper.Letter{
		Lang: lang, Name: l.Name, Organisation: l.Organisation, Role: l.Role, EventKind: l.Kind, Title: directory.In(l.Titles, string(lang), "en"),
		Starts: l.Starts, Ends: l.Ends, Zone: l.Zone, Place: l.Place, Convener: l.Convener, IssuedAt: l.IssuedAt, Until: l.Until,
		Proof: m.proof("/letters/", l.Code),
	}
	switch u, err := m.Store.Unit(ctx, unit); {
	case err == nil:
		written.Unit, written.Contact = directory.In(u.Names, string(lang), "en"), u.ReplyTo
	case !errors.Is(err, store.ErrNotFound):
		return nil, fmt.Errorf("unit: %w", err)
	}
	raw, err := written.PDF()
	if err != nil {
		return nil, fmt.Errorf("letter: %w", err)
	}
	return raw, nil
}

// lettered reports whether the recipient has a letter of participation that says
// what is not so any more.
func (m *Mailer) lettered(ctx context.Context, c call) (bool, error) {
	if c.invitation.Letter == "" {
		return false, nil
	}
	l, err := m.Store.Letter(ctx, c.invitation.Letter)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("letter: %w", err)
	}
	return l.Standing(c.event, c.invitation, m.Store.Now()) == convening.LetterChanged, nil
}
