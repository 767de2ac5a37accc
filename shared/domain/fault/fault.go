// Package fault provides the one error type of the domain. A fault names what
// is wrong in terms a client can act on; what happened inside is wrapped and
// never shown.
package fault

import (
	"errors"
	"slices"
	"strings"
)

// Kind says what sort of refusal a fault is. The web edge maps each kind to one
// HTTP status; the domain knows nothing of HTTP.
type Kind uint8

// The kinds of fault.
const (
	Internal        Kind = iota // not the caller's doing; the zero value, so that an unset kind is never blamed on the caller
	Malformed                   // cannot be read at all: broken JSON, a wrong type, an unknown field
	Invalid                     // read, and refused by a rule of the domain
	Unauthenticated             // nobody is signed in
	Forbidden                   // signed in, and not allowed
	NotFound                    // absent, or not to be seen by this reader
	NotAllowed                  // there, but not to be done in this way
	Conflict                    // right in itself, wrong in the present state
	Stale                       // the caller's copy is older than what is kept
	Gone                        // a link or code that was good once
	TooLarge                    // larger than the contract allows
	Unsupported                 // in a form that is not taken, such as another media type
	Unguarded                   // a change that does not say which version it means to change
	Limited                     // too often; try later
	Unavailable                 // the system cannot answer now; try later
)

// Field is one refused part of the input.
type Field struct {
	Pointer string            // RFC 6901 JSON Pointer from the root of the body, such as "/names/0/text"
	Code    string            // stable and dotted, and also the translation key: "name.control_character"
	Params  map[string]string // values for the translated text, such as {"max": "300"}
}

// Error is a refusal. Code is stable, dotted and also the translation key.
type Error struct {
	Kind   Kind
	Code   string
	Fields []Field
	cause  error
}

// New returns a fault with a code and no fields.
func New(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// Because returns a copy of e that wraps cause, for the log alone.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	for _, f := range e.Fields {
		b.WriteString(" " + f.Pointer + ":" + f.Code)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause, for errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is a fault of the same kind and code, so that
// errors.Is(err, convening.ErrExpired) holds whatever the fields say.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Code == e.Code
}

// KindOf returns the kind of the first fault in err's chain, Internal when
// there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Token writes a member name as a token of a JSON Pointer (RFC 6901 section 3).
func Token(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// List gathers the refused fields of one input, so that a caller learns of all
// of them at once. The zero value is ready to use.
type List struct{ fields []Field }

// Add records one refused field. Params are pairs of name and value.
func (l *List) Add(pointer, code string, params ...string) {
	f := Field{Pointer: pointer, Code: code}
	if len(params) > 0 {
		f.Params = make(map[string]string, len(params)/2)
		for i := 0; i+1 < len(params); i += 2 {
			f.Params[params[i]] = params[i+1]
		}
	}
	l.fields = append(l.fields, f)
}

// Under adds what another list has recorded, as a part of this input that stands
// at the pointer.
func (l *List) Under(pointer string, part *List) {
	for _, f := range part.fields {
		f.Pointer = pointer + f.Pointer
		l.fields = append(l.fields, f)
	}
}

// Err is As for Invalid, which is what most lists are of.
func (l *List) Err(code string) error { return l.As(Invalid, code) }

// As returns nil when nothing was recorded, else one fault of the kind and code
// with every field, in the order of their pointers.
func (l *List) As(kind Kind, code string) error {
	if len(l.fields) == 0 {
		return nil
	}
	slices.SortStableFunc(l.fields, func(a, b Field) int { return strings.Compare(a.Pointer, b.Pointer) })
	return &Error{Kind: kind, Code: code, Fields: l.fields}
}
