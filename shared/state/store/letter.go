package store

import (
	"context"
	"errors"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var letters = noun[convening.Letter]{
	name:    typeLetter,
	id:      func(l *convening.Letter) string { return hash(l.Code) },
	version: func(l *convening.Letter) *int64 { return &l.Version },
	journal: func(l *convening.Letter) *journal.Log { return &l.Log },
	item: func(l *convening.Letter) table.Item {
		return table.Item{Key: letterKey(l.Code), G2: dueKey(l.DueAt, hash(l.Code)), Type: typeLetter}
	},
}

// Letter returns the letter of participation with a code.
func (s *Store) Letter(ctx context.Context, code string) (*convening.Letter, error) {
	return get(ctx, s, letters, letterKey(code))
}

// issuing makes the letter of who is invited, and notes its code with the
// invitation.
type issuing func(*convening.Invitation) (*convening.Letter, error)

// IssueLetter writes a letter with its invitation, in one transaction with the end
// of the one that it takes the place of. Like the change of UpdateInvitation, issue
// may be called more than once.
func (s *Store) IssueLetter(ctx context.Context, event, contact string, issue func(*convening.Invitation) (*convening.Letter, error)) (*convening.Invitation, error) {
	return s.amendInvitation(ctx, amendment{store: s, key: invitationKey(event, contact), issue: issue})
}

// ExpireLetter lets the planner forget whose a letter was, and reports whether it
// did.
func (s *Store) ExpireLetter(ctx context.Context, code string) (done bool, err error) {
	_, err = update(ctx, s, letters, letterKey(code), func(l *convening.Letter) error {
		due := l.DueAt
		l.Expire(s.Now())
		done = due != nil && l.DueAt == nil
		return nil
	})
	return done, err
}

// papers adds the letter that was issued to the transaction, and the end of the one
// that does not stand any more.
func (a *amendment) papers(ctx context.Context) error {
	if a.stood != "" && a.stood != a.i.Letter {
		if err := a.revoke(ctx); err != nil {
			return err
		}
	}
	if a.letter == nil {
		return nil
	}
	entries := a.letter.Take()
	a.letter.Version = 1
	it, trace, err := seal(ctx, a.store, letters, nil, a.letter, entries)
	if err != nil {
		return err
	}
	a.put(ctx, it, trace, table.IfAbsent(), entries)
	return nil
}

func (a *amendment) revoke(ctx context.Context) error {
	read, err := a.store.Table.Get(ctx, letterKey(a.stood))
	if errors.Is(err, table.ErrAbsent) {
		return nil
	}
	if err != nil {
		return translate(err)
	}
	l, err := letters.decode(read)
	if err != nil {
		return err
	}
	l.Revoke(a.store.Now())
	entries := l.Take()
	if len(entries) == 0 {
		return nil
	}
	l.Version = read.Version + 1
	it, trace, err := seal(ctx, a.store, letters, &read, l, entries)
	if err != nil {
		return err
	}
	a.put(ctx, it, trace, table.IfVersion(read.Version), entries)
	return nil
}

func (a *amendment) put(ctx context.Context, it, trace table.Item, condition table.Condition, entries []journal.Entry) {
	a.w.add(table.Op{Verb: table.Put, Item: it, If: condition})
	a.w.add(table.Op{Verb: table.Put, Item: trace, If: table.IfAbsent()})
	for _, e := range entries {
		a.w.announce(ctx, e)
	}
}
