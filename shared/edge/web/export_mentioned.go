package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/store"
)

// mentioned is what is held of the stakeholder in what others made, or beside its
// record. Of others it has nothing but their ids.
func (h held) mentioned() []heldList {
	st, has := h.server.Store, h.elsewhere
	return []heldList{
		{"relations", inOne(func(ctx context.Context) ([]*directory.Relation, error) {
			return st.RelationsOf(ctx, h.stakeholder)
		}, func(rel *directory.Relation) any { return viewRelation(rel, h.stakeholder.ID) })},
		{"mandates", h.mandates},
		{"uploads", func(ctx context.Context, yield func(any) error) error {
			return h.eachOf(func(id string) error {
				return inOne(func(ctx context.Context) ([]*directory.Upload, error) { return st.UploadsOf(ctx, id) }, anything)(ctx, yield)
			})
		}},
		{"references", inOne(has.Applicants, h.word)},
		{"relayed", inOne(has.Letters, h.relayed)},
		{"merges", inOne(has.Merges, func(m *directory.Merge) any { return heldMerge{m.ID, m.Survivor, m.Merged, m.State, m.At, m.UndoneAt} })},
		{"distinctions", inOne(has.Distinctions, func(d *directory.Distinction) any { return heldDistinction{d.At} })},
		{"events", inOne(has.Events, func(e *convening.Event) any {
			if len(h.ours(convening.OrganisersOf(e.CoOrganisers))) == 0 {
				return nil
			}
			return heldEvent{Event: e.ID, Titles: e.Titles}
		})},
		{"series", inOne(has.Series, func(series *convening.Series) any {
			if ids := h.ours(series.Names()); len(ids) > 0 {
				return namedIn(series, ids)
			}
			return nil
		})},
		{"seats", inOne(has.Panels, h.seats)},
		{"accreditations", inOne(has.Accreditations, func(a *convening.Accreditation) any { return heldAs(a, has.IDs) })},
	}
}

func anything[T any](v T) any { return v }

// inOne makes one list of what is read at once; what is shown as nothing is not
// in it.
func inOne[T any](read func(context.Context) ([]T, error), view func(T) any) func(context.Context, func(any) error) error {
	return func(ctx context.Context, yield func(any) error) error {
		list, err := read(ctx)
		if err != nil {
			return err
		}
		for _, v := range list {
			if shown := view(v); shown != nil {
				if err := yield(shown); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// papers makes the list of the contact's own papers of one kind, which have a name.
func papers[T any](h held, code func(*convening.Invitation) string, read func(context.Context, string) (T, error)) func(context.Context, func(any) error) error {
	return func(ctx context.Context, yield func(any) error) error {
		own := func(v any) error {
			i := v.(*convening.Invitation)
			if i.Contact != h.contact.ID || code(i) == "" {
				return nil
			}
			paper, err := read(ctx, code(i))
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			return yield(paper)
		}
		return h.eachOf(func(id string) error {
			return h.invitations(id, func(i *convening.Invitation) any { return i })(ctx, own)
		})
	}
}

// mails makes the list of the mails that are found by what they went to.
func (h held) mails(to string) func(context.Context, func(any) error) error {
	return paging(func(ctx context.Context, cursor string) ([]store.MailHeld, string, error) {
		if to == "" {
			return nil, "", nil
		}
		return h.server.Store.MailsTo(ctx, to, cursor, heldAtOnce)
	}, anything)
}

// focal is the id when the contact that asks is the focal point.
func (h held) focal(id string) string {
	if h.contact.Role != directory.RoleFocalPoint {
		return ""
	}
	return id
}

// eachOf does something for the stakeholder and for each that went into it.
func (h held) eachOf(do func(id string) error) error {
	for _, id := range h.elsewhere.IDs {
		if err := do(id); err != nil {
			return err
		}
	}
	return nil
}

// ours are those of the ids that lead to the stakeholder.
func (h held) ours(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(h.elsewhere.IDs, id) })
}

// mandates are those that the contact asked for, and for the focal point those that
// wait for it.
func (h held) mandates(ctx context.Context, yield func(any) error) error {
	waiting, err := h.server.Store.MandatesOf(ctx, h.stakeholder)
	if err != nil {
		return err
	}
	for _, m := range waiting {
		if h.focal(m.ID) != "" {
			if err := yield(m); err != nil {
				return err
			}
		}
	}
	return h.eachOf(func(id string) error {
		m, err := h.server.Store.Mandate(ctx, id, h.contact.ID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return yield(m)
	})
}

// heldWord is what the stakeholder said of another as its referee.
type heldWord struct {
	Applicant  string                  `json:"applicant"`
	State      directory.EvidenceState `json:"state"`
	Note       string                  `json:"note,omitempty"`
	AskedAt    time.Time               `json:"asked_at"`
	AnsweredAt *time.Time              `json:"answered_at,omitempty"`
}

func (h held) word(applicant *directory.Stakeholder) any {
	for _, id := range h.elsewhere.IDs {
		if v, ok := applicant.Word(directory.EvidenceReferences, id); ok {
			return heldWord{applicant.ID, v.State, v.Note, v.AskedAt, v.AnsweredAt}
		}
	}
	return nil
}

// relayed is a letter to or from the contact. Who sent one stays unknown but for
// what it says.
func (h held) relayed(m *directory.Relayed) any {
	mine := m.Contact == h.contact.ID || m.Contact == directory.ToFocalPoint && h.focal(m.ID) != "" && slices.Contains(h.elsewhere.IDs, m.Stakeholder)
	switch {
	case m.Sender == h.contact.ID:
		return m
	case !mine:
		return nil
	}
	shown := *m
	shown.Sender = ""
	return shown
}

// heldMerge, heldDistinction and heldEvent are what the stakeholder is told of a
// merge, of not being somebody else, and of an event that it organises.
type (
	heldMerge struct {
		ID       string               `json:"id"`
		Survivor string               `json:"survivor"`
		Merged   string               `json:"merged"`
		State    directory.MergeState `json:"state"`
		At       time.Time            `json:"at"`
		UndoneAt *time.Time           `json:"undone_at,omitempty"`
	}
	heldDistinction struct {
		At time.Time `json:"at"`
	}
	heldEvent struct {
		Event  string           `json:"event"`
		Titles []directory.Text `json:"titles"`
	}
)

// heldSeats is where a panel names the stakeholder.
type heldSeats struct {
	Event    string             `json:"event"`
	Roles    []string           `json:"roles,omitempty"`    // of the seats that it holds
	Passed   []string           `json:"passed,omitempty"`   // of those that it held
	Conflict []convening.Person `json:"conflict,omitempty"` // who of it declared a conflict of interest
}

func (h held) seats(p *convening.Panel) any {
	ours := func(who convening.Person) bool { return slices.Contains(h.elsewhere.IDs, who.Stakeholder) }
	v := heldSeats{Event: p.EventID}
	for _, seat := range p.Seats {
		if seat.Holder != nil && ours(*seat.Holder) {
			v.Roles = append(v.Roles, seat.Role)
		}
		if slices.ContainsFunc(seat.Passed, ours) {
			v.Passed = append(v.Passed, seat.Role)
		}
	}
	for _, who := range p.Conflicts {
		if ours(who) {
			v.Conflict = append(v.Conflict, who)
		}
	}
	if v.Roles == nil && v.Passed == nil && v.Conflict == nil {
		return nil // it was considered, which is the organiser's
	}
	return v
}
