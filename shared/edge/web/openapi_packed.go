//go:build packed

package web

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"sync"
)

//go:embed packed/openapi.yaml.gz
var packedContract []byte

// openAPI is the contract of the API, packed by infra/pack and unpacked when it is
// first asked for. What was packed by us can be unpacked.
var openAPI = sync.OnceValue(func() []byte { //nolint:gochecknoglobals // read only
	z, err := gzip.NewReader(bytes.NewReader(packedContract))
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(z)
	return text
})
