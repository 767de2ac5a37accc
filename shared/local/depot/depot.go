// Package depot keeps the documents of the local process in a folder, behind
// signed addresses with the rules of those of S3: one document, of one size, type
// and checksum, and for a short time.
package depot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"convoke/shared/platform/auth"
	"convoke/shared/state/blob"
)

// Where the process serves the depot.
const (
	UploadPath   = "/dev/uploads/"
	DocumentPath = "/dev/documents/"
)

// The purposes of the signed addresses; a link in mail is never one.
const (
	purposeUpload   = "depot-upload"   // key, size, checksum, type
	purposeDocument = "depot-document" // key, name
)

// Depot is a folder of documents. All fields are required.
type Depot struct {
	Blobs   blob.Store
	Links   *auth.Keyring
	BaseURL string // without a slash at its end
	Now     func() time.Time
}

// Receive returns where a client sends the bytes of a ticket to.
func (d *Depot) Receive(_ context.Context, t blob.Ticket, now time.Time) (blob.Target, error) {
	if err := blob.CheckKey(t.Key); err != nil {
		return blob.Target{}, err
	}
	token := d.Links.Sign(auth.Claims{
		Purpose: purposeUpload, IDs: []string{t.Key, strconv.FormatInt(t.Size, 10), hex.EncodeToString(t.SHA256[:]), t.Type}, Expires: now.Add(t.Lasts),
	})
	return blob.Target{Method: http.MethodPut, URL: d.BaseURL + UploadPath + token, Header: http.Header{
		"Content-Type": {t.Type}, "X-Amz-Checksum-Sha256": {base64.StdEncoding.EncodeToString(t.SHA256[:])},
	}}, nil
}

// Lend returns an address that gives a document out until it ends.
func (d *Depot) Lend(_ context.Context, key, name string, lasts time.Duration, now time.Time) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	return d.BaseURL + DocumentPath + d.Links.Sign(auth.Claims{Purpose: purposeDocument, IDs: []string{key, name}, Expires: now.Add(lasts)}), nil
}

// Get implements part of blob.Store.
func (d *Depot) Get(ctx context.Context, key string) ([]byte, string, error) {
	return d.Blobs.Get(ctx, key)
}

// Put implements part of blob.Store.
func (d *Depot) Put(ctx context.Context, key string, data []byte) error {
	return d.Blobs.Put(ctx, key, data)
}

// Delete implements part of blob.Store.
func (d *Depot) Delete(ctx context.Context, key string) error { return d.Blobs.Delete(ctx, key) }

// Handler serves the signed addresses.
func (d *Depot) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT "+UploadPath+"{token}", d.put)
	mux.HandleFunc("GET "+DocumentPath+"{token}", d.get)
	return mux
}

// put takes the bytes that the token names, and no others.
func (d *Depot) put(w http.ResponseWriter, r *http.Request) {
	link, err := d.Links.Verify(r.PathValue("token"), purposeUpload, d.Now())
	if err != nil || len(link.IDs) != 4 {
		http.Error(w, "The signature does not hold.", http.StatusForbidden)
		return
	}
	size, err := strconv.ParseInt(link.IDs[1], 10, 64)
	sum, decoded := hex.DecodeString(link.IDs[2])
	signed := r.ContentLength == size && r.Header.Get("Content-Type") == link.IDs[3] &&
		r.Header.Get("X-Amz-Checksum-Sha256") == base64.StdEncoding.EncodeToString(sum)
	if err != nil || decoded != nil || !signed {
		http.Error(w, "Size, type and checksum are not those that were signed.", http.StatusForbidden)
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, size))
	if got := sha256.Sum256(data); err != nil || int64(len(data)) != size || !bytes.Equal(got[:], sum) {
		http.Error(w, "The bytes are not those that were signed.", http.StatusBadRequest)
		return
	}
	if err := d.Blobs.Put(r.Context(), link.IDs[0], data); err != nil {
		http.Error(w, "Not kept.", http.StatusInternalServerError)
	}
}

// get gives a document out as a file to be saved: it is never shown, and what
// shows it nevertheless may run nothing.
func (d *Depot) get(w http.ResponseWriter, r *http.Request) {
	link, err := d.Links.Verify(r.PathValue("token"), purposeDocument, d.Now())
	if err != nil || len(link.IDs) != 2 {
		http.Error(w, "The signature does not hold.", http.StatusForbidden)
		return
	}
	data, _, err := d.Blobs.Get(r.Context(), link.IDs[0])
	if err != nil {
		http.Error(w, "There is no such document.", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", strings.Map(plain, link.IDs[1])))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data) // the client may be gone
}

func plain(r rune) rune {
	if r > ' ' && r < 0x7f && r != '"' && r != '\\' {
		return r
	}
	return -1
}
