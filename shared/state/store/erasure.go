package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var erasures = noun[directory.Erasure]{
	name:    typeErasure,
	id:      func(e *directory.Erasure) string { return e.ID },
	version: func(e *directory.Erasure) *int64 { return &e.Version },
	journal: func(e *directory.Erasure) *journal.Log { return &e.Log },
	item: func(e *directory.Erasure) table.Item {
		return table.Item{Key: erasureKey(e.ID), G2: dueKey(e.DueAt, e.ID), Type: typeErasure}
	},
}

// erasedAtOnce is how many items one part of an erasure deals with.
const erasedAtOnce = 50

// BeginErasure keeps a new erasure, which the planner carries out. The same again
// is no error.
func (s *Store) BeginErasure(ctx context.Context, e *directory.Erasure) error {
	err := create(ctx, s, erasures, e)
	if errors.Is(err, ErrBusy) {
		if _, known := s.Erasure(ctx, e.ID); known == nil {
			return nil
		}
	}
	return err
}

// Erasure returns one erasure.
func (s *Store) Erasure(ctx context.Context, id string) (*directory.Erasure, error) {
	return get(ctx, s, erasures, erasureKey(id))
}

// AdvanceErasure does the next part of an erasure and notes that it is done. When
// it is stopped in between, the part is done again, which changes nothing more.
// Mails is told the provider's ids of mails that are forgotten; it may be nil.
func (s *Store) AdvanceErasure(ctx context.Context, id string, mails func(context.Context, []string) error) error {
	e, err := s.Erasure(ctx, id)
	if err != nil || e.DoneAt != nil {
		return err
	}
	part, err := s.erase(ctx, e, mails)
	if err != nil {
		return fmt.Errorf("erasure %s, step %s: %w", id, e.Step, err)
	}
	at, cursor := e.Step, e.Cursor
	_, err = update(ctx, s, erasures, erasureKey(id), func(e *directory.Erasure) error {
		switch {
		case e.Step != at || e.Cursor != cursor:
			return nil // another process was faster
		case part.back:
			e.Back(s.Now())
		default:
			e.Gathered(part.contacts, part.addresses)
			e.Moved(part.cursor, part.erased, s.Now())
		}
		return nil
	})
	return err
}

// erasedPart is what one part of a step came to.
type erasedPart struct {
	cursor              string // of the next part; empty when the step is done
	erased              map[string]int
	contacts, addresses []string
	back                bool // to the first step
}

func (s *Store) erase(ctx context.Context, e *directory.Erasure, mails func(context.Context, []string) error) (erasedPart, error) {
	switch e.Step {
	case directory.StepGather:
		return s.gatherErased(ctx, e)
	case directory.StepRecord:
		return s.eraseRecord(ctx, e)
	case directory.StepPurge, directory.StepPurgeAgain:
		return s.purgeErased(ctx, e, mails)
	case directory.StepInvitations:
		return s.eraseInvitations(ctx, e)
	case directory.StepMentions:
		return s.eraseMentions(ctx, e, mails)
	case directory.StepRelations:
		return s.eraseRelations(ctx, e)
	case directory.StepTrail:
		return s.eraseTrail(ctx, e)
	}
	return erasedPart{}, nil
}

// about returns the contacts of the stakeholder that the erasure is about, and
// the hashes of their addresses.
func about(e *directory.Erasure, s *directory.Stakeholder) (contacts, addresses []string) {
	for _, c := range s.Contacts {
		if e.Contact == "" || c.ID == e.Contact {
			contacts, addresses = append(contacts, c.ID), append(addresses, AddressHash(c.Email))
		}
	}
	return contacts, addresses
}

func (s *Store) gatherErased(ctx context.Context, e *directory.Erasure) (part erasedPart, err error) {
	of, err := s.Stakeholder(ctx, e.Stakeholder)
	if errors.Is(err, ErrNotFound) {
		return part, nil
	}
	if err != nil {
		return part, err
	}
	part.contacts, part.addresses = about(e, of)
	if e.Contact != "" {
		part.contacts = append(part.contacts, e.Contact)
	}
	ids, err := s.erasedIDs(ctx, e)
	if err != nil {
		return part, err
	}
	for _, id := range ids {
		contacts, addresses, err := s.erasedElsewhere(ctx, id, e.Contact)
		if err != nil {
			return part, err
		}
		part.contacts, part.addresses = append(part.contacts, contacts...), append(part.addresses, addresses...)
	}
	return part, nil
}

// erasedElsewhere returns those whom an erasure is about that are no contacts: who
// was named by one, and who was one.
func (s *Store) erasedElsewhere(ctx context.Context, stakeholder, contact string) (contacts, addresses []string, err error) {
	contacts, addresses, err = s.erasedColleagues(ctx, stakeholder, contact)
	if err != nil {
		return nil, nil, err
	}
	former, err := s.formerContacts(ctx, stakeholder, contact)
	for _, m := range former {
		id, address, _ := strings.Cut(m.id, ".")
		contacts, addresses = append(contacts, id), append(addresses, address)
	}
	return contacts, addresses, err
}

func (s *Store) eraseRecord(ctx context.Context, e *directory.Erasure) (part erasedPart, err error) {
	_, err = update(ctx, s, stakeholders, stakeholderKey(e.Stakeholder), func(of *directory.Stakeholder) error {
		contacts, _ := about(e, of)
		part.back = slices.ContainsFunc(contacts, func(c string) bool { return !slices.Contains(e.Contacts, c) })
		if part.back {
			return nil
		}
		part.erased = map[string]int{"contacts": len(contacts)}
		if e.Contact != "" {
			return of.ForgetContact(e.Contact, s.Now())
		}
		of.Forget(s.Now())
		return nil
	})
	if err != nil && !errors.Is(err, ErrNotFound) || part.back || e.Contact != "" {
		return part, err
	}
	return part, s.eraseMerged(ctx, e)
}

// eraseMerged turns those into tombstones that went into the one that is erased,
// and empties the ledgers. The record comes first: after it nothing is merged into
// it any more.
func (s *Store) eraseMerged(ctx context.Context, e *directory.Erasure) error {
	ids, err := s.erasedIDs(ctx, e)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := update(ctx, s, stakeholders, stakeholderKey(id), func(of *directory.Stakeholder) error { of.Forget(s.Now()); return nil })
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := s.EmptyLedger(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// purgeErased deletes one page of what is found by a contact, an address, or the
// record: sessions and links, mails, and answers kept for their keys. The cursor
// counts the partitions.
func (s *Store) purgeErased(ctx context.Context, e *directory.Erasure, mails func(context.Context, []string) error) (part erasedPart, err error) {
	partitions := []string{answeredPartition(auditKey(typeStakeholder, e.Stakeholder, 0))}
	for _, c := range e.Contacts {
		partitions = append(partitions, accessPartition(c), mailedPartition(c))
	}
	for _, a := range e.Addresses {
		partitions = append(partitions, mailedPartition(a))
	}
	others, err := s.spokenOf(ctx, e)
	if err != nil {
		return part, err
	}
	partitions = append(partitions, others...)
	at, _ := strconv.Atoi(e.Cursor)
	if at >= len(partitions) {
		return part, nil
	}
	p, err := s.Table.Query(ctx, table.Query{Index: table.G1, PK: partitions[at], Limit: erasedAtOnce})
	if err != nil {
		return part, translate(err)
	}
	if len(p.Items) == 0 {
		if at++; at < len(partitions) {
			part.cursor = strconv.Itoa(at)
		}
		return part, nil
	}
	part.cursor = strconv.Itoa(at)
	if err := forgetMails(ctx, p.Items, mails); err != nil {
		return part, err
	}
	part.erased = map[string]int{}
	ops := make([]table.Op, len(p.Items))
	for i, it := range p.Items {
		ops[i] = table.Op{Verb: table.Delete, Item: table.Item{Key: it.Key}}
		part.erased[strings.ToLower(it.Type)]++
	}
	return part, translate(s.Table.Transact(ctx, ops))
}

// forgetMails hands over what the provider knows the mails by, before nobody knows
// it any more.
func forgetMails(ctx context.Context, items []table.Item, mails func(context.Context, []string) error) error {
	var ids []string
	for _, it := range items {
		if it.Type != typeMessage {
			continue
		}
		var m Message
		if err := json.Unmarshal(it.Attributes, &m); err != nil {
			return err
		}
		if m.ProviderID != "" {
			ids = append(ids, m.ProviderID)
		}
	}
	if len(ids) == 0 || mails == nil {
		return nil
	}
	return mails(ctx, ids)
}

// InvitationsOf returns one page of the invitations of a stakeholder, the oldest
// first.
func (s *Store) InvitationsOf(ctx context.Context, stakeholder, cursor string, limit int) ([]*convening.Invitation, string, error) {
	return page(ctx, s, invitations, table.Query{Index: table.G1, PK: "INVITED#" + stakeholder, Cursor: cursor, Limit: limit})
}

// LatestInvitations returns the invitations of a stakeholder that were written last.
func (s *Store) LatestInvitations(ctx context.Context, stakeholder string, limit int) ([]*convening.Invitation, error) {
	list, _, err := page(ctx, s, invitations, table.Query{Index: table.G1, PK: "INVITED#" + stakeholder, Limit: limit, Reverse: true})
	return list, err
}

// eraseInvitations takes the words out of one page of invitations and of their
// trails. That somebody was invited, and answered, stays counted.
func (s *Store) eraseInvitations(ctx context.Context, e *directory.Erasure) (erasedPart, error) {
	return s.eachErased(ctx, e, func(stakeholder, cursor string) (string, map[string]int, error) {
		list, next, err := s.InvitationsOf(ctx, stakeholder, cursor, erasedAtOnce)
		if err != nil {
			return "", nil, err
		}
		erased := map[string]int{}
		for _, i := range list {
			if e.Contact != "" && i.Contact != e.Contact {
				continue
			}
			if err := s.eraseCertificate(ctx, i); err != nil {
				return "", nil, err
			}
			if _, err := s.UpdateInvitation(ctx, i.EventID, i.Contact, func(i *convening.Invitation) error { i.Forget(); return nil }); err != nil {
				return "", nil, err
			}
			if err := s.redactTrail(ctx, typeInvitation, invitationID(i), all); err != nil {
				return "", nil, err
			}
			if i.Letter != "" {
				erased["letters"]++ // it was revoked with its invitation, and no trail says whose it was
			}
			erased["invitations"]++
		}
		return next, erased, nil
	})
}

// eraseTrail erases the values in the record's trail, and in those of what went
// into it: all of them, or for one contact those of entries that changed contacts
// or give words as a reason.
func (s *Store) eraseTrail(ctx context.Context, e *directory.Erasure) (erasedPart, error) {
	if err := s.eraseRelayCounts(ctx, e); err != nil {
		return erasedPart{}, err
	}
	if err := s.eraseMandates(ctx, e); err != nil {
		return erasedPart{}, err
	}
	personal := tells("/contacts", "/consents", "/requests")
	return s.eachErased(ctx, e, func(stakeholder, _ string) (string, map[string]int, error) {
		err := s.redactTrail(ctx, typeStakeholder, stakeholder, func(a AuditEntry) bool {
			return e.Contact == "" || a.Values.Reason != "" || personal(a)
		})
		if err == nil && e.Contact == "" {
			err = s.eraseUploads(ctx, stakeholder)
		}
		if err == nil {
			err = s.eraseFormer(ctx, e, stakeholder)
		}
		return "", nil, err
	})
}

// redactTrail erases the values of the entries of a trail that are meant. The
// chain is made over their hashes and holds as before.
func (s *Store) redactTrail(ctx context.Context, name, id string, meant func(AuditEntry) bool) error {
	for cursor, more := "", true; more; more = cursor != "" {
		p, err := s.Table.Query(ctx, table.Query{PK: auditKey(name, id, 0).PK, Limit: erasedAtOnce, Cursor: cursor})
		if err != nil {
			return translate(err)
		}
		cursor = p.Cursor
		var ops []table.Op
		for _, it := range p.Items {
			var a AuditEntry
			if err := json.Unmarshal(it.Attributes, &a); err != nil {
				return err
			}
			if a.Values == nil || !meant(a) {
				continue
			}
			now := s.Now().UTC()
			a.Values, a.ErasedAt = nil, &now
			redacted := a.item(name, id)
			redacted.Version = it.Version + 1
			ops = append(ops, table.Op{Verb: table.Put, Item: redacted, If: table.IfVersion(it.Version)})
		}
		if len(ops) == 0 {
			continue
		}
		if err := s.Table.Transact(ctx, ops); err != nil {
			return translate(err)
		}
	}
	return nil
}
