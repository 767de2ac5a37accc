package mailbox

import (
	"html"
	"net/http"
	"strings"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail/specimen"
	papers "convoke/shared/platform/paper/specimen"
)

// SpecimensPath is where the specimens answer.
const SpecimensPath = "/dev/specimens"

// Specimens serves the pages that show one mail of every kind, in every
// language, below SpecimensPath. They are made anew for each request, as the
// program that runs would send them.
func Specimens() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+SpecimensPath, listSpecimens)
	at := "GET " + SpecimensPath + "/{lang}/{name}"
	mux.HandleFunc(at, withSpecimen(func(w http.ResponseWriter, m Message, _ []byte, at string) { writeMessage(w, m, SpecimensPath, at) }))
	mux.HandleFunc(at+"/html", withSpecimen(func(w http.ResponseWriter, m Message, _ []byte, _ string) { writeHTML(w, m) }))
	mux.HandleFunc(at+"/raw", withSpecimen(func(w http.ResponseWriter, _ Message, raw []byte, _ string) { writeRaw(w, raw) }))
	mux.HandleFunc(at+"/attachments/{file}", showPaper)
	return mux
}

// showPaper shows the paper that goes with a specimen of a mail, which itself has
// another file in its place.
func showPaper(w http.ResponseWriter, r *http.Request) {
	lang := i18n.Match(r.PathValue("lang"))
	s, ok := papers.Of(lang, strings.TrimSuffix(r.PathValue("file"), ".pdf"))
	if !ok {
		absent(w, ErrAbsent)
		return
	}
	raw, err := s.Paper.PDF()
	if err != nil {
		absent(w, err)
		return
	}
	writeFile(w, "application/pdf", raw)
}

// withSpecimen composes the mail that the path names and hands it on, with its
// bytes and its address.
func withSpecimen(show func(w http.ResponseWriter, m Message, raw []byte, at string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		lang, name := r.PathValue("lang"), r.PathValue("name")
		s, ok := specimen.Of(i18n.Match(lang), name)
		if !ok || string(i18n.Match(lang)) != lang {
			absent(w, ErrAbsent)
			return
		}
		raw, err := s.Message.Bytes(specimen.Now())
		if err != nil {
			absent(w, err)
			return
		}
		show(w, read(name, raw), raw, SpecimensPath+"/"+lang+"/"+name)
	}
}

func listSpecimens(w http.ResponseWriter, _ *http.Request) {
	var body strings.Builder
	body.WriteString("<p>One mail of every kind, with example data. None is sent.</p>\n<table>\n<caption>Kinds of mail</caption>\n" +
		`<thead><tr><th scope="col">Kind</th><th scope="col">Subject</th><th scope="col">Languages</th></tr></thead>` + "\n<tbody>\n")
	for _, s := range specimen.All(i18n.English) {
		name := html.EscapeString(s.Name)
		body.WriteString(`<tr><th scope="row">` + name + "</th><td>" + html.EscapeString(s.Message.Letter.Subject) + "</td><td>")
		for _, lang := range i18n.All() {
			body.WriteString(`<a hreflang="` + string(lang) + `" href="` + SpecimensPath + "/" + string(lang) + "/" + name + `" aria-label="` + name + ", " + i18n.Language(i18n.English, string(lang)) + `">` + string(lang) + "</a> ")
		}
		body.WriteString("</td></tr>\n")
	}
	body.WriteString("</tbody>\n</table>\n")
	writePage(w, "Specimens of mail", body.String())
}
