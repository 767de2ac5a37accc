package mail_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

// TestAttachments reads files back byte by byte, beside a calendar and alone.
func TestAttachments(t *testing.T) {
	raw := []byte("%PDF-1.3\n\x00\xff\r\r\n\nend\r")
	for _, with := range []string{"calendar", "nothing"} {
		m := invited(t, i18n.Arabic)
		if with == "nothing" {
			m.Calendar = mail.Calendar{}
		}
		before := compose(t, m)
		m.Attachments = []mail.Attachment{{Name: "letter.pdf", Type: "application/pdf", Bytes: raw}}
		_, parts := leaves(t, compose(t, m))
		last := parts[len(parts)-1]
		got, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(last.body, "\r\n", ""))
		if err != nil {
			got = []byte(last.body) // decoded already
		}
		if last.kind != "application/pdf" || last.params["name"] != "letter.pdf" || !bytes.Equal(got, raw) {
			t.Errorf("with %s: %s %v %q", with, last.kind, last.params, got)
		}
		if _, without := leaves(t, before); len(parts) != len(without)+1 {
			t.Errorf("with %s: %d parts, %d without", with, len(parts), len(without))
		}
	}
}

// TestAttachmentsAreRefused names what is wrong with a file.
func TestAttachmentsAreRefused(t *testing.T) {
	for name, a := range map[string]mail.Attachment{
		"attachment.name": {Name: "a\r\nBcc: x@example.org", Type: "application/pdf", Bytes: []byte("x")},
		"attachment":      {Name: "a.pdf", Type: "application/pdf", Bytes: make([]byte, 3<<20)},
	} {
		m := invited(t, i18n.English)
		m.Attachments = []mail.Attachment{a}
		_, err := m.Bytes(now)
		if wrong, ok := errors.AsType[*mail.Unsendable](err); !ok || wrong.Part != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}
