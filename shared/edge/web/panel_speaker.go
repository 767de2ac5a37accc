package web

import (
	"context"
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/table"
)

// addSpeakers puts the speakers who want to be found in the place of their
// stakeholders, when a target counts by what persons alone can say.
func (s *Server) addSpeakers(ctx context.Context, found *pool, speakers map[string]bool, targets []convening.Target) error {
	if !slices.ContainsFunc(targets, func(t convening.Target) bool { return t.Of == convening.ByGender || t.Of == convening.ByExperience }) {
		return nil
	}
	var ids []string
	for _, c := range found.list {
		if speakers[c.Stakeholder] {
			ids = append(ids, c.Stakeholder)
		}
	}
	persons := map[string][]convening.Candidate{}
	by := map[string]convening.Candidate{}
	for _, c := range found.list {
		by[c.Stakeholder] = c
	}
	for chunk := range slices.Chunk(ids, table.MaxPage) {
		list, err := s.Store.Stakeholders(ctx, chunk)
		if err != nil {
			return err
		}
		for _, e := range list {
			persons[e.ID] = listing.Speakers(e, by[e.ID])
		}
	}
	var all []convening.Candidate
	for _, c := range found.list {
		if len(persons[c.Stakeholder]) > 0 {
			all = append(all, persons[c.Stakeholder]...)
		} else {
			all = append(all, c)
		}
	}
	found.list = all[:min(len(all), convening.MaxCandidates)]
	return nil
}
