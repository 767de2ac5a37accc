package runtime

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"

	"convoke/shared/platform/auth"
)

// linkKeys reads the keys that sign links, and makes one the first time.
func linkKeys(path string, random io.Reader) (*auth.Keyring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		var key string
		if key, err = auth.NewKey("k1", random); err != nil {
			return nil, fmt.Errorf("make a link key: %w", err)
		}
		text = []byte(key)
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("link keys: %w", err)
	}
	ring, err := auth.ParseKeyring(string(text))
	if err != nil {
		return nil, fmt.Errorf("link keys in %s: %w", path, err)
	}
	return ring, nil
}

// inProcess answers the token verifier's requests for the issuer's keys without
// a network: issuer and verifier are in one process.
type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	t.handler.ServeHTTP(w, r)
	return w.Result(), nil
}
