package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
)

// encodedWord is how many bytes of text go into one encoded word: with its
// brackets and the longest name of a field it stays within the 76 columns of RFC
// 2047 section 2.
const encodedWord = 36

// fields gathers the header in its order, and the first reason not to write it.
type fields struct {
	lines []string
	err   error
}

func (f *fields) keep(err error) {
	if f.err == nil && err != nil {
		f.err = err
	}
}

func (f *fields) fail(part, reason string) { f.keep(&Unsendable{part, reason}) }

// add writes a field of ASCII, folded at its spaces. This is the one gate to the
// header: whatever could end a line is refused here once more.
func (f *fields) add(name, value string) {
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			f.fail(strings.ToLower(name), "control_character")
			return
		}
	}
	f.lines = append(f.lines, fold(name+":", strings.Fields(value)))
}

func (f *fields) address(name, part string, a Address) {
	checked, err := a.Checked(part)
	if err != nil {
		f.keep(err)
		return
	}
	spec := (&mail.Address{Address: checked.Addr}).String() // <local@domain>
	words := append(phrase(checked.Name), spec)
	f.lines = append(f.lines, fold(name+":", words))
}

func (f *fields) subject(s string) {
	switch {
	case strings.TrimSpace(s) == "":
		f.fail("subject", "empty")
	case len(s) > maxSubject:
		f.fail("subject", "too_long")
	case unsafe(s) != "":
		f.fail("subject", unsafe(s))
	case plain(s):
		f.add("Subject", s)
	default:
		f.lines = append(f.lines, fold("Subject:", encodedWords(s)))
	}
}

// header turns the fields into go-message's, which keeps raw lines as they are
// and writes the last that was added first.
func (f *fields) header() (message.Header, error) {
	var h message.Header
	if f.err != nil {
		return h, f.err
	}
	h.Add("MIME-Version", "1.0")
	for i := range f.lines {
		h.AddRaw([]byte(f.lines[len(f.lines)-1-i]))
	}
	return h, nil
}

// fold writes the words with lines of at most 76 columns where their length
// allows it.
func fold(name string, words []string) string {
	var b strings.Builder
	b.WriteString(name)
	column := len(name)
	for i, word := range words {
		if i > 0 && column+1+len(word) > 76 {
			b.WriteString("\r\n")
			column = 0
		}
		b.WriteString(" " + word)
		column += 1 + len(word)
	}
	return b.String() + "\r\n"
}

// phrase writes a display name: a quoted string when it is ASCII, else encoded
// words (RFC 5322 section 3.2.5).
func phrase(name string) []string {
	switch {
	case name == "":
		return nil
	case !plain(name):
		return encodedWords(name)
	}
	quoted := strings.ReplaceAll(strings.ReplaceAll(name, `\`, `\\`), `"`, `\"`)
	return strings.Fields(`"` + quoted + `"`)
}

// encodedWords cuts the text between characters into encoded words (RFC 2047),
// which readers join without a space. They are base64 throughout: it has one
// length for one text, where the Q encoding would triple Arabic or Chinese.
func encodedWords(s string) []string {
	var words []string
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > encodedWord {
				break
			}
			n += size
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return words
}

// plain reports whether the text can stand in a header as it is.
func plain(s string) bool {
	long := func(word string) bool { return len(word) > 70 }
	return isASCII(s) && !strings.Contains(s, "=?") && !slices.ContainsFunc(strings.Fields(s), long)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// create opens the writer of a part: message.CreateWriter for the message itself,
// CreatePart of what it stands in for every other.
type create func(message.Header) (*message.Writer, error)

// part is a leaf or a multipart.
type part interface{ writeTo(create) error }

// multipart is parts under one boundary.
type multipart struct {
	header   message.Header // what stands beside the content type
	subtype  string
	boundary string
	parts    []part
}

func (m multipart) writeTo(open create) error {
	h := m.header // of this message alone, and written once
	h.Set("Content-Type", "multipart/"+m.subtype+`; boundary="`+m.boundary+`"`)
	w, err := open(h)
	if err != nil {
		return err
	}
	for _, p := range m.parts {
		if err := p.writeTo(w.CreatePart); err != nil {
			return err
		}
	}
	return w.Close()
}

// leaf is one part with a body, which is UTF-8 with lines that end in LF or CRLF.
type leaf struct {
	kind     string // its media type with the parameters
	filename string // of an attachment
	body     []byte
}

func (l leaf) writeTo(open create) error {
	var h message.Header
	encoding := l.encoding()
	h.Set("Content-Transfer-Encoding", encoding)
	if l.filename != "" {
		h.SetContentDisposition("attachment", map[string]string{"filename": l.filename})
	}
	h.Set("Content-Type", l.kind)
	w, err := open(h)
	if err != nil {
		return err
	}
	if err := l.write(w, encoding); err != nil {
		return err
	}
	return w.Close()
}

// write ends each line with CRLF, which quoted-printable does itself.
func (l leaf) write(w io.Writer, encoding string) error {
	if encoding == quotedPrintable {
		_, err := w.Write(l.body)
		return err
	}
	crlf := []byte("\r\n")
	for line := range bytes.Lines(l.body) {
		text, ended := bytes.CutSuffix(line, crlf[1:])
		if _, err := w.Write(bytes.TrimSuffix(text, crlf[:1])); err != nil {
			return err
		}
		if !ended {
			return nil
		}
		if _, err := w.Write(crlf); err != nil {
			return err
		}
	}
	return nil
}

// The encodings of a body (RFC 2045 section 6).
const (
	base64Encoding  = "base64"
	quotedPrintable = "quoted-printable"
)

// encoding is quoted-printable, which keeps Latin text legible in the source,
// where that is the shorter one; a calendar is always base64, which leaves
// its lines alone.
func (l leaf) encoding() string {
	if l.filename != "" || strings.HasPrefix(l.kind, "text/calendar") {
		return base64Encoding
	}
	beyond := 0
	for _, b := range l.body {
		if b >= utf8.RuneSelf {
			beyond++
		}
	}
	if beyond > len(l.body)/6 {
		return base64Encoding
	}
	return quotedPrintable
}
