package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"

	"convoke/shared/domain/fault"
	"convoke/shared/state/store"
)

const maxKey = 200

// command runs a handler that changes something. With an Idempotency-Key the
// change happens once, and the same request is answered the same again.
func (s *Server) command(handle func(http.ResponseWriter, *http.Request) error, w http.ResponseWriter, r *http.Request) error {
	key := r.Header.Get("Idempotency-Key")
	if key == "" || r.Method != http.MethodPost {
		return handle(w, r)
	}
	if len(key) > maxKey {
		return fault.New(fault.Malformed, "idempotency.key_malformed")
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	o := &store.Once{Scope: scope(r), Key: key, Request: fingerprint(r, body)}
	if done, err := s.replay(w, r, o); done || err != nil {
		return err
	}
	err = handle(w, r.WithContext(store.WithOnce(r.Context(), o)))
	if err == nil {
		return nil
	}
	// Another request with the key may have been answered while this one ran.
	if done, replayErr := s.replay(w, r, o); done || replayErr != nil {
		return replayErr
	}
	return err
}

func (s *Server) replay(w http.ResponseWriter, r *http.Request, o *store.Once) (bool, error) {
	before, err := s.Store.Replay(r.Context(), o.Scope, o.Key, o.Request)
	if err != nil || before == nil {
		return false, err
	}
	for i := 0; i+1 < len(before.Header); i += 2 {
		w.Header().Set(before.Header[i], before.Header[i+1])
	}
	w.Header().Set("Idempotency-Replayed", "true")
	writeJSON(w, before.Status, before.Body)
	return true, nil
}

// scope keeps the keys of different callers apart.
func scope(r *http.Request) string {
	if who := identityOf(r); who.Subject != "" {
		return who.Subject
	}
	return "public"
}

func fingerprint(r *http.Request, body []byte) string {
	h := sha256.New()
	_, _ = io.WriteString(h, r.Method+" "+r.URL.EscapedPath()+"\n") // a hash takes every write
	_, _ = h.Write(body)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
