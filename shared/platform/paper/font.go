package paper

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The fonts, packed; fonts/README.md says where they come from and what was left
// out of them.
//
//go:embed fonts/*.ttf.gz
var packed embed.FS

// face is a font, in its weights. It is unpacked when a text first needs it.
type face int

// The faces, in the order in which they are asked for a character that the one of
// its script does not have.
const (
	latin face = iota
	arabic
	han // in one weight
)

// of returns the file of the weight.
func (f face) of(bold bool) string {
	weight := "-Regular"
	if bold {
		weight = "-Bold"
	}
	switch f {
	case arabic:
		return "NotoNaskhArabic" + weight
	case han:
		return "DroidSansFallback"
	}
	return "NotoSerif" + weight
}

// opened is a font that was unpacked.
type opened struct {
	raw  []byte
	font *sfnt.Font
}

// fonts are those that were unpacked, by file: reading one again for each paper
// would cost more than the paper.
var fonts sync.Map //nolint:gochecknoglobals // a cache of what does not change

// open unpacks a font.
func open(file string) (opened, error) {
	if o, ok := fonts.Load(file); ok {
		return o.(opened), nil
	}
	name := "fonts/" + file + ".ttf.gz"
	z, err := packed.ReadFile(name)
	if err != nil {
		return opened{}, fmt.Errorf("font: %w", err)
	}
	r, err := gzip.NewReader(bytes.NewReader(z))
	if err != nil {
		return opened{}, fmt.Errorf("font %s: %w", file, err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return opened{}, fmt.Errorf("font %s: %w", file, err)
	}
	parsed, err := sfnt.Parse(raw)
	if err != nil {
		return opened{}, fmt.Errorf("font %s: %w", file, err)
	}
	o := opened{raw, parsed}
	fonts.Store(file, o)
	return o, nil
}

// has reports whether the font can draw r. What is outside the Basic Multilingual
// Plane has no place in the encoding that is written.
func (o opened) has(r rune) bool {
	if r > 0xffff {
		return false
	}
	glyph, err := o.font.GlyphIndex(nil, r)
	return err == nil && glyph != 0
}

// advance is how far it is from r to what stands behind it, in sizes.
func (o opened) advance(r rune) float64 {
	glyph, err := o.font.GlyphIndex(nil, r)
	if err != nil {
		return 0
	}
	units := o.font.UnitsPerEm()
	a, err := o.font.GlyphAdvance(nil, glyph, fixed.I(int(units)), font.HintingNone)
	if err != nil {
		return 0
	}
	return float64(a) / 64 / float64(units)
}

// likely returns the face of the script of r.
func likely(r rune) face {
	switch {
	case unicode.In(r, unicode.Arabic):
		return arabic
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo), r >= 0x3000 && r <= 0x303f, r >= 0xff00 && r <= 0xffef:
		return han
	}
	return latin
}
