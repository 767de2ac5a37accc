package mail

import (
	"bytes"
	"strings"

	"convoke/shared/platform/i18n"
)

// Text renders the letter as plain text of the format=flowed; delsp=yes kind
// (RFC 3676): a paragraph is broken into lines that end in a space, which a
// reader that knows the format joins again and another shows as they are. Lines
// end in LF. An address stands on a line of its own and is never broken.
func (l Letter) Text() string {
	var b bytes.Buffer
	l.writeText(&b)
	return b.String()
}

// writeText writes it into an empty buffer.
func (l Letter) writeText(b *bytes.Buffer) {
	w := flowed{b: b}
	w.paragraph(l.Heading)
	w.paragraphs(l.Paragraphs)
	for _, reason := range l.Reasons {
		w.line("- " + reason)
	}
	w.gap()
	w.paragraph(l.Quote.Label)
	w.paragraphs(l.Quote.Paragraphs)
	for _, fact := range l.Facts {
		w.line(l.labelled(fact.Label, fact.Value))
	}
	w.gap()
	for _, action := range l.Actions {
		w.line(l.labelled(action.Label, ""))
		w.paragraph(action.URL)
	}
	w.paragraphs(l.Closing)
	if len(l.Footer) > 0 {
		w.b.WriteString("-- \n") // the signature separator, the one fixed line that ends in a space
	}
	for _, line := range l.Footer {
		w.line(line.Text)
		w.line(line.URL)
	}
	b.Truncate(len(bytes.TrimRight(b.Bytes(), "\n")))
	b.WriteByte('\n')
}

// labelled joins a label and its value with the colon of the language.
func (l Letter) labelled(label, value string) string {
	before, after, _ := strings.Cut(i18n.T(l.Lang, "mail.labelled", nil), "{value}")
	return strings.TrimSpace(strings.Replace(before, "{label}", label, 1) + value + after)
}

// flowed writes paragraphs as flowed lines.
type flowed struct {
	b     *bytes.Buffer
	wrote bool // something since the last gap
}

func (w *flowed) paragraphs(all []string) {
	for _, p := range all {
		w.paragraph(p)
	}
}

func (w *flowed) paragraph(s string) {
	w.line(s)
	w.gap()
}

func (w *flowed) gap() {
	if w.wrote {
		w.b.WriteByte('\n')
		w.wrote = false
	}
}

// line writes one logical line over as many lines as it needs; an empty one is
// left out.
func (w *flowed) line(s string) {
	s = strings.Trim(s, " ")
	if s == "" {
		return
	}
	w.wrote = true
	for s != "" {
		part, rest := breakLine(s)
		w.b.WriteString(stuffing(part))
		w.b.WriteString(part)
		if rest != "" {
			w.b.WriteByte(' ') // flowed: a reader deletes this space and joins (delsp)
		}
		w.b.WriteByte('\n')
		s = rest
	}
}

// stuffing is the space before a line that would otherwise read as a quotation,
// as an mbox separator or as stuffed itself (RFC 3676 section 4.4).
func stuffing(line string) string {
	if strings.HasPrefix(line, " ") || strings.HasPrefix(line, ">") || strings.HasPrefix(line, "From ") {
		return " "
	}
	return ""
}
