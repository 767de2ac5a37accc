package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"

	"convoke/shared/state/table"
)

// A value is a format byte, a CRC-32C over the key and what follows, and the
// body. An item's body is version and expiry as varints, type, g1pk, g1sk,
// g2pk, g2sk with their lengths, and the attributes' JSON to the end. A
// change's body is the item's key with its length, then the old and the new
// item's body, each with its length plus one; 0 is none.
const (
	format     = 1
	headerSize = 1 + crc32.Size
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli) //nolint:gochecknoglobals // read only

// seal completes a value whose first headerSize bytes were left free.
func seal(key, value []byte) []byte {
	value[0] = format
	binary.BigEndian.PutUint32(value[1:], checksum(key, value[headerSize:]))
	return value
}

func checksum(key, body []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, body)
}

// unseal returns the body of a value, which is valid as long as the value.
func unseal(key, value []byte) ([]byte, error) {
	if len(value) < headerSize || value[0] != format {
		return nil, fmt.Errorf("%w: a value of unknown format", table.ErrCorrupt)
	}
	if binary.BigEndian.Uint32(value[1:]) != checksum(key, value[headerSize:]) {
		return nil, fmt.Errorf("%w: the checksum of a value is wrong", table.ErrCorrupt)
	}
	return value[headerSize:], nil
}

func appendItem(b []byte, it *table.Item) []byte {
	b = binary.AppendVarint(b, it.Version)
	b = binary.AppendVarint(b, it.Expires)
	for _, text := range []string{it.Type, it.G1.PK, it.G1.SK, it.G2.PK, it.G2.SK} {
		b = appendText(b, text)
	}
	if len(it.Attributes) == 0 {
		return append(b, "{}"...)
	}
	return append(b, it.Attributes...)
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func encodeItem(key []byte, it *table.Item) []byte {
	b := make([]byte, headerSize, headerSize+64+len(it.Attributes))
	return seal(key, appendItem(b, it))
}

func decodeItem(key, value []byte) (*table.Item, error) {
	body, err := unseal(key, value)
	if err != nil {
		return nil, err
	}
	return parseItem(splitKey(key), body)
}

func parseItem(key table.Key, body []byte) (*table.Item, error) {
	r := reader{rest: body}
	it := &table.Item{Key: key, Version: r.varint(), Expires: r.varint()}
	for _, text := range []*string{&it.Type, &it.G1.PK, &it.G1.SK, &it.G2.PK, &it.G2.SK} {
		*text = string(r.text())
	}
	it.Attributes = bytes.Clone(r.rest)
	return it, r.err
}

func encodeChange(seq []byte, key table.Key, before, after *table.Item) []byte {
	b := make([]byte, headerSize, 512)
	b = appendText(appendText(b, key.PK), key.SK)
	for _, it := range []*table.Item{before, after} {
		if it == nil {
			b = binary.AppendUvarint(b, 0)
			continue
		}
		body := appendItem(nil, it)
		b = append(binary.AppendUvarint(b, uint64(len(body))+1), body...)
	}
	return seal(seq, b)
}

func decodeChange(seq, value []byte) (table.Change, error) {
	body, err := unseal(seq, value)
	if err != nil {
		return table.Change{}, err
	}
	r := reader{rest: body}
	c := table.Change{Seq: decimal(binary.BigEndian.Uint64(seq))}
	c.PK, c.SK = string(r.text()), string(r.text())
	for _, it := range []**table.Item{&c.Old, &c.New} {
		if body, ok := r.optional(); ok {
			if *it, err = parseItem(c.Key, body); err != nil {
				return table.Change{}, err
			}
		}
	}
	return c, r.err
}

// reader takes a body apart; the first fault stays in err.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) varint() int64 {
	n, size := binary.Varint(r.rest)
	r.skip(size)
	return n
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	r.skip(size)
	return n
}

func (r *reader) skip(size int) {
	if size <= 0 || size > len(r.rest) {
		r.rest, r.err = nil, fmt.Errorf("%w: a value is cut short", table.ErrCorrupt)
		return
	}
	r.rest = r.rest[size:]
}

func (r *reader) text() []byte { return r.take(r.uvarint()) }

func (r *reader) optional() ([]byte, bool) {
	n := r.uvarint()
	if n == 0 {
		return nil, false
	}
	return r.take(n - 1), true
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.rest, r.err = nil, fmt.Errorf("%w: a value is cut short", table.ErrCorrupt)
		return nil
	}
	text := r.rest[:n]
	r.rest = r.rest[n:]
	return text
}

// joinKey puts the parts of a key together. Parts have no NUL, so the bytes
// of joined keys have the order of their parts.
func joinKey(parts ...string) []byte { return []byte(strings.Join(parts, "\x00")) }

// splitKey takes a key of the items apart.
func splitKey(key []byte) table.Key {
	pk, sk, _ := bytes.Cut(key, []byte{0})
	return table.Key{PK: string(pk), SK: string(sk)}
}

func itemKey(key table.Key) []byte { return joinKey(key.PK, key.SK) }

func indexKey(index, key table.Key) []byte { return joinKey(index.PK, index.SK, key.PK, key.SK) }

func expiryKey(expires int64, key table.Key) []byte {
	return append(sequence(uint64(expires)), itemKey(key)...)
}

func sequence(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
