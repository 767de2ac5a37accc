package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// formerContact is the noun of a mention of a contact that its stakeholder has no
// more: what became of it there, its invitations and mails, is found by its id. The
// mention's id is that of the contact and the hash of its address.
const formerContact = "CONTACT"

// remembering is a change of a stakeholder that notes first whom it names as a
// referee anew, and who is its contact no more: an erasure finds them by that.
func (s *Store) remembering(ctx context.Context, change func(*directory.Stakeholder) error) func(*directory.Stakeholder) error {
	return func(e *directory.Stakeholder) error {
		asked, contacts := e.AskedReferees(), slices.Clone(e.Contacts)
		if err := change(e); err != nil {
			return err
		}
		if err := s.mentionAll(ctx, anew(e.AskedReferees(), asked), mention{typeStakeholder, e.ID}); err != nil {
			return err
		}
		for _, c := range contacts {
			if _, still := e.Contact(c.ID); still {
				continue
			}
			if err := s.mentionAll(ctx, []string{e.ID}, mention{formerContact, c.ID + "." + AddressHash(c.Email)}); err != nil {
				return err
			}
		}
		return nil
	}
}

// formerContacts returns the mentions of those who were contacts of the
// stakeholder: of one of them, or of all when contact is empty.
func (s *Store) formerContacts(ctx context.Context, stakeholder, contact string) (former []mention, err error) {
	all, err := s.allMentions(ctx, stakeholder)
	return slices.DeleteFunc(all, func(m mention) bool {
		id, _, _ := strings.Cut(m.id, ".")
		return m.noun != formerContact || contact != "" && id != contact
	}), err
}

// WasContact reports whether the stakeholder had the contact once, and has it no
// more.
func (s *Store) WasContact(ctx context.Context, stakeholder, contact string) (bool, error) {
	former, err := s.formerContacts(ctx, stakeholder, contact)
	return contact != "" && len(former) > 0, err
}

// eraseFormer forgets who was a contact of who is erased, when all that was found
// by it is gone.
func (s *Store) eraseFormer(ctx context.Context, e *directory.Erasure, stakeholder string) error {
	former, err := s.formerContacts(ctx, stakeholder, e.Contact)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(former, table.MaxOps) {
		ops := make([]table.Op, len(some))
		for i, m := range some {
			ops[i] = table.Op{Verb: table.Delete, Item: table.Item{Key: mentionKey(stakeholder, m)}}
		}
		if err := s.Table.Transact(ctx, ops); err != nil {
			return translate(err)
		}
	}
	return nil
}

// eraseWord takes away what who is erased said of another as its referee. It is
// the stakeholder's word, so that it stays when one of its contacts goes.
func (s *Store) eraseWord(ctx context.Context, e *directory.Erasure, referee, applicant string) error {
	if e.Contact != "" {
		return nil
	}
	_, err := update(ctx, s, stakeholders, stakeholderKey(applicant), func(a *directory.Stakeholder) error { a.ForgetWord(referee); return nil })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.redactTrail(ctx, typeStakeholder, applicant, tells("/vouchers"))
}

// eraseUploads lets the planner remove the documents of who is erased, and what is
// known of them.
func (s *Store) eraseUploads(ctx context.Context, stakeholder string) error {
	list, err := s.UploadsOf(ctx, stakeholder)
	if err != nil {
		return err
	}
	for _, u := range list {
		if _, err := s.UpdateUpload(ctx, stakeholder, u.ID, func(u *directory.Upload) error { u.Release(s.Now()); return nil }); err != nil {
			return err
		}
	}
	return nil
}
