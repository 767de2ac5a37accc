package specimen

import (
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

// accrediting are the mails to who applied for accreditation, and to the unit.
func accrediting(lang i18n.Lang) []draft {
	d := mail.AccreditationDecided{
		Kind: mail.KindAccredited, Organisation: organisation, Title: invitation(lang).Title, Track: "Civil society (Example)", URL: site + "events/1",
	}
	refused := d
	refused.Kind, refused.Reason = mail.KindNotAccredited, "The note on participation asks for statutes,\nand none were sent."
	applied := mail.Accrediting{
		Kind: mail.KindAccreditationApplied, Unit: conveners, Organisation: organisation, Title: d.Title, Track: d.Track, EventID: "01JBQ8Z6V0EVENT", URL: site + "desk/events/1/accreditations",
		DecideFrom: expires(), Zone: invitation(lang).Zone,
	}
	objected := applied
	objected.Kind = mail.KindAccreditationObjected
	return []draft{
		{kind: d.Kind, letter: d},
		{kind: refused.Kind, letter: refused},
		{kind: applied.Kind, letter: applied},
		{kind: objected.Kind, letter: objected},
	}
}
