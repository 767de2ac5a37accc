// Package specimen has one paper of each kind with example data, in every
// language: what the golden files are made of, and what a developer looks at under
// /dev/specimens. Nothing in it is issued.
package specimen

import (
	"time"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/paper"
)

// Specimen is one paper.
type Specimen struct {
	Name  string
	Paper interface{ PDF() ([]byte, error) }
}

const (
	code = "4QJ7SPECIMENSPECIMENSPECIM"
	site = "https://convoke.example.org/"
	zone = "Europe/Zurich"
)

// All returns one of every kind in the language.
func All(lang i18n.Lang) []Specimen {
	return []Specimen{{"certificate", certificate(lang)}, {"letter", letter(lang)}, {"letter.long", long(lang)}}
}

// Of returns one specimen by its name.
func Of(lang i18n.Lang, name string) (Specimen, bool) {
	for _, s := range All(lang) {
		if s.Name == name {
			return s, true
		}
	}
	return Specimen{}, false
}

func starts() time.Time { return time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC) }
func ends() time.Time   { return time.Date(2026, 12, 9, 16, 0, 0, 0, time.UTC) }

// title is that of the course, as its organiser would write them.
func title(lang i18n.Lang) string {
	return map[i18n.Lang]string{
		i18n.Arabic: "القانون الدولي للهجرة", i18n.Chinese: "国际移民法", i18n.English: "International migration law",
		i18n.French: "Droit international des migrations", i18n.Russian: "Международное миграционное право", i18n.Spanish: "Derecho internacional de las migraciones",
	}[lang]
}

func certificate(lang i18n.Lang) paper.Certificate {
	return paper.Certificate{
		Lang: lang, Name: "أمينة Example", Title: title(lang), Convener: "Migration Programme",
		Starts: starts(), Ends: ends(), Zone: zone, Attended: 2, Sessions: 3, IssuedAt: ends().AddDate(0, 0, 2),
		Proof: paper.Proof{Code: code, URL: site + "certificates/" + code},
	}
}

func letter(lang i18n.Lang) paper.Letter {
	return paper.Letter{
		Lang: lang, Name: "Amina Example-Núñez", Organisation: "رابطة المهاجرين (Example)", Role: "speaker", EventKind: "course", Title: title(lang),
		Starts: starts(), Ends: ends(), Zone: zone, Place: "Palais des Nations, Room XX", Unit: "Migration Programme, Geneva", Convener: "Migration Programme",
		Contact: "events@example.org", IssuedAt: starts().AddDate(0, -1, 0), Until: ends().AddDate(0, 0, 30),
		Proof: paper.Proof{Code: code, URL: site + "letters/" + code},
	}
}

// long goes on on a second page, and has words in a script that is not printed.
func long(lang i18n.Lang) paper.Letter {
	l := letter(lang)
	l.Organisation = "प्रवासी संघ (Example), สมาคมผู้ย้ายถิ่น"
	for range 16 {
		l.Place += ", Example Building, Room XX"
	}
	for range 12 {
		l.Title += " · " + title(lang)
	}
	return l
}
