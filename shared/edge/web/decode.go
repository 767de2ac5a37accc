package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"convoke/shared/domain/fault"
)

// maxBody is the largest request body, in bytes.
const maxBody = 256 << 10

// maxDepth is how deep a body may nest: more than any schema, far less than what
// costs memory.
const maxDepth = 32

// maxParameter is the longest value of a query parameter, in bytes.
const maxParameter = 10 << 10

// Faults of reading a request.
var (
	errTooLarge  = fault.New(fault.TooLarge, "body.too_large")
	errNotJSON   = fault.New(fault.Unsupported, "body.not_json")
	errMalformed = fault.New(fault.Malformed, "body.malformed")
	errIfMatch   = fault.New(fault.Unguarded, "if_match.missing")
	errStale     = fault.New(fault.Stale, "if_match.stale")
)

// readBody returns the whole body, or errTooLarge.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errMalformed.Because(err)
	}
	return body, nil
}

// decode reads the body as JSON into v. Unknown members, repeated members, wrong
// types, null and broken UTF-8 are refused with a pointer to where they stand, and
// so is a body without one of the members needed: those of which false or empty
// would say something.
func decode(r *http.Request, v any, needed ...string) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return errNotJSON
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	if err := walk(body, needed); err != nil {
		return err
	}
	if err := json.Unmarshal(body, v, json.RejectUnknownMembers(true)); err != nil {
		return jsonFault(err)
	}
	return nil
}

// walk refuses what the decoder would take: a body that nests too deep, null, and
// the lack of what is needed. Syntax errors are left to the decoder.
func walk(body []byte, needed []string) error {
	tokens, there := jsontext.NewDecoder(bytes.NewReader(body)), map[string]bool{}
	for {
		token, err := tokens.ReadToken()
		if errors.Is(err, io.EOF) {
			break
		}
		switch {
		case err != nil:
			return nil
		case tokens.StackDepth() > maxDepth:
			return malformedAt("", "body.too_deep", nil)
		case token.Kind() == 'n':
			return malformedAt(string(tokens.StackPointer()), "body.null", nil)
		case tokens.StackDepth() == 1 && token.Kind() == '"':
			there[string(tokens.StackPointer())] = true
		}
	}
	for _, name := range needed {
		if !there["/"+name] {
			return malformedAt("/"+name, "body.missing_field", nil)
		}
	}
	return nil
}

// jsonFault says where the decoder stopped, and why in a stable code. The
// decoder's own words are for the log.
func jsonFault(err error) error {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		code := "body.wrong_type"
		if errors.Is(err, json.ErrUnknownName) {
			code = "body.unknown_field"
		}
		return malformedAt(string(semantic.JSONPointer), code, err)
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		code := "body.malformed"
		if errors.Is(err, jsontext.ErrDuplicateName) {
			code = "body.repeated_field"
		}
		return malformedAt(string(syntactic.JSONPointer), code, err)
	}
	return errMalformed.Because(err)
}

func malformedAt(pointer, code string, cause error) error {
	e := &fault.Error{Kind: fault.Malformed, Code: errMalformed.Code, Fields: []fault.Field{{Pointer: pointer, Code: code}}}
	return e.Because(cause)
}

// version is the version that a change means to change, from If-Match.
func version(r *http.Request) (int64, error) {
	tag := r.Header.Get("If-Match")
	if tag == "" {
		return 0, errIfMatch
	}
	digits, _, _ := strings.Cut(strings.Trim(tag, `"`), "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !strings.HasPrefix(tag, `"`) {
		return 0, errStale // no version of ours: it cannot be the present one
	}
	return n, nil
}

// paged is query for a route that answers page by page: it reads limit and
// cursor too.
func paged(r *http.Request, known ...string) (q url.Values, limit int, cursor string, err error) {
	if q, err = query(r, append([]string{"limit", "cursor"}, known...)...); err != nil {
		return nil, 0, "", err
	}
	limit = 20
	if given := q.Get("limit"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 || n > 100 {
			return nil, 0, "", badQuery("limit", "query.limit")
		}
		limit = n
	}
	return q, limit, q.Get("cursor"), nil
}

// query reads the query string and refuses parameters that the route does not
// know, so that a misspelt filter never answers with everything.
func query(r *http.Request, known ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.Malformed, "query.malformed").Because(err)
	}
	for name, values := range q {
		if !slices.Contains(known, name) {
			return nil, badQuery(name, "query.unknown_parameter")
		}
		for _, v := range values {
			if len(v) > maxParameter {
				return nil, badQuery(name, "text.too_long", "max", strconv.Itoa(maxParameter))
			}
		}
	}
	return q, nil
}

// flagged reads a parameter that is true or not there.
func flagged(q url.Values, name string) (bool, error) {
	switch q.Get(name) {
	case "":
		return false, nil
	case "true":
		return true, nil
	}
	return false, badQuery(name, "query.flag")
}

// badQuery is the refusal of a query parameter; its pointer names it after
// "/query".
func badQuery(name, code string, params ...string) error {
	var faults fault.List
	faults.Add("/query/"+fault.Token(name), code, params...)
	return faults.As(fault.Malformed, "query.malformed")
}
