package mail

import (
	"bytes"
	"context"
	"fmt"

	"convoke/shared/platform/i18n"
)

// Letter is what a message says, in one language, before it is text or HTML. Its
// strings are plain text; foreign parts in them are isolated as i18n.Isolate
// does. Empty parts are left out. Text and HTML say the same, in the order of
// the fields.
type Letter struct {
	Lang       i18n.Lang
	Subject    string
	Preheader  string // what a mailbox shows beside the subject; in the HTML alone
	Heading    string
	Paragraphs []string
	Reasons    []string // a list after the paragraphs
	Quote      Quote    // what a person wrote, such as a reviewer's note or the summary of an event
	Facts      []Fact
	Actions    []Action
	Closing    []string // paragraphs after the actions
	Footer     []Line   // why the reader receives this, and how to stop it
}

// Quote is free text by a person, which may be in another language than the
// letter.
type Quote struct {
	Label      string // whose or which text it is; may be empty
	Paragraphs []string
}

// Fact is one row of a table.
type Fact struct{ Label, Value string }

// Action is a link the reader is meant to follow. The primary one stands out.
type Action struct {
	Label   string
	URL     string // https, or http on a machine of one's own
	Primary bool
}

// Line is one line of the footer, a link when it has a URL.
type Line struct{ Text, URL string }

// HTML renders the letter as an HTML document: one column of at most 600 px,
// inline styles, no remote content, no script, the language and direction on the
// root and on the article for readers that drop the root.
func (l Letter) HTML() (string, error) {
	var b bytes.Buffer
	if err := l.writeHTML(&b); err != nil {
		return "", err
	}
	return b.String(), nil
}

func (l Letter) writeHTML(b *bytes.Buffer) error {
	if err := document(l).Render(context.Background(), b); err != nil {
		return fmt.Errorf("render letter: %w", err)
	}
	return nil
}

// side is where a line of this script begins, for the attribute align.
func (l Letter) side() string {
	if i18n.Dir(l.Lang) == "rtl" {
		return "right"
	}
	return "left"
}
