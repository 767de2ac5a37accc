package table

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// In returns the item's key in an index, zero when it is not in it.
func (it Item) In(index Index) Key {
	switch index {
	case G1:
		return it.G1
	case G2:
		return it.G2
	default:
		return it.Key
	}
}

// Size returns an item's size in bytes as DynamoDB counts it: the names and
// values of all attributes, keys and type among them. Numbers are counted by
// the rule DynamoDB documents as approximate, never under what it counts.
// Attributes that cannot be kept give ErrBadItem.
func Size(it Item) (int, error) {
	size, err := measureAttributes(it.Attributes)
	if err != nil {
		return 0, err
	}
	size += len("pk") + len(it.PK) + len("sk") + len(it.SK)
	for _, key := range []Key{it.G1, it.G2} {
		if key != (Key{}) {
			size += len("g1pk") + len(key.PK) + len("g1sk") + len(key.SK)
		}
	}
	if it.Type != "" {
		size += len("type") + len(it.Type)
	}
	size += len("v") + integerSize(it.Version)
	if it.Expires != 0 {
		size += len("ttl") + integerSize(it.Expires)
	}
	return size, nil
}

func integerSize(n int64) int {
	d, err := parseDecimal(strconv.FormatInt(n, 10))
	if err != nil {
		return 21
	}
	return d.size()
}

// ValidateKey refuses a primary key that DynamoDB would not take, with
// ErrBadKey.
func ValidateKey(key Key) error {
	if err := validatePart("partition key", key.PK, MaxPartitionBytes); err != nil {
		return err
	}
	return validatePart("sort key", key.SK, MaxSortBytes)
}

func validatePart(what, text string, limit int) error {
	if text == "" || len(text) > limit || !plain(text) {
		return fmt.Errorf("%w: %s of %d bytes", ErrBadKey, what, len(text))
	}
	return nil
}

func plain(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// ValidateKeys refuses what GetMany cannot read: a bad key with ErrBadKey, too
// many or one key twice with ErrBadQuery.
func ValidateKeys(keys []Key) error {
	if len(keys) > MaxPage {
		return fmt.Errorf("%w: %d keys at once", ErrBadQuery, len(keys))
	}
	seen := make(map[Key]bool, len(keys))
	for _, key := range keys {
		if err := ValidateKey(key); err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%w: a key is asked for twice", ErrBadQuery)
		}
		seen[key] = true
	}
	return nil
}

// ValidateItem refuses an item that cannot be kept, with ErrBadKey, ErrBadItem
// or ErrTooLarge.
func ValidateItem(it Item) error {
	_, err := validatedSize(it)
	return err
}

func validatedSize(it Item) (int, error) {
	if err := ValidateKey(it.Key); err != nil {
		return 0, err
	}
	for _, index := range []Index{G1, G2} {
		if key := it.In(index); key != (Key{}) {
			if err := ValidateKey(key); err != nil {
				return 0, fmt.Errorf("index %s: %w", index, err)
			}
		}
	}
	if !plain(it.Type) || it.Expires < 0 {
		return 0, fmt.Errorf("%w: type is not UTF-8 without NUL, or expiry is negative", ErrBadItem)
	}
	size, err := Size(it)
	if err != nil {
		return 0, err
	}
	if size > MaxItemBytes {
		return 0, fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	return size, nil
}

// ValidateOps refuses a Transact that cannot be done, with ErrBadTransact or
// what ValidateItem says of one of its items.
func ValidateOps(ops []Op) error {
	if len(ops) == 0 || len(ops) > MaxOps {
		return fmt.Errorf("%w: %d operations", ErrBadTransact, len(ops))
	}
	seen, total := make(map[Key]bool, len(ops)), 0
	for i, op := range ops {
		size, err := validateOp(op)
		if err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
		if seen[op.Item.Key] {
			return fmt.Errorf("operation %d: %w: same key as an earlier one", i, ErrBadTransact)
		}
		seen[op.Item.Key] = true
		total += size
	}
	if total > MaxTransactBytes {
		return fmt.Errorf("%w: %d bytes together", ErrTooLarge, total)
	}
	return nil
}

func validateOp(op Op) (int, error) {
	switch op.Verb {
	case Put:
		return validatedSize(op.Item)
	case Check:
		if op.If == Always() {
			return 0, fmt.Errorf("%w: a check without a condition", ErrBadTransact)
		}
		return 0, ValidateKey(op.Item.Key)
	case Delete:
		return 0, ValidateKey(op.Item.Key)
	default:
		return 0, fmt.Errorf("%w: unknown verb %d", ErrBadTransact, op.Verb)
	}
}

// ValidateQuery refuses a query that is not well formed, with ErrBadQuery or,
// of its partition key, ErrBadKey.
func ValidateQuery(q Query) error {
	switch {
	case q.Index != Primary && q.Index != G1 && q.Index != G2:
		return fmt.Errorf("%w: unknown index %q", ErrBadQuery, q.Index)
	case q.Limit < 1 || q.Limit > MaxPage:
		return fmt.Errorf("%w: limit %d is not 1..%d", ErrBadQuery, q.Limit, MaxPage)
	case q.SKPrefix != "" && (q.SKFrom != "" || q.SKTo != ""):
		return fmt.Errorf("%w: prefix and range exclude each other", ErrBadQuery)
	case q.SKTo != "" && q.SKFrom >= q.SKTo:
		return fmt.Errorf("%w: nothing is from SKFrom and before SKTo", ErrBadQuery)
	}
	for _, bound := range []string{q.SKPrefix, q.SKFrom, q.SKTo} {
		if len(bound) > MaxSortBytes || !plain(bound) {
			return fmt.Errorf("%w: a bound is too long, or not UTF-8 without NUL", ErrBadQuery)
		}
	}
	return validatePart("partition key", q.PK, MaxPartitionBytes)
}

// ValidateLimit refuses a number of changes that is not 1..MaxPage.
func ValidateLimit(limit int) error {
	if limit < 1 || limit > MaxPage {
		return fmt.Errorf("%w: limit %d is not 1..%d", ErrBadQuery, limit, MaxPage)
	}
	return nil
}

// Covers says whether a sort key lies within the query's prefix or range.
func (q Query) Covers(sk string) bool {
	return strings.HasPrefix(sk, q.SKPrefix) && sk >= q.SKFrom && (q.SKTo == "" || sk < q.SKTo)
}

// Same says whether two items hold the same: the order of members and the
// spelling of numbers aside.
func Same(a, b Item) bool {
	return a.Key == b.Key && a.G1 == b.G1 && a.G2 == b.G2 && a.Type == b.Type &&
		a.Version == b.Version && a.Expires == b.Expires && sameAttributes(a.Attributes, b.Attributes)
}

func sameAttributes(a, b json.RawMessage) bool {
	if string(a) == string(b) {
		return true
	}
	x, errX := Canonical(a)
	y, errY := Canonical(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
