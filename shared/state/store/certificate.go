package store

import (
	"context"
	"errors"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var certificates = noun[convening.Certificate]{
	name:    typeCertificate,
	id:      func(c *convening.Certificate) string { return hash(c.Code) },
	version: func(c *convening.Certificate) *int64 { return &c.Version },
	journal: func(c *convening.Certificate) *journal.Log { return &c.Log },
	item: func(c *convening.Certificate) table.Item {
		return table.Item{Key: certificateKey(c.Code), Type: typeCertificate}
	},
}

// Certificate returns the certificate with a code.
func (s *Store) Certificate(ctx context.Context, code string) (*convening.Certificate, error) {
	return get(ctx, s, certificates, certificateKey(code))
}

// KeepCertificate keeps a new certificate. One that is there already stays.
func (s *Store) KeepCertificate(ctx context.Context, c *convening.Certificate) error {
	if _, err := s.Certificate(ctx, c.Code); !errors.Is(err, ErrNotFound) {
		return err
	}
	return create(ctx, s, certificates, c)
}

// UpdateCertificate changes one certificate.
func (s *Store) UpdateCertificate(ctx context.Context, code string, change func(*convening.Certificate) error) (*convening.Certificate, error) {
	return update(ctx, s, certificates, certificateKey(code), change)
}

// eraseCertificate takes the certificate of who is erased away, with what its
// trail says.
func (s *Store) eraseCertificate(ctx context.Context, i *convening.Invitation) error {
	if i.Certificate == "" {
		return nil
	}
	_, err := s.UpdateCertificate(ctx, i.Certificate, func(c *convening.Certificate) error { c.TakeAway(s.Now()); return nil })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return s.redactTrail(ctx, typeCertificate, hash(i.Certificate), all)
}
