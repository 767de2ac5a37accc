package specimen

import (
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

// accrediting are the mails to who applied for accreditation.
func accrediting(lang i18n.Lang) []draft {
	d := mail.AccreditationDecided{
		Kind: mail.KindAccredited, Organisation: organisation, Title: invitation(lang).Title, Track: "Civil society (Example)", URL: site + "events/1",
	}
	refused := d
	refused.Kind, refused.Reason = mail.KindNotAccredited, "The note on participation asks for statutes,\nand none were sent."
	return []draft{{kind: d.Kind, letter: d}, {kind: refused.Kind, letter: refused}}
}
