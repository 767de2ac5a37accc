package paper_test

import (
	"image/color"
	"math"
	"testing"

	"github.com/boombuler/barcode/qr"

	"convoke/shared/platform/paper/papertest"
)

// TestCodeForCameras draws each module of the code where it belongs.
func TestCodeForCameras(t *testing.T) {
	c := certificate("Amina Example")
	raw, err := c.PDF()
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := papertest.Drawn(raw)
	if err != nil || len(drawn) == 0 {
		t.Fatal(len(drawn), err)
	}
	module := drawn[0].H
	type place struct{ x, y int }
	dark := map[place]bool{}
	for _, r := range drawn {
		for i := range int(math.Round(r.W / module)) {
			dark[place{int(math.Round(r.X/module)) + i, int(math.Round(r.Y / module))}] = true
		}
	}
	want, err := qr.Encode(c.URL, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			if dark[place{x, y}] != (want.At(x, y) == color.Black) {
				t.Fatalf("the module at %d, %d is wrong", x, y)
			}
		}
	}
}
