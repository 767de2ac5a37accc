// Package table is the contract of the one table everything is kept in. It is
// deliberately narrower than DynamoDB, so that two honest implementations are
// small: table/dynamo on DynamoDB and table/bolt on an embedded file. Both
// refuse the same things with the same errors; tabletest is the suite that
// holds them to it. The package knows nothing of the domain.
package table

import (
	"context"
	"encoding/json"
)

// Limits of DynamoDB that both implementations keep.
const (
	MaxItemBytes      = 400 << 10 // an item as DynamoDB counts it, see Size
	MaxTransactBytes  = 4 << 20   // the items of one Transact together
	MaxNameBytes      = 65535     // the name of an attribute
	MaxPartitionBytes = 2048      // pk, g1pk, g2pk
	MaxSortBytes      = 1024      // sk, g1sk, g2sk
	MaxOps            = 100       // operations in one Transact
	MaxDepth          = 32        // objects and lists within each other, Attributes itself the first
	MaxPage           = 1000      // items in one answer to GetMany, Query or Changes
	MaxPageBytes      = 1 << 20   // a page of a Query ends about here, short of its Limit
)

// Key names an item: partition and sort key, both non-empty UTF-8 without NUL.
type Key struct{ PK, SK string }

// Index names what a Query reads.
type Index string

// The table itself and its two sparse secondary indexes.
const (
	Primary Index = ""
	G1      Index = "g1"
	G2      Index = "g2"
)

// Item is one record. G1 and G2 place it in the secondary indexes; a zero Key
// keeps it out of them (sparse). Attributes is one JSON object with the
// record's own attributes under their own names; none may be called pk, sk,
// g1pk, g1sk, g2pk, g2sk, type, v or ttl, none may have an empty name, and none
// at all is spelt {} or left nil (it is read back as {}). Numbers are decimal
// with at most 38 significant digits and lie between 1e-130 and 9.99e125 on
// either side of zero. The order of members and the spelling of numbers are
// not kept.
type Item struct {
	Key
	G1, G2     Key
	Type       string // the noun, such as STAKEHOLDER
	Version    int64  // what IfVersion compares; the writer sets it
	Expires    int64  // Unix seconds after which the item may be removed at any time; 0 is never
	Attributes json.RawMessage
}

// Verb says what an Op does.
type Verb uint8

// The verbs.
const (
	Put    Verb = iota + 1 // store Op.Item whole
	Delete                 // remove Op.Item.Key; removing what is absent is no error
	Check                  // hold the condition on Op.Item.Key and write nothing
)

// Condition is what must hold of the stored item before the Op.
type Condition struct {
	kind    conditionKind
	version int64
}

type conditionKind uint8

const (
	always conditionKind = iota
	ifAbsent
	ifExists
	ifVersion
)

// Always holds whatever is stored; it is refused for Check, which would mean
// nothing.
func Always() Condition { return Condition{} }

// Holds says whether c holds when stored is what has the key, nil for nothing.
func (c Condition) Holds(stored *Item) bool {
	switch c.kind {
	case ifAbsent:
		return stored == nil
	case ifExists:
		return stored != nil
	case ifVersion:
		return stored != nil && stored.Version == c.version
	default:
		return true
	}
}

// Wants returns the version that an IfVersion asks for, 0 of other conditions.
func (c Condition) Wants() int64 { return c.version }

// IfAbsent holds when no item has the key.
func IfAbsent() Condition { return Condition{kind: ifAbsent} }

// IfExists holds when an item has the key.
func IfExists() Condition { return Condition{kind: ifExists} }

// IfVersion holds when an item has the key and its Version is n.
func IfVersion(n int64) Condition { return Condition{kind: ifVersion, version: n} }

// Op is one operation of a Transact. Delete and Check use Item.Key alone.
type Op struct {
	Verb Verb
	Item Item
	If   Condition
}

// Query asks for the items of one partition, ordered by the bytes of the sort
// key; items with the same index keys follow each other in no particular order.
// SKPrefix and the half-open range [SKFrom, SKTo) exclude each other; either end
// of the range may be left open; with neither, the whole partition is meant.
// Cursor is what a former Page returned for the same query (Limit may differ);
// any other cursor is refused with ErrBadQuery.
type Query struct {
	Index    Index
	PK       string
	SKPrefix string
	SKFrom   string
	SKTo     string
	Limit    int // 1..MaxPage
	Cursor   string
	Reverse  bool
}

// Page is one answer. Cursor is empty when nothing follows; with a Cursor the
// page may hold fewer items than Limit, and the next may turn out empty.
type Page struct {
	Items  []Item
	Cursor string
}

// Change is one committed write to one item. Old is nil for an insert, New for
// a removal. Seq is the position in the log as decimal digits: it grows with
// every change to the same item (for all of a partition unless DynamoDB splits
// it), and compares by length, then by bytes. A Put that leaves the item as it
// was and a Delete of nothing are no change.
type Change struct {
	Seq string
	Key
	Old, New *Item
}

// Table keeps items. Every method is safe for concurrent use. Errors are those
// of this package, wrapped; any other error means that the outcome is unknown.
type Table interface {
	// Get returns the item as of the last commit (consistent), or ErrAbsent.
	Get(ctx context.Context, key Key) (Item, error)
	// GetMany returns those of the keys that exist, consistently, in the order
	// asked. At most MaxPage keys, none twice.
	GetMany(ctx context.Context, keys []Key) ([]Item, error)
	// Query answers one page. Secondary indexes may lag behind on DynamoDB.
	Query(ctx context.Context, q Query) (Page, error)
	// Transact does all ops or none. It returns *ConditionFailed when conditions
	// did not hold, ErrConflict when it lost against a concurrent writer and may
	// be tried again.
	Transact(ctx context.Context, ops []Op) error
	// Changes returns up to limit committed changes after the cursor ("" is the
	// oldest kept) and the cursor to go on from; no changes and the same cursor
	// mean that the reader has caught up. ErrTrimmed says that changes after the
	// cursor are no longer kept: the reader must rebuild from Walk.
	Changes(ctx context.Context, cursor string, limit int) ([]Change, string, error)
	// Walk calls fn with every item, in no particular order and one at a time,
	// until fn fails, and returns that failure. It is no snapshot: what is written
	// meanwhile may be seen or not; fn may use the table. It reads the whole
	// table: for export, reindex and migration only.
	Walk(ctx context.Context, fn func(Item) error) error
	// Close releases the table. Other calls after it fail with ErrClosed.
	Close() error
}
