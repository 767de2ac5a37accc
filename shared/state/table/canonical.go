package table

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Canonical returns the one spelling of an item's attributes under which equal
// attributes are equal bytes: members in order, numbers by Number, no spaces.
func Canonical(attributes json.RawMessage) (json.RawMessage, error) {
	if len(attributes) == 0 {
		return json.RawMessage("{}"), nil
	}
	dec := json.NewDecoder(bytes.NewReader(attributes))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadItem, err)
	}
	if _, err := canonicalValue(tree); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(tree); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadItem, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// canonicalValue respells the numbers of a tree in place.
func canonicalValue(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case json.Number:
		text, err := Number(v.String())
		return json.Number(text), err
	case map[string]any:
		for name, member := range v {
			if v[name], err = canonicalValue(member); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, element := range v {
			if v[i], err = canonicalValue(element); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}
