package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MinLinkKeyBytes is the shortest key that signs links: as long as its hash.
const MinLinkKeyBytes = sha256.Size

const maxKeyIDBytes = 16

type linkKey struct {
	id     string
	secret []byte
}

// Keyring holds the one or two keys that sign links. The first signs, both
// verify: to rotate, put the new key first, and drop the old one when the
// longest-lived link it signed has expired. Safe for concurrent use.
type Keyring struct{ keys []linkKey }

// NewKey returns one entry for ParseKeyring, "id:" and 32 bytes of rand as
// base64.
func NewKey(id string, rand io.Reader) (string, error) {
	secret := make([]byte, MinLinkKeyBytes)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return "", fmt.Errorf("read randomness for link key: %w", err)
	}
	return id + ":" + base64.StdEncoding.EncodeToString(secret), nil
}

// ParseKeyring reads one or two entries "id:base64" with a comma between them,
// such as "k2:...,k1:...". Ids are 1 to 16 ASCII letters, digits, "-" or "_";
// keys are standard base64 with padding, at least 32 bytes. Ids and keys must
// differ. Errors never show a key.
func ParseKeyring(text string) (*Keyring, error) {
	entries := strings.Split(text, ",")
	if len(entries) > 2 {
		return nil, fmt.Errorf("link keys: %d entries, at most 2 can be live at once", len(entries))
	}
	r := &Keyring{}
	for i, entry := range entries {
		k, err := parseLinkKey(entry)
		if err != nil {
			return nil, fmt.Errorf("link keys: entry %d: %w", i+1, err)
		}
		r.keys = append(r.keys, k)
	}
	if len(r.keys) == 2 && (r.keys[0].id == r.keys[1].id || hmac.Equal(r.keys[0].secret, r.keys[1].secret)) {
		return nil, errors.New("link keys: the two entries must have different ids and different keys")
	}
	return r, nil
}

func parseLinkKey(entry string) (linkKey, error) {
	id, encoded, found := strings.Cut(strings.TrimSpace(entry), ":")
	if !found || !isName(id, maxKeyIDBytes) {
		return linkKey{}, errors.New(`want "id:base64", the id of 1 to 16 letters, digits, "-" or "_"`)
	}
	secret, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return linkKey{}, fmt.Errorf("key %q is not standard base64", id)
	}
	if len(secret) < MinLinkKeyBytes {
		return linkKey{}, fmt.Errorf("key %q has %d bytes, want at least %d", id, len(secret), MinLinkKeyBytes)
	}
	return linkKey{id: id, secret: secret}, nil
}

// Format shows the ids alone, whatever the verb, so that no log holds a key.
func (r *Keyring) Format(f fmt.State, _ rune) {
	ids := make([]string, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.id
	}
	fmt.Fprintf(f, "keyring(%s)", strings.Join(ids, ","))
}

func (r *Keyring) find(id string) (linkKey, bool) {
	for _, k := range r.keys {
		if k.id == id {
			return k, true
		}
	}
	return linkKey{}, false
}

// mac is domain-separated, so that a key that also signs something else never
// signs a link by it.
func (k linkKey) mac(body []byte) []byte {
	h := hmac.New(sha256.New, k.secret)
	h.Write([]byte("convoke/link\x00"))
	h.Write(body)
	return h.Sum(nil)
}

// isName reports whether s is 1 to limit ASCII letters, digits, "-" or "_".
func isName(s string, limit int) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for _, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
