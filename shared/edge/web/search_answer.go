package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"convoke/shared/state/search"
)

// writeFound answers with one page of what was found:
//
//	{"total": n, "items": [entries], "facets": {field: [{"value": v, "count": n}]}, "suggestion": text, "next": cursor}
//
// The last three are left out when there are none. It is asked more than all else
// together, so it puts the answer together from the entries as the index keeps
// them (listing.Entry), which are JSON already, and reads none of them again but
// for the names that are marked.
func (s *Server) writeFound(w http.ResponseWriter, r *http.Request, found search.Result) error {
	if err := s.addEngagement(r, found.Hits); err != nil {
		return err
	}
	body := append(make([]byte, 0, sizeOf(found)), `{"total":`...)
	body = append(strconv.AppendInt(body, int64(found.Total), 10), `,"items":[`...)
	for i := range found.Hits {
		if i > 0 {
			body = append(body, ',')
		}
		var err error
		if body, err = appendHit(body, &found.Hits[i]); err != nil {
			return err
		}
	}
	body = appendFacets(append(body, ']'), found.Facets)
	body = appendText(body, `,"suggestion":`, found.Suggestion)
	body = appendText(body, `,"next":`, found.Cursor)
	writeJSON(w, http.StatusOK, append(body, '}'))
	return nil
}

// sizeOf is about how many bytes an answer has.
func sizeOf(found search.Result) int {
	size := 256
	for i := range found.Hits {
		size += len(found.Hits[i].Stored) + 96
	}
	for _, counts := range found.Facets {
		size += 32 + 40*len(counts)
	}
	return size
}

// appendText appends a member unless its text is empty.
func appendText(b []byte, member, text string) []byte {
	if text == "" {
		return b
	}
	return appendString(append(b, member...), text)
}

// appendString appends a JSON string; broken UTF-8 is replaced.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s) // it tells of broken UTF-8 alone
	return b
}

// appendFacets appends the counts of facets that have any.
func appendFacets(b []byte, facets map[string][]search.Count) []byte {
	first := true
	for _, field := range slices.Sorted(maps.Keys(facets)) {
		if len(facets[field]) == 0 {
			continue
		}
		if first {
			b = append(b, `,"facets":{`...)
		} else {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, field), `:[`...)
		for i, c := range facets[field] {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(append(b, `{"value":`...), c.Value), `,"count":`...)
			b = append(strconv.AppendInt(b, int64(c.N), 10), '}')
		}
		b = append(b, ']')
	}
	if first {
		return b
	}
	return append(b, '}')
}

// appendHit appends what a hit shows, with the parts of its names that were met
// and, when it was asked for, why it stands where it does.
func appendHit(b []byte, hit *search.Hit) ([]byte, error) {
	b = append(b, hit.Stored...)
	marks, err := marksOf(hit)
	if err != nil {
		return nil, err
	}
	if len(marks) > 0 {
		if b, err = extend(b, "marks"); err != nil {
			return nil, err
		}
		b = append(appendMarks(b, marks), '}')
	}
	if hit.Why == nil {
		return b, nil
	}
	why, err := encode(viewWhy(hit.Why))
	if err != nil {
		return nil, err
	}
	if b, err = extend(b, "why"); err != nil {
		return nil, err
	}
	return append(append(b, why...), '}'), nil
}

// extend opens the JSON object that b ends with again, for a member whose value,
// and the closing brace, the caller appends. Names are the program's own.
func extend(b []byte, member string) ([]byte, error) {
	last := len(b) - 1
	if last < 1 || b[last] != '}' {
		return nil, errors.New("what a hit shows is no object")
	}
	if b = b[:last]; b[last-1] != '{' {
		b = append(b, ',')
	}
	return append(appendString(b, member), ':'), nil
}

// withMember returns a JSON object that the program wrote with one more member.
func withMember(object json.RawMessage, name string, v any) (json.RawMessage, error) {
	value, err := encode(v)
	if err != nil {
		return nil, err
	}
	b, err := extend(slices.Clone(object), name)
	if err != nil {
		return nil, err
	}
	return append(append(b, value...), '}'), nil
}

// markedName is a name with the parts that the query met.
type markedName struct {
	text string
	at   []search.Mark
}

// namesShown are the names of a listing.Entry.
type namesShown struct {
	Name    string `json:"name"`
	Lang    string `json:"lang"`
	Acronym string `json:"acronym"`
	Names   []struct {
		Text string `json:"text"`
		Lang string `json:"lang"`
	} `json:"names"`
}

// marksOf returns the marks of each name that a hit shows.
func marksOf(hit *search.Hit) ([]markedName, error) {
	if !hit.Marked() {
		return nil, nil
	}
	var shown namesShown
	if err := jsonv2.Unmarshal(hit.Stored, &shown); err != nil {
		return nil, fmt.Errorf("read what a hit shows: %w", err)
	}
	list := make([]markedName, 0, 2+len(shown.Names))
	mark := func(n search.Name) {
		if marks := hit.Marks(n); len(marks) > 0 {
			list = append(list, markedName{n.Text, marks})
		}
	}
	mark(search.Name{Text: shown.Name, Lang: shown.Lang, Kind: search.KindDisplay})
	mark(search.Name{Text: shown.Acronym, Kind: search.KindAcronym})
	for _, n := range shown.Names {
		mark(search.Name{Text: n.Text, Lang: n.Lang, Kind: search.KindOther})
	}
	return list, nil
}

// appendMarks appends a list of {"text": name, "at": [[from, up to]]}, counted in
// characters of Unicode.
func appendMarks(b []byte, list []markedName) []byte {
	b = append(b, '[')
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(append(b, `{"text":`...), n.text), `,"at":[`...)
		for j, m := range n.at {
			if j > 0 {
				b = append(b, ',')
			}
			from := utf8.RuneCountInString(n.text[:m.From])
			b = append(strconv.AppendInt(append(b, '['), int64(from), 10), ',')
			b = append(strconv.AppendInt(b, int64(from+utf8.RuneCountInString(n.text[m.From:m.To])), 10), ']')
		}
		b = append(b, `]}`...)
	}
	return append(b, ']')
}

// whyView says how a score came about; see search.Explanation.
type whyView struct {
	Taken  string    `json:"taken"` // typed, forgiving, generous, partial
	Name   float64   `json:"name"`
	Of     string    `json:"of,omitempty"`
	Share  float64   `json:"share"`
	Cover  float64   `json:"cover"`
	Order  float64   `json:"order"`
	Fields float64   `json:"fields"`
	Boost  float64   `json:"boost"`
	Words  []wordMet `json:"words"`
}

type wordMet struct {
	Word   string  `json:"word"`
	Rarity float64 `json:"rarity"`
	Met    float64 `json:"met"`
	By     string  `json:"by,omitempty"`
}

func viewWhy(e *search.Explanation) whyView {
	view := whyView{e.Mode, e.Name, e.Of, e.Share, e.Cover, e.Order, e.Fields, e.Boost, []wordMet{}}
	for _, w := range e.Words {
		view.Words = append(view.Words, wordMet(w))
	}
	return view
}
