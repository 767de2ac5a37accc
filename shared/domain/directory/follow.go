package directory

import (
	"slices"
	"time"
)

// Followed is one part of a relation that went along with a merge, and the
// stakeholder that it named before.
type Followed struct {
	Merge string `json:"merge"`
	Part  string `json:"part"` // from, to, asserted_by
	Was   string `json:"was"`
}

// parts are the stakeholders that a relation names, by what they are to it.
func (r *Relation) parts() map[string]*string {
	return map[string]*string{"from": &r.From, "to": &r.To, "asserted_by": &r.AssertedBy}
}

// Follow makes the relation of the merged one the survivor's, and reports whether
// it was the merged one's. Its id stays. Again changes nothing.
func (r *Relation) Follow(merge, merged, survivor string) bool {
	followed := false
	for _, name := range []string{"from", "to", "asserted_by"} {
		if part := r.parts()[name]; *part == merged {
			r.Followed = append(slices.Clip(r.Followed), Followed{merge, name, merged})
			*part, followed = survivor, true
		}
	}
	if followed {
		r.Record("relation.moved", "relation", r.ID, "stakeholder", r.From, "other", r.To)
	}
	return followed
}

// SetAside takes the relation out of use for as long as the merge stands: its
// ends have become one, or the survivor has the same already.
func (r *Relation) SetAside(merge string) {
	if !slices.Contains(r.Aside, merge) {
		r.Aside = append(slices.Clip(r.Aside), merge)
		r.Record("relation.set_aside", "relation", r.ID, "stakeholder", r.From, "other", r.To)
	}
}

// Return takes back what the merge did to the relation. Again changes nothing.
func (r *Relation) Return(merge string) {
	before := len(r.Followed) + len(r.Aside)
	for _, f := range slices.Backward(r.Followed) {
		if f.Merge == merge {
			*r.parts()[f.Part] = f.Was
		}
	}
	r.Followed = emptied(slices.DeleteFunc(slices.Clone(r.Followed), func(f Followed) bool { return f.Merge == merge }))
	r.Aside = emptied(slices.DeleteFunc(slices.Clone(r.Aside), func(m string) bool { return m == merge }))
	if len(r.Followed)+len(r.Aside) < before {
		r.Record("relation.moved", "relation", r.ID, "stakeholder", r.From, "other", r.To)
	}
}

func emptied[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// Retie makes the stakeholder's own record agree with a relation that moved, of
// which it was or is the From end, and reports whether that changed anything.
func (s *Stakeholder) Retie(was, is *Relation, now time.Time) bool {
	if s.Status == Erased {
		return false
	}
	changed := false
	if s.ID == was.From && was.Current(now) {
		changed = s.untie(was.Kind, was.To, was.Since)
	}
	if s.ID == is.From && is.Current(now) {
		changed = s.tie(is.asTie()) || changed
	}
	return changed
}
