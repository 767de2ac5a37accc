package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-message"
)

// maxSubject bounds the subject, in bytes.
const maxSubject = 2000

// Message is one letter to one person. The same message gives the same bytes.
type Message struct {
	ID       string // of the product: letters, digits, ".", "_", "-", at most 64; the same for every attempt
	From     Address
	ReplyTo  Address // left out when empty
	To       Address
	Letter   Letter
	Calendar Calendar

	Attachments []Attachment // beside the calendar

	// UnsubscribeURL answers GET with a page and POST with the opt-out, without a
	// session (RFC 8058). A bulk kind is not composed without it.
	UnsubscribeURL    string
	UnsubscribeMailto string // the address alone; may be empty

	Kind Kind
	Tags map[string]string // what comes back with deliveries and bounces, where the sender can carry it

	Names []Named // who is named in it, beside whom the job says that it goes to; for who keeps mails
}

// Named is a stakeholder, or one of its contacts, that a message names.
type Named struct {
	Stakeholder string
	Contact     string // empty for the stakeholder
}

// Calendar is an iTIP object to go with the letter; none when Method is empty.
type Calendar struct {
	Method string // REQUEST or CANCEL
	Bytes  []byte // as calendar.Request and calendar.Cancel write it
}

// maxID bounds an id, in bytes.
const maxID = 64

// validID reports whether the id may stand in a Message-ID, a boundary, a file
// name and a tag.
func validID(id string) bool {
	odd := func(r rune) bool { return !asciiAlphanumeric(r) && !strings.ContainsRune("._-", r) }
	return id != "" && len(id) <= maxID && asciiAlphanumeric(rune(id[0])) && !strings.ContainsFunc(id, odd)
}

func asciiAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

// Bytes composes the message as it goes over the wire: CRLF lines of ASCII, at
// most 998 bytes long. now is its Date. The parts are text, HTML and, with a
// calendar, text/calendar as alternatives (RFC 6047), which many programs show as
// buttons, and the same once more as an attached invite.ics, for the others.
// Attachments come last.
// Every error is an *Unsendable.
func (m *Message) Bytes(now time.Time) ([]byte, error) {
	d := drafts.Get().(*draft)
	defer drafts.Put(d)
	header, err := m.header(now)
	if err != nil {
		return nil, err
	}
	parts, err := m.parts(d)
	if err != nil {
		return nil, err
	}
	body := multipart{header, "alternative", m.boundary("alternative"), parts}
	attached, err := m.attached()
	if err != nil {
		return nil, err
	}
	if len(attached) > 0 {
		body.header = message.Header{}
		body = multipart{header, "mixed", m.boundary("mixed"), append([]part{body}, attached...)}
	}
	d.whole.Reset()
	open := func(h message.Header) (*message.Writer, error) { return message.CreateWriter(&d.whole, h) }
	if err := body.writeTo(open); err != nil {
		return nil, &Unsendable{"body", "not_writable"}
	}
	return bytes.Clone(d.whole.Bytes()), nil
}

// draft is where a message is written before it is known how long it is.
type draft struct{ text, html, whole bytes.Buffer }

// drafts are used again: a mail has a few thousand bytes, three times over.
var drafts = sync.Pool{New: func() any { return new(draft) }} //nolint:gochecknoglobals // a pool is one for all

// MessageID is the Message-ID without its brackets: the message's own id at the
// sender's domain, so that a second attempt can be told from a second message.
// (Amazon SES puts its own in the place of it.)
func (m *Message) MessageID() (string, error) {
	if !validID(m.ID) {
		return "", &Unsendable{"id", "malformed"}
	}
	from, err := m.From.Checked("from")
	if err != nil {
		return "", err
	}
	return m.ID + from.Addr[strings.LastIndexByte(from.Addr, '@'):], nil
}

func (m *Message) header(now time.Time) (message.Header, error) {
	id, err := m.MessageID()
	if err != nil {
		return message.Header{}, err
	}
	var f fields
	f.add("Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	f.add("Message-ID", "<"+id+">")
	f.address("From", "from", m.From)
	f.address("To", "to", m.To)
	if m.ReplyTo != (Address{}) {
		f.address("Reply-To", "reply_to", m.ReplyTo)
	}
	f.subject(m.Letter.Subject)
	f.add("Content-Language", string(m.Letter.Lang))
	m.unsubscribe(&f)
	// RFC 3834: nobody's automatic answer should come back to a program.
	f.add("Auto-Submitted", "auto-generated")
	f.add("X-Auto-Response-Suppress", "OOF, AutoReply")
	return f.header()
}

// unsubscribe writes the fields of RFC 2369 and RFC 8058.
func (m *Message) unsubscribe(f *fields) {
	if m.UnsubscribeURL == "" {
		if m.Kind.Bulk() {
			f.fail("unsubscribe_url", "missing")
		}
		return
	}
	if !WebAddress(m.UnsubscribeURL) {
		f.fail("unsubscribe_url", "not_https")
	}
	value := "<" + m.UnsubscribeURL + ">"
	if m.UnsubscribeMailto != "" {
		to, err := Address{Addr: m.UnsubscribeMailto}.Checked("unsubscribe_mailto")
		f.keep(err)
		value += ", <mailto:" + url.PathEscape(to.Addr) + "?subject=unsubscribe>"
	}
	f.add("List-Unsubscribe", value)
	if m.Kind.Bulk() {
		f.add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
}

// parts are the alternatives, from the plainest to the richest.
func (m *Message) parts(d *draft) ([]part, error) {
	for _, action := range m.Letter.Actions {
		if !WebAddress(action.URL) {
			return nil, &Unsendable{"letter.action", "not_https"}
		}
	}
	d.text.Reset()
	m.Letter.writeText(&d.text)
	d.html.Reset()
	if err := m.Letter.writeHTML(&d.html); err != nil {
		return nil, &Unsendable{"letter", "html"}
	}
	parts := []part{
		leaf{kind: "text/plain; charset=utf-8; delsp=yes; format=flowed", body: d.text.Bytes()},
		leaf{kind: "text/html; charset=utf-8", body: d.html.Bytes()},
	}
	switch m.Calendar.Method {
	case "":
	case "REQUEST", "CANCEL":
		parts = append(parts, leaf{kind: "text/calendar; charset=UTF-8; method=" + m.Calendar.Method, body: m.Calendar.Bytes})
	default:
		return nil, &Unsendable{"calendar.method", "unknown"}
	}
	return parts, nil
}

func (m *Message) attachment() part {
	return leaf{kind: "application/ics; name=invite.ics", body: m.Calendar.Bytes, filename: "invite.ics"}
}

// boundary is the same for the same message. "=_" occurs neither in
// quoted-printable nor in base64, so that no body can hold it.
func (m *Message) boundary(of string) string {
	sum := sha256.Sum256([]byte(m.ID + "/" + of))
	return "=_" + hex.EncodeToString(sum[:12])
}

// WebAddress reports whether a link of a letter may lead to s: https anywhere,
// and http on the machine itself, for the local edition.
func WebAddress(s string) bool {
	if unsafe(s) != "" || strings.ContainsAny(s, " <>\"") || len(s) > 900 {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return false
	}
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return u.Scheme == "https" || u.Scheme == "http"
	}
	return u.Scheme == "https"
}
