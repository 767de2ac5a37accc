package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

func (s *Server) exportRoutes() []route {
	return []route{
		{"GET", "/v1/stakeholders/{id}/export", access{auth.Contact}, document, s.getExport},
		{"GET", "/me/export", access{auth.Contact}, webPage, s.exportPage},
	}
}

// heldAtOnce is how many entries of each kind are read at once.
const heldAtOnce = 200

// held is everything that is held about a stakeholder and about the contact that
// asks (GDPR articles 15 and 20), kind by kind.
type held struct {
	server      *Server
	stakeholder *directory.Stakeholder
	contact     directory.Contact
	elsewhere   *store.Held
}

func (s *Server) held(ctx context.Context, e *directory.Stakeholder, contact string) (held, error) {
	c, _ := e.Contact(contact)
	elsewhere, err := s.Store.HeldOf(ctx, e)
	return held{s, e, c, elsewhere}, err
}

// getExport writes all of it as it is read, so that a long history needs no more
// memory than a short one.
func (s *Server) getExport(w http.ResponseWriter, r *http.Request) error {
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	h, err := s.held(r.Context(), e, identityOf(r).Subject)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="convoke-export.json"`)
	w.Header().Set("Cache-Control", "no-store")
	out := bufio.NewWriterSize(w, 64<<10)
	if err := h.write(r.Context(), out); err != nil {
		return err
	}
	return out.Flush()
}

// write writes one JSON object: the record, then each list.
func (h held) write(ctx context.Context, out io.Writer) error {
	record, err := ownRecord(h.stakeholder)
	if err != nil {
		return err
	}
	opening, err := encode(map[string]any{"exported_at": h.server.now(), "you": h.contact.ID, "record": record})
	if err != nil {
		return err
	}
	if _, err := out.Write(opening[:len(opening)-1]); err != nil {
		return err
	}
	for _, list := range h.lists() {
		if _, err := io.WriteString(out, `,"`+list.name+`":[`); err != nil {
			return err
		}
		first := true
		err := list.each(ctx, func(v any) error {
			b, err := encode(v)
			if err != nil {
				return err
			}
			if !first {
				b = append([]byte(","), b...)
			}
			first = false
			_, err = out.Write(b)
			return err
		})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, "]"); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, "}")
	return err
}

// ownRecord is the record without what moderators keep beside it, such as who
// vouches for it.
func ownRecord(e *directory.Stakeholder) (map[string]json.RawMessage, error) {
	b, err := encode(e)
	if err != nil {
		return nil, err
	}
	record := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &record); err != nil {
		return nil, err
	}
	maps.DeleteFunc(record, func(field string, _ json.RawMessage) bool { return !directory.ShownToSelf(field) })
	return record, nil
}

// heldList is one kind of thing that is held.
type heldList struct {
	name string
	each func(context.Context, func(any) error) error
}

func (h held) lists() []heldList {
	st, id := h.server.Store, h.stakeholder.ID
	return slices.Concat([]heldList{
		{"engagement", func(ctx context.Context, yield func(any) error) error {
			ledger, err := st.Ledger(ctx, id)
			if err != nil {
				return err
			}
			return yield(ledger)
		}},
		{"invitations", func(ctx context.Context, yield func(any) error) error {
			return h.eachOf(func(id string) error { return h.invitations(id, h.invitation)(ctx, yield) }) // some may be on their way from who was merged
		}},
		{"letters", papers(h, func(i *convening.Invitation) string { return i.Letter }, st.Letter)},
		{"certificates", papers(h, func(i *convening.Invitation) string { return i.Certificate }, st.Certificate)},
	}, h.mentioned(), []heldList{
		{"mails", h.mails(h.contact.ID)},
		{"mails_to_focal_point", h.mails(h.focal(id))},
		{"sign_in_mails", h.mails(store.AddressHash(h.contact.Email))},
		{"claims", h.ownClaims},
		{"access", paging(func(ctx context.Context, cursor string) ([]store.AccessHeld, string, error) {
			return st.AccessOf(ctx, h.contact.ID, cursor, heldAtOnce)
		}, func(a store.AccessHeld) any { return a })},
		{"calendar", func(ctx context.Context, yield func(any) error) error {
			f, err := st.Feed(ctx, h.contact.ID)
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			return yield(calendarLink{Active: f.Hash != "", MadeAt: f.MadeAt})
		}},
		{"audit", func(ctx context.Context, yield func(any) error) error {
			return h.eachOf(func(id string) error {
				return paging(func(ctx context.Context, cursor string) ([]store.AuditEntry, string, error) {
					return st.StakeholderAudit(ctx, id, cursor, heldAtOnce)
				}, func(a store.AuditEntry) any { return viewAudit(a).toSelf(h.stakeholder) })(ctx, yield)
			})
		}},
	})
}

// invitations makes the list of the invitations that are found with a stakeholder.
func (h held) invitations(id string, view func(*convening.Invitation) any) func(context.Context, func(any) error) error {
	return paging(func(ctx context.Context, cursor string) ([]*convening.Invitation, string, error) {
		return h.server.Store.InvitationsOf(ctx, id, cursor, heldAtOnce)
	}, view)
}

// invitation is one of the stakeholder's, without the codes of a colleague's papers,
// by which they could be looked at.
func (h held) invitation(i *convening.Invitation) any {
	if i.Contact == h.contact.ID {
		return i
	}
	other := *i
	other.Certificate, other.Letter = "", ""
	return &other
}

// ownClaims are the claims to the entry that the contact who asks made. What others
// said who claimed it too is theirs.
func (h held) ownClaims(ctx context.Context, yield func(any) error) error {
	return h.eachOf(func(id string) error {
		return paging(func(ctx context.Context, cursor string) ([]*directory.Claim, string, error) {
			list, next, err := h.server.Store.ClaimsOf(ctx, id, cursor, heldAtOnce)
			return slices.DeleteFunc(list, func(c *directory.Claim) bool { return c.Contact != h.contact.ID }), next, err
		}, func(c *directory.Claim) any { return viewClaim(c, nil, "").toClaimant() })(ctx, yield)
	})
}

// paging makes one list of pages.
func paging[T any](read func(context.Context, string) ([]T, string, error), view func(T) any) func(context.Context, func(any) error) error {
	return func(ctx context.Context, yield func(any) error) error {
		for cursor, more := "", true; more; more = cursor != "" {
			var list []T
			var err error
			if list, cursor, err = read(ctx, cursor); err != nil {
				return err
			}
			for _, v := range list {
				if err := yield(view(v)); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// exportView is what is held, for people to read.
type exportView struct {
	shown directory.Name
	parts []exportPart
}

// exportPart is one kind of thing, as rows of a path into it and its value.
type exportPart struct {
	title string
	rows  [][2]string
}

func (s *Server) exportPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	h, err := s.held(r.Context(), e, identityOf(r).Subject)
	if err != nil {
		return err
	}
	p := pageOf(r)
	p.private = true
	view := exportView{shown: shownName(e.Profile, p.lang)}
	own, err := ownRecord(e)
	if err != nil {
		return err
	}
	record, err := rowsOf(own)
	if err != nil {
		return err
	}
	view.parts = append(view.parts, exportPart{p.t("export.record"), record})
	for _, list := range h.lists() {
		part := exportPart{title: p.t("export." + list.name)}
		err := list.each(r.Context(), func(v any) error {
			rows, err := rowsOf(v)
			part.rows = append(append(part.rows, [2]string{}), rows...) // an empty row before each
			return err
		})
		if err != nil {
			return err
		}
		view.parts = append(view.parts, part)
	}
	return s.show(w, r, p, http.StatusOK, exportPageBody(p, view))
}

// rowsOf lists the values of v with where each stands.
func rowsOf(v any) ([][2]string, error) {
	b, err := encode(v)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		return nil, err
	}
	var rows [][2]string
	flatten("", tree, &rows)
	return rows, nil
}
