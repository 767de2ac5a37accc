// Package mailbox shows the mail that a local process wrote into a directory
// instead of sending it: a list, each message with its parts, and the links in
// it to follow. It is for a developer's machine, and shows everybody's mail to
// whoever reaches it.
package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // mail dropped in by hand may be in any
	"github.com/emersion/go-message/mail"
)

// ErrAbsent says that there is no such message.
var ErrAbsent = errors.New("no such message")

const (
	suffix     = ".eml"
	maxMessage = 32 << 20 // bytes; a message of ours has some tens of kilobytes
	maxParts   = 50
)

// Box is a directory of .eml files whose names sort by time, as mail/dir writes
// them. The directory may be absent as long as it has had no mail.
type Box struct{ dir string }

// Open returns the box in a directory.
func Open(dir string) *Box { return &Box{dir: dir} }

// Field is one line of a message's header, decoded.
type Field struct{ Name, Value string }

// Part is one leaf of a message.
type Part struct {
	Type string // media type with its method, such as "text/calendar; method=REQUEST"
	Name string // file name of an attachment, else empty
	Size int    // bytes, decoded
}

// Message is one message of the box. Text, HTML and Calendar are its first parts
// of these types, decoded; empty when it has none.
type Message struct {
	ID       string
	To       string // addresses alone, with commas between
	Subject  string
	At       time.Time // zero when the header does not say
	Header   []Field
	Parts    []Part
	Text     string
	HTML     string
	Calendar string
}

// Names returns the ids of all messages, the newest first.
func (b *Box) Names() ([]string, error) {
	entries, err := os.ReadDir(b.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the mailbox: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), suffix); ok && id != "" && !strings.HasPrefix(id, ".") && e.Type().IsRegular() {
			ids = append(ids, id)
		}
	}
	slices.Reverse(ids)
	return ids, nil
}

// Raw returns a message as it was written.
func (b *Box) Raw(id string) ([]byte, error) {
	name := id + suffix
	if id == "" || strings.HasPrefix(id, ".") || filepath.Base(name) != name || !filepath.IsLocal(name) {
		return nil, ErrAbsent
	}
	file, err := os.OpenInRoot(b.dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAbsent
	}
	if err != nil {
		return nil, fmt.Errorf("open message: %w", err)
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(file, maxMessage))
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	return raw, nil
}

// Message returns a message, ErrAbsent when there is none. Of one that cannot be
// read as mail it returns what there is, and no error.
func (b *Box) Message(id string) (Message, error) {
	raw, err := b.Raw(id)
	if err != nil {
		return Message{}, err
	}
	return read(id, raw), nil
}

func read(id string, raw []byte) Message {
	m := Message{ID: id}
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		m.Subject, m.Text = "(not readable as mail)", strings.ToValidUTF8(string(raw), "\uFFFD")
		return m
	}
	m.readHeader(e.Header)
	m.readParts(e)
	return m
}

func (m *Message) readHeader(h message.Header) {
	for f := h.Fields(); f.Next(); {
		value, err := f.Text()
		if err != nil {
			value = f.Value()
		}
		m.Header = append(m.Header, Field{f.Key(), strings.ToValidUTF8(value, "\uFFFD")})
	}
	mh := mail.Header{Header: h}
	m.Subject, _ = mh.Subject()
	m.At, _ = mh.Date()
	list, err := mh.AddressList("To")
	if err != nil {
		m.To = h.Get("To")
		return
	}
	to := make([]string, len(list))
	for i, a := range list {
		to[i] = a.Address
	}
	m.To = strings.Join(to, ", ")
}

// readParts takes what it can: a part that is broken is listed with the bytes
// that were read of it.
func (m *Message) readParts(e *message.Entity) {
	_ = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil || len(m.Parts) == maxParts {
			return errors.New("stop")
		}
		kind, params, _ := part.Header.ContentType()
		if strings.HasPrefix(kind, "multipart/") {
			return nil
		}
		body, _ := io.ReadAll(part.Body)
		_, disposition, _ := part.Header.ContentDisposition()
		name := disposition["filename"]
		m.Parts = append(m.Parts, Part{Type: described(kind, params), Name: name, Size: len(body)})
		m.take(kind, name, strings.ToValidUTF8(string(body), "\uFFFD"))
		return nil
	})
}

func described(kind string, params map[string]string) string {
	if kind == "" {
		kind = "text/plain"
	}
	if method := params["method"]; method != "" {
		kind += "; method=" + method
	}
	return kind
}

func (m *Message) take(kind, name, body string) {
	switch {
	case name != "":
	case (kind == "text/plain" || kind == "") && m.Text == "":
		m.Text = body
	case kind == "text/html" && m.HTML == "":
		m.HTML = body
	case kind == "text/calendar" && m.Calendar == "":
		m.Calendar = body
	}
}

// Attachment returns a file that came with a message, with its media type,
// ErrAbsent when there is none of that name.
func (b *Box) Attachment(id, name string) (kind string, body []byte, err error) {
	raw, err := b.Raw(id)
	if err != nil {
		return "", nil, err
	}
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return "", nil, ErrAbsent
	}
	err = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		if _, params, _ := part.Header.ContentDisposition(); name == "" || params["filename"] != name || body != nil {
			return nil
		}
		kind, _, _ = part.Header.ContentType()
		body, err = io.ReadAll(part.Body)
		return err
	})
	if err != nil || body == nil {
		return "", nil, ErrAbsent
	}
	return kind, body, nil
}

// Newest returns the newest message to an address, ErrAbsent when there is none.
func (b *Box) Newest(address string) (Message, error) {
	ids, err := b.Names()
	if err != nil {
		return Message{}, err
	}
	for _, id := range ids {
		m, err := b.Message(id)
		if err == nil && slices.ContainsFunc(strings.Split(m.To, ", "), func(to string) bool { return strings.EqualFold(to, address) }) {
			return m, nil
		}
	}
	return Message{}, ErrAbsent
}

// Link returns the first http address in the text whose path begins so, "" when
// there is none.
func (m Message) Link(pathPrefix string) string {
	for _, s := range spans(m.Text) {
		if u, err := url.Parse(s.text); s.link && err == nil && strings.HasPrefix(u.Path, pathPrefix) {
			return s.text
		}
	}
	return ""
}

// span is a piece of text that is a link or is not.
type span struct {
	text string
	link bool
}

// spans cuts a text into links and what lies between. A link ends before a
// space, a quotation mark, an angle bracket, and the punctuation of a sentence.
func spans(text string) []span {
	var list []span
	for text != "" {
		start := linkStart(text)
		if start < 0 {
			return append(list, span{text: text})
		}
		end := strings.IndexAny(text[start:], " \t\r\n\"'<>\u00a0\u2028\u2029")
		if end < 0 {
			end = len(text) - start
		}
		link := strings.TrimRight(text[start:start+end], ".,;:!?)]}")
		if start > 0 {
			list = append(list, span{text: text[:start]})
		}
		list = append(list, span{text: link, link: true})
		text = text[start+len(link):]
	}
	return list
}

func linkStart(text string) int {
	at := -1
	for _, scheme := range []string{"http://", "https://"} {
		if i := strings.Index(text, scheme); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	return at
}
