//go:build !packed

package web

import _ "embed"

//go:embed openapi.yaml
var contract []byte

// openAPI is the contract of the API.
func openAPI() []byte { return contract }
