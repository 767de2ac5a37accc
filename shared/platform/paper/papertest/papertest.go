// Package papertest reads papers back in tests, by a reader of PDF that has nothing
// to do with what wrote them.
package papertest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/ledongthuc/pdf"
)

// Paper is what a paper says.
type Paper struct {
	Lang  string
	Info  map[string]string // Title, Author, Producer, CreationDate, ModDate
	Pages []string          // lines, each behind where it begins, with its pieces in the order in which they are read
}

// Text is all that the paper says, with lines as they are.
func (p Paper) Text() string { return strings.Join(p.Pages, "\n") }

// Read reads a paper.
func Read(raw []byte) (p Paper, err error) {
	defer func() {
		if broken := recover(); broken != nil { // as the reader does on what is no PDF
			err = fmt.Errorf("read pdf: %v", broken)
		}
	}()
	r, err := pdf.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return p, fmt.Errorf("read pdf: %w", err)
	}
	p.Lang, p.Info = r.Trailer().Key("Root").Key("Lang").Text(), map[string]string{}
	for _, key := range r.Trailer().Key("Info").Keys() {
		p.Info[key] = r.Trailer().Key("Info").Key(key).Text()
	}
	for n := range r.NumPage() {
		page := r.Page(n + 1)
		if err := unicodeFonts(page); err != nil {
			return p, err
		}
		p.Pages = append(p.Pages, lines(page))
	}
	return p, nil
}

// unicodeFonts holds that the codes of the page's fonts are those of Unicode, which
// is how programs know what is written.
func unicodeFonts(page pdf.Page) error {
	for _, name := range page.Fonts() {
		font := page.Font(name).V
		mapping := font.Key("ToUnicode").Reader()
		var b bytes.Buffer
		_, err := b.ReadFrom(mapping)
		if err = errors.Join(err, mapping.Close()); err != nil {
			return fmt.Errorf("font %s: %w", name, err)
		}
		if !strings.Contains(b.String(), "<0000> <FFFF> <0000>") || font.Key("Encoding").Name() != "Identity-H" {
			return fmt.Errorf("font %s does not say what its codes mean", name)
		}
	}
	return nil
}

// lines writes what a page says. Where it says in other words what is drawn, it is
// those.
func lines(page pdf.Page) string {
	var b strings.Builder
	y, actual := -1.0, ""
	pdf.Interpret(page.V.Key("Contents"), func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stack.Pop()
		}
		switch op {
		case "BDC":
			actual = args[1].Key("ActualText").Text()
		case "EMC":
			actual = ""
		case "Td":
			if at := args[1].Float64(); at != y {
				fmt.Fprintf(&b, "\n%.0f,%.0f ", args[0].Float64(), at)
				y = at
			}
		case "Tj":
			if actual != "" {
				b.WriteString(actual)
				return
			}
			b.WriteString(ucs2(args[0].RawString()))
		}
	})
	return b.String()
}

// Rect is a rectangle that is drawn, in points from the upper left of the first one.
type Rect struct{ X, Y, W, H float64 }

// Drawn returns the filled rectangles of a paper's first page that say nothing to who
// has it read aloud: the code for cameras.
func Drawn(raw []byte) (list []Rect, err error) {
	r, err := pdf.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("read pdf: %w", err)
	}
	artifact := false
	pdf.Interpret(r.Page(1).V.Key("Contents"), func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stack.Pop()
		}
		switch {
		case op == "BMC":
			artifact = args[0].Name() == "Artifact"
		case op == "EMC":
			artifact = false
		case op == "re" && artifact:
			list = append(list, Rect{args[0].Float64(), -args[1].Float64(), args[2].Float64(), -args[3].Float64()})
		}
	})
	for i := len(list) - 1; i >= 0; i-- {
		list[i].X, list[i].Y = list[i].X-list[0].X, list[i].Y-list[0].Y
	}
	return list, nil
}

func ucs2(raw string) string {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}
