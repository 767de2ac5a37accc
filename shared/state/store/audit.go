package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

// ErrTampered says that an audit trail is not what was written: an entry is
// missing, was altered, or does not fit the aggregate.
var ErrTampered = errors.New("the audit trail does not hold")

// AuditEntry says what was done to one aggregate, when, by whom and why. The
// entries of an aggregate are a chain: each holds the hash of the one before, and
// the aggregate the hash of the last, so that none can be altered, removed or put
// in between unnoticed. What may have to be erased later is in Values; the chain
// holds its salted hash alone, and so outlives it.
type AuditEntry struct {
	Version    int64        `json:"version"` // of the aggregate after it
	Actions    []string     `json:"actions"`
	At         time.Time    `json:"at"`
	Actor      string       `json:"actor"`
	Role       string       `json:"role"`
	For        string       `json:"for,omitempty"`      // on whose behalf, see Actor
	Previous   string       `json:"previous,omitempty"` // Hash of the entry before; none before the first
	State      string       `json:"state"`              // salted hash of the aggregate after it
	ValuesHash string       `json:"values_hash"`
	Values     *AuditValues `json:"values,omitempty"` // nil once they were erased
	ErasedAt   *time.Time   `json:"erased_at,omitempty"`
	Hash       string       `json:"hash"` // of all above but Values and ErasedAt
}

// AuditValues are the part of an entry that can be erased. Of a new aggregate
// there are no changes: what it was then stands in the aggregate, or as Before in
// a later entry.
type AuditValues struct {
	Salt    string   `json:"salt"` // so that a short value cannot be guessed from its hash
	Reason  string   `json:"reason,omitempty"`
	Changes []Change `json:"changes,omitempty"`
}

// head is what an aggregate's item holds of its trail.
type head struct {
	ID   string `json:"id"` // of the trail, under the type of the item
	Hash string `json:"hash"`
}

// headAttribute is where an aggregate's item keeps its head.
const headAttribute = "audit"

// seal makes ready what one write of an aggregate puts into the table: its item,
// which holds the hash of the newest entry of its trail, and that entry. Read is
// the item that is replaced, nil when the aggregate is new; the version of e is
// the new one. The hash before comes with the item, so that the chain costs no
// read.
func seal[T any](ctx context.Context, s *Store, n noun[T], read *table.Item, e *T, entries []journal.Entry) (item, trace table.Item, err error) {
	if item, err = n.encode(e); err != nil {
		return item, trace, err
	}
	var previous head
	values := &AuditValues{Salt: s.NewID(), Reason: n.journal(e).Reason()}
	concealed := n.journal(e).Concealed()
	if read != nil {
		if previous, err = headOf(*read); err != nil {
			return item, trace, err
		}
		if !concealed {
			values.Changes, err = changesOf(read.Attributes, item.Attributes)
		}
		if err != nil {
			return item, trace, err
		}
	}
	entry, err := s.entry(ctx, item, values, previous.Hash, entries)
	if err != nil {
		return item, trace, err
	}
	item.Attributes = withHead(item.Attributes, head{n.id(e), entry.Hash})
	return item, entry.item(n.name, n.id(e)), nil
}

// entry makes the entry of one write and hashes it.
func (s *Store) entry(ctx context.Context, item table.Item, values *AuditValues, previous string, entries []journal.Entry) (*AuditEntry, error) {
	who := actorOf(ctx)
	a := &AuditEntry{Version: item.Version, At: s.Now().UTC(), Actor: who.ID, Role: who.Role, For: who.For, Previous: previous, Values: values}
	for _, e := range entries {
		a.Actions = append(a.Actions, e.Type)
	}
	var err error
	if a.State, err = digest(values.Salt, item.Attributes); err != nil {
		return nil, err
	}
	if a.ValuesHash, err = digest("", encode(values)); err != nil {
		return nil, err
	}
	a.Hash, err = a.hashed()
	return a, err
}

func (a *AuditEntry) item(name, id string) table.Item {
	return table.Item{Key: auditKey(name, id, a.Version), Type: typeAudit, Version: 1, Attributes: encode(a)}
}

// hashed is the hash over what never changes in the entry.
func (a *AuditEntry) hashed() (string, error) {
	fixed := *a
	fixed.Values, fixed.ErasedAt, fixed.Hash = nil, nil, ""
	return digest("", encode(fixed))
}

// digest hashes attributes in their one spelling, whatever the table made of
// them.
func digest(salt string, attributes json.RawMessage) (string, error) {
	plain, err := table.Canonical(attributes)
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	sum := sha256.Sum256(append([]byte(salt+"\n"), plain...))
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

func headOf(it table.Item) (head, error) {
	var kept struct {
		Head head `json:"audit"`
	}
	if err := json.Unmarshal(it.Attributes, &kept); err != nil {
		return head{}, fmt.Errorf("decode head of %s: %w", it.Type, err)
	}
	return kept.Head, nil
}

// withHead adds the head to attributes that have none.
func withHead(attributes json.RawMessage, h head) json.RawMessage {
	member := `"` + headAttribute + `":` + string(encode(h)) + "}"
	if len(attributes) > len("{}") {
		member = "," + member
	}
	return append(attributes[:len(attributes)-1:len(attributes)-1], member...)
}

// withoutHead returns attributes as they were when they were hashed.
func withoutHead(attributes json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(attributes, &members); err != nil {
		return nil, err
	}
	delete(members, headAttribute)
	return json.Marshal(members)
}

// Audit returns what was done to one aggregate, oldest first.
func (s *Store) Audit(ctx context.Context, name, id, cursor string, limit int) ([]AuditEntry, string, error) {
	p, err := s.Table.Query(ctx, table.Query{PK: auditKey(name, id, 0).PK, Limit: limit, Cursor: cursor})
	if err != nil {
		return nil, "", translate(err)
	}
	list := make([]AuditEntry, len(p.Items))
	for i, it := range p.Items {
		if err := json.Unmarshal(it.Attributes, &list[i]); err != nil {
			return nil, "", err
		}
	}
	return list, p.Cursor, nil
}

// StakeholderAudit returns what was done to a stakeholder, oldest first.
func (s *Store) StakeholderAudit(ctx context.Context, id, cursor string, limit int) ([]AuditEntry, string, error) {
	return s.Audit(ctx, typeStakeholder, id, cursor, limit)
}
