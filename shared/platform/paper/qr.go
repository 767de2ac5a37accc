package paper

import (
	"fmt"
	"image/color"

	"github.com/boombuler/barcode/qr"
)

// codeSide is how wide the code that cameras read is, in millimetres, with the
// white around it that they need.
const codeSide = 25.0

// quiet is that white, in modules (ISO/IEC 18004 asks for four).
const quiet = 4

// scanned draws the address for a camera, its upper left corner at x and y. To who
// reads the paper otherwise it says nothing: the address stands beside it.
func (s *sheet) scanned(address string, x, y float64) {
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		s.fail(fmt.Errorf("code of the address: %w", err))
		return
	}
	size := code.Bounds().Dx()
	module := codeSide / float64(size+2*quiet)
	dark := func(i, j int) bool { return i < size && code.At(i, j) == color.Black }
	s.pdf.RawWriteStr("/Artifact BMC\n")
	s.pdf.SetFillColor(0, 0, 0)
	for j := range size {
		for i := 0; i < size; i++ {
			from := i
			for dark(i, j) {
				i++
			}
			if i > from {
				s.pdf.Rect(x+float64(quiet+from)*module, y+float64(quiet+j)*module, float64(i-from)*module, module, "F")
			}
		}
	}
	s.pdf.RawWriteStr("EMC\n")
}
