package importer

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"convoke/shared/domain/directory"
)

// Limits of the consolidated list, far above what it has.
const (
	maxSanctions      = 200_000
	maxSanctionNames  = 300
	maxSanctionRunes  = 1000 // of one name
	maxSanctionsDepth = 12
)

// SanctionsFile reads the consolidated list of the United Nations Security Council
// in XML: the names and the reference number of each entry, one entry at a time.
// What is not a whole list is an error, and not a shorter list. A document type is
// refused, so that no entity is ever declared, and what one entry takes of memory
// is bounded.
type SanctionsFile struct {
	Generated string // when the list was made, as the root element says; known once an entry is read

	left  *allowance
	dec   *xml.Decoder
	depth int
	count int
}

// Sanctions returns a reader of the list, plain or gzip.
func Sanctions(r io.Reader) (*SanctionsFile, error) {
	text, err := plainText(r)
	if err != nil {
		return nil, err
	}
	f := &SanctionsFile{left: &allowance{r: text}}
	f.left.grant()
	f.dec = xml.NewDecoder(f.left)
	return f, nil
}

// Entries returns the entries in the order of the file, or the first error.
func (f *SanctionsFile) Entries() iter.Seq2[directory.SanctionsEntry, error] {
	return func(yield func(directory.SanctionsEntry, error) bool) {
		if err := f.root(); err != nil {
			yield(directory.SanctionsEntry{}, err)
			return
		}
		for {
			e, more, err := f.next()
			if err != nil {
				yield(e, fmt.Errorf("after %d entries, byte %d: %w", f.count, f.dec.InputOffset(), err))
				return
			}
			if !more || !yield(e, nil) {
				return
			}
		}
	}
}

// root reads up to the root element, which says what the document is.
func (f *SanctionsFile) root() error {
	for {
		t, err := f.token()
		if err != nil {
			return fmt.Errorf("this is not the consolidated list in XML: %w", err)
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != "CONSOLIDATED_LIST" {
			return fmt.Errorf("this is not the consolidated list: its root is %.40q", start.Name.Local)
		}
		for _, a := range start.Attr {
			if a.Name.Local == "dateGenerated" && directory.LineFault(a.Value, 40) == "" {
				f.Generated = a.Value
			}
		}
		return nil
	}
}

// next reads the next entry; false at the end of the document.
func (f *SanctionsFile) next() (e directory.SanctionsEntry, more bool, err error) {
	if f.count++; f.count > maxSanctions {
		return e, false, fmt.Errorf("it has more than %d entries", maxSanctions)
	}
	for {
		t, err := f.token()
		if errors.Is(err, io.EOF) && f.depth == 0 {
			return e, false, nil
		}
		if err != nil {
			return e, false, err
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "INDIVIDUAL":
			e, err = f.entry(directory.SanctionedPerson)
			return e, err == nil, err
		case "ENTITY":
			e, err = f.entry(directory.SanctionedEntity)
			return e, err == nil, err
		}
	}
}

// token reads one token and counts how deep it stands.
func (f *SanctionsFile) token() (xml.Token, error) {
	t, err := f.dec.Token()
	if err != nil {
		return nil, err
	}
	switch t.(type) {
	case xml.StartElement:
		if f.depth++; f.depth > maxSanctionsDepth {
			return nil, errors.New("it is nested too deeply")
		}
	case xml.EndElement:
		f.depth--
	case xml.Directive:
		return nil, errors.New("it declares a document type, which the list does not")
	}
	return t, nil
}

// entry reads one entry whose start was read.
func (f *SanctionsFile) entry(kind string) (directory.SanctionsEntry, error) {
	f.left.grant()
	gathered := sanction{SanctionsEntry: directory.SanctionsEntry{Kind: kind}}
	var path []string
	var text strings.Builder
	for {
		t, err := f.token()
		if err != nil {
			return gathered.SanctionsEntry, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			text.Reset()
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			if len(path) == 0 {
				return gathered.whole()
			}
			gathered.take(strings.Join(path, "/"), strings.Join(strings.Fields(text.String()), " "))
			path = path[:len(path)-1]
			text.Reset()
		}
	}
}

// sanction is an entry as it is gathered.
type sanction struct {
	directory.SanctionsEntry
	parts           [4]string // of the main name
	others, aliases []string
}

func (s *sanction) take(path, value string) {
	if value == "" {
		return
	}
	switch path {
	case "FIRST_NAME":
		s.parts[0] = value
	case "SECOND_NAME":
		s.parts[1] = value
	case "THIRD_NAME":
		s.parts[2] = value
	case "FOURTH_NAME":
		s.parts[3] = value
	case "NAME_ORIGINAL_SCRIPT":
		s.others = append(s.others, value)
	case "INDIVIDUAL_ALIAS/ALIAS_NAME", "ENTITY_ALIAS/ALIAS_NAME":
		s.aliases = append(s.aliases, strings.Split(value, ";")...)
	case "REFERENCE_NUMBER":
		s.Reference = value
	case "UN_LIST_TYPE":
		s.Regime = value
	case "LISTED_ON":
		s.ListedOn = value
	}
}

// whole puts the names together, and refuses an entry that nobody could look up.
func (s *sanction) whole() (directory.SanctionsEntry, error) {
	e := s.SanctionsEntry
	main := strings.Join(strings.Fields(strings.Join(s.parts[:], " ")), " ")
	seen := map[string]bool{"": true}
	for _, name := range append(append([]string{main}, s.others...), s.aliases...) {
		if name = directory.Tidy(strings.TrimSpace(name)); !seen[name] {
			seen[name] = true
			e.Names = append(e.Names, name)
		}
		if utf8.RuneCountInString(name) > maxSanctionRunes {
			return e, fmt.Errorf("a name has more than %d letters", maxSanctionRunes)
		}
	}
	odd := func(line string, most int) bool { return line != "" && directory.LineFault(line, most) != "" }
	switch {
	case e.Reference == "" || odd(e.Reference, 64):
		return e, errors.New("an entry has no reference number, or one that is none")
	case len(e.Names) == 0:
		return e, fmt.Errorf("%s has no name", e.Reference)
	case len(e.Names) > maxSanctionNames:
		return e, fmt.Errorf("%s has more than %d names", e.Reference, maxSanctionNames)
	case odd(e.Regime, 100) || odd(e.ListedOn, 40):
		return e, fmt.Errorf("%s: its regime or its date is no line of text", e.Reference)
	}
	return e, nil
}
