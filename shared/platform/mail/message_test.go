package mail_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/calendar"
)

var now = time.Date(2025, 11, 3, 8, 30, 0, 0, time.UTC)

// invited is a whole invitation, as the mailer composes it.
func invited(t testing.TB, lang i18n.Lang) *mail.Message {
	t.Helper()
	starts := time.Date(2025, 12, 18, 14, 0, 0, 0, time.UTC)
	d := mail.Invitation{
		RecipientName:  "Amina Example",
		Organisation:   "رابطة المهاجرين (Example)",
		Role:           "speaker",
		EventKind:      "panel_discussion",
		Title:          i18n.T(lang, "observance.international_migrants_day", nil),
		Summary:        "Political rights of migrants.\nThe floor will be open to civil society.",
		Starts:         starts,
		Ends:           starts.Add(3 * time.Hour),
		Zone:           "Europe/Zurich",
		ReaderZone:     "America/New_York",
		Place:          "Palais des Nations, Room XX",
		Online:         true,
		ConvenerName:   "Migration Programme",
		AnswerURL:      "https://convoke.example.org/answer?t=v1.k2.0a1b2c3d4e5f",
		AnswerBy:       time.Date(2025, 12, 11, 22, 59, 0, 0, time.UTC),
		UnsubscribeURL: "https://convoke.example.org/unsubscribe?t=v1.k2.9f8e7d",
	}
	m := &mail.Message{
		ID:                "01JBQ8Z6V0INVITE",
		From:              mail.Address{Name: "Migration Programme", Addr: "events@example.org"},
		ReplyTo:           mail.Address{Addr: "reply@example.org"},
		To:                mail.Address{Name: "أمينة Example", Addr: "amina@bücher.example"},
		Letter:            d.Letter(lang),
		UnsubscribeURL:    d.UnsubscribeURL,
		UnsubscribeMailto: "unsubscribe+9f8e7d@example.org",
		Kind:              mail.KindInvitation,
		Tags:              map[string]string{"invitation": "01JBQ8Z6V0"},
	}
	raw, err := calendar.Request(calendar.Event{
		UID: "01JBQ8Z6V0@example.org", Starts: d.Starts, Ends: d.Ends, Zone: d.Zone, Title: d.Title,
		Description: d.AnswerURL, Location: d.Place, URL: "https://convoke.example.org/events/1",
		Organizer: m.ReplyTo, Attendee: m.To,
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	m.Calendar = mail.Calendar{Method: "REQUEST", Bytes: raw}
	return m
}

func compose(t testing.TB, m *mail.Message) []byte {
	t.Helper()
	raw, err := m.Bytes(now)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestLines holds the limits of RFC 5322 section 2.1.1 and that all is ASCII.
func TestLines(t *testing.T) {
	for _, lang := range i18n.All() {
		raw := string(compose(t, invited(t, lang)))
		for line := range strings.SplitSeq(raw, "\r\n") {
			if len(line) > 78 && !strings.Contains(line, "http") || strings.ContainsAny(line, "\r\n\x00") {
				t.Errorf("%s: %d octets: %q", lang, len(line), line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
				t.Errorf("%s: not ASCII: %q", lang, line)
			}
		}
	}
}

// leaf is a part as the standard library reads it.
type leaf struct {
	kind   string
	params map[string]string
	header textproto.MIMEHeader
	body   string
}

// leaves reads the message with the standard library alone.
func leaves(t *testing.T, raw []byte) (netmail.Header, []leaf) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var all []leaf
	var read func(contentType string, r io.Reader, h textproto.MIMEHeader)
	read = func(contentType string, r io.Reader, h textproto.MIMEHeader) {
		kind, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(kind, "multipart/") {
			if h.Get("Content-Transfer-Encoding") == "base64" {
				r = base64.NewDecoder(base64.StdEncoding, r)
			} else {
				r = quotedprintable.NewReader(r)
			}
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, leaf{kind, params, h, string(body)})
			return
		}
		parts := multipart.NewReader(r, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			read(p.Header.Get("Content-Type"), p, p.Header)
		}
	}
	read(m.Header.Get("Content-Type"), m.Body, textproto.MIMEHeader(m.Header))
	return m.Header, all
}

func TestReadBack(t *testing.T) {
	for _, lang := range i18n.All() {
		m := invited(t, lang)
		header, parts := leaves(t, compose(t, m))
		decoder := new(mime.WordDecoder)
		if got, err := decoder.DecodeHeader(header.Get("Subject")); err != nil || got != m.Letter.Subject {
			t.Errorf("%s: subject %q, want %q (%v)", lang, got, m.Letter.Subject, err)
		}
		to, err := header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Name != m.To.Name || to[0].Address != "amina@xn--bcher-kva.example" {
			t.Errorf("%s: to %v (%v)", lang, to, err)
		}
		for name, want := range map[string]string{
			"Message-Id":            "<01JBQ8Z6V0INVITE@example.org>",
			"Date":                  "Mon, 03 Nov 2025 08:30:00 +0000",
			"From":                  `"Migration Programme" <events@example.org>`,
			"Reply-To":              "<reply@example.org>",
			"Content-Language":      string(lang),
			"List-Unsubscribe":      "<https://convoke.example.org/unsubscribe?t=v1.k2.9f8e7d>, <mailto:unsubscribe+9f8e7d@example.org?subject=unsubscribe>",
			"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
			"Auto-Submitted":        "auto-generated",
			"Mime-Version":          "1.0",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", lang, name, got, want)
			}
		}
		checkParts(t, m, parts)
	}
}

func checkParts(t *testing.T, m *mail.Message, parts []leaf) {
	t.Helper()
	var kinds []string
	for _, p := range parts {
		kinds = append(kinds, p.kind)
	}
	if diff := cmp.Diff([]string{"text/plain", "text/html", "text/calendar", "application/ics"}, kinds); diff != "" {
		t.Fatal(diff)
	}
	html, _ := m.Letter.HTML()
	for i, want := range []string{m.Letter.Text(), html, string(m.Calendar.Bytes), string(m.Calendar.Bytes)} {
		if got := strings.ReplaceAll(parts[i].body, "\r\n", "\n"); got != strings.ReplaceAll(want, "\r\n", "\n") {
			t.Errorf("part %d (-want +got):\n%s", i, cmp.Diff(want, got))
		}
	}
	if diff := cmp.Diff(map[string]string{"charset": "UTF-8", "method": "REQUEST"}, parts[2].params); diff != "" {
		t.Error(diff)
	}
	if got := parts[3].header.Get("Content-Disposition"); got != "attachment; filename=invite.ics" {
		t.Errorf("disposition %q", got)
	}
	if c, err := ics.ParseCalendar(strings.NewReader(parts[2].body)); err != nil || len(c.Events()) != 1 {
		t.Errorf("calendar: %v", err)
	}
}

// TestReadByGoMessage reads it with a second parser, which walks the same tree.
func TestReadByGoMessage(t *testing.T) {
	e, err := message.Read(bytes.NewReader(compose(t, invited(t, i18n.Russian))))
	if err != nil {
		t.Fatal(err)
	}
	var tree []string
	err = e.Walk(func(path []int, part *message.Entity, err error) error {
		kind, _, _ := part.Header.ContentType()
		tree = append(tree, strings.Repeat(" ", len(path))+kind)
		return err
	})
	want := []string{"multipart/mixed", " multipart/alternative", "  text/plain", "  text/html", "  text/calendar", " application/ics"}
	if diff := cmp.Diff(want, tree); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestWithoutCalendar(t *testing.T) {
	m := invited(t, i18n.French)
	m.Calendar, m.Kind, m.UnsubscribeURL, m.UnsubscribeMailto = mail.Calendar{}, mail.KindSignIn, "", ""
	header, parts := leaves(t, compose(t, m))
	if len(parts) != 2 || !strings.HasPrefix(header.Get("Content-Type"), "multipart/alternative") {
		t.Errorf("%d parts in %s", len(parts), header.Get("Content-Type"))
	}
	if header.Get("List-Unsubscribe") != "" {
		t.Error("a sign-in letter offers to unsubscribe")
	}
}

// TestRefused is what must never become a header.
func TestRefused(t *testing.T) {
	crlf := "x\r\nBcc: everyone@example.org"
	for name, c := range map[string]struct {
		change func(*mail.Message)
		want   string
	}{
		"subject":            {func(m *mail.Message) { m.Letter.Subject = crlf }, "subject: control_character"},
		"subject with LF":    {func(m *mail.Message) { m.Letter.Subject = "x\nBcc: y" }, "subject: control_character"},
		"subject with NUL":   {func(m *mail.Message) { m.Letter.Subject = "x\x00" }, "subject: control_character"},
		"subject with NEL":   {func(m *mail.Message) { m.Letter.Subject = "x\u0085y" }, "subject: control_character"},
		"subject with LS":    {func(m *mail.Message) { m.Letter.Subject = "x\u2028y" }, "subject: control_character"},
		"subject with RLO":   {func(m *mail.Message) { m.Letter.Subject = "x\u202ey" }, "subject: bidi_override"},
		"subject not UTF-8":  {func(m *mail.Message) { m.Letter.Subject = "x\xff" }, "subject: not_utf8"},
		"no subject":         {func(m *mail.Message) { m.Letter.Subject = " " }, "subject: empty"},
		"long subject":       {func(m *mail.Message) { m.Letter.Subject = strings.Repeat("x", 3000) }, "subject: too_long"},
		"from name":          {func(m *mail.Message) { m.From.Name = crlf }, "from.name: control_character"},
		"to name":            {func(m *mail.Message) { m.To.Name = crlf }, "to.name: control_character"},
		"to addr":            {func(m *mail.Message) { m.To.Addr = "a@example.org\r\nBcc: b@example.org" }, "to.addr: local_part"},
		"to addr local":      {func(m *mail.Message) { m.To.Addr = "a\r\nBcc: b@example.org" }, "to.addr: local_part"},
		"two addresses":      {func(m *mail.Message) { m.To.Addr = "a@example.org,b@example.org" }, "to.addr: local_part"},
		"angle":              {func(m *mail.Message) { m.To.Addr = "<a@example.org>" }, "to.addr: local_part"},
		"quoted local part":  {func(m *mail.Message) { m.To.Addr = `"a b"@example.org` }, "to.addr: local_part"},
		"local part":         {func(m *mail.Message) { m.To.Addr = "amína@example.org" }, "to.addr: local_part_not_ascii"},
		"dots":               {func(m *mail.Message) { m.To.Addr = "a..b@example.org" }, "to.addr: local_part"},
		"no domain":          {func(m *mail.Message) { m.To.Addr = "amina" }, "to.addr: no_domain"},
		"empty domain":       {func(m *mail.Message) { m.To.Addr = "amina@" }, "to.addr: domain"},
		"domain with space":  {func(m *mail.Message) { m.To.Addr = "a@example org" }, "to.addr: domain"},
		"literal":            {func(m *mail.Message) { m.To.Addr = "a@[127.0.0.1]" }, "to.addr: domain"},
		"long address":       {func(m *mail.Message) { m.To.Addr = "a@" + strings.Repeat("abcdefgh.", 30) + "org" }, "to.addr: too_long"},
		"reply to":           {func(m *mail.Message) { m.ReplyTo.Name = crlf }, "reply_to.name: control_character"},
		"id":                 {func(m *mail.Message) { m.ID = "1>\r\nX: y" }, "id: malformed"},
		"id as path":         {func(m *mail.Message) { m.ID = "../1" }, "id: malformed"},
		"no opt-out":         {func(m *mail.Message) { m.UnsubscribeURL = "" }, "unsubscribe_url: missing"},
		"opt-out by http":    {func(m *mail.Message) { m.UnsubscribeURL = "http://example.org/u" }, "unsubscribe_url: not_https"},
		"opt-out with line":  {func(m *mail.Message) { m.UnsubscribeURL = "https://example.org/u\r\nX: y" }, "unsubscribe_url: not_https"},
		"opt-out with angle": {func(m *mail.Message) { m.UnsubscribeURL = "https://example.org/>,<mailto:a@example.org" }, "unsubscribe_url: not_https"},
		"opt-out mailto":     {func(m *mail.Message) { m.UnsubscribeMailto = "a@example.org?cc=b@example.org" }, "unsubscribe_mailto.addr: local_part"},
		"language":           {func(m *mail.Message) { m.Letter.Lang = "en\r\nX: y" }, "content-language: control_character"},
		"action":             {func(m *mail.Message) { m.Letter.Actions[0].URL = "javascript:alert(1)" }, "letter.action: not_https"},
		"method":             {func(m *mail.Message) { m.Calendar.Method = "REQUEST; x=y" }, "calendar.method: unknown"},
	} {
		m := invited(t, i18n.English)
		c.change(m)
		raw, err := m.Bytes(now)
		if !errors.Is(err, mail.ErrUnsendable) || !errors.Is(err, mail.ErrPermanent) || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q; %d bytes", name, err, c.want, len(raw))
		}
	}
}

// TestNoInjection is the law behind the table: whatever the free parts hold, a
// message that is composed has the fields it should and no other.
func TestNoInjection(t *testing.T) {
	m := invited(t, i18n.English)
	fields := func(raw []byte) map[string]int {
		parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%v\n%q", err, raw)
		}
		count := make(map[string]int)
		for name, values := range parsed.Header {
			count[name] = len(values)
		}
		return count
	}
	want := fields(compose(t, m))
	hostile := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("\r\n\t :;,<>\"\\=?@\u2028\u202e")), rapid.Rune()))
	rapid.Check(t, func(rt *rapid.T) {
		m := *m
		m.To.Name = hostile.Draw(rt, "name")
		m.From.Name = hostile.Draw(rt, "from")
		m.Letter.Subject = "s" + hostile.Draw(rt, "subject")
		raw, err := m.Bytes(now)
		if err != nil {
			if !errors.Is(err, mail.ErrUnsendable) {
				rt.Fatal(err)
			}
			return
		}
		if diff := cmp.Diff(want, fields(raw)); diff != "" {
			rt.Fatal(diff)
		}
		parsed, _ := netmail.ReadMessage(bytes.NewReader(raw))
		if to, err := parsed.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "amina@xn--bcher-kva.example" {
			rt.Fatalf("to %v (%v) of %q", to, err, m.To.Name)
		}
	})
}

func TestSendErrorSaysNoAddress(t *testing.T) {
	cause := errors.New("550 5.1.1 <amina@example.org> unknown")
	err := error(&mail.SendError{Kind: mail.ErrPermanent, Reason: "550 5.1.1", Cause: cause})
	if strings.Contains(err.Error(), "@") || !errors.Is(err, mail.ErrPermanent) || !errors.Is(err, cause) {
		t.Error(err)
	}
}
