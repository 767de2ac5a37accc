package directory

import (
	"slices"
	"time"
)

// Forget takes from the merge what it remembers of the two: words and values.
// That there was one stays, and it cannot be undone any more. Again changes nothing.
func (m *Merge) Forget() {
	if m.Reason == "" && m.Changes == nil && m.Contacts == nil {
		return
	}
	m.Reason, m.UndoReason, m.Changes, m.Contacts, m.Kept = "", "", nil, nil, nil
	m.Conceal()
	m.Record("protection.forgotten", "merge", m.ID)
}

// Forget takes the moderator's words from the distinction. Again changes nothing.
func (d *Distinction) Forget() {
	if d.Reason == "" {
		return
	}
	d.Reason = ""
	d.Conceal()
	d.Record("protection.forgotten", "stakeholder", d.One, "other", d.Other)
}

// ForgetWord takes away what a referee that is erased said of the stakeholder. How
// it answered stays: the listing may rest on it. Again changes nothing.
func (s *Stakeholder) ForgetWord(referee string) {
	i := slices.IndexFunc(s.Vouchers, func(v Voucher) bool { return v.Kind == EvidenceReferences && v.From == referee && v.Note != "" })
	if i < 0 {
		return
	}
	s.Vouchers = slices.Clone(s.Vouchers)
	for i := range s.Vouchers {
		if v := &s.Vouchers[i]; v.Kind == EvidenceReferences && v.From == referee {
			v.Note = ""
		}
	}
	s.Conceal()
	s.Record("protection.forgotten", "stakeholder", s.ID)
}

// Forget ends the relation, of which one end is erased, and takes its words and
// days. Again changes nothing.
func (r *Relation) Forget(now time.Time) {
	if r.Forgotten {
		return
	}
	r.Forgotten, r.State, r.Role, r.UpdatedAt, r.DueAt = true, RelationEnded, "", now, nil
	r.Conceal()
	r.Record("protection.forgotten", "relation", r.ID)
}

// Forget takes from a sender's count what it says of the sender. Again changes
// nothing.
func (r *RelaySender) Forget() {
	if r.Day == "" && r.Sent == 0 {
		return
	}
	r.Day, r.Sent = "", 0
	r.Conceal()
	r.Record("protection.forgotten")
}
