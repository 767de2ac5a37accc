package table

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// reserved are the attributes that the table itself writes.
var reserved = map[string]bool{
	"pk": true, "sk": true, "g1pk": true, "g1sk": true, "g2pk": true, "g2sk": true,
	"type": true, "v": true, "ttl": true,
}

// measureAttributes checks an item's attributes and returns their size as
// DynamoDB counts it.
func measureAttributes(raw json.RawMessage) (int, error) {
	if len(raw) == 0 {
		return 0, nil
	}
	if !utf8.Valid(raw) {
		return 0, fmt.Errorf("%w: not UTF-8", ErrBadItem)
	}
	if !json.Valid(raw) {
		return 0, fmt.Errorf("%w: not JSON", ErrBadItem)
	}
	if loneSurrogate(raw) {
		return 0, fmt.Errorf("%w: a string escapes half a surrogate pair", ErrBadItem)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	open, err := dec.Token()
	if err != nil || open != json.Delim('{') {
		return 0, fmt.Errorf("%w: not an object", ErrBadItem)
	}
	m := meter{dec}
	size, err := m.members(0)
	if err != nil {
		return 0, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return 0, fmt.Errorf("%w: something follows the object", ErrBadItem)
	}
	return size, nil
}

// loneSurrogate finds an escaped surrogate without its other half, which
// encoding/json would replace silently. raw must be valid JSON.
func loneSurrogate(raw []byte) bool {
	for i := 0; i < len(raw); {
		switch {
		case raw[i] != '\\':
			i++
		case raw[i+1] != 'u':
			i += 2
		default:
			unit := codeUnit(raw[i:])
			i += 6
			if unit < 0xD800 || unit > 0xDFFF {
				continue
			}
			if unit > 0xDBFF || i+6 > len(raw) || raw[i] != '\\' || raw[i+1] != 'u' {
				return true
			}
			if low := codeUnit(raw[i:]); low < 0xDC00 || low > 0xDFFF {
				return true
			}
			i += 6
		}
	}
	return false
}

// codeUnit reads \uXXXX at the start of raw.
func codeUnit(raw []byte) uint64 {
	unit, _ := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return unit
}

// meter sums what a decoder reads.
type meter struct{ dec *json.Decoder }

// members measures the members of an object whose brace has been read; depth
// is the object's own, 0 for the attributes themselves.
func (m meter) members(depth int) (int, error) {
	size, seen := 0, map[string]bool{}
	for m.dec.More() {
		token, err := m.dec.Token()
		if err != nil {
			return 0, fmt.Errorf("%w: %v", ErrBadItem, err)
		}
		name := token.(string) // a valid object's member begins with its name
		if err := checkName(name, depth, seen); err != nil {
			return 0, err
		}
		seen[name] = true
		value, err := m.value(depth + 1)
		if err != nil {
			return 0, err
		}
		size += len(name) + value
		if depth > 0 {
			size++
		}
	}
	_, err := m.dec.Token()
	return size, err
}

func checkName(name string, depth int, seen map[string]bool) error {
	switch {
	case name == "" || len(name) > MaxNameBytes:
		return fmt.Errorf("%w: the name of an attribute is empty or too long", ErrBadItem)
	case seen[name]:
		return fmt.Errorf("%w: %.80q appears twice", ErrBadItem, name)
	case depth == 0 && reserved[name]:
		return fmt.Errorf("%w: %q is reserved", ErrBadItem, name)
	default:
		return nil
	}
}

// value measures the next value, at the depth of a member of the attributes
// being 1.
func (m meter) value(depth int) (int, error) {
	token, err := m.dec.Token()
	if err != nil {
		return 0, fmt.Errorf("%w: %v", ErrBadItem, err)
	}
	switch token := token.(type) {
	case string:
		return len(token), nil
	case json.Number:
		d, err := parseDecimal(token.String())
		return d.size(), err
	case json.Delim:
		return m.nested(token, depth)
	default: // true, false, null
		return 1, nil
	}
}

func (m meter) nested(open json.Delim, depth int) (int, error) {
	if depth > MaxDepth {
		return 0, fmt.Errorf("%w: nested deeper than %d", ErrBadItem, MaxDepth)
	}
	const overhead = 3
	if open == '{' {
		size, err := m.members(depth)
		return size + overhead, err
	}
	size := overhead
	for m.dec.More() {
		value, err := m.value(depth + 1)
		if err != nil {
			return 0, err
		}
		size += value + 1
	}
	_, err := m.dec.Token()
	return size, err
}
