package inbound

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // calendars come in older charsets too
	gomail "github.com/emersion/go-message/mail"
)

// maxCalendar bounds the calendar part, in bytes; a reply is a few hundred.
const maxCalendar = 64 << 10

// received is what matters of a mail.
type received struct {
	from     string
	results  []string // Authentication-Results of our own receiving server
	calendar []byte
}

// receiver is the name under which Amazon SES writes Authentication-Results
// (RFC 8601). Others of the name are not trusted: a sender can write them.
const receiver = "amazonses.com"

func parse(raw []byte) (received, error) {
	var m received
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return m, ignored("not readable")
	}
	h := gomail.Header{Header: e.Header}
	from, err := h.AddressList("From")
	if err != nil || len(from) != 1 || e.Header.FieldsByKey("From").Len() != 1 {
		return m, ignored("no single sender") // of two From fields, DMARC may have judged the other
	}
	m.from = from[0].Address
	if auto := e.Header.Get("Auto-Submitted"); auto != "" && !strings.HasPrefix(strings.ToLower(auto), "no") && !strings.Contains(strings.ToLower(auto), "auto-generated") {
		return m, ignored("automatic reply") // RFC 3834; calendars say auto-generated
	}
	m.results = authResults(e)
	m.calendar, err = calendarPart(e)
	return m, err
}

// authResults returns what our receiving server, which writes the topmost field,
// found. Fields below it came with the mail.
func authResults(e *message.Entity) []string {
	value := e.Header.Get("Authentication-Results")
	results := clauses(value)
	if len(results) == 0 || results[0] != receiver {
		return nil
	}
	return results[1:]
}

// clauses splits a field at its semicolons, in lower case, without comments and
// with quoted strings left whole: a sender writes the address that the receiver
// repeats, and must not write results of its own into it (RFC 8601 section 2.2).
// A field that ends within a comment or a quoted string has none.
func clauses(field string) []string {
	var list []string
	var clause strings.Builder
	depth, quoted, escaped := 0, false, false
	for _, r := range strings.ToLower(field) {
		switch {
		case escaped:
			escaped = false
		case r == '\\' && (quoted || depth > 0):
			escaped = true
		case r == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
			continue
		case r == ';' && depth == 0:
			list = append(list, strings.TrimSpace(clause.String()))
			clause.Reset()
			continue
		}
		if depth == 0 {
			if quoted && (r == ' ' || r == '\t') {
				r = '_' // so that what is quoted stays one word
			}
			clause.WriteRune(r)
		}
	}
	if quoted || depth > 0 {
		return nil
	}
	return append(list, strings.TrimSpace(clause.String()))
}

// verified reports whether the receiving server found, by DMARC, or by DKIM of
// the very domain, that the address's domain sent the mail. Where DMARC failed,
// DKIM does not mend it, and two findings of DMARC are one too many.
func (m received) verified(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	if dmarc := m.dmarc(); len(dmarc) > 1 || len(dmarc) == 1 && dmarc[0] == "dmarc=fail" {
		return false
	}
	for _, r := range m.results {
		fields := strings.Fields(r)
		if len(fields) == 0 {
			continue
		}
		switch {
		case fields[0] == "dmarc=pass" && slices.Contains(fields, "header.from="+domain):
			return true
		case fields[0] == "dkim=pass" && (slices.Contains(fields, "header.d="+domain) || slices.Contains(fields, "header.i=@"+domain)):
			return true
		}
	}
	return false
}

func (m received) dmarc() []string {
	var found []string
	for _, r := range m.results {
		if fields := strings.Fields(r); len(fields) > 0 && strings.HasPrefix(fields[0], "dmarc=") {
			found = append(found, fields[0])
		}
	}
	return found
}

var errFound = errors.New("found")

// calendarPart returns the first text/calendar part, nil when there is none.
func calendarPart(e *message.Entity) ([]byte, error) {
	var found []byte
	err := e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil || part == nil {
			return nil // a part in an unknown charset is no reason to drop the others
		}
		if media, _, _ := part.Header.ContentType(); media != "text/calendar" {
			return nil
		}
		found, err = io.ReadAll(io.LimitReader(part.Body, maxCalendar+1))
		if err != nil || len(found) > maxCalendar {
			return ignored("calendar part not readable")
		}
		return errFound
	})
	if err == nil || errors.Is(err, errFound) {
		return found, nil
	}
	if _, ok := errors.AsType[ignored](err); ok {
		return nil, err
	}
	return nil, ignored("not readable")
}
