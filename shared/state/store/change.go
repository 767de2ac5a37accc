package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"convoke/shared/domain/fault"
)

// Change is one value that a write changed. Before is nil for what was added,
// After for what was removed.
type Change struct {
	Pointer string          `json:"pointer"` // RFC 6901, into the aggregate
	Before  json.RawMessage `json:"before,omitempty"`
	After   json.RawMessage `json:"after,omitempty"`
}

// Of longer values a trail holds length and hash: an item has 400 KB, and a
// write may change all of it.
const (
	maxChangedValue  = 8 << 10
	maxChangedValues = 128 << 10
)

// changesOf returns how attributes became others, by the smallest parts: members
// of objects, and elements of lists of one length; other lists whole.
func changesOf(before, after json.RawMessage) ([]Change, error) {
	var was, is map[string]any
	if err := decodeTree(before, &was); err != nil {
		return nil, err
	}
	if err := decodeTree(after, &is); err != nil {
		return nil, err
	}
	delete(was, headAttribute)
	var list []Change
	compareMembers("", was, is, &list)
	slices.SortFunc(list, func(a, b Change) int { return cmp.Compare(a.Pointer, b.Pointer) })
	return bounded(list), nil
}

func decodeTree(attributes json.RawMessage, tree *map[string]any) error {
	d := json.NewDecoder(bytes.NewReader(attributes))
	d.UseNumber()
	if err := d.Decode(tree); err != nil {
		return fmt.Errorf("compare versions: %w", err)
	}
	return nil
}

func compareMembers(at string, was, is map[string]any, list *[]Change) {
	for name, before := range was {
		if after, there := is[name]; there {
			compare(at+"/"+fault.Token(name), before, after, list)
			continue
		}
		*list = append(*list, Change{Pointer: at + "/" + fault.Token(name), Before: encode(before)})
	}
	for name, after := range is {
		if _, there := was[name]; !there {
			*list = append(*list, Change{Pointer: at + "/" + fault.Token(name), After: encode(after)})
		}
	}
}

func compare(at string, was, is any, list *[]Change) {
	switch before := was.(type) {
	case map[string]any:
		if after, same := is.(map[string]any); same {
			compareMembers(at, before, after, list)
			return
		}
	case []any:
		if after, same := is.([]any); same && len(after) == len(before) {
			for i := range before {
				compare(at+"/"+strconv.Itoa(i), before[i], after[i], list)
			}
			return
		}
	}
	if before, after := encode(was), encode(is); !bytes.Equal(before, after) {
		*list = append(*list, Change{at, before, after})
	}
}

// bounded puts length and hash in the place of values that are long, and of all
// when together they are too long.
func bounded(list []Change) []Change {
	for _, longest := range []int{maxChangedValue, 64} {
		size := 0
		for i := range list {
			c := &list[i]
			c.Before, c.After = shortened(c.Before, longest), shortened(c.After, longest)
			size += len(c.Pointer) + len(c.Before) + len(c.After)
		}
		if size <= maxChangedValues {
			return list
		}
	}
	return []Change{{After: encode(map[string]int{"changes": len(list)})}} // of the whole; its hash is in State
}

func shortened(value json.RawMessage, longest int) json.RawMessage {
	if len(value) <= longest {
		return value
	}
	return encode(map[string]any{"bytes": len(value), "sha256": hash(string(value))})
}
