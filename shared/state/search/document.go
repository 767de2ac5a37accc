// Package search is the index: it finds documents by name in any script and any
// spelling, narrows them by facets and counts what is left.
//
// The index is made of immutable segments in a blob store: one base and small
// deltas of at most MaxDelta documents. The newest version of a document wins. A
// manifest names the segments in force and is replaced by compare-and-swap, so
// any number of processes may write and read. Writers call Apply, Compact and
// Build; readers Open an Index and Search it.
//
// The package knows nothing of the domain: what is a document, which facets it
// carries and who may see it is the caller's to say.
package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Limits of a Document. Terms beyond MaxTerms are not indexed.
const (
	MaxIDBytes     = 512
	MaxNames       = 512
	MaxTextBytes   = 1 << 20 // of all names, texts and topics together
	MaxStoredBytes = 256 << 10
	MaxFieldBytes  = 64      // the name of a facet or number
	MaxValueBytes  = 512     // a facet's value
	MaxNumber      = 1 << 62 // largest magnitude of a number
	MaxDelta       = 256     // documents and removals in one delta segment
)

// ErrInvalid is wrapped by the error about a Document that cannot be indexed.
var ErrInvalid = errors.New("document cannot be indexed")

// The kinds of name. Any other kind counts as KindOther.
const (
	KindDisplay = "display" // the name the document is shown and ordered by
	KindAcronym = "acronym"
	KindOther   = "other" // former names, aliases, names in other languages
)

// Name is one name of a document.
type Name struct {
	Text string
	Lang string // BCP 47, or empty
	Kind string
}

// Document is what is indexed under one ID.
type Document struct {
	ID      string
	Version int64 // a newer one wins, whatever order they arrive in; of equals, the later arrival
	Names   []Name
	Text    []string            // descriptions
	Topics  []string            // topic words
	Facets  map[string][]string // field -> values, to filter by and to count
	Numbers map[string]int64    // field -> value, to sort by
	Stored  json.RawMessage     // what a hit shows, returned as it came
	// Unweighed is for a document that not everybody may know of: how rare words are,
	// by which hits are scored for every reader, is worked out without it, so that no
	// score tells of it.
	Unweighed bool
}

// Change is one document to index or, when Removed, the ID and Version of one
// that is to be found no more.
type Change struct {
	Document
	Removed bool
}

// check refuses what no segment could hold.
func (d *Document) check() error {
	size := 0
	for _, n := range d.Names {
		size += len(n.Text)
	}
	for _, texts := range [][]string{d.Text, d.Topics} {
		for _, t := range texts {
			size += len(t)
		}
	}
	switch {
	case d.ID == "" || len(d.ID) > MaxIDBytes:
		return fmt.Errorf("id of %d bytes: %w", len(d.ID), ErrInvalid)
	case len(d.Names) > MaxNames || size > MaxTextBytes:
		return fmt.Errorf("%s: %d names, %d bytes of text: %w", d.ID, len(d.Names), size, ErrInvalid)
	case len(d.Stored) > MaxStoredBytes:
		return fmt.Errorf("%s: %d stored bytes: %w", d.ID, len(d.Stored), ErrInvalid)
	}
	return d.checkFields()
}

func (d *Document) checkFields() error {
	for field, n := range d.Numbers {
		if len(field) > MaxFieldBytes || n < -MaxNumber || n > MaxNumber {
			return fmt.Errorf("%s: number %q: %w", d.ID, cut(field, MaxFieldBytes), ErrInvalid)
		}
	}
	for field, values := range d.Facets {
		if len(field) > MaxFieldBytes || slices.ContainsFunc(values, func(v string) bool { return len(v) > MaxValueBytes }) {
			return fmt.Errorf("%s: facet %q: %w", d.ID, cut(field, MaxFieldBytes), ErrInvalid)
		}
	}
	return nil
}

// display returns the name to order by: the first display name, or the first of all.
func (d *Document) display() string {
	for _, n := range d.Names {
		if n.Kind == KindDisplay {
			return n.Text
		}
	}
	if len(d.Names) > 0 {
		return d.Names[0].Text
	}
	return ""
}
