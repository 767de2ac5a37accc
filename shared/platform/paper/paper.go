// Package paper writes the documents that people take away as PDF: the certificate
// of a course, and the letter of participation with which a visa is applied for. A
// paper is in one of the six languages, set in its script and direction; the same
// paper is the same bytes.
//
// Of what is in a script that no font here has, an ellipsis is printed, and the
// paper says where it can be read in full.
package paper

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/platform/i18n"
)

// Certificate is that of who attended a course.
type Certificate struct {
	Lang               i18n.Lang
	Name               string
	Title              string // of the course
	Convener           string
	Starts, Ends       time.Time
	Zone               string // IANA
	Attended, Sessions int    // of how many sessions; not told when there are none
	IssuedAt           time.Time
	Proof
}

// Letter says that somebody takes part in an event, for who decides on a visa.
type Letter struct {
	Lang         i18n.Lang
	Name         string // as in the passport
	Organisation string
	Role         string // a code of the domain
	EventKind    string // a code of the domain
	Title        string
	Starts, Ends time.Time
	Zone         string // IANA
	Place        string
	Unit         string // that convenes, may be empty
	Convener     string // as the event names it
	Contact      string // the address of the unit, may be empty
	IssuedAt     time.Time
	Until        time.Time // it can be verified
	Proof
}

// Proof is how anybody who has the paper sees that it is true.
type Proof struct {
	Code string
	URL  string
}

// ErrScript says that a name is in a script that no font here has, so that the
// paper would name nobody.
var ErrScript = errors.New("the name is in a script that cannot be printed")

// Sizes and distances, which papers share.
const (
	margin  = 25.0 // millimetres
	body    = 10.5 // points
	small   = 8.5
	leading = 1.45
)

// writer gives the texts of one language.
type writer struct {
	lang   i18n.Lang
	params map[string]string
}

func (w writer) t(key string) string { return i18n.T(w.lang, key, w.params) }

// isolated is what somebody typed, so that it keeps its own direction.
func (w writer) isolated(text string) string { return i18n.Isolate(w.lang, text) }

// feet draws what stands at the foot of each page. It comes last, when it is known
// whether something had to be left out.
func (s *sheet) feet(w writer, p Proof) {
	for n := range s.pdf.PageCount() {
		s.pdf.SetPage(n + 1)
		s.foot(w, p)
	}
}

// foot says how the paper is verified, to who reads and to a camera.
func (s *sheet) foot(w writer, p Proof) {
	_, height := s.pdf.GetPageSize()
	top := height - s.below
	s.rule(top, 0.2, line)
	left, right, at := s.left, s.right-codeSide-4, s.right-codeSide+1.5
	if s.rtl() {
		left, right, at = s.left+codeSide+4, s.right, s.left-1.5
	}
	s.scanned(p.URL, at, top)
	s.y = top + 2
	bottom := s.bottom
	s.bottom = height // the foot is below where texts end
	small := func(text string, st style) {
		st.size, st.leading = 8.5, 1.4
		s.column(text, st, left, right)
	}
	small(w.t("paper.code"), style{bold: true, colour: black})
	small(w.t("paper.verify"), style{colour: grey})
	small(p.URL, style{colour: blue})
	s.pdf.LinkString(left, s.y-3, right-left, 4, p.URL)
	if s.omitted {
		small(w.t("paper.omitted"), style{colour: grey})
	}
	s.bottom = bottom
}

// PDF writes the certificate. It fails with ErrScript when the name cannot be
// printed.
func (c Certificate) PDF() ([]byte, error) {
	w := writer{c.Lang, map[string]string{"convener": c.Convener, "code": c.Code, "date": i18n.Date(c.Lang, c.IssuedAt, c.Zone)}}
	s := newSheet("L", margin+6, about{title: w.t("paper.certificate.title") + ": " + c.Title, author: c.Convener, lang: c.Lang, at: c.IssuedAt})
	if s.shape(c.Name, true); s.omitted {
		return nil, ErrScript
	}
	s.reserve(43)
	s.furnish = s.frame
	s.page(34)
	middle := func(text string, st style) {
		st.align, st.leading = centred, 1.35
		s.text(text, st)
	}
	middle(w.isolated(c.Convener), style{size: 13, colour: blue, bold: true})
	middle(w.t("paper.certificate.title"), style{size: 28, colour: black, above: 8})
	middle(w.t("paper.certificate.that"), style{size: 12, colour: grey, above: 7})
	middle(w.isolated(c.Name), style{size: 24, colour: black, bold: true, above: 3})
	middle(w.t("paper.certificate.completed"), style{size: 12, colour: grey, above: 4})
	middle(w.isolated(c.Title), style{size: 17, colour: black, bold: true, above: 3})
	middle(i18n.Span(c.Lang, c.Starts, c.Ends, c.Zone), style{size: 11, colour: black, above: 4})
	if c.Sessions > 0 {
		middle(w.sessions(c), style{size: 11, colour: black, above: 1})
	}
	middle(w.t("paper.issued"), style{size: 11, colour: black, above: 6})
	s.feet(w, c.Proof)
	return s.bytes()
}

func (w writer) sessions(c Certificate) string {
	return i18n.T(w.lang, "page.attestation.sessions", map[string]string{"attended": number(c.Attended), "sessions": number(c.Sessions)})
}

// frame draws the border of a certificate.
func (s *sheet) frame() {
	width, height := s.pdf.GetPageSize()
	for _, edge := range []struct{ inset, thick float64 }{{12, 0.9}, {14.5, 0.25}} {
		s.pdf.SetDrawColor(blue.rgb())
		s.pdf.SetLineWidth(edge.thick)
		s.pdf.Rect(edge.inset, edge.inset, width-2*edge.inset, height-2*edge.inset, "D")
	}
}

// PDF writes the letter.
func (l Letter) PDF() ([]byte, error) {
	w := writer{l.Lang, map[string]string{
		"convener": l.Convener, "code": l.Code, "reference": reference(l.Code), "date": i18n.Date(l.Lang, l.Until, l.Zone),
	}}
	s := newSheet("P", margin, about{title: w.t("paper.letter.title") + ": " + l.Title, author: l.Convener, lang: l.Lang, at: l.IssuedAt})
	s.reserve(36)
	s.page(16)
	s.letterhead(w, l)
	s.furnish = func() { s.running(w) }
	s.y = max(s.y+10, 52)
	plainly := style{size: body, leading: leading, colour: black}
	s.text(w.t("paper.letter.title"), style{size: 17, leading: 1.3, colour: black, bold: true})
	s.text(w.t("paper.letter.to"), style{size: body, leading: leading, colour: black, above: 5})
	s.text(w.t("paper.letter.body"), style{size: body, leading: leading, colour: black, above: 3})
	s.facts(l.facts(w))
	s.text(w.t("paper.letter.purpose"), style{size: body, leading: leading, colour: black, above: 5})
	s.text(w.t("paper.letter.until"), style{size: body, leading: leading, colour: black, above: 3})
	s.text(w.t("paper.letter.for"), style{size: body, leading: leading, colour: black, bold: true, above: 8})
	s.text(w.t("paper.electronic"), plainly)
	s.feet(w, l.Proof)
	return s.bytes()
}

// reference names a letter in a correspondence without giving its code away.
func reference(code string) string { return strings.ToUpper(code[:min(8, len(code))]) }

// running is what further pages of a letter begin with.
func (s *sheet) running(w writer) {
	s.y = 14
	s.text(w.t("paper.letter.reference"), style{size: small, leading: leading, colour: grey})
	s.rule(s.y+2, 0.2, line)
}

// letterhead draws how a letter begins.
func (s *sheet) letterhead(w writer, l Letter) {
	name := l.Unit
	if name == "" {
		name = l.Convener
	}
	s.text(w.isolated(name), style{size: 15, leading: 1.25, colour: blue, bold: true})
	if under := l.under(w); under != "" {
		s.text(under, style{size: small, leading: 1.4, colour: grey})
	}
	s.rule(s.y+3, 0.6, blue)
	s.y += 5
	s.text(i18n.Date(l.Lang, l.IssuedAt, l.Zone), style{size: body, leading: leading, colour: black})
	s.text(w.t("paper.letter.reference"), style{size: body, leading: leading, colour: black})
}

// under is the line below the name: the convener, when the unit is another, and
// where the unit is reached.
func (l Letter) under(w writer) string {
	var parts []string
	if l.Unit != "" && l.Unit != l.Convener {
		parts = append(parts, w.isolated(l.Convener))
	}
	if l.Contact != "" {
		parts = append(parts, w.isolated(l.Contact))
	}
	return strings.Join(parts, " · ")
}

func (l Letter) facts(w writer) [][2]string {
	rows := [][2]string{{"name", l.Name}, {"organisation", l.Organisation}, {"role", w.t("role." + l.Role)}, {"event", l.Title}, {"kind", w.t("event_kind." + l.EventKind)}}
	rows = append(rows, [][2]string{{"when", i18n.Span(l.Lang, l.Starts, l.Ends, l.Zone)}, {"place", l.Place}, {"convener", l.Convener}}...)
	rows = slices.DeleteFunc(rows, func(row [2]string) bool { return row[1] == "" })
	for i := range rows {
		rows[i][0], rows[i][1] = w.t("paper.letter."+rows[i][0]), w.isolated(rows[i][1])
	}
	return rows
}

// labels is how wide the column of labels is, in millimetres.
const labels = 48.0

// facts sets labels and values in two columns, with a line between the rows.
func (s *sheet) facts(rows [][2]string) {
	s.y += 4
	for i, row := range rows {
		s.rule(s.y, 0.15, line)
		s.row(row, i == 0)
	}
	s.rule(s.y, 0.15, line)
}

// row sets the label, then the value beside it.
func (s *sheet) row(row [2]string, strong bool) {
	label := style{size: body - 1, leading: leading, colour: grey}
	value := style{size: body, leading: leading, colour: black, bold: strong}
	left, middle, right := s.left, s.left+labels, s.right
	if s.rtl() {
		left, middle, right = s.right, s.right-labels, s.left
	}
	height := millimetres(body) * leading
	if s.y+0.6+height > s.bottom {
		s.page(s.top())
	}
	from := s.y + 0.6
	s.y = from + height - millimetres(label.size)*leading // on the line of the value
	s.column(row[0], label, min(left, middle), max(left, middle))
	end := s.y
	s.y = from
	s.column(row[1], value, min(middle, right), max(middle, right))
	s.y = max(end, s.y) + 1.6
}

func number(n int) string { return strconv.Itoa(n) }
