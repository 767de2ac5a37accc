//go:build packed

package i18n

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
)

// The texts of each language in one file, packed by infra/pack: in what is
// deployed they would be a twentieth of the program.
//
//go:embed packed
var files embed.FS

// concerns returns the one file of a language, unpacked.
func concerns(lang Lang) [][]byte {
	packed, err := files.ReadFile("packed/" + string(lang) + ".json.gz")
	if err != nil {
		return nil
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil
	}
	return [][]byte{raw}
}
