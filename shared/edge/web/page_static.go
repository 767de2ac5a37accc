package web

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"mime"
	"net/http"
	"path"
)

//go:embed static
var static embed.FS

// The addresses of the static files, with a hash of what is in them: what lies
// under such an address never changes, and may be kept for a year.
var (
	stylesheet = versioned("convoke.css")  //nolint:gochecknoglobals // read only
	desksheet  = versioned("desk.css")     //nolint:gochecknoglobals // read only
	mark       = versioned("convoke.svg")  //nolint:gochecknoglobals // read only
	typeahead  = versioned("typeahead.js") //nolint:gochecknoglobals // read only
)

func versioned(file string) string {
	content, err := static.ReadFile("static/" + file)
	if err != nil {
		return "/static/" + file // a test holds that this does not happen
	}
	return "/static/" + file + "?v=" + contentHash(content)
}

func contentHash(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func (s *Server) getStatic(w http.ResponseWriter, r *http.Request) error {
	file := r.PathValue("file")
	content, err := static.ReadFile("static/" + path.Base(file))
	if err != nil || file != path.Base(file) {
		return errNoRoute
	}
	hash := contentHash(content)
	w.Header().Set("Cache-Control", "public, max-age=300")
	if r.URL.Query().Get("v") == hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if unchanged(w, r, `"`+hash+`"`) {
		return nil
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(file)))
	writeCompressed(w, r, http.StatusOK, content)
	return nil
}
