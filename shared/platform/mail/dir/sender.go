// Package dir "sends" messages by writing them to a directory as .eml files, which
// any mail program opens: for a machine of one's own, and for tests.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"convoke/shared/platform/mail"
)

// Sender writes into Path, which must exist.
type Sender struct {
	Path string
	Now  func() time.Time
}

// Send writes the message whole or not at all and returns the name of its file,
// which begins with the time, so that names sort by it. Errors are
// *mail.SendError or *mail.Unsendable.
func (s *Sender) Send(ctx context.Context, m *mail.Message) (string, error) {
	now := s.Now().UTC()
	raw, err := m.Bytes(now)
	if err != nil {
		return "", fmt.Errorf("compose for directory: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return "", &mail.SendError{Kind: mail.ErrTransient, Reason: "cancelled", Cause: err}
	}
	// The id was checked with the rest: it is safe in a name.
	name := now.Format("20060102T150405.000000000Z") + "-" + m.ID + ".eml"
	if err := s.write(name, raw); err != nil {
		return "", &mail.SendError{Kind: mail.ErrTransient, Reason: "cannot write", Cause: err}
	}
	return name, nil
}

// write makes the file appear at once: a reader of the directory never sees a
// part of one.
func (s *Sender) write(name string, raw []byte) error {
	file, err := os.CreateTemp(s.Path, ".writing-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // nothing to remove once it is renamed
	if _, err := file.Write(raw); err != nil {
		_ = file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), filepath.Join(s.Path, name))
}

// Forget removes messages by the names that Send returned. What is gone is no
// error.
func (s *Sender) Forget(_ context.Context, names []string) error {
	for _, name := range names {
		if err := os.Remove(filepath.Join(s.Path, filepath.Base(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget a mail: %w", err)
		}
	}
	return nil
}
