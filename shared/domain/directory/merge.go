package directory

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// MergeState says how far a merge, or its undoing, has come.
type MergeState string

// The states of a merge. The two stakeholders change in one step when it begins,
// and back in one step when it is undone; what follows the survivor is moved step
// by step, and is found under either id meanwhile.
const (
	MergeMoving    MergeState = "moving"    // what belongs to the merged one follows the survivor
	MergeDone      MergeState = "done"      // all of it has
	MergeReverting MergeState = "reverting" // it is moved back, and the two are one until it is
	MergeUndone    MergeState = "undone"
)

// sweepAfter is when what follows is looked for a second time: an index may have
// lagged behind what was written just before.
const sweepAfter = time.Minute

// Merge makes one stakeholder, the merged one, a part of another, the survivor.
// Both ids go on leading to the survivor, and all of it can be undone: the merge
// remembers what it changed. It holds no person: contacts are named by their ids.
type Merge struct {
	ID       string         `json:"id"`
	Survivor string         `json:"survivor"`
	Merged   string         `json:"merged"`
	State    MergeState     `json:"state"`
	By       string         `json:"by"` // the moderator's opaque id
	At       time.Time      `json:"at"`
	Reason   string         `json:"reason"`
	Changes  []FieldChange  `json:"changes,omitempty"`  // of the survivor's profile
	Contacts []MovedContact `json:"contacts,omitempty"` // that came to the survivor
	Touched  time.Time      `json:"touched"`            // UpdatedAt of the survivor before
	Process  bool           `json:"process,omitempty"`  // the survivor had no composition, and took the merged one's

	UndoneBy   string     `json:"undone_by,omitempty"`
	UndoneAt   *time.Time `json:"undone_at,omitempty"`
	UndoReason string     `json:"undo_reason,omitempty"`
	Kept       []string   `json:"kept,omitempty"` // fields that were edited since, and that undoing left as they were
	DueAt      *time.Time `json:"due_at,omitempty"`
	Version    int64      `json:"-"` // kept by the store

	journal.Log `json:"-"`
}

// FieldChange is one field of the survivor's profile before and after the merge.
type FieldChange struct {
	Field  string          `json:"field"`
	Before json.RawMessage `json:"before,omitempty"` // none when it was empty
	After  json.RawMessage `json:"after,omitempty"`
}

// MovedContact is a contact that came to the survivor, and the role it had.
type MovedContact struct {
	ID   string `json:"id"`
	Role string `json:"role"`
}

// MergeOrder is what a moderator decides about a merge: for each field of the
// profile which of the two to keep. Fields that are not named stay the survivor's.
type MergeOrder struct {
	Merged string            `json:"merged"` // the id of the one that goes
	Fields map[string]Choice `json:"fields,omitempty"`
	Reason string            `json:"reason"`
}

// Choice says whose value of a field is kept.
type Choice string

// The choices. Both is for lists: the survivor's values first, each once.
const (
	KeepSurvivor Choice = "survivor"
	KeepMerged   Choice = "merged"
	KeepBoth     Choice = "both"
)

// Faults of merging.
var (
	ErrNotMergeable   = fault.New(fault.Conflict, "merge.not_mergeable")
	ErrMergeDistinct  = fault.New(fault.Conflict, "merge.distinct")
	ErrMergeTooLarge  = fault.New(fault.Conflict, "merge.too_large")
	ErrMergeUndone    = fault.New(fault.Conflict, "merge.undone")
	ErrMergeNotLatest = fault.New(fault.Conflict, "merge.not_latest")
)

const mergeInvalid = "merge.invalid"

// BeginMerge makes merged a part of survivor, and returns what undoes it.
func BeginMerge(id string, survivor, merged *Stakeholder, o MergeOrder, by string, now time.Time) (*Merge, error) {
	if survivor.ID == merged.ID {
		return nil, ErrItself
	}
	if !survivor.mergeable() || !merged.mergeable() {
		return nil, ErrNotMergeable
	}
	if _, chosen := o.Fields["at_risk"]; merged.AtRisk && !chosen { // who was not to be shown is not shown by a merge
		o.Fields = maps.Clone(o.Fields)
		if o.Fields == nil {
			o.Fields = map[string]Choice{}
		}
		o.Fields["at_risk"] = KeepMerged
	}
	profile, changes, err := o.apply(survivor.Profile, merged.Profile, now)
	if err != nil {
		return nil, err
	}
	m := &Merge{
		ID: id, Survivor: survivor.ID, Merged: merged.ID, State: MergeMoving, By: by, At: now, Reason: Tidy(o.Reason),
		Changes: changes, Touched: survivor.UpdatedAt, DueAt: &now,
	}
	survivor.Profile, survivor.UpdatedAt, survivor.Merges = profile, now, append(survivor.Merges, id)
	m.takeContacts(survivor, merged)
	merged.Ceded = ceded(survivor, merged)
	merged.MergedInto, merged.StatusBefore, merged.Status = survivor.ID, merged.Status, Merged
	m.record(survivor, merged, "merge.begun", "stakeholder.absorbed", "stakeholder.merged")
	return m, nil
}

// Merging is how a stakeholder stands to others that it was merged with.
type Merging struct {
	MergedInto   string   `json:"merged_into,omitempty"`   // the survivor, while the status is merged
	StatusBefore Status   `json:"status_before,omitempty"` // of the merged one
	Ceded        *Ceded   `json:"ceded,omitempty"`         // by the merged one
	Merges       []string `json:"merges,omitempty"`        // ids of the merges that it survived, the oldest first
}

// Ceded is what the survivor of a merge holds in the place of the merged one,
// because its own profile has it. What else the merged one held it goes on
// holding, so that nobody else can be listed as it.
type Ceded struct {
	Name        bool         `json:"name,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
}

func ceded(survivor, merged *Stakeholder) *Ceded {
	c := &Ceded{Name: survivor.NameKey() == merged.NameKey()}
	for _, id := range merged.Identifiers {
		if slices.Contains(survivor.Identifiers, id) {
			c.Identifiers = append(c.Identifiers, id)
		}
	}
	if !c.Name && c.Identifiers == nil {
		return nil
	}
	return c
}

// HoldsName reports whether the stakeholder keeps its main name to itself.
func (s *Stakeholder) HoldsName() bool { return s.Holds() && (s.Ceded == nil || !s.Ceded.Name) }

// HoldsIdentifier reports whether the stakeholder keeps one of its identifiers to
// itself.
func (s *Stakeholder) HoldsIdentifier(id Identifier) bool {
	return s.Holds() && id.Unique() && (s.Ceded == nil || !slices.Contains(s.Ceded.Identifiers, id))
}

func (s *Stakeholder) mergeable() bool {
	switch s.Status {
	case AwaitingReview, Returned, Listed, Suspended, Lapsed:
		return true
	}
	return false
}

// takeContacts moves the contacts. The survivor keeps its focal point, and the
// other's becomes a representative.
func (m *Merge) takeContacts(survivor, merged *Stakeholder) {
	_, focal := survivor.FocalPoint()
	survivor.Contacts = slices.Clip(survivor.Contacts)
	for _, c := range merged.Contacts {
		m.Contacts = append(m.Contacts, MovedContact{c.ID, c.Role})
		if focal && c.Role == RoleFocalPoint {
			c.Role = RoleRepresentative
		}
		survivor.Contacts = append(survivor.Contacts, c)
	}
	merged.Contacts = nil
	m.takeRefusals(survivor, merged)
	if survivor.Process == nil && merged.Process != nil {
		survivor.Process, m.Process = merged.Process, true
	}
}

// takeRefusals withdraws, for all contacts, what those of the merged one did not
// consent to. What both said stays in the ledger of each.
func (m *Merge) takeRefusals(survivor, merged *Stakeholder) {
	if len(m.Contacts) == 0 {
		return
	}
	for _, purpose := range []string{ConsentInvitations, ConsentSpeaking, ConsentSharing} {
		if survivor.Consented(purpose) && !merged.Consented(purpose) {
			survivor.Consents = append(slices.Clip(survivor.Consents), Consent{
				Purpose: purpose, TextVersion: ConsentText, At: m.At, Channel: mergeChannel, WithdrawnAt: &m.At, WithdrawnBy: mergeChannel,
			})
		}
	}
}

// mergeChannel is the channel of what a merge withdrew.
const mergeChannel = "merge"

func (m *Merge) record(survivor, merged *Stakeholder, own, ofSurvivor, ofMerged string) {
	for _, log := range []*journal.Log{&m.Log, &survivor.Log, &merged.Log} {
		log.Explain(m.Reason)
	}
	m.Record(own, "merge", m.ID)
	survivor.Record(ofSurvivor, "stakeholder", survivor.ID, "merge", m.ID)
	merged.Record(ofMerged, "stakeholder", merged.ID, "survivor", survivor.ID)
}

// apply returns the profile that the choices make, and how it differs.
func (o MergeOrder) apply(survivor, merged Profile, now time.Time) (Profile, []FieldChange, error) {
	var faults fault.List
	if code := ProseFault(o.Reason, MaxReasonRunes); code != "" {
		faults.Add("/reason", code, "max", strconv.Itoa(MaxReasonRunes))
	}
	members, changes := survivor.fields(), []FieldChange(nil)
	others := merged.fields()
	for _, field := range slices.Sorted(maps.Keys(o.Fields)) {
		before, other := members[field], others[field]
		after, code := o.Fields[field].of(before, other)
		if before == nil && other == nil {
			code = "merge.field_unknown"
		}
		if code != "" {
			faults.Add("/fields/"+fault.Token(field), code)
			continue
		}
		if !bytes.Equal(before, after) {
			changes = append(changes, FieldChange{field, before, after})
			setMember(members, field, after)
		}
	}
	if err := faults.Err(mergeInvalid); err != nil {
		return Profile{}, nil, err
	}
	p, err := withFields(members)
	if err == nil && len(changes) > 0 {
		p.Validate(&faults, now)
		err = faults.Err(mergeInvalid)
	}
	return p, changes, err
}

// of returns the value that the choice keeps, none for an empty one.
func (c Choice) of(survivor, merged json.RawMessage) (kept json.RawMessage, code string) {
	switch c {
	case KeepSurvivor:
		return survivor, ""
	case KeepMerged:
		return merged, ""
	case KeepBoth:
		return joinLists(survivor, merged)
	}
	return nil, "merge.choice_unknown"
}

// joinLists joins two lists; other values have none.
func joinLists(a, b json.RawMessage) (joined json.RawMessage, code string) {
	var all []json.RawMessage
	for _, list := range []json.RawMessage{a, b} {
		var values []json.RawMessage
		if list != nil && json.Unmarshal(list, &values) != nil {
			return nil, "merge.choice_unknown"
		}
		for _, v := range values {
			if !slices.ContainsFunc(all, func(o json.RawMessage) bool { return bytes.Equal(o, v) }) {
				all = append(all, v)
			}
		}
	}
	joined, err := json.Marshal(all)
	if err != nil {
		return nil, "merge.choice_unknown"
	}
	return joined, ""
}

// sameValue compares values that may have been kept in between, which does not
// keep the order of members.
func sameValue(a, b json.RawMessage) bool {
	var x, y any
	if a != nil && json.Unmarshal(a, &x) != nil || b != nil && json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

func setMember(members map[string]json.RawMessage, field string, value json.RawMessage) {
	if value == nil {
		delete(members, field)
		return
	}
	members[field] = value
}

// Settled notes that a pass found nothing more to move. The last pass comes some
// time after the two changed.
func (m *Merge) Settled(now time.Time) {
	changed := m.At
	if m.UndoneAt != nil {
		changed = *m.UndoneAt
	}
	if last := changed.Add(sweepAfter); now.Before(last) {
		if m.DueAt == nil || !m.DueAt.Equal(last) {
			m.DueAt = &last
			m.Record("merge.moved", "merge", m.ID)
		}
		return
	}
	m.DueAt = nil
	if m.State == MergeMoving {
		m.State = MergeDone
	}
	m.Record("merge.settled", "merge", m.ID)
}

// Moves returns from whom to whom things are to be moved now, and whether a thing
// of the contact is among them.
func (m *Merge) Moves() (from, to string, concerns func(contact string) bool) {
	if m.State == MergeMoving || m.State == MergeDone {
		return m.Merged, m.Survivor, func(string) bool { return true }
	}
	return m.Survivor, m.Merged, func(contact string) bool {
		return slices.ContainsFunc(m.Contacts, func(c MovedContact) bool { return c.ID == contact })
	}
}

// Revert asks for the merge to be undone: what followed is moved back first.
func (m *Merge) Revert(survivor, merged *Stakeholder, by, reason string, now time.Time) error {
	var faults fault.List
	if code := ProseFault(reason, MaxReasonRunes); code != "" {
		faults.Add("/reason", code, "max", strconv.Itoa(MaxReasonRunes))
	}
	if err := faults.Err(mergeInvalid); err != nil {
		return err
	}
	if err := m.undoable(survivor, merged); err != nil {
		return err
	}
	m.State, m.DueAt, m.UndoneBy, m.UndoReason = MergeReverting, &now, by, Tidy(reason)
	m.Explain(m.UndoReason)
	m.Record("merge.reverting", "merge", m.ID)
	return nil
}

// Stay takes Revert back, when the two cannot be parted after all: another holds
// what one of them held.
func (m *Merge) Stay(now time.Time) {
	m.State, m.DueAt, m.UndoneBy, m.UndoReason = MergeMoving, &now, "", ""
	m.Record("merge.stays", "merge", m.ID)
}

// undoable refuses what would not restore the state before: the newest merge of
// the survivor is undone first.
func (m *Merge) undoable(survivor, merged *Stakeholder) error {
	if m.State == MergeUndone {
		return ErrMergeUndone
	}
	last := len(survivor.Merges) - 1
	if survivor.Status == Merged || last < 0 || survivor.Merges[last] != m.ID || merged.MergedInto != survivor.ID {
		return ErrMergeNotLatest
	}
	return nil
}

// Undo parts the two again. Fields that nobody edited since are as they were
// before; the others stay as they were edited, and are named in Kept. Contacts go
// back as they are now; who was removed since stays removed.
func (m *Merge) Undo(survivor, merged *Stakeholder, now time.Time) error {
	if err := m.undoable(survivor, merged); err != nil {
		return err
	}
	members := survivor.fields()
	for _, c := range m.Changes {
		if !sameValue(members[c.Field], c.After) {
			m.Kept = append(m.Kept, c.Field)
			continue
		}
		setMember(members, c.Field, c.Before)
	}
	profile, err := withFields(members)
	if err != nil {
		return err
	}
	survivor.Profile = profile
	if survivor.Merges = survivor.Merges[:len(survivor.Merges)-1]; len(survivor.Merges) == 0 {
		survivor.Merges = nil
	}
	if survivor.UpdatedAt.Equal(m.At) {
		survivor.UpdatedAt = m.Touched
	}
	m.returnContacts(survivor, merged)
	m.returnProcess(survivor, merged)
	merged.Status, merged.Merging = merged.StatusBefore, Merging{Merges: merged.Merges}
	m.State, m.UndoneAt, m.DueAt = MergeUndone, &now, &now
	m.record(survivor, merged, "merge.undone", "stakeholder.released", "stakeholder.unmerged")
	return nil
}

// returnContacts gives the contacts back in the order and the roles in which they
// came. Where the focal point was removed since, the first one left is it.
func (m *Merge) returnContacts(survivor, merged *Stakeholder) {
	for _, moved := range m.Contacts {
		i := slices.IndexFunc(survivor.Contacts, func(c Contact) bool { return c.ID == moved.ID })
		if i < 0 {
			continue
		}
		c := survivor.Contacts[i]
		c.Role = moved.Role
		merged.Contacts = append(merged.Contacts, c)
		survivor.Contacts = slices.Delete(slices.Clone(survivor.Contacts), i, i+1)
	}
	if len(survivor.Contacts) == 0 {
		survivor.Contacts = nil
	}
	survivor.Consents = emptied(slices.DeleteFunc(slices.Clone(survivor.Consents), func(c Consent) bool { return c.Channel == mergeChannel && c.At.Equal(m.At) }))
	if _, ok := merged.FocalPoint(); !ok && len(merged.Contacts) > 0 {
		merged.Contacts[0].Role = RoleFocalPoint
	}
}

// returnProcess takes the composition from the survivor again, unless somebody
// edited it since.
func (m *Merge) returnProcess(survivor, merged *Stakeholder) {
	switch {
	case !m.Process:
	case reflect.DeepEqual(survivor.Process, merged.Process):
		survivor.Process = nil
	default:
		m.Kept = append(m.Kept, "process")
	}
}
