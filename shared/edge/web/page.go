package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// The pages: HTML that works without script, in six languages. A handler reads,
// makes one call, and renders a component of page_*.templ.

// languageCookie keeps a reader's choice of language. It names nobody.
const languageCookie = "convoke-lang"

// compressFrom is the size, in bytes, from which a page is worth compressing.
const compressFrom = 1 << 10

// errNotForm says that what was posted to a page is not a form.
var errNotForm = fault.New(fault.Unsupported, "page.not_form")

// page is what every page knows of its reader and of itself.
type page struct {
	lang      i18n.Lang
	chosen    bool       // the language is in the address, and links keep it there
	path      string     // escaped, as links write it
	query     url.Values // of the address, without lang
	signedIn  bool
	workplace string // the stakeholder that a signed-in contact acts for
	desk      bool   // who reads has one, as staff do
	private   bool   // of one person: neither kept by caches nor found by search engines
}

// pageOf reads who reads, and in which language: the address decides, then the
// cookie, then the browser.
func pageOf(r *http.Request) page {
	who, q := identityOf(r), r.URL.Query()
	asked, chosen := spoken(q.Get("lang"))
	q.Del("lang")
	p := page{
		lang: asked, chosen: chosen, path: r.URL.EscapedPath(), query: q,
		signedIn: who.SignedIn(), private: true,
	}
	p.desk = staff(who) || who.Has(auth.Organiser)
	if who.Has(auth.Contact) {
		p.workplace = who.Stakeholder
	}
	if !chosen {
		p.lang = language(r)
		if c, err := r.Cookie(languageCookie); err == nil {
			if kept, ok := spoken(c.Value); ok {
				p.lang = kept
			}
		}
	}
	return p
}

// spoken returns the language of exactly that tag, false when the product does
// not speak it.
func spoken(tag string) (i18n.Lang, bool) {
	lang := i18n.Lang(tag)
	return lang, slices.Contains(i18n.All(), lang)
}

// t is the text under a key of the pages.
func (p page) t(key string) string { return i18n.T(p.lang, "page."+key, nil) }

// with is t with one value in it.
func (p page) with(key, name, value string) string {
	return i18n.T(p.lang, "page."+key, map[string]string{name: value})
}

// link is the address of another page in the reader's language. Only a language
// that came with the address is written into it again: the others last anyway.
func (p page) link(path string) templ.SafeURL { return p.linkTo(path, nil) }

func (p page) linkTo(path string, query url.Values) templ.SafeURL {
	q := url.Values{}
	for name, values := range query {
		q[name] = values
	}
	if p.chosen {
		q.Set("lang", string(p.lang))
	}
	return address(path, q)
}

// in is the address of this page in another language.
func (p page) in(lang i18n.Lang) templ.SafeURL {
	q := url.Values{"lang": {string(lang)}}
	for name, values := range p.query {
		q[name] = values
	}
	return address(p.path, q)
}

// address joins a path of ours with a query. It begins with one slash, so that
// it never leads to another host.
func address(path string, q url.Values) templ.SafeURL {
	at := "/" + strings.TrimLeft(path, "/")
	if encoded := q.Encode(); encoded != "" {
		at += "?" + encoded
	}
	return templ.SafeURL(at)
}

// show renders a page, whole, before the first byte goes out.
func (s *Server) show(w http.ResponseWriter, r *http.Request, p page, status int, c templ.Component) error {
	var body bytes.Buffer
	if err := c.Render(r.Context(), &body); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(p.lang))
	h.Set("Cache-Control", "private, no-cache")
	if p.private {
		h.Set("Cache-Control", "no-store")
		h.Set("X-Robots-Tag", "noindex")
	}
	h.Add("Vary", "Accept-Language, Cookie")
	s.keepLanguage(w, p)
	writeCompressed(w, r, status, body.Bytes())
	return nil
}

// keepLanguage lets the choice of a language outlive the page it was made on.
func (s *Server) keepLanguage(w http.ResponseWriter, p page) {
	if !p.chosen {
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure is off for development over plain http alone
		Name: languageCookie, Value: string(p.lang), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: !s.Plain, SameSite: http.SameSiteLaxMode,
	})
}

// writeCompressed sends the body, compressed where the reader takes that: many
// of them pay for their bytes. A page holds no secret besides what its reader
// typed, so that its length tells nothing (BREACH).
func writeCompressed(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(body) < compressFrom || !takesGzip(r.Header.Get("Accept-Encoding")) {
		w.WriteHeader(status)
		_, _ = w.Write(body) //nolint:gosec // made by templ, which escapes; the client may be gone
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z := gzip.NewWriter(w)
	_, _ = z.Write(body) // the client may be gone
	_ = z.Close()
}

// takesGzip reports whether an Accept-Encoding header names gzip without
// refusing it (RFC 9110 section 12.5.3).
func takesGzip(header string) bool {
	for coding := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.TrimSpace(params)
			return q != "q=0" && !strings.HasPrefix(q, "q=0.0")
		}
	}
	return false
}

// see sends the reader on after a form was taken, so that to load the page again
// does not send the form again.
func (p page) see(w http.ResponseWriter, path string, query url.Values) error {
	w.Header().Set("Location", string(p.linkTo(path, query)))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// readForm returns the fields of a posted form.
func readForm(r *http.Request) (url.Values, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, errNotForm
	}
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errMalformed.Because(err)
	}
	return form, nil
}

// line is a field of one line, and prose one of several: browsers end lines with
// CR and LF, the directory with LF.
func line(form url.Values, name string) string { return strings.TrimSpace(form.Get(name)) }

func prose(form url.Values, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(form.Get(name), "\r\n", "\n"))
}
