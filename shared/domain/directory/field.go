package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// fields are the members of a profile as they are kept, by name. What is empty
// has none.
func (p Profile) fields() map[string]json.RawMessage {
	b, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("directory: a profile does not encode: %v", err)) // a fault of the program, not of input
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &members); err != nil {
		panic(fmt.Sprintf("directory: a profile does not decode: %v", err))
	}
	return members
}

// Comparison is one field of two profiles, side by side.
type Comparison struct {
	Field string          `json:"field"`
	Equal bool            `json:"equal"`
	Here  json.RawMessage `json:"here,omitempty"` // none when it is empty
	There json.RawMessage `json:"there,omitempty"`
}

// Beside puts every field that one of two profiles has side by side, by name.
func Beside(here, there Profile) []Comparison {
	a, b := here.fields(), there.fields()
	all := maps.Clone(a)
	maps.Copy(all, b)
	list := make([]Comparison, 0, len(all))
	for _, field := range slices.Sorted(maps.Keys(all)) {
		list = append(list, Comparison{field, bytes.Equal(a[field], b[field]), a[field], b[field]})
	}
	return list
}

// withFields returns the profile that has the members.
func withFields(members map[string]json.RawMessage) (Profile, error) {
	b, err := json.Marshal(members)
	if err != nil {
		return Profile{}, err
	}
	var p Profile
	return p, json.Unmarshal(b, &p)
}
