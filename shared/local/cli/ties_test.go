package cli

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/local/importer"
)

// family is an institute with a laboratory and a society, each of which says so.
func family() string {
	entry := func(id, name, relationships string) string {
		return fmt.Sprintf(`{"id":"https://ror.org/%s","status":"active","types":["education"],"names":[{"value":%q,"lang":"en","types":["ror_display","label"]}],
"locations":[{"geonames_details":{"country_code":"TH"}}],"relationships":[%s]}`, id, name, relationships)
	}
	tie := func(kind, id string) string { return fmt.Sprintf(`{"type":%q,"id":"https://ror.org/%s"}`, kind, id) }
	return "[" + strings.Join([]string{
		entry("000025p04", "Institute of Examples", tie("child", "000063q30")+","+tie("child", "00003ef66")),
		entry("000063q30", "Laboratory of Examples", tie("parent", "000025p04")), entry("00003ef66", "Society of Examples", tie("parent", "000025p04")),
	}, ",") + "]"
}

func (s *site) takeFamily(writes int64) (*report, error) {
	s.Helper()
	s.table.left.Store(writes)
	in := &intake{source: sourceROR}
	err := s.importInto(s.store, importFlags{Duplicates: "no"}, in, importer.ROR(strings.NewReader(family())))
	return &in.report, err
}

// parents are the relations of the entry with the number.
func (s *site) parents(number string) []*directory.Relation {
	s.Helper()
	id := directory.Identifier{Scheme: "ror", ID: number}
	held, err := s.store.HolderOf(s.Context(), []directory.Identifier{id})
	if err != nil {
		s.Fatal(err)
	}
	list, err := s.store.Relations(s.Context(), held[id])
	if err != nil {
		s.Fatal(err)
	}
	return list
}

// However early a run was stopped, the next one gives each child its parent, once.
func TestParentsAfterEveryWrite(t *testing.T) {
	for n := int64(0); ; n++ {
		s := newSite(t)
		_, err := s.takeFamily(n)
		if err != nil && !errors.Is(err, errEnded) {
			t.Fatalf("after %d writes: %v", n, err)
		}
		if r, err := s.takeFamily(1 << 30); err != nil || r.Unrelated > 0 {
			t.Fatalf("after %d writes, again: %+v, %v", n, r, err)
		}
		for _, child := range []string{"000063q30", "00003ef66"} {
			if list := s.parents(child); len(list) != 1 || list[0].State != directory.RelationConfirmed || list[0].AssertedBy != "" {
				t.Fatalf("after %d writes and again %s has %+v", n, child, list)
			}
		}
		if err == nil {
			if n < 5 {
				t.Errorf("there are only %d writes to stop after", n)
			}
			return
		}
	}
}

// A parent that a person took away stays away.
func TestAParentTakenAwayStaysAway(t *testing.T) {
	s := newSite(t)
	if r, err := s.takeFamily(1 << 30); err != nil || r.Related != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	ended := s.parents("000063q30")[0]
	if _, err := s.store.UpdateRelation(t.Context(), ended.ID, func(r *directory.Relation) error { return r.End("", s.store.Now()) }); err != nil {
		t.Fatal(err)
	}
	if r, err := s.takeFamily(1 << 30); err != nil || r.Related != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if list := s.parents("000063q30"); len(list) != 1 || list[0].State != directory.RelationEnded {
		t.Errorf("%+v", list)
	}
}
