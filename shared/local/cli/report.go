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
	Indexed    int            `json:"indexed,omitempty"`    // stakeholders in the index that was built
	Seconds    float64        `json:"seconds"`

	notes []rejection // all that was skipped, rejected or left out of a record
}

// rejection is one thing that was not taken.
type rejection struct {
	Row     int    `json:"row"`
	Key     string `json:"key,omitempty"` // the identifier that the source gave
	Outcome string `json:"-"`             // rejected, skipped, or left_out of a record that was taken
	Pointer string `json:"pointer,omitempty"`
	Code    string `json:"code"`
}

func (r *report) skip(c candidate, reason string) {
	r.Skipped[reason]++
	r.note(c, "skipped", []fault.Field{{Code: reason}})
}

func (r *report) reject(c candidate, fields []fault.Field) {
	r.Rejected++
	r.note(c, "rejected", fields)
}

func (r *report) note(c candidate, outcome string, fields []fault.Field) {
	key := ""
	if c.key.ID != "" {
		key = c.key.Scheme + ":" + c.key.ID
	}
	for _, f := range fields {
		r.notes = append(r.notes, rejection{c.row, key, outcome, f.Pointer, f.Code})
	}
}

// finish orders the notes, which came in the order of the workers.
func (r *report) finish(took time.Duration) {
	r.Seconds = took.Seconds()
	slices.SortStableFunc(r.notes, func(a, b rejection) int { return cmp.Compare(a.Row, b.Row) })
	last, shown := 0, 0
	for _, n := range r.notes {
		if n.Outcome != "rejected" {
			continue
		}
		if n.Row != last {
			last, shown = n.Row, shown+1
		}
		if shown > shownRejections {
			return
		}
		r.Rejections = append(r.Rejections, n)
	}
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
	_, _ = fmt.Fprintf(w, "  rejected   %6d\n", r.Rejected)
	for _, n := range r.Rejections {
		_, _ = fmt.Fprintf(w, "    row %d %s %s %s\n", n.Row, n.Key, n.Pointer, n.Code)
	}
	if r.Rejected > shownRejections {
		_, _ = fmt.Fprintln(w, "    and more: --report FILE writes all of them")
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
	_ = rows.Write([]string{"row", "key", "outcome", "pointer", "code"}) // an error is kept until Flush
	for _, n := range r.notes {
		_ = rows.Write([]string{strconv.Itoa(n.Row), harmless(n.Key), n.Outcome, n.Pointer, n.Code})
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
