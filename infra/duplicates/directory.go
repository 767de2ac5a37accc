package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/local/importer"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/likeness"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/search/searchtest"
	"convoke/shared/state/store"
	"convoke/shared/state/table/bolt"
)

// readProfiles reads the sample as an import would, by the number of the record.
func readProfiles(path string) (map[string]directory.Profile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	profiles := map[string]directory.Profile{}
	for record, err := range importer.ROR(file) {
		if err != nil {
			return nil, err
		}
		if len(record.Rejected) == 0 && record.Status == importer.Active {
			profiles[record.Source.ID] = record.Profile
		}
	}
	return profiles, nil
}

func number(r *searchtest.Record) string { return taxonomy.NormalIdentifier(taxonomy.SchemeROR, r.ID) }

// split parts the records that can be listed into those that are, and those that
// are absent: every other one.
func split(records []searchtest.Record, profiles map[string]directory.Profile) (listed, absent []searchtest.Record) {
	n := 0
	for i := range records {
		if _, ok := profiles[number(&records[i])]; !ok {
			continue
		}
		if n++; n%2 == 0 {
			listed = append(listed, records[i])
		} else {
			absent = append(absent, records[i])
		}
	}
	return listed, absent
}

func profilesOf(records []searchtest.Record, profiles map[string]directory.Profile) iter.Seq2[string, directory.Profile] {
	return func(yield func(string, directory.Profile) bool) {
		for i := range records {
			id := number(&records[i])
			if !yield(id, profiles[id]) {
				return
			}
		}
	}
}

// site is a directory of its own, in a place that is gone when it is closed.
type site struct {
	finder likeness.Finder
	close  func()
}

// list imports the profiles, each under the id it comes with, and indexes them.
func list(ctx context.Context, profiles iter.Seq2[string, directory.Profile]) (site, error) {
	root, err := os.MkdirTemp("", "duplicates-*")
	if err != nil {
		return site{}, err
	}
	t, err := bolt.Open(filepath.Join(root, "table"), bolt.Options{})
	if err != nil {
		return site{}, err
	}
	s := &store.Store{Table: t, Now: time.Now, NewID: func() string { return "" }}
	d := site{likeness.Finder{Store: s}, func() { _ = errors.Join(t.Close(), os.RemoveAll(root)) }}
	err = importAll(ctx, s, profiles)
	if err == nil {
		d.finder.Index, err = index(ctx, s, filepath.Join(root, "index"))
	}
	if err != nil {
		d.close()
	}
	return d, err
}

func importAll(ctx context.Context, s *store.Store, profiles iter.Seq2[string, directory.Profile]) error {
	var batch []*directory.Stakeholder
	flush := func() error {
		refused, err := s.Import(ctx, batch)
		batch = batch[:0]
		for id, why := range refused {
			err = errors.Join(err, fmt.Errorf("list %s: %w", id, why))
		}
		return err
	}
	for id, p := range profiles {
		e, err := directory.Import(id, "ror", p, s.Now())
		if err != nil {
			return fmt.Errorf("list %s: %w", id, err)
		}
		if batch = append(batch, e); len(batch) == 1000 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func index(ctx context.Context, s *store.Store, path string) (*search.Index, error) {
	blobs, err := dir.Open(path)
	if err != nil {
		return nil, err
	}
	w := search.Writer{Store: blobs, Now: time.Now}
	err = w.Build(ctx, func(yield func(search.Document, error) bool) {
		err := s.WalkStakeholders(ctx, func(e *directory.Stakeholder) error {
			if !yield(listing.Document(e), nil) {
				return errors.New("the index takes no more")
			}
			return nil
		})
		if err != nil {
			yield(search.Document{}, err)
		}
	})
	if err != nil {
		return nil, err
	}
	return search.Open(ctx, blobs)
}

// many repeats the profiles until there are size of them. A copy has the last word
// of its main name from another profile, so that words are as frequent as they
// are, and no identifier, website or domain.
func many(records []searchtest.Record, profiles map[string]directory.Profile, size int) iter.Seq2[string, directory.Profile] {
	return func(yield func(string, directory.Profile) bool) {
		var ids []string
		for id := range profilesOf(records, profiles) {
			if _, ok := profiles[id]; ok {
				ids = append(ids, id)
			}
		}
		for i := range size {
			id := ids[i%len(ids)]
			p, round := profiles[id], i/len(ids)
			if round > 0 {
				p = copyOf(p, profiles[ids[(i*7+round*1009)%len(ids)]])
				id = fmt.Sprintf("%s-%d", id, round)
			}
			if !yield(id, p) {
				return
			}
		}
	}
}

func copyOf(p, other directory.Profile) directory.Profile {
	words, others := strings.Fields(p.DisplayName()), strings.Fields(other.DisplayName())
	text := strings.Join(append(words[:len(words)-1:len(words)-1], others[len(others)-1]), " ")
	p.Names, p.Identifiers, p.Website, p.Domains = []directory.Name{{Text: text, Kind: directory.NameLegal}}, nil, "", nil
	return p
}
