package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"convoke/shared/state/table"
)

// SuppressionReason says why no mail goes to an address.
type SuppressionReason string

// The reasons. Any of them stops every kind of mail.
const (
	OptedOut   SuppressionReason = "opted_out"
	HardBounce SuppressionReason = "bounced"
	Complained SuppressionReason = "complained"
)

// Suppress stops all mail to an address. Again changes nothing: the first reason
// stands.
func (s *Store) Suppress(ctx context.Context, addressHash string, why SuppressionReason) error {
	it := table.Item{
		Key: suppressionKey(addressHash), Type: typeSuppression, Version: 1,
		Attributes: encode(map[string]any{"reason": why, "at": s.Now().UTC().Format(time.RFC3339)}),
	}
	err := s.Table.Transact(ctx, []table.Op{{Verb: table.Put, Item: it, If: table.IfAbsent()}})
	if _, there := errors.AsType[*table.ConditionFailed](err); there {
		return nil
	}
	return translate(err)
}

// Suppressed reports whether mail to the address is stopped.
func (s *Store) Suppressed(ctx context.Context, addressHash string) (bool, error) {
	_, err := s.Table.Get(ctx, suppressionKey(addressHash))
	if errors.Is(err, table.ErrAbsent) {
		return false, nil
	}
	return err == nil, translate(err)
}

// SuppressedAmong returns which of the addresses take no mail, in one request for
// each table.MaxPage of them.
func (s *Store) SuppressedAmong(ctx context.Context, addressHashes []string) (map[string]bool, error) {
	stopped, keys := map[string]bool{}, map[table.Key]string{}
	var list []table.Key
	for _, h := range addressHashes {
		if k := suppressionKey(h); keys[k] == "" {
			keys[k], list = h, append(list, k)
		}
	}
	for chunk := range slices.Chunk(list, table.MaxPage) {
		items, err := s.Table.GetMany(ctx, chunk)
		if err != nil {
			return nil, translate(err)
		}
		for _, it := range items {
			stopped[keys[it.Key]] = true
		}
	}
	return stopped, nil
}
