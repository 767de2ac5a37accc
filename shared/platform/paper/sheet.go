package paper

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"codeberg.org/go-pdf/fpdf"
	"github.com/rivo/uniseg"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/paper/script"
)

// align is where a line stands between the margins; at its start unless said
// otherwise, which is on the right in Arabic.
type align int

const (
	atStart align = iota
	centred
)

// style is how a text is set. Sizes are in points, as printers count.
type style struct {
	size    float64
	leading float64 // from line to line, in sizes
	bold    bool
	colour  colour
	align   align
	above   float64 // space before, in millimetres
}

// colour is one of red, green and blue, as 0xrrggbb.
type colour int

const (
	black colour = 0x141414
	grey  colour = 0x5a5a5a // 6.9:1 on white
	blue  colour = 0x005293 // 7.9:1 on white
	line  colour = 0xa0afbe
)

func (c colour) rgb() (r, g, b int) { return int(c >> 16), int(c >> 8 & 0xff), int(c & 0xff) }

// sheet is a page that is written from the top. Lengths are in millimetres.
type sheet struct {
	pdf         *fpdf.Fpdf
	lang        i18n.Lang
	left, right float64 // where the text begins and ends
	y           float64 // of the last line
	bottom      float64 // where the text ends
	below       float64 // how high the foot is, from the edge of the page
	furnish     func()  // draws what each page has
	omitted     bool    // something is in a script that no font here has
	err         error
}

// about is what a paper says of itself to programs.
type about struct {
	title, author string
	lang          i18n.Lang
	at            time.Time // of every date in it, so that the same paper is the same bytes
}

// newSheet begins a paper of format A4; landscape is "L".
func newSheet(orientation string, margin float64, a about) *sheet {
	pdf := fpdf.New(orientation, "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(a.at.UTC())
	pdf.SetModificationDate(a.at.UTC())
	pdf.SetTitle(plain(a.title), true)
	pdf.SetAuthor(plain(a.author), true)
	pdf.SetProducer("Convoke", false)
	pdf.SetLang(string(a.lang))
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	width, height := pdf.GetPageSize()
	return &sheet{pdf: pdf, lang: a.lang, left: margin, right: width - margin, bottom: height - margin}
}

// reserve keeps the lowest part of each page for its foot.
func (s *sheet) reserve(below float64) {
	_, height := s.pdf.GetPageSize()
	s.below, s.bottom = below, height-below-5
}

// bytes ends the paper.
func (s *sheet) bytes() ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	var b bytes.Buffer
	if err := s.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("write pdf: %w", err)
	}
	return b.Bytes(), nil
}

func (s *sheet) rtl() bool { return i18n.Dir(s.lang) == "rtl" }

// page begins a page.
func (s *sheet) page(top float64) {
	s.pdf.AddPage()
	s.y = top
	if s.furnish != nil {
		s.furnish()
		s.y = top
	}
}

// text sets a paragraph between the margins, and goes on on another page when this
// one is full.
func (s *sheet) text(text string, st style) {
	s.y += st.above
	s.column(text, st, s.left, s.right)
}

// column sets a paragraph between left and right.
func (s *sheet) column(text string, st style, left, right float64) {
	glyphs := s.shape(text, st.bold)
	for _, l := range s.wrap(glyphs, st, right-left) {
		height := millimetres(st.size) * st.leading
		if s.y+height > s.bottom {
			s.page(s.top())
		}
		s.y += height
		s.draw(l, st, left, right)
	}
}

// top is where the text of a further page begins.
func (s *sheet) top() float64 { return 30 }

// cell is a character with the face that has it.
type cell struct {
	script.Glyph
	face face
}

// shape chooses the faces of a text. What no face has becomes an ellipsis, and the
// sheet notes that something is left out.
func (s *sheet) shape(text string, bold bool) []cell {
	text = script.Tidy(text)
	var cells []cell
	for _, g := range script.Shape(text, s.rtl(), breaks(text)) {
		f, ok := s.faceOf(g.Drawn(), bold, cells)
		if ok {
			cells = append(cells, cell{g, f})
			continue
		}
		s.omitted = true
		if n := len(cells); n > 0 && cells[n-1].Rune == ellipsis {
			cells[n-1].Break = cells[n-1].Break || g.Break
			continue
		}
		g.Rune = ellipsis
		cells = append(cells, cell{g, latin})
	}
	return cells
}

const ellipsis = '…'

// faceOf returns a face that has r: that of the character before for what has no
// script of its own, so that a space or a comma is of the text around it.
func (s *sheet) faceOf(r rune, bold bool, before []cell) (face, bool) {
	first := likely(r)
	if n := len(before); first == latin && r < 0x80 && !letterOrDigit(r) && n > 0 && before[n-1].face != latin {
		first = before[n-1].face
	}
	for _, f := range [...]face{first, latin, arabic, han} {
		o, err := open(f.of(bold))
		if err != nil {
			s.fail(err)
			return latin, false
		}
		if o.has(r) {
			return f, true
		}
	}
	return latin, false
}

func letterOrDigit(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

func (s *sheet) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// breaks are the places at which a line may end (UAX 14).
func breaks(text string) []int {
	var at []int
	for rest, state, segment, done := text, -1, "", 0; rest != ""; {
		segment, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		done += len(segment)
		at = append(at, done)
	}
	return at
}

// wrap fills lines. A word that is longer than one is broken where it must.
func (s *sheet) wrap(cells []cell, st style, width float64) (lines [][]cell) {
	var current []cell
	used, last := 0.0, 0 // the width, and where the line may end
	for _, c := range cells {
		w := s.width(c, st)
		if used+w > width && c.Rune != ' ' && len(current) > 0 {
			if last == 0 {
				last = len(current)
			}
			lines = append(lines, current[:last])
			current = append([]cell(nil), current[last:]...)
			used, last = 0, 0
			for _, kept := range current {
				used += s.width(kept, st)
			}
		}
		current, used = append(current, c), used+w
		if c.Break {
			last = len(current)
		}
	}
	if len(current) > 0 {
		lines = append(lines, current)
	}
	return lines
}

// width is that of one character, in millimetres.
func (s *sheet) width(c cell, st style) float64 {
	o, err := open(c.face.of(st.bold))
	if err != nil {
		s.fail(err)
		return 0
	}
	return o.advance(c.Drawn()) * millimetres(st.size)
}

// use makes a face the one that is written with.
func (s *sheet) use(f face, st style) {
	file := f.of(st.bold)
	o, err := open(file)
	if err != nil {
		s.fail(err)
		return
	}
	s.pdf.AddUTF8FontFromBytes(file, "", o.raw) // again changes nothing
	s.pdf.SetFont(file, "", st.size)
}

// draw sets one line. Its pieces are written in the order in which they are read,
// wherever they stand, for who copies the text or has it read aloud.
func (s *sheet) draw(cells []cell, st style, left, right float64) {
	for n := len(cells); n > 0 && cells[n-1].Rune == ' '; n-- {
		cells = cells[:n-1]
	}
	places, width := s.places(cells, st)
	x := left
	switch {
	case st.align == centred:
		x = (left + right - width) / 2
	case s.rtl():
		x = right - width
	}
	s.pdf.SetTextColor(st.colour.rgb())
	for i := 0; i < len(cells); {
		j := piece(cells, i)
		s.use(cells[i].face, st)
		s.stroke(cells[i].face, st)
		s.write(x+places[i], cells[i:j])
		i = j
	}
	s.pdf.SetTextRenderingMode(0)
}

// places returns where each character of a line stands from its left end, and how
// wide it is.
func (s *sheet) places(cells []cell, st style) (places []float64, width float64) {
	glyphs := make([]script.Glyph, len(cells))
	for i, c := range cells {
		glyphs[i] = c.Glyph
	}
	places = make([]float64, len(cells))
	for _, i := range script.Order(glyphs, s.rtl()) {
		places[i] = width
		width += s.width(cells[i], st)
	}
	return places, width
}

// piece returns where the piece that begins at i ends: characters of one face from
// left to right are written together, those from right to left one by one.
func piece(cells []cell, i int) int {
	j := i + 1
	for cells[i].Level%2 == 0 && j < len(cells) && cells[j].Level == cells[i].Level && cells[j].face == cells[i].face {
		j++
	}
	return j
}

// write writes a piece. A form of an Arabic letter says which letter it is, and a
// bracket that was turned, which one.
func (s *sheet) write(x float64, cells []cell) {
	var drawn, read strings.Builder
	for _, c := range cells {
		drawn.WriteRune(c.Drawn())
		read.WriteRune(c.Rune)
	}
	letters := script.Plain(read.String())
	if letters == drawn.String() {
		s.pdf.Text(x, s.y, drawn.String())
		return
	}
	s.pdf.RawWriteStr("/Span <</ActualText <" + utf16Hex(letters) + ">>> BDC\n")
	s.pdf.Text(x, s.y, drawn.String())
	s.pdf.RawWriteStr("EMC\n")
}

// stroke draws the outline of letters too where a face has no bold weight.
func (s *sheet) stroke(f face, st style) {
	if !st.bold || f != han {
		s.pdf.SetTextRenderingMode(0)
		return
	}
	s.pdf.SetDrawColor(st.colour.rgb())
	s.pdf.SetLineWidth(millimetres(st.size) * 0.025)
	s.pdf.SetTextRenderingMode(2)
}

func utf16Hex(text string) string {
	raw := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(text)) {
		raw = append(raw, byte(u>>8), byte(u))
	}
	return strings.ToUpper(hex.EncodeToString(raw))
}

// plain is a text without the characters that isolate it.
func plain(text string) string {
	var b strings.Builder
	for _, segment := range i18n.Segments(text) {
		b.WriteString(segment.Text)
	}
	return b.String()
}

// rule draws a line from margin to margin.
func (s *sheet) rule(y, thick float64, c colour) {
	s.pdf.SetDrawColor(c.rgb())
	s.pdf.SetLineWidth(thick)
	s.pdf.Line(s.left, y, s.right, y)
}

// millimetres are those of a length in points.
func millimetres(points float64) float64 { return points * 25.4 / 72 }
