package issuer

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/go-jose/go-jose/v4"
)

const (
	keyBits = 2048
	pemType = "PRIVATE KEY"
)

// openKey reads the signing key in file, and makes it if there is none. Its id
// is its RFC 7638 thumbprint, so that another key never has the same.
func openKey(file string) (jose.JSONWebKey, error) {
	private, err := readKey(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKey(file); err != nil {
			return jose.JSONWebKey{}, fmt.Errorf("make key %s: %w", file, err)
		}
		private, err = readKey(file)
	}
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("read key %s: %w", file, err)
	}
	key := jose.JSONWebKey{Key: private, Algorithm: string(jose.RS256), Use: "sig"}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("name key %s: %w", file, err)
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	return key, nil
}

// readKey never replaces what it cannot read: tokens in use depend on it.
func readKey(file string) (*rsa.PrivateKey, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read it (mode %v): make it 0600", info.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != pemType || len(rest) != 0 {
		return nil, errors.New("damaged: delete it to have a new one made, and sign in again")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok || private.N.BitLen() < keyBits {
		return nil, errors.New("damaged: delete it to have a new one made, and sign in again")
	}
	return private, nil
}

// createKey writes a new key beside file and links it into place, which fails
// if another process was first: then that one's key stands. A reader thus never
// sees half a key, and two processes never differ.
func createKey(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	text, err := newKeyText()
	if err != nil {
		return err
	}
	// CreateTemp makes the file 0600.
	draft, err := os.CreateTemp(filepath.Dir(file), keyFile+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.Write(text)
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// newKeyText takes no source of randomness: since Go 1.26 rsa.GenerateKey uses
// the system's, whatever it is given.
func newKeyText() ([]byte, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), nil
}
