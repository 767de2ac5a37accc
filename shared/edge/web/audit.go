package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/state/store"
)

// auditView is one entry of an audit trail. Who works the directory sees all of
// it. The stakeholder itself sees that a moderator acted, and not which one; and
// of what changed, what it may see of itself.
type auditView struct {
	Version  int64        `json:"version"`
	Actions  []string     `json:"actions"`
	At       time.Time    `json:"at"`
	Actor    string       `json:"actor,omitempty"`
	Role     string       `json:"role"`
	For      string       `json:"for,omitempty"`
	Reason   string       `json:"reason,omitempty"`
	Changes  []changeView `json:"changes"`
	ErasedAt *time.Time   `json:"erased_at,omitempty"`
	Previous string       `json:"previous,omitempty"`
	Hash     string       `json:"hash"`
}

type changeView struct {
	Pointer string          `json:"pointer"`
	Before  json.RawMessage `json:"before,omitempty"`
	After   json.RawMessage `json:"after,omitempty"`
}

func (s *Server) auditRoutes() []route {
	return []route{
		{"GET", "/v1/stakeholders/{id}/audit", applicant, document, s.listAudit},
	}
}

func (s *Server) listAudit(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	list, next, err := s.Store.StakeholderAudit(r.Context(), e.ID, cursor, limit)
	if err != nil {
		return err
	}
	items := make([]auditView, len(list))
	for i, a := range list {
		items[i] = viewAudit(concealed(a, e))
		if !staff(identityOf(r)) {
			items[i] = items[i].toSelf(e)
		}
	}
	return ok(w, listOf[auditView]{items, next})
}

// concealed is an entry of the trail without the values that its record has no more:
// whoever is erased is so at once, though the trail is gone through entry by entry.
func concealed(a store.AuditEntry, e *directory.Stakeholder) store.AuditEntry {
	if e.Status == directory.Erased && a.Values != nil {
		a.Values, a.ErasedAt = nil, &e.UpdatedAt
	}
	return a
}

func viewAudit(a store.AuditEntry) auditView {
	view := auditView{
		Version: a.Version, Actions: a.Actions, At: a.At, Actor: a.Actor, Role: a.Role, For: a.For, ErasedAt: a.ErasedAt,
		Previous: a.Previous, Hash: a.Hash, Changes: []changeView{},
	}
	if a.Values == nil {
		return view
	}
	view.Reason = a.Values.Reason
	for _, c := range a.Values.Changes {
		view.Changes = append(view.Changes, changeView(c))
	}
	return view
}

// toSelf is the entry as the stakeholder reads it about itself.
func (v auditView) toSelf(e *directory.Stakeholder) auditView {
	if v.For != e.ID && v.Role != systemRole && v.Role != "public" {
		v.Actor, v.For = "", ""
	}
	v.Changes = slices.DeleteFunc(v.Changes, func(c changeView) bool {
		field, _, _ := strings.Cut(strings.TrimPrefix(c.Pointer, "/"), "/")
		return !directory.ShownToSelf(field)
	})
	return v
}

// systemRole is the role of what happens by itself.
const systemRole = "system"
