package specimen_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail/specimen"
)

var update = flag.Bool("update", false, "write the golden files anew")

// kinds reads the kinds of mail from the source of package mail, so that none is
// forgotten.
func kinds(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
				if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "Kind" {
					text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, text)
				}
			}
			return true
		})
	}
	return all
}

func TestEveryKind(t *testing.T) {
	var have []string
	for _, s := range specimen.All(i18n.English) {
		have = append(have, string(s.Message.Kind))
	}
	all := kinds(t)
	if len(all) < 25 {
		t.Fatalf("%d kinds read from the source", len(all))
	}
	for _, kind := range all {
		if !slices.Contains(have, kind) {
			t.Errorf("no specimen of mail %q: add it in this folder and run with -update", kind)
		}
	}
}

// unfilled is a key shown for want of a text, or a placeholder for want of a
// value.
var unfilled = regexp.MustCompile(`\b(mail|role|event_kind|reason|date|time)\.[a-z_]+|\{[a-z_]+\}`)

func TestGolden(t *testing.T) {
	for _, lang := range i18n.All() {
		for _, s := range specimen.All(lang) {
			name := s.Name + "." + string(lang)
			t.Run(name, func(t *testing.T) {
				raw, err := s.Message.Bytes(specimen.Now())
				if err != nil {
					t.Fatal(err)
				}
				golden(t, name+".eml", raw)
				header, parts := leaves(t, raw)
				checkLetter(t, s, header, parts)
				if s.Message.Calendar.Method != "" {
					golden(t, name+".ics", s.Message.Calendar.Bytes)
					checkCalendar(t, s, parts)
				}
			})
		}
	}
}

func golden(t *testing.T, name string, raw []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(raw)); diff != "" {
		t.Errorf("%s (-want +got), -update writes it anew:\n%s", name, diff)
	}
}

// checkLetter holds that what a reader gets back is the letter, whole and in its
// language.
func checkLetter(t *testing.T, s specimen.Specimen, header netmail.Header, parts []leaf) {
	t.Helper()
	l := s.Message.Letter
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil || subject != l.Subject {
		t.Errorf("subject %q, want %q (%v)", subject, l.Subject, err)
	}
	if got := header.Get("Content-Language"); got != string(l.Lang) {
		t.Errorf("language %q", got)
	}
	if bulk := s.Message.Kind.Bulk(); bulk != (header.Get("List-Unsubscribe") != "") || bulk != (header.Get("List-Unsubscribe-Post") != "") {
		t.Errorf("bulk %t, List-Unsubscribe %q", bulk, header.Get("List-Unsubscribe"))
	}
	html, err := l.HTML()
	if err != nil || len(parts) < 2 || parts[0].kind != "text/plain" || parts[1].kind != "text/html" {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	if diff := cmp.Diff(l.Text(), parts[0].body) + cmp.Diff(html, parts[1].body); diff != "" {
		t.Error(diff)
	}
	if gap := unfilled.FindString(subject + l.Preheader + l.Text()); gap != "" {
		t.Errorf("it shows %q:\n%s", gap, l.Text())
	}
	english, _ := specimen.Of(i18n.English, s.Name)
	if l.Heading == "" || len(l.Footer) < 2 || l.Lang != i18n.English && l.Subject == english.Message.Letter.Subject {
		t.Errorf("heading %q, %d lines below, subject %q", l.Heading, len(l.Footer), l.Subject)
	}
	for _, action := range l.Actions {
		if !strings.Contains(parts[0].body, "\n"+action.URL+"\n") || !strings.Contains(html, `href="`+strings.ReplaceAll(action.URL, "&", "&amp;")+`"`) {
			t.Errorf("no link %q", action.URL)
		}
	}
}

// checkCalendar reads it with another library than the one that writes.
func checkCalendar(t *testing.T, s specimen.Specimen, parts []leaf) {
	t.Helper()
	if len(parts) != 4 || parts[2].kind != "text/calendar" || parts[2].params["method"] != s.Message.Calendar.Method || parts[3].kind != "application/ics" {
		t.Fatalf("%d parts", len(parts))
	}
	c, err := ics.ParseCalendar(strings.NewReader(parts[2].body))
	if err != nil || len(c.Events()) != 1 {
		t.Fatalf("calendar: %v", err)
	}
	e := c.Events()[0]
	status := map[string]string{"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED"}[s.Message.Calendar.Method]
	if got := e.GetProperty(ics.ComponentPropertyStatus); got == nil || got.Value != status {
		t.Errorf("status %v, want %s", got, status)
	}
	if len(e.Attendees()) != 1 || e.GetProperty(ics.ComponentPropertyOrganizer) == nil || e.GetProperty(ics.ComponentPropertySequence) == nil {
		t.Errorf("%d attendees, or no organizer or sequence", len(e.Attendees()))
	}
	starts, err := e.GetStartAt()
	if err != nil || starts.UTC().Format("2006-01-02T15:04Z") != "2025-12-18T14:00Z" {
		t.Errorf("starts %s, %v", starts, err)
	}
}

// leaf is a part as the standard library reads it.
type leaf struct {
	kind   string
	params map[string]string
	body   string // with line feeds alone
}

// leaves reads the message with the standard library alone.
func leaves(t *testing.T, raw []byte) (netmail.Header, []leaf) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var all []leaf
	var read func(h textproto.MIMEHeader, r io.Reader)
	read = func(h textproto.MIMEHeader, r io.Reader) {
		kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(kind, "multipart/") {
			all = append(all, leaf{kind, params, decoded(t, h.Get("Content-Transfer-Encoding"), r)})
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
			read(p.Header, p)
		}
	}
	read(textproto.MIMEHeader(m.Header), m.Body)
	return m.Header, all
}

func decoded(t *testing.T, encoding string, r io.Reader) string {
	t.Helper()
	if encoding == "base64" {
		r = base64.NewDecoder(base64.StdEncoding, r)
	} else {
		r = quotedprintable.NewReader(r)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(body), "\r\n", "\n")
}
