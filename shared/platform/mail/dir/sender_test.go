package dir

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

var now = time.Date(2025, 11, 3, 8, 30, 0, 0, time.UTC)

func message(id string) *mail.Message {
	return &mail.Message{
		ID:     id,
		From:   mail.Address{Addr: "events@example.org"},
		To:     mail.Address{Addr: "amina@example.org"},
		Letter: mail.SignIn{URL: "https://convoke.example.org/s?t=1", ExpiresAt: now}.Letter(i18n.Arabic),
		Kind:   mail.KindSignIn,
	}
}

func TestSend(t *testing.T) {
	at := now
	s := &Sender{Path: t.TempDir(), Now: func() time.Time { at = at.Add(time.Second); return at }}
	for _, id := range []string{"b", "a"} {
		if _, err := s.Send(t.Context(), message(id)); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := []string{"20251103T083001.000000000Z-b.eml", "20251103T083002.000000000Z-a.eml"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Fatal(diff)
	}
	composed, err := message("b").Bytes(now.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(filepath.Join(s.Path, names[0]))
	if err != nil || string(written) != string(composed) {
		t.Errorf("%v, %d bytes for %d", err, len(written), len(composed))
	}
}

func TestSendFails(t *testing.T) {
	s := &Sender{Path: filepath.Join(t.TempDir(), "absent"), Now: func() time.Time { return now }}
	if _, err := s.Send(t.Context(), message("1")); !errors.Is(err, mail.ErrTransient) {
		t.Errorf("without a directory: %v", err)
	}
	if _, err := s.Send(t.Context(), message("../1")); !errors.Is(err, mail.ErrUnsendable) {
		t.Errorf("a path for an id: %v", err)
	}
}
