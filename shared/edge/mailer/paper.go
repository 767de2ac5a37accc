package mailer

import (
	"context"
	"errors"
	"fmt"

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
