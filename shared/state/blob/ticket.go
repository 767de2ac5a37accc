package blob

import (
	"net/http"
	"time"
)

// Ticket is a permission to write one blob: of this key, this size, this type and
// these bytes, and for so long.
type Ticket struct {
	Key    string
	Size   int64    // bytes, exactly
	SHA256 [32]byte // of the bytes
	Type   string   // media type
	Lasts  time.Duration
}

// Target is where and how the bytes of a ticket are sent. The header is part of
// what was signed.
type Target struct {
	Method string
	URL    string
	Header http.Header
}
