package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
)

// secretChars is the length of a token of NewToken: 32 bytes as base64url.
const secretChars = 43

// NewToken returns a secret of 32 bytes of rand as unpadded base64url (43
// characters), for a mailed sign-in link or a session, and its Hash. The token
// goes to its bearer alone; the hash is what is stored. It fails only if rand
// does.
func NewToken(rand io.Reader) (token, hash string, err error) {
	var secret [32]byte
	if _, err := io.ReadFull(rand, secret[:]); err != nil {
		return "", "", fmt.Errorf("read randomness for token: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(secret[:])
	return token, Hash(token), nil
}

// Hash returns the SHA-256 of a token as unpadded base64url, the key under
// which what the token opens is found. A token has 256 random bits, so that
// neither salt nor a slow hash would add anything, and to look its hash up
// tells a timing observer nothing of the token.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// isSecret reports whether s could have come from NewToken.
func isSecret(s string) bool {
	if len(s) != secretChars {
		return false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(raw) == 32
}
