package cli_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http/httptest"
	netmail "net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"convoke/shared/local/mailbox"
)

// attack is one hostile input.
type attack struct {
	name    string
	refused bool // it is never to be taken
	send    func(*office) (status int, shown []view, allocated uint64)
}

// attacks are n of them, of every kind in turn, each with another ending.
func attacks(n int, private string) []attack {
	var list []attack
	texts := hostileTexts()
	links := hostileLinks(private)
	files := hostileFiles()
	for i := 0; len(list) < n; i++ {
		text := texts[i%len(texts)]
		end := fmt.Sprintf(" %d", i)
		link := links[i%len(links)]
		file := files[i%len(files)]
		list = append(list,
			attack{fmt.Sprintf("name %q", text.text), text.refused, asName(text.text+end, "")},
			attack{fmt.Sprintf("event %q", text.text), text.refused, asEvent(text.text+end, "")},
			attack{fmt.Sprintf("note %q", text.text), text.refused, asNote(text.text + end)},
			attack{fmt.Sprintf("search %q", text.text), false, asSearch(text.text + end)},
			attack{fmt.Sprintf("website %q", link.text), link.refused, asName("Institute of demography"+end, link.text)},
			attack{fmt.Sprintf("link of an event %q", link.text), link.refused, asEvent("Seminar"+end, link.text)},
			attack{"document " + file.name, true, asDocument(file.kind, append(slices.Clone(file.data), end...))},
			attack{"body", true, hostileBody(i)},
		)
	}
	return list[:n]
}

// input is a text, and whether it is never to be taken.
type input struct {
	text    string
	refused bool
}

// hostileTexts are those of the scorecard: formulas of spreadsheets, line ends,
// overrides of direction and lookalikes, HTML.
func hostileTexts() []input {
	return []input{
		{`=HYPERLINK("https://evil.example.org","Click")`, false},
		{`+cmd|' /C calc'!A0`, false},
		{"-2+3+cmd|' /C calc'!A0", false},
		{"@SUM(1+1)*cmd", false},
		{"＝1+1", false},
		{"\t=1+1", false},
		{"'=1+1", false},
		{`"=1+1"`, false},
		{";=1+1", false},
		{"Name\r\nBcc: all@example.org\r\n\r\nText", true},
		{"Name\nBcc: all@example.org", false},
		{"Name\rBcc: all@example.org", true},
		{"Name\u2028Bcc: all@example.org", true},
		{"Name\u0085Bcc: all@example.org", true},
		{"Name\x00", true},
		{"Name\x1b[31m", true},
		{"=?utf-8?q?Bcc:_all=40example.org?=", false},
		{"BEGIN:VCALENDAR\\nATTENDEE:mailto:all@example.org", false},
		{"X;ATTENDEE=\"mailto:all@example.org\":y,z\\", false},
		{"\u202egnp.exe", true},
		{"a\u2066b\u2069", true},
		{"\u200fName", true},
		{"Na\u200bme", true},
		{"\u2800", false},
		{"\u00adName", true},
		{"Unіted Nаtions", false},
		{"Ｕｎｉｔｅｄ", false},
		{"𝐔𝐧𝐢𝐭𝐞𝐝", false},
		{strings.Repeat("e\u0301\u0301\u0301\u0301\u0301\u0301", 20), false},
		{"<script>alert(1)</script>", false},
		{`"><img src=x onerror=alert(1)>`, false},
		{"</title><script>alert(1)</script>", false},
		{"</script><script>alert(1)</script>", false},
		{`' onmouseover='alert(1)`, false},
		{"<svg/onload=alert(1)>", false},
		{`<iframe src="javascript:alert(1)">`, false},
		{"<!--", false},
		{"]]>", false},
		{"<base href=https://evil.example.org>", false},
		{"{{7*7}}${7*7}#{7*7}<%= 7*7 %>", false},
		{"&lt;script&gt;alert(1)&lt;/script&gt;", false},
		{"javascript:alert(1)", false},
		{"<meta http-equiv=refresh content='0;url=https://evil.example.org'>", false},
		{"<a href=https://evil.example.org>Sign in</a>", false},
		{"../../etc/passwd", false},
	}
}

// hostileLinks are addresses that no server should open and no reader follow.
func hostileLinks(private string) []input {
	return []input{
		{"javascript:alert(1)", true},
		{"data:text/html,<script>alert(1)</script>", true},
		{"vbscript:x", true},
		{"file:///etc/passwd", true},
		{"//evil.example.org", true},
		{"http://" + private + "/", false},
		{"https://" + private + "/latest/meta-data/", false},
		{"http://169.254.169.254/latest/meta-data/", false},
		{"http://[::1]/", false},
		{"http://10.0.0.1/", false},
		{"http://2130706433/", false},
		{"http://user:password@example.org/", false},
		{"https://example.org/\"onmouseover=alert(1)", false},
		{"https://example.org/\r\nSet-Cookie: a=b", true},
		{"https://example.org/<script>", false},
		{"https://\u202eexample.org/", true},
		{"gopher://127.0.0.1:6379/_FLUSHALL", true},
		{"https://example.org/?" + strings.Repeat("a", 3000), true},
		{"jar:https://example.org!/", true},
		{"https://еxample.org/", false},
	}
}

// file is a document that is not of the type it is said to be of, or of none that
// is taken.
type file struct {
	name, kind string
	data       []byte
}

func hostileFiles() []file {
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	page := []byte("<!doctype html><script>alert(1)</script>")
	return []file{
		{"svg", "image/svg+xml", svg},
		{"svg as png", "image/png", svg},
		{"svg as pdf", "application/pdf", svg},
		{"html", "text/html", page},
		{"html as jpeg", "image/jpeg", page},
		{"html as pdf", "application/pdf", page},
		{"program", "application/octet-stream", []byte("MZ\x90\x00")},
		{"program as png", "image/png", []byte("\x7fELF")},
		{"zip as pdf", "application/pdf", []byte("PK\x03\x04")},
		{"xml with an entity", "application/xml", []byte(`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`)},
		{"type with a line end", "image/png\r\nX-A: b", svg},
	}
}

// hostileBody is a body that is too deep, too long, or no JSON.
func hostileBody(i int) func(*office) (int, []view, uint64) {
	deep := 10_000 + i
	long := strings.Repeat("a", 1<<20+i)
	bodies := []string{
		strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep), strings.Repeat("[", deep), `{"names":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + "}",
		`{"names":[{"lang":"en","kind":"legal","text":"` + long + `"}]}`, `{"` + long + `":1}`, `{"text":"` + strings.Repeat(`\u0000`, 10_000) + `"}`, "\xff\xfe{\x00}\x00",
		`{"a":1` + strings.Repeat(`,"a":1`, deep) + "}", `{"text":1e` + strings.Repeat("9", 1000) + "}", `{"__proto__":{"admin":true}}`, "null", "",
	}
	paths := []string{"/v1/registrations", "/v1/events", "/v1/searches", "/v1/series", "/v1/rules"}
	return asBody(paths[i%len(paths)], []byte(bodies[i/len(paths)%len(bodies)]))
}

// harmless reports what an answer would let a program do that reads it.
func harmless(w *httptest.ResponseRecorder) error {
	h := w.Header()
	if len(h["Set-Cookie"]) > 0 && !strings.HasPrefix(h.Get("Set-Cookie"), "convoke") && !strings.HasPrefix(h.Get("Set-Cookie"), "__Host-") {
		return fmt.Errorf("it sets the cookie %q", h["Set-Cookie"])
	}
	if h.Get("X-Content-Type-Options") != "nosniff" {
		return errors.New("its type may be guessed")
	}
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil && w.Body.Len() > 0 {
		return err
	}
	switch kind {
	case "text/html":
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			return fmt.Errorf("its policy is %q", csp)
		}
		return harmlessHTML(w.Body.String())
	case "text/calendar", "text/vcard":
		return harmlessLines(w.Body.String())
	case "application/json", "application/ld+json", "application/problem+json":
		return harmlessJSON(w.Body.Bytes())
	}
	return fmt.Errorf("it is %s", kind)
}

func harmlessJSON(b []byte) error {
	if !json.Valid(b) {
		return errors.New("it is no JSON")
	}
	return ordered(string(b))
}

// ordered reports a character that changes the order of others beyond its line. It
// may stand escaped in JSON.
func ordered(s string) error {
	if i := strings.IndexFunc(s, func(r rune) bool { return r >= 0x202a && r <= 0x202e }); i >= 0 {
		return fmt.Errorf("an override of direction at %d", i)
	}
	return nil
}

// harmlessHTML reads as a browser does, and refuses whatever runs or leads away
// that pages of ours have none of.
func harmlessHTML(s string) error {
	if err := ordered(s); err != nil {
		return err
	}
	for z := html.NewTokenizer(strings.NewReader(s)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if errors.Is(z.Err(), io.EOF) {
				return nil
			}
			return z.Err()
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if err := harmlessElement(t); err != nil {
				return err
			}
			if t.Data != "script" || z.Next() != html.TextToken {
				continue
			}
			if err := harmlessJSON(z.Raw()); err != nil {
				return err
			}
		}
	}
}

func harmlessElement(t html.Token) error {
	attribute := func(name string) string {
		for _, a := range t.Attr {
			if a.Key == name {
				return a.Val
			}
		}
		return ""
	}
	switch t.Data {
	case "iframe", "object", "embed", "base", "applet", "math", "frame":
		return fmt.Errorf("a <%s>", t.Data)
	case "script":
		if attribute("type") != "application/ld+json" && !strings.HasPrefix(attribute("src"), "/static/") {
			return errors.New("a script")
		}
	case "meta":
		if attribute("http-equiv") != "" {
			return fmt.Errorf("a <meta http-equiv=%q>", attribute("http-equiv"))
		}
	case "img":
		if !strings.HasPrefix(attribute("src"), "/static/") {
			return fmt.Errorf("an image of %q", attribute("src"))
		}
	}
	for _, a := range t.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "srcdoc" {
			return fmt.Errorf("an attribute %s", a.Key)
		}
		if !slices.Contains([]string{"href", "src", "action", "formaction", "xlink:href"}, a.Key) {
			continue
		}
		u, err := url.Parse(a.Val)
		if err != nil || !slices.Contains([]string{"", "http", "https", "mailto", "webcal"}, u.Scheme) {
			return fmt.Errorf("a link to %q", a.Val)
		}
	}
	return nil
}

// property is the beginning of a line of a calendar or a card (RFC 5545, RFC 6350).
var property = regexp.MustCompile(`^(?:item\d+\.)?([A-Z-]+)[;:]`)

// attached is a document that lies elsewhere.
var attached = regexp.MustCompile(`:https?://[^"<>\s]+$`)

// harmlessLines refuses properties that ours do not have, and a second begin or end
// where there is one.
func harmlessLines(s string) error {
	if err := ordered(s); err != nil {
		return err
	}
	begun := 0
	unfolded := strings.NewReplacer("\r\n ", "", "\r\n\t", "").Replace(s)
	for line := range strings.SplitSeq(strings.TrimSuffix(unfolded, "\r\n"), "\r\n") {
		name := property.FindStringSubmatch(line)
		if name == nil || strings.ContainsAny(line, "\r\n") {
			return fmt.Errorf("the line %q", line)
		}
		switch name[1] {
		case "BEGIN":
			begun++
		case "END":
			begun--
		case "ATTACH":
			if !attached.MatchString(line) {
				return fmt.Errorf("the line %q", line)
			}
		case "ATTENDEE", "REQUEST-STATUS", "KEY", "SOUND", "PHOTO", "AGENT":
			return fmt.Errorf("the line %q", line)
		}
	}
	if begun != 0 {
		return fmt.Errorf("%d begun and not ended", begun)
	}
	return nil
}

// harmlessMail refuses a field that ours do not have, a second recipient, and in its
// parts what the pages are not to have.
func harmlessMail(raw []byte, m mailbox.Message) error {
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	for name, values := range parsed.Header {
		if strings.HasSuffix(strings.ToLower(name), "cc") || len(values) != 1 {
			return fmt.Errorf("%d fields %s", len(values), name)
		}
	}
	to, err := parsed.Header.AddressList("To")
	if err != nil || len(to) != 1 || !strings.HasSuffix(to[0].Address, ".example.org") {
		return fmt.Errorf("it goes to %q: %w", parsed.Header.Get("To"), err)
	}
	if i := strings.IndexFunc(m.Subject, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x2028 }); i >= 0 {
		return fmt.Errorf("its subject is %q", m.Subject)
	}
	calendar := strings.ReplaceAll(m.Calendar, "ATTENDEE;", "X-ATTENDEE;") // an invitation has one
	if strings.Count(m.Calendar, "\nATTENDEE") > 1 {
		return errors.New("its calendar has several who are invited")
	}
	if calendar != "" {
		if err := harmlessLines(strings.ReplaceAll(strings.ReplaceAll(calendar, "\r\n", "\n"), "\n", "\r\n")); err != nil {
			return err
		}
	}
	if err := ordered(m.Text); err != nil {
		return err
	}
	return harmlessHTML(m.HTML)
}

// harmlessExport reads a file as the program does that it is made for.
func harmlessExport(format string, b []byte) error {
	switch format {
	case "csv":
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			return err
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) {
					return fmt.Errorf("the cell %q", cell)
				}
			}
		}
		if len(rows) < 10 {
			return fmt.Errorf("%d rows", len(rows))
		}
		return ordered(string(b))
	case "jsonl":
		for line := range bytes.Lines(b) {
			if err := harmlessJSON(line); err != nil {
				return err
			}
		}
		return nil
	case "vcard":
		return harmlessLines(string(b))
	}
	return harmlessJSON(b)
}
