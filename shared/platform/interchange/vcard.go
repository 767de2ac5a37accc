package interchange

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-vcard"
	"golang.org/x/text/language"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/fold"
)

// VCard writes the entry as the card of an organisation (RFC 6350): no person and
// no address of one is in it. The name for a reader of the languages comes first.
func VCard(e Entry, langs ...string) ([]byte, error) {
	main := e.main(langs...)
	card := vcard.Card{}
	card.SetValue(vcard.FieldVersion, "4.0")
	card.SetKind(vcard.KindOrganization)
	card.SetValue(vcard.FieldUID, e.Address)
	card.SetRevision(e.UpdatedAt.UTC())
	card.Add(vcard.FieldFormattedName, named(main.Text, main.Lang, "PREF", "1"))
	card.SetValue(vcard.FieldOrganization, component(main.Text))
	for _, n := range e.Names {
		switch {
		case n == main:
		case n.Kind == directory.NameAcronym:
			card.Add(vcard.FieldNickname, named(n.Text, n.Lang))
		case n.Kind != directory.NameFormer:
			card.Add(vcard.FieldFormattedName, named(n.Text, n.Lang))
		}
	}
	country := taxonomy.CountryName(e.Country, language.Make(append(langs, "en")[0]))
	card.SetValue(vcard.FieldAddress, ";;;;;;"+component(country))
	if e.Website != "" {
		card.SetValue(vcard.FieldURL, e.Website)
	}
	for i, lang := range e.Languages {
		card.Add(vcard.FieldLanguage, &vcard.Field{Value: lang, Params: vcard.Params{"PREF": {strconv.Itoa(min(i+1, 100))}}})
	}
	for _, d := range e.Descriptions {
		card.Add(vcard.FieldNote, named(d.Text, d.Lang))
	}
	card.AddValue(vcard.FieldCategories, e.Category)
	for _, topic := range e.Topics {
		card.AddValue(vcard.FieldCategories, topic)
	}
	var b bytes.Buffer
	if err := vcard.NewEncoder(fold.Writer{W: &b}).Encode(card); err != nil {
		return nil, fmt.Errorf("encode card: %w", err)
	}
	return b.Bytes(), nil
}

// named is a text with its language, when it has one.
func named(text, lang string, params ...string) *vcard.Field {
	f := &vcard.Field{Value: text, Params: vcard.Params{}}
	if lang != "" {
		f.Params.Set("LANGUAGE", lang)
	}
	for i := 0; i+1 < len(params); i += 2 {
		f.Params.Set(params[i], params[i+1])
	}
	return f
}

// component escapes what parts the components of a structured value (RFC 6350
// section 3.4); the encoder escapes the rest.
func component(s string) string { return strings.ReplaceAll(s, ";", ",") }
