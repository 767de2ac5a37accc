package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// Held finds what is kept of a stakeholder elsewhere than beside its record, and of
// those that went into it by merges.
type Held struct {
	IDs []string // the stakeholder's, then those of what went into it

	store    *Store
	mentions map[string][]string // by noun, the ids of what speaks of it
}

// HeldOf reads where a stakeholder is spoken of.
func (s *Store) HeldOf(ctx context.Context, e *directory.Stakeholder) (*Held, error) {
	ids, err := s.Family(ctx, e)
	if err != nil {
		return nil, err
	}
	h := &Held{IDs: ids, store: s, mentions: map[string][]string{}}
	for _, id := range ids {
		all, err := s.allMentions(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, m := range all {
			if !slices.Contains(h.mentions[m.noun], m.id) {
				h.mentions[m.noun] = append(h.mentions[m.noun], m.id)
			}
		}
	}
	return h, nil
}

// Family returns the ids of a stakeholder and of all that went into it by merges,
// its own first. Who survived no merge costs nothing.
func (s *Store) Family(ctx context.Context, e *directory.Stakeholder) ([]string, error) {
	if len(e.Merges) == 0 {
		return []string{e.ID}, nil
	}
	return s.family(ctx, e.ID)
}

// heldIn reads the aggregates of a noun that speak of the stakeholder.
func heldIn[T any](ctx context.Context, h *Held, n noun[T], key func(id string) table.Key) (all []*T, err error) {
	items, err := h.items(ctx, n.name, key)
	for _, it := range items {
		e, err := n.decode(it)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, err
}

func (h *Held) items(ctx context.Context, noun string, key func(id string) table.Key) (all []table.Item, err error) {
	for some := range slices.Chunk(h.mentions[noun], table.MaxPage) {
		keys := make([]table.Key, len(some))
		for i, id := range some {
			keys[i] = key(id)
		}
		items, err := h.store.Table.GetMany(ctx, keys)
		if err != nil {
			return nil, translate(err)
		}
		all = append(all, items...)
	}
	return all, nil
}

// Merges returns the merges of the stakeholder, undone ones included.
func (h *Held) Merges(ctx context.Context) ([]*directory.Merge, error) {
	return heldIn(ctx, h, merges, mergeKey)
}

// Distinctions returns those that hold it to be another than somebody.
func (h *Held) Distinctions(ctx context.Context) ([]*directory.Distinction, error) {
	return heldIn(ctx, h, distinctions, func(id string) table.Key {
		one, other, _ := strings.Cut(id, ".")
		return distinctionKey(one, other)
	})
}

// Applicants returns those that asked it for its word as their referee.
func (h *Held) Applicants(ctx context.Context) ([]*directory.Stakeholder, error) {
	return heldIn(ctx, h, stakeholders, stakeholderKey)
}

// Panels returns the panels that name it anywhere, or did.
func (h *Held) Panels(ctx context.Context) ([]*convening.Panel, error) {
	return heldIn(ctx, h, panels, panelKey)
}

// Events returns the events that it organises with others, or did.
func (h *Held) Events(ctx context.Context) ([]*convening.Event, error) {
	return heldIn(ctx, h, events, eventKey)
}

// Series returns the series that name it as organiser or host, or did.
func (h *Held) Series(ctx context.Context) ([]*convening.Series, error) {
	return heldIn(ctx, h, allSeries, seriesKey)
}

// Accreditations returns the applications that it made or objected to.
func (h *Held) Accreditations(ctx context.Context) ([]*convening.Accreditation, error) {
	return heldIn(ctx, h, accreditations, func(id string) table.Key {
		event, applicant, _ := strings.Cut(id, ".")
		return accreditationKey(event, applicant)
	})
}

// Letters returns the letters that were relayed to it and from it and are kept.
func (h *Held) Letters(ctx context.Context) (list []*directory.Relayed, err error) {
	items, err := h.items(ctx, typeRelayed, relayedKey)
	for _, it := range items {
		m, err := h.store.decodeRelayed(it)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, err
}

// MailHeld is what is known of one mail that went to a contact.
type MailHeld struct {
	ID    string       `json:"id"`
	Kind  string       `json:"kind"`
	State MessageState `json:"state"`
	At    time.Time    `json:"at"`
}

// MailsTo returns one page of the mails to a contact, or to the hash of an
// address, the oldest first.
func (s *Store) MailsTo(ctx context.Context, to, cursor string, limit int) ([]MailHeld, string, error) {
	p, err := s.Table.Query(ctx, table.Query{Index: table.G1, PK: mailedPartition(to), Cursor: cursor, Limit: limit})
	if err != nil {
		return nil, "", translate(err)
	}
	list := make([]MailHeld, len(p.Items))
	for i, it := range p.Items {
		var m Message
		if err := json.Unmarshal(it.Attributes, &m); err != nil {
			return nil, "", err
		}
		list[i] = MailHeld{m.ID, m.Kind, m.State, m.ClaimedAt}
	}
	return list, p.Cursor, nil
}

// AccessHeld is a session of a contact, or a link that would open one.
type AccessHeld struct {
	Kind    string    `json:"kind"` // session, link
	Expires time.Time `json:"expires"`
}

// AccessOf returns one page of the sessions and links of a contact.
func (s *Store) AccessOf(ctx context.Context, contact, cursor string, limit int) ([]AccessHeld, string, error) {
	p, err := s.Table.Query(ctx, table.Query{Index: table.G1, PK: accessPartition(contact), Cursor: cursor, Limit: limit})
	if err != nil {
		return nil, "", translate(err)
	}
	list := make([]AccessHeld, len(p.Items))
	for i, it := range p.Items {
		var v Session
		if err := json.Unmarshal(it.Attributes, &v); err != nil {
			return nil, "", err
		}
		list[i] = AccessHeld{"session", v.Expires}
		if it.Type == typeSecret {
			list[i].Kind = "link"
		}
	}
	return list, p.Cursor, nil
}
