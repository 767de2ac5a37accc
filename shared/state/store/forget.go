package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// erasedIDs returns the stakeholders that an erasure is about: all that went into
// the one it names are erased with it.
func (s *Store) erasedIDs(ctx context.Context, e *directory.Erasure) ([]string, error) {
	return s.family(ctx, e.Stakeholder)
}

// eachErased does one part of a step for one of the stakeholders of an erasure,
// and says where the next part begins: number of the stakeholder, then a cursor.
func (s *Store) eachErased(ctx context.Context, e *directory.Erasure, do func(stakeholder, cursor string) (next string, erased map[string]int, err error)) (part erasedPart, err error) {
	ids, err := s.erasedIDs(ctx, e)
	if err != nil {
		return part, err
	}
	number, cursor, _ := strings.Cut(e.Cursor, ":")
	at, _ := strconv.Atoi(number)
	if at >= len(ids) {
		return part, nil
	}
	next, erased, err := do(ids[at], cursor)
	if err != nil {
		return part, err
	}
	part.erased = erased
	switch {
	case next != "":
		part.cursor = strconv.Itoa(at) + ":" + next
	case at+1 < len(ids):
		part.cursor = strconv.Itoa(at+1) + ":"
	}
	return part, nil
}

// eraseMentions takes who is erased out of what speaks of it elsewhere.
func (s *Store) eraseMentions(ctx context.Context, e *directory.Erasure, mails func(context.Context, []string) error) (erasedPart, error) {
	return s.eachErased(ctx, e, func(stakeholder, cursor string) (string, map[string]int, error) {
		list, next, err := s.mentions(ctx, stakeholder, cursor, erasedAtOnce)
		if err != nil {
			return "", nil, err
		}
		for _, m := range list {
			if m.noun == typeMessage {
				err = s.eraseMail(ctx, e, m.id, mails)
			} else {
				err = s.eraseMention(ctx, e, stakeholder, m)
			}
			if err != nil {
				return "", nil, err
			}
		}
		return next, map[string]int{"mentions": len(list)}, nil
	})
}

func (s *Store) eraseMention(ctx context.Context, e *directory.Erasure, stakeholder string, m mention) error {
	switch m.noun {
	case typeMerge:
		return s.eraseMerge(ctx, e, stakeholder, m.id)
	case typeDistinction:
		return s.eraseDistinction(ctx, e, m.id)
	case typePanel:
		_, err := update(ctx, s, panels, panelKey(m.id), func(p *convening.Panel) error {
			p.Forget(stakeholder, e.Contact, s.Now())
			return nil
		})
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		return s.redactTrail(ctx, typePanel, m.id, names(cmp.Or(e.Contact, stakeholder)))
	case typeSeries:
		return s.eraseFromSeries(ctx, e, stakeholder, m.id)
	case typeEvent:
		return s.eraseFromEvent(ctx, e, stakeholder, m.id)
	case typeAccredited:
		return s.eraseAccreditation(ctx, e, stakeholder, m.id)
	case typeFeed:
		return s.eraseFeed(ctx, e, m.id)
	case typeRelayed:
		return s.eraseLetter(ctx, e, m.id)
	case typeStubClaim:
		return s.eraseClaim(ctx, e, m.id)
	case typeCase:
		return s.eraseCase(ctx, m.id)
	case typeScreening:
		return s.eraseScreening(ctx, e, m.id)
	case typeStakeholder:
		return s.eraseWord(ctx, e, stakeholder, m.id)
	}
	return nil
}

// names says of a trail's entry whether a value in it holds the id.
func names(id string) func(AuditEntry) bool {
	return func(a AuditEntry) bool { return bytes.Contains(encode(a.Values), []byte(id)) }
}

func all(AuditEntry) bool { return true }

// eraseMerge takes words and values out of a merge and its trail. While the two
// were one, the trail of the one that lives on tells of the other too.
func (s *Store) eraseMerge(ctx context.Context, e *directory.Erasure, stakeholder, id string) error {
	m, err := s.Merge(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil // it was mentioned, and did not come about
	}
	if err != nil {
		return err
	}
	if e.Contact == "" {
		if _, err = update(ctx, s, merges, mergeKey(id), func(m *directory.Merge) error { m.Forget(); return nil }); err != nil {
			return err
		}
	}
	if err := s.redactTrail(ctx, typeMerge, id, all); err != nil || m.UndoneAt == nil {
		return err
	}
	other := m.Survivor
	if other == stakeholder {
		other = m.Merged
	}
	return s.redactTrail(ctx, typeStakeholder, other, func(a AuditEntry) bool { return !a.At.Before(m.At) && !a.At.After(*m.UndoneAt) })
}

func (s *Store) eraseDistinction(ctx context.Context, e *directory.Erasure, id string) error {
	if e.Contact != "" {
		return nil
	}
	one, other, _ := strings.Cut(id, ".")
	_, err := update(ctx, s, distinctions, distinctionKey(one, other), func(d *directory.Distinction) error { d.Forget(); return nil })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return s.redactTrail(ctx, typeDistinction, id, all)
}

// eraseLetter deletes a letter that was relayed to or from who is erased.
func (s *Store) eraseLetter(ctx context.Context, e *directory.Erasure, id string) error {
	m, err := s.Relayed(ctx, id)
	if errors.Is(err, ErrNotFound) && e.Contact != "" {
		return nil
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if e.Contact != "" && m.Contact != e.Contact && m.Sender != e.Contact {
		return nil
	}
	return translate(s.Table.Transact(ctx, []table.Op{{Verb: table.Delete, Item: table.Item{Key: relayedKey(id)}}}))
}

// eraseRelations ends and forgets relations of who is erased, one page at a time,
// until none is left that tells anything.
func (s *Store) eraseRelations(ctx context.Context, e *directory.Erasure) (erasedPart, error) {
	if e.Contact != "" {
		return erasedPart{}, nil // they are the stakeholder's
	}
	return s.eachErased(ctx, e, func(stakeholder, _ string) (next string, erased map[string]int, err error) {
		list, err := s.Relations(ctx, stakeholder)
		if err != nil {
			return "", nil, err
		}
		list = slices.DeleteFunc(list, func(r *directory.Relation) bool { return r.Forgotten })
		if len(list) > erasedAtOnce {
			list, next = list[:erasedAtOnce], "more"
		}
		for _, r := range list {
			if err := s.eraseRelation(ctx, r); err != nil {
				return "", nil, err
			}
		}
		return next, map[string]int{"relations": len(list)}, nil
	})
}

// eraseRelation erases the trails first: a relation that is forgotten is done with.
func (s *Store) eraseRelation(ctx context.Context, r *directory.Relation) error {
	if err := s.redactTrail(ctx, typeRelation, r.ID, all); err != nil {
		return err
	}
	if err := s.redactTrail(ctx, typeStakeholder, r.From, tells("/ties")); err != nil {
		return err
	}
	_, err := s.UpdateRelation(ctx, r.ID, func(r *directory.Relation) error { r.Forget(s.Now()); return nil })
	return err
}

// tells says of a trail's entry whether it tells how a member changed.
func tells(members ...string) func(AuditEntry) bool {
	return func(a AuditEntry) bool {
		return slices.ContainsFunc(a.Values.Changes, func(c Change) bool {
			return c.Pointer == "" || slices.ContainsFunc(members, func(m string) bool { return strings.HasPrefix(c.Pointer, m) })
		})
	}
}

// eraseRelayCounts takes away how many letters the contacts got and sent.
func (s *Store) eraseRelayCounts(ctx context.Context, e *directory.Erasure) error {
	recipients := e.Contacts
	if e.Contact == "" {
		recipients = append(slices.Clone(recipients), directory.ToFocalPoint)
	}
	var ops []table.Op
	for _, c := range recipients {
		for _, day := range []time.Time{s.Now(), s.Now().AddDate(0, 0, -1)} { // older ones expired
			ops = append(ops, table.Op{Verb: table.Delete, Item: table.Item{Key: relayCountKey(e.Stakeholder, c, day)}})
		}
	}
	for part := range slices.Chunk(ops, table.MaxOps) {
		if err := s.Table.Transact(ctx, part); err != nil {
			return translate(err)
		}
	}
	for _, c := range e.Contacts {
		_, err := update(ctx, s, relaySenders, relaySenderKey(c), func(r *directory.RelaySender) error { r.Forget(); return nil })
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err == nil {
			err = s.redactTrail(ctx, typeRelaySender, c, all)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// spokenOf returns the partitions of the answers that may show who is erased,
// beside its own.
func (s *Store) spokenOf(ctx context.Context, e *directory.Erasure) ([]string, error) {
	ids, err := s.erasedIDs(ctx, e)
	if err != nil {
		return nil, err
	}
	var partitions []string
	for _, id := range ids {
		if e.Contact == "" {
			mails, err := s.mandateMails(ctx, id)
			if err != nil {
				return nil, err
			}
			partitions = append(append(partitions, mailedPartition(id)), mails...)
		}
		if id != e.Stakeholder {
			partitions = append(partitions, answeredPartition(auditKey(typeStakeholder, id, 0)))
		}
		list, err := s.allMentions(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if m.noun == typeMessage || m.noun == formerContact { // what has no trail has no answers
				continue
			}
			partitions = append(partitions, answeredPartition(auditKey(m.noun, m.id, 0)))
			if m.noun == typeStubClaim && e.Contact == "" { // mails to claimants name the entry
				c, err := s.Claim(ctx, m.id)
				if err != nil {
					return nil, err
				}
				partitions = append(partitions, mailedPartition(c.Contact))
			}
		}
		ties, err := s.Relations(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, r := range ties {
			partitions = append(partitions, answeredPartition(auditKey(typeRelation, r.ID, 0)))
		}
	}
	return partitions, nil
}
