package table

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// reserved are the attributes that the table itself writes.
var reserved = map[string]bool{ //nolint:gochecknoglobals // read only
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
	m := meter{raw: raw}
	if m.next() != '{' {
		return 0, fmt.Errorf("%w: not an object", ErrBadItem)
	}
	return m.members(0)
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

// meter walks over JSON that is known to be valid, which makes it short, and
// several times as fast as a decoder: every write passes here.
type meter struct {
	raw []byte
	at  int
}

// next returns the next byte that is no space, without passing it.
func (m *meter) next() byte {
	for m.raw[m.at] == ' ' || m.raw[m.at] == '\t' || m.raw[m.at] == '\n' || m.raw[m.at] == '\r' {
		m.at++
	}
	return m.raw[m.at]
}

// members measures an object; depth is its own, 0 for the attributes themselves.
func (m *meter) members(depth int) (int, error) {
	size, seen := 0, map[string]bool{}
	for m.at++; m.next() != '}'; {
		if m.raw[m.at] == ',' {
			m.at++
			continue
		}
		name, err := m.text()
		if err == nil {
			err = checkName(name, depth, seen)
		}
		if err != nil {
			return 0, err
		}
		seen[name] = true
		m.next()
		m.at++ // the colon
		value, err := m.value(depth + 1)
		if err != nil {
			return 0, err
		}
		size += len(name) + value
		if depth > 0 {
			size++
		}
	}
	m.at++
	return size, nil
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

// value measures the next value; a member of the attributes is at depth 1.
func (m *meter) value(depth int) (int, error) {
	switch m.next() {
	case '"':
		text, err := m.text()
		return len(text), err
	case '{', '[':
		return m.nested(depth)
	case 't', 'n':
		m.at += len("true")
		return 1, nil
	case 'f':
		m.at += len("false")
		return 1, nil
	default:
		start := m.at
		for m.at < len(m.raw) && strings.IndexByte("+-.eE0123456789", m.raw[m.at]) >= 0 {
			m.at++
		}
		d, err := parseDecimal(string(m.raw[start:m.at]))
		return d.size(), err
	}
}

func (m *meter) nested(depth int) (int, error) {
	if depth >= MaxDepth { // the attributes themselves are the first level
		return 0, fmt.Errorf("%w: nested deeper than %d", ErrBadItem, MaxDepth)
	}
	const overhead = 3
	if m.raw[m.at] == '{' {
		size, err := m.members(depth)
		return size + overhead, err
	}
	size := overhead
	for m.at++; m.next() != ']'; {
		if m.raw[m.at] == ',' {
			m.at++
			continue
		}
		value, err := m.value(depth + 1)
		if err != nil {
			return 0, err
		}
		size += value + 1
	}
	m.at++
	return size, nil
}

// text passes a string and returns what it stands for.
func (m *meter) text() (string, error) {
	start, escaped := m.at, false
	for m.at++; m.raw[m.at] != '"'; m.at++ {
		if m.raw[m.at] == '\\' {
			escaped = true
			m.at++
		}
	}
	m.at++
	if !escaped {
		return string(m.raw[start+1 : m.at-1]), nil
	}
	var text string
	if err := json.Unmarshal(m.raw[start:m.at], &text); err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadItem, err)
	}
	return text, nil
}
