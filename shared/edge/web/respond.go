package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// reply is an answer that is known before the write that it tells of commits, so
// that the write can keep it for its Idempotency-Key.
type reply struct {
	status int
	header []string // pairs of name and value
	body   any
	sent   []byte
}

// keep puts the answer into the idempotency record of the request, if it has one.
func (a *reply) keep(ctx context.Context) error {
	b, err := encode(a.body)
	if err != nil {
		return err
	}
	a.sent = b
	if o := store.OnceOf(ctx); o != nil {
		o.Status, o.Header, o.Body = a.status, a.header, b
	}
	return nil
}

func (a *reply) write(w http.ResponseWriter) error {
	for i := 0; i+1 < len(a.header); i += 2 {
		w.Header().Set(a.header[i], a.header[i+1])
	}
	writeJSON(w, a.status, a.sent)
	return nil
}

// ok answers a read with v.
func ok(w http.ResponseWriter, v any) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, b)
	return nil
}

// encode writes JSON without the escapes that are meant for JSON inside of HTML:
// they make six bytes of one, and an answer may hold no more than six megabytes.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body))) // else a long one goes out in chunks
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may be gone; there is nobody left to tell
}

// etag names a version, and the language when the answer depends on it.
func etag(version int64, lang ...string) string {
	tag := strconv.FormatInt(version, 10)
	for _, l := range lang {
		tag += "-" + l
	}
	return `"` + tag + `"`
}

// taggedBody names an answer by what it says, when that depends on more than one
// version.
func taggedBody(v any) (string, error) {
	b, err := encode(v)
	if err != nil {
		return "", err
	}
	return contentTag(b), nil
}

// contentTag names bytes by themselves.
func contentTag(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// unchanged answers 304 when the reader's copy is the present one (RFC 9110
// section 13.1.2), and sets the validators either way.
func unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") != tag {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

func language(r *http.Request) i18n.Lang { return i18n.Negotiate(r.Header.Get("Accept-Language")) }

// statuses maps each kind of fault to its one status.
func statuses() map[fault.Kind]int {
	return map[fault.Kind]int{
		fault.Internal: 500, fault.Malformed: 400, fault.Invalid: 422, fault.Unauthenticated: 401, fault.Forbidden: 403,
		fault.NotFound: 404, fault.NotAllowed: 405, fault.Conflict: 409, fault.Stale: 412, fault.Gone: 410, fault.TooLarge: 413,
		fault.Unsupported: 415, fault.Unguarded: 428, fault.Limited: 429, fault.Unavailable: 503,
	}
}
