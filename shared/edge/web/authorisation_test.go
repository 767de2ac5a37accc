package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"convoke/shared/platform/auth"
)

// forAny are the operations that any organiser may do for the own unit, or any
// contact for the own organisation, whose example is therefore taken from others.
var forAny = map[string][]string{
	"postEvent": {"another organiser"}, "postSeries": {"another organiser"}, "postRule": {"another organiser"}, "postSearch": {"another organiser"},
	"postStakeholder": {"another organiser"}, "postMessage": {"another organiser", "another contact"}, "postAccreditation": {"another contact"},
}

// TestNobodyElseMayAct sends every example of a request body, with the address and
// the version that are right, as everybody for whom it is not meant: they are
// refused and nothing is kept. Then it is taken from whom it is meant for.
func TestNobodyElseMayAct(t *testing.T) {
	s := newExampleSite(t)
	stranger := s.listed("Association voisine", nil)
	decided, held := 0, 0
	for _, name := range slices.Sorted(maps.Keys(s.examples)) {
		op := s.examples[name].op
		path, header := s.prepare(op)
		body, rest := string(s.examples[name].body), unsigned(header)
		if len(rest) == len(header) {
			continue // for everybody, or for who holds a link
		}
		for who, signed := range map[string][]string{
			"public": nil, "another organiser": s.as(auth.Organiser, "another-unit"), "another contact": s.session(stranger.ID, stranger.Contacts[0].ID),
			"removed contact": s.removed(path),
		} {
			if slices.Contains(forAny[op.OperationID], who) {
				continue
			}
			decided++
			before := s.testServer.kept()
			w := s.do(op.method, path, body, slices.Concat(rest, signed)...)
			switch refused := w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden || w.Code == http.StatusNotFound; {
			case !refused:
				t.Errorf("%s from %s: %d %s", name, who, w.Code, w.Body)
			case !maps.Equal(before, s.testServer.kept()):
				t.Errorf("%s from %s: refused, and something was kept", name, who)
			default:
				held++
			}
		}
		if w := s.do(op.method, path, body, header...); w.Code/100 != 2 {
			t.Errorf("%s from whom it is meant for: %d %s", name, w.Code, w.Body)
		}
	}
	t.Attr("scorecard", fmt.Sprintf("13 authorisation, changes by others than is meant: injected %d, held %d", decided, held))
}

// unsigned is the header without what signs in.
func unsigned(header []string) (rest []string) {
	for pair := range slices.Chunk(header, 2) {
		if pair[0] != "Authorization" && pair[0] != "Cookie" {
			rest = append(rest, pair...)
		}
	}
	return rest
}

// removed signs in for the stakeholder of the path somebody who is none of its
// contacts, as if they had been.
func (s *exampleSite) removed(path string) []string {
	s.Helper()
	parts := strings.Split(path, "/")
	if len(parts) < 4 || parts[2] != "stakeholders" && parts[2] != "registrations" {
		return nil
	}
	return s.session(parts[3], "01JD4Z7X9M3T5V8B2C6D0E1F5Z")
}
