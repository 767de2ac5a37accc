package web

import (
	"errors"
	"net/http"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
)

// searcher says as whom the identity searches.
func (s *Server) searcher(r *http.Request) (listing.Reader, error) {
	switch who := identityOf(r); {
	case staff(who):
		return listing.Moderators, nil
	case who.Has(auth.Organiser):
		return listing.Organisers, nil
	case who.Has(auth.Contact):
		e, err := s.Store.Resolve(r.Context(), who.Stakeholder)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return listing.Public, err
		}
		if err == nil && e.Status == directory.Listed && actsFor(who, e) {
			return listing.Listed, nil
		}
	}
	return listing.Public, nil
}

// readerOf says as whom the identity reads the profile of a stakeholder.
func (s *Server) readerOf(r *http.Request, e *directory.Stakeholder) (directory.Reader, error) {
	if who := identityOf(r); staff(who) || actsFor(who, e) {
		return directory.ReaderSelf, nil
	}
	reader, err := s.searcher(r)
	return reader.Sees(), err
}
