package store

import (
	"context"
	"encoding/json"
	"time"

	"convoke/shared/state/table"
)

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
