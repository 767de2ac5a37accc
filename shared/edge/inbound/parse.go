package inbound

import (
	"bytes"
	"errors"
	"io"
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
	if err != nil || len(from) != 1 {
		return m, ignored("no single sender")
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
	name, rest, _ := strings.Cut(value, ";")
	if !strings.EqualFold(strings.TrimSpace(name), receiver) {
		return nil
	}
	var results []string
	for r := range strings.SplitSeq(rest, ";") {
		results = append(results, strings.ToLower(strings.TrimSpace(r)))
	}
	return results
}

// verified reports whether the receiving server found, by DMARC, or by DKIM of
// the very domain, that the address's domain sent the mail.
func (m received) verified(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	for _, r := range m.results {
		fields := strings.Fields(r)
		if len(fields) == 0 {
			continue
		}
		switch {
		case fields[0] == "dmarc=pass" && has(fields, "header.from="+domain):
			return true
		case fields[0] == "dkim=pass" && (has(fields, "header.d="+domain) || has(fields, "header.i=@"+domain)):
			return true
		}
	}
	return false
}

func has(fields []string, want string) bool {
	for _, f := range fields {
		if f == want {
			return true
		}
	}
	return false
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
