package cli

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
)

// shownRejections is how many rejected records the report names; --report has
// all of them.
const shownRejections = 20

// report says what became of the records of an import. Every record that was
// read is counted once in Created, Updated, Unchanged, Skipped or Rejected.
type report struct {
	Source     string         `json:"source"`
	DryRun     bool           `json:"dry_run"`
	Read       int            `json:"read"`
	Created    int            `json:"created"`
	Updated    int            `json:"updated"`
	Unchanged  int            `json:"unchanged"`
	Skipped    map[string]int `json:"skipped"` // by reason
	Rejected   int            `json:"rejected"`
	Rejections []rejection    `json:"rejections,omitempty"` // the first ones
	Related    int            `json:"related,omitempty"`    // stakeholders that were given a parent that they had not
	Unrelated  int            `json:"unrelated,omitempty"`  // parents that were named and not given
	Indexed    int            `json:"indexed,omitempty"`    // stakeholders in the index that was built

	PossibleDuplicates int         `json:"possible_duplicates,omitempty"` // new entries that may be others
	Alike              []rejection `json:"alike,omitempty"`               // the first ones
	Seconds            float64     `json:"seconds"`

	notes []rejection // all that was skipped, rejected, left out of a record, or is alike
}

// rejection is one thing that was not taken, or is in question.
type rejection struct {
	Row     int    `json:"row"`
	Key     string `json:"key,omitempty"` // the identifier that the source gave
	Outcome string `json:"-"`             // rejected, skipped, left_out of a record that was taken, possible_duplicate
	Pointer string `json:"pointer,omitempty"`
	Code    string `json:"code"`
	Other   string `json:"other,omitempty"` // the stakeholder that it may be
	Name    string `json:"name,omitempty"`  // the other's
	Score   string `json:"score,omitempty"` // 0 to 1
}

// Outcomes that are told apart.
const (
	outcomeRejected = "rejected"
	outcomeLeftOut  = "left_out"
	outcomeAlike    = "possible_duplicate"
)

func (r *report) skip(c candidate, reason string) {
	r.Skipped[reason]++
	r.note(c, "skipped", []fault.Field{{Code: reason}})
}

func (r *report) reject(c candidate, fields []fault.Field) {
	r.Rejected++
	r.note(c, outcomeRejected, fields)
}

func (r *report) note(c candidate, outcome string, fields []fault.Field) {
	for _, f := range fields {
		r.notes = append(r.notes, rejection{Row: c.row, Key: c.keyText(), Outcome: outcome, Pointer: f.Pointer, Code: f.Code})
	}
}

// finish ends the taking over.
func (r *report) finish(took time.Duration) {
	r.Seconds = took.Seconds()
	r.order()
}

// order puts the notes, which came in the order of the workers, in that of the
// rows, and shows the first of each kind.
func (r *report) order() {
	slices.SortStableFunc(r.notes, func(a, b rejection) int { return cmp.Compare(a.Row, b.Row) })
	r.Rejections, r.Alike = r.first(outcomeRejected), r.first(outcomeAlike)
}

// first returns the notes of the first rows with an outcome.
func (r *report) first(outcome string) (list []rejection) {
	last, shown := 0, 0
	for _, n := range r.notes {
		if n.Outcome != outcome {
			continue
		}
		if n.Row != last {
			last, shown = n.Row, shown+1
		}
		if shown > shownRejections {
			break
		}
		list = append(list, n)
	}
	return list
}

// print writes the report for people.
func (r *report) print(w io.Writer) {
	verb := "Read"
	if r.DryRun {
		verb = "Dry run, nothing was written: read"
	}
	_, _ = fmt.Fprintf(w, "%s %d records in %.1f s.\n", verb, r.Read, r.Seconds)
	_, _ = fmt.Fprintf(w, "  created    %6d\n  updated    %6d\n  unchanged  %6d\n", r.Created, r.Updated, r.Unchanged)
	for _, reason := range slices.Sorted(maps.Keys(r.Skipped)) {
		_, _ = fmt.Fprintf(w, "  skipped    %6d  %s\n", r.Skipped[reason], reason)
	}
	if r.Related+r.Unrelated > 0 {
		_, _ = fmt.Fprintf(w, "  parents    %6d given, %d named and not given\n", r.Related, r.Unrelated)
	}
	_, _ = fmt.Fprintf(w, "  rejected   %6d\n", r.Rejected)
	for _, n := range r.Rejections {
		_, _ = fmt.Fprintf(w, "    row %d %s %s %s\n", n.Row, n.Key, n.Pointer, n.Code)
	}
	if r.Rejected > shownRejections {
		_, _ = fmt.Fprintln(w, "    and more: --report FILE writes all of them")
	}
	if r.PossibleDuplicates > 0 {
		_, _ = fmt.Fprintf(w, "  may be others %3d, which a moderator can compare and merge\n", r.PossibleDuplicates)
		for _, n := range r.Alike {
			_, _ = fmt.Fprintf(w, "    row %d %s is like %s (%s, %s, %s)\n", n.Row, n.Key, n.Name, n.Other, n.Score, n.Code)
		}
	}
	if r.Indexed > 0 {
		_, _ = fmt.Fprintf(w, "The index holds %d stakeholders.\n", r.Indexed)
	}
}

func (r *report) printJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// write writes all notes as CSV.
func (r *report) write(w io.Writer) error {
	rows := csv.NewWriter(w)
	_ = rows.Write([]string{"row", "key", "outcome", "pointer", "code", "other", "score"}) // an error is kept until Flush
	for _, n := range r.notes {
		_ = rows.Write([]string{strconv.Itoa(n.Row), harmless(n.Key), n.Outcome, n.Pointer, n.Code, n.Other, n.Score})
	}
	rows.Flush()
	return rows.Error()
}

// sameProfile compares profiles as they are kept: an empty list and none are one.
func sameProfile(a, b directory.Profile) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
