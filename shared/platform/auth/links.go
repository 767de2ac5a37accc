package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// Limits of a link token. With two ULIDs a token has about 145 characters.
const (
	MaxLinkIDs   = 4    // ids in one link
	maxLinkChars = 1024 // longer input is refused unread
	linkVersion  = 1
)

// Claims is what a link says. Purpose is a short word such as "confirm",
// "answer", "unsubscribe", "correct"; a link for one purpose never serves
// another. IDs are opaque, at most MaxLinkIDs. Expires is kept in whole
// seconds. Generation lets the caller void earlier links by counting up; what
// the current one is, only the caller knows, and must compare.
type Claims struct {
	Purpose    string
	IDs        []string
	Expires    time.Time
	Generation int
}

// Sign returns a URL-safe token of c under the first key. Claims beyond the
// limits give a token that Verify refuses.
//
// The token is unpadded base64url of: version byte, key id, purpose, count of
// ids, each id, expiry (Unix seconds), generation, HMAC-SHA256 of all before
// it. Texts carry their length in front, numbers are varints.
func (r *Keyring) Sign(c Claims) string {
	k := r.keys[0]
	b := appendText([]byte{linkVersion}, k.id)
	b = appendText(b, c.Purpose)
	b = binary.AppendUvarint(b, uint64(len(c.IDs)))
	for _, id := range c.IDs {
		b = appendText(b, id)
	}
	b = binary.AppendVarint(b, c.Expires.Unix())
	b = binary.AppendVarint(b, int64(c.Generation))
	return base64.RawURLEncoding.EncodeToString(append(b, k.mac(b)...))
}

// Verify returns the claims of a token signed by either key for purpose.
// Errors are ErrLinkInvalid and, for a token that is otherwise good,
// ErrLinkExpired; the link is expired from the second it names.
func (r *Keyring) Verify(token, purpose string, now time.Time) (Claims, error) {
	body, ok := r.authentic(token)
	if !ok {
		return Claims{}, ErrLinkInvalid
	}
	c, ok := parseClaims(body)
	if !ok || c.Purpose != purpose {
		return Claims{}, ErrLinkInvalid
	}
	if !now.Before(c.Expires) {
		return Claims{}, ErrLinkExpired
	}
	return c, nil
}

// authentic returns the signed bytes of token. Only the one spelling that Sign
// gives is taken: base64 has others (line breaks, unused last bits) that decode
// to the same bytes.
func (r *Keyring) authentic(token string) ([]byte, bool) {
	if len(token) > maxLinkChars {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) <= sha256.Size || base64.RawURLEncoding.EncodeToString(raw) != token {
		return nil, false
	}
	body, mac := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	d := decoder{rest: body}
	if d.byte() != linkVersion {
		return nil, false
	}
	k, ok := r.find(d.text())
	if !ok || !hmac.Equal(mac, k.mac(body)) {
		return nil, false
	}
	return body, true
}

func parseClaims(body []byte) (Claims, bool) {
	d := decoder{rest: body}
	d.byte()
	d.text()
	c := Claims{Purpose: d.text()}
	n := d.number()
	if n > MaxLinkIDs {
		return Claims{}, false
	}
	for range n {
		c.IDs = append(c.IDs, d.text())
	}
	c.Expires = time.Unix(d.signed(), 0).UTC()
	c.Generation = int(d.signed())
	return c, !d.bad && len(d.rest) == 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decoder reads the fields of a link in order; bad stays set after the first
// that does not fit, and reads after it give zero values.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) take(n uint64) []byte {
	if d.bad || n > uint64(len(d.rest)) {
		d.bad = true
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (d *decoder) text() string { return string(d.take(d.number())) }

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.rest)
	if d.bad || size <= 0 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) signed() int64 {
	n, size := binary.Varint(d.rest)
	if d.bad || size <= 0 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[size:]
	return n
}
