package mail

import (
	"github.com/emersion/go-message"
)

// maxAttachment bounds an attachment, in bytes: with its encoding and the rest of
// the letter it stays far below what senders and servers take.
const maxAttachment = 2 << 20

// Attachment is a file that goes with the letter.
type Attachment struct {
	Name  string // letters, digits, ".", "_", "-", at most 64
	Type  string // its media type
	Bytes []byte
}

// attached are the parts beside the letter: the calendar once more, as a file, and
// the attachments.
func (m *Message) attached() ([]part, error) {
	var parts []part
	if m.Calendar.Method != "" {
		parts = append(parts, m.attachment())
	}
	for _, a := range m.Attachments {
		switch {
		case !validID(a.Name):
			return nil, &Unsendable{"attachment.name", "malformed"}
		case len(a.Bytes) == 0 || len(a.Bytes) > maxAttachment:
			return nil, &Unsendable{"attachment", "too_long"}
		}
		parts = append(parts, file(a))
	}
	return parts, nil
}

// file is a part whose bytes are left as they are.
type file Attachment

func (f file) writeTo(open create) error {
	var h message.Header
	h.Set("Content-Transfer-Encoding", "base64")
	h.SetContentDisposition("attachment", map[string]string{"filename": f.Name})
	h.SetContentType(f.Type, map[string]string{"name": f.Name})
	w, err := open(h)
	if err != nil {
		return err
	}
	if _, err := w.Write(f.Bytes); err != nil {
		return err
	}
	return w.Close()
}
