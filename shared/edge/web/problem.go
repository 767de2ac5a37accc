package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
)

// problemDocument is application/problem+json (RFC 9457).
type problemDocument struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Code   string         `json:"code"`
	Errors []problemField `json:"errors,omitempty"`
}

// problemField is one refused part of the request.
type problemField struct {
	Pointer string `json:"pointer"` // RFC 6901
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// problem answers with an error. What went wrong inside is never part of it.
func problem(w http.ResponseWriter, r *http.Request, err error) {
	lang := language(r)
	doc := describe(lang, err)
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.Header().Set("Content-Language", string(lang))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept-Language")
	switch doc.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="convoke"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", "60")
		}
	}
	w.WriteHeader(doc.Status)
	b, _ := json.Marshal(doc) // strings and numbers alone: it cannot fail
	_, _ = w.Write(b)
}

// describe puts an error into words in the reader's language.
func describe(lang i18n.Lang, err error) problemDocument {
	f, known := errors.AsType[*fault.Error](err)
	if !known || f.Kind == fault.Internal {
		f = fault.New(fault.Internal, "internal")
	}
	doc := problemDocument{
		Type: "/problems/" + f.Code, Status: statuses()[f.Kind], Code: f.Code,
		Title: i18n.T(lang, f.Code, nil),
	}
	if f.Kind == fault.Internal {
		doc.Detail = i18n.T(lang, "internal.detail", nil)
	}
	for _, field := range f.Fields {
		doc.Errors = append(doc.Errors, problemField{field.Pointer, field.Code, i18n.T(lang, field.Code, field.Params)})
	}
	return doc
}
