package bolt

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"convoke/shared/state/table"
)

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, key table.Key) (table.Item, error) {
	if err := table.ValidateKey(key); err != nil {
		return table.Item{}, fmt.Errorf("get: %w", err)
	}
	var found *table.Item
	err := t.view(ctx, func(b buckets) (err error) {
		found, err = b.stored(key)
		return err
	})
	if err == nil && found == nil {
		err = table.ErrAbsent
	}
	if err != nil {
		return table.Item{}, fmt.Errorf("get: %w", err)
	}
	return *found, nil
}

// stored returns the item with a key, nil when there is none.
func (b buckets) stored(key table.Key) (*table.Item, error) {
	k := itemKey(key)
	v := b.items.Get(k)
	if v == nil {
		return nil, nil
	}
	return decodeItem(k, v)
}

// GetMany implements table.Table.
func (t *Table) GetMany(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	if err := table.ValidateKeys(keys); err != nil {
		return nil, fmt.Errorf("get many: %w", err)
	}
	found := make([]table.Item, 0, len(keys))
	err := t.view(ctx, func(b buckets) error {
		for _, key := range keys {
			it, err := b.stored(key)
			if err != nil {
				return err
			}
			if it != nil {
				found = append(found, *it)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("get many: %w", err)
	}
	return found, nil
}

// Query implements table.Table.
func (t *Table) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := table.ValidateQuery(q); err != nil {
		return table.Page{}, fmt.Errorf("query: %w", err)
	}
	start, resumed, err := q.Start()
	if err != nil {
		return table.Page{}, fmt.Errorf("query: %w", err)
	}
	var page table.Page
	err = t.view(ctx, func(b buckets) (err error) {
		s := newScan(b, q)
		first := s.begin()
		if resumed {
			first = s.after(start)
		}
		page, err = s.page(first)
		return err
	})
	if err != nil {
		return table.Page{}, fmt.Errorf("query: %w", err)
	}
	return page, nil
}

// scan reads the entries of a query in its order.
type scan struct {
	b         buckets
	q         table.Query
	cursor    *bbolt.Cursor
	partition []byte // what every entry's key begins with
}

// above sorts after every key that is continued in UTF-8.
const above = "\xff"

func newScan(b buckets, q table.Query) *scan {
	return &scan{b: b, q: q, cursor: b.of(q.Index).Cursor(), partition: joinKey(q.PK, "")}
}

// begin returns the first entry of the query.
func (s *scan) begin() []byte {
	p := string(s.partition)
	if !s.q.Reverse {
		return s.seek(p + s.q.SKPrefix + s.q.SKFrom)
	}
	if s.q.SKTo != "" {
		return s.before(p + s.q.SKTo)
	}
	return s.before(p + s.q.SKPrefix + above)
}

// after returns the entry that follows a position.
func (s *scan) after(p table.Position) []byte {
	at := itemKey(p.Key)
	if s.q.Index != table.Primary {
		at = indexKey(table.Key{PK: s.q.PK, SK: p.SK}, p.Key)
	}
	if s.q.Reverse {
		return s.before(string(at))
	}
	return s.seek(string(at) + "\x00")
}

func (s *scan) seek(key string) []byte {
	k, _ := s.cursor.Seek([]byte(key))
	return k
}

// before returns the last entry below key.
func (s *scan) before(key string) []byte {
	k, _ := s.cursor.Seek([]byte(key))
	if k == nil {
		k, _ = s.cursor.Last()
		return k
	}
	k, _ = s.cursor.Prev()
	return k
}

func (s *scan) next() []byte {
	move := s.cursor.Next
	if s.q.Reverse {
		move = s.cursor.Prev
	}
	k, _ := move()
	return k
}

func (s *scan) page(k []byte) (table.Page, error) {
	var page table.Page
	var last table.Position
	size := 0
	for ; k != nil; k = s.next() {
		at, ok := s.position(k)
		if !ok {
			break
		}
		if len(page.Items) == s.q.Limit || size > table.MaxPageBytes {
			page.Cursor = s.q.CursorAt(last)
			break
		}
		it, err := s.b.stored(at.Key)
		if err != nil {
			return table.Page{}, err
		}
		if it == nil {
			return table.Page{}, fmt.Errorf("%w: index %s names an item that is not there", table.ErrCorrupt, s.q.Index)
		}
		page.Items = append(page.Items, *it)
		size += len(it.Attributes)
		last = at
	}
	return page, nil
}

// position reads an entry's key; ok is false beyond the query's end.
func (s *scan) position(k []byte) (p table.Position, ok bool) {
	rest, inside := bytes.CutPrefix(k, s.partition)
	if !inside {
		return p, false
	}
	sk, primary, _ := bytes.Cut(rest, []byte{0})
	p = table.Position{SK: string(sk), Key: table.Key{PK: s.q.PK, SK: string(sk)}}
	if s.q.Index != table.Primary {
		p.Key = splitKey(primary)
	}
	return p, s.q.Covers(p.SK)
}

// Walk implements table.Table. It reads a few hundred items at a time, so that
// a slow fn holds up no writer.
func (t *Table) Walk(ctx context.Context, fn func(table.Item) error) error {
	var from []byte
	for {
		items, next, err := t.chunk(ctx, from)
		if err != nil {
			return fmt.Errorf("walk: %w", err)
		}
		for _, it := range items {
			if err := fn(it); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		from = next
	}
}

// chunk reads some items from a key on, and the key to go on from.
func (t *Table) chunk(ctx context.Context, from []byte) (items []table.Item, next []byte, err error) {
	const most = 256
	err = t.view(ctx, func(b buckets) error {
		c, size := b.items.Cursor(), 0
		for k, v := c.Seek(from); k != nil; k, v = c.Next() {
			if len(items) == most || size > table.MaxPageBytes {
				next = bytes.Clone(k)
				return nil
			}
			it, err := decodeItem(k, v)
			if err != nil {
				return err
			}
			items = append(items, *it)
			size += len(v)
		}
		return nil
	})
	return items, next, err
}
