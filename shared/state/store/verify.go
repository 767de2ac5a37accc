package store

import (
	"context"
	"encoding/json"
	"fmt"

	"convoke/shared/state/table"
)

// trailPage is how many entries of a trail are read at once.
const trailPage = 200

// VerifyTrails holds the trail of every aggregate against what the table has, and
// returns how many aggregates and entries hold. The first that does not is
// ErrTampered and names the aggregate. It reads the whole table: for the command
// that verifies it only.
//
// What it cannot find out: whoever may write to the table directly can compute a
// whole chain anew. Keeping a copy of the heads elsewhere, as a backup does,
// settles that.
func (s *Store) VerifyTrails(ctx context.Context) (aggregates, entries int, err error) {
	kept := 0
	err = s.Table.Walk(ctx, func(it table.Item) error {
		if it.Type == typeAudit {
			kept++
			return nil
		}
		h, err := headOf(it)
		if err != nil || h.Hash == "" {
			return err
		}
		n, err := s.verifyTrail(ctx, it, h)
		aggregates, entries = aggregates+1, entries+n
		return err
	})
	if err != nil {
		return aggregates, entries, fmt.Errorf("verify the audit trails: %w", err)
	}
	if kept != entries {
		return aggregates, entries, fmt.Errorf("verify the audit trails: %w: %d entries belong to nothing that is there", ErrTampered, kept-entries)
	}
	return aggregates, entries, nil
}

// verifyTrail follows the chain of one aggregate from its first entry to its head.
func (s *Store) verifyTrail(ctx context.Context, it table.Item, h head) (int, error) {
	broken := func(version int64, what string) error {
		return fmt.Errorf("%w: %s %s, version %d: %s", ErrTampered, it.Type, h.ID, version, what)
	}
	var last AuditEntry
	for cursor, more := "", true; more; more = cursor != "" {
		var list []AuditEntry
		var err error
		if list, cursor, err = s.Audit(ctx, it.Type, h.ID, cursor, trailPage); err != nil {
			return 0, err
		}
		for _, a := range list {
			if what := a.follows(last); what != "" {
				return 0, broken(a.Version, what)
			}
			last = a
		}
	}
	if last.Hash != h.Hash || last.Version != it.Version {
		return 0, broken(it.Version, "its last entry is another")
	}
	return int(last.Version), last.verifyState(it.Attributes, broken)
}

// follows says what is wrong with an entry that comes after last, "" when nothing
// is.
func (a AuditEntry) follows(last AuditEntry) string {
	hash, err := a.hashed()
	switch {
	case a.Version != last.Version+1:
		return fmt.Sprintf("entry %d is missing", last.Version+1)
	case a.Previous != last.Hash:
		return "it does not follow from the entry before"
	case err != nil || hash != a.Hash:
		return "its entry was altered"
	case a.Values == nil && a.ErasedAt == nil:
		return "its values are missing"
	case a.Values == nil:
		return ""
	}
	if values, err := digest("", encode(a.Values)); err != nil || values != a.ValuesHash {
		return "its values were altered"
	}
	return ""
}

// verifyState holds the aggregate against its last entry, as long as that has its
// salt.
func (a AuditEntry) verifyState(attributes json.RawMessage, broken func(int64, string) error) error {
	if a.Values == nil {
		return nil
	}
	plain, err := withoutHead(attributes)
	if err != nil {
		return err
	}
	state, err := digest(a.Values.Salt, plain)
	if err != nil {
		return err
	}
	if state != a.State {
		return broken(a.Version, "it was altered without an entry")
	}
	return nil
}
