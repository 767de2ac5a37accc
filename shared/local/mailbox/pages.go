package mailbox

import (
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Path is where the pages answer.
const Path = "/dev/mailbox"

const (
	perPage     = 50
	pagePolicy  = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	framePolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
)

// Handler serves the pages of the box below Path.
func (b *Box) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, b.list)
	mux.HandleFunc("GET "+Path+"/{id}", b.show)
	mux.HandleFunc("GET "+Path+"/{id}/html", b.showHTML)
	mux.HandleFunc("GET "+Path+"/{id}/raw", b.download)
	mux.HandleFunc("GET "+Path+"/{id}/attachments/{name}", b.attachment)
	mux.HandleFunc("GET "+Path+".css", style)
	return mux
}

// list shows a page of messages; the query's before is the id that the last page
// ended with.
func (b *Box) list(w http.ResponseWriter, r *http.Request) {
	ids, err := b.Names()
	if err != nil {
		http.Error(w, "The mailbox cannot be read.", http.StatusInternalServerError)
		return
	}
	total := len(ids)
	if before := r.URL.Query().Get("before"); before != "" {
		older := slices.IndexFunc(ids, func(id string) bool { return id < before })
		if older < 0 {
			older = len(ids)
		}
		ids = ids[older:]
	}
	page := ids[:min(perPage, len(ids))]
	var body strings.Builder
	body.WriteString("<p>" + strconv.Itoa(total) + " messages. Mail is written here instead of being sent. <a href=\"" + Path + "\">Newest</a></p>\n")
	if len(page) > 0 {
		b.table(&body, page)
	}
	if len(page) < len(ids) {
		body.WriteString(`<p><a rel="next" href="` + Path + "?before=" + url.QueryEscape(page[len(page)-1]) + "\">Older messages</a></p>\n")
	}
	writePage(w, "Mailbox", body.String())
}

func (b *Box) table(body *strings.Builder, ids []string) {
	body.WriteString("<table>\n<caption>Messages, the newest first</caption>\n" +
		"<thead><tr><th scope=\"col\">Sent</th><th scope=\"col\">To</th><th scope=\"col\">Subject</th></tr></thead>\n<tbody>\n")
	for _, id := range ids {
		m, err := b.Message(id)
		if err != nil {
			continue // removed since it was listed
		}
		subject := m.Subject
		if subject == "" {
			subject = "(no subject)"
		}
		body.WriteString("<tr><td>" + sent(m) + "</td><td dir=\"auto\">" + html.EscapeString(m.To) + "</td><td dir=\"auto\"><a href=\"" + address(id) + "\">" +
			html.EscapeString(subject) + "</a></td></tr>\n")
	}
	body.WriteString("</tbody>\n</table>\n")
}

func sent(m Message) string {
	if m.At.IsZero() {
		return "unknown"
	}
	at := m.At.UTC()
	return `<time datetime="` + at.Format("2006-01-02T15:04:05Z") + `">` + at.Format("2006-01-02 15:04:05") + " UTC</time>"
}

func address(id string) string { return Path + "/" + url.PathEscape(id) }

func (b *Box) show(w http.ResponseWriter, r *http.Request) {
	if m, ok := b.message(w, r); ok {
		writeMessage(w, m, Path, address(m.ID))
	}
}

// writeMessage shows a message that is served whole under its address, with its
// HTML part and its source below that.
func writeMessage(w http.ResponseWriter, m Message, list, address string) {
	var body strings.Builder
	body.WriteString(`<p><a href="` + list + `">All messages</a> · <a href="` + address + `/raw">Download as .eml</a></p>` + "\n")
	writeHeader(&body, m.Header)
	if m.Text != "" {
		section(&body, "Text", `<div class="text" dir="auto">`+linked(m.Text)+"</div>\n")
	}
	if m.HTML != "" {
		section(&body, "HTML", `<iframe title="The HTML part of the message" sandbox src="`+address+`/html"></iframe>`+"\n")
	}
	if m.Calendar != "" {
		section(&body, "Calendar", "<pre tabindex=\"0\">"+html.EscapeString(m.Calendar)+"</pre>\n")
	}
	writeParts(&body, m.Parts, address)
	writePage(w, m.Subject, body.String())
}

func section(body *strings.Builder, title, content string) {
	body.WriteString("<section>\n<h2>" + title + "</h2>\n" + content + "</section>\n")
}

func writeHeader(body *strings.Builder, header []Field) {
	var rows strings.Builder
	rows.WriteString("<table>\n<caption>Header</caption>\n")
	for _, f := range header {
		rows.WriteString("<tr><th scope=\"row\">" + html.EscapeString(f.Name) + "</th><td dir=\"auto\">" + html.EscapeString(f.Value) + "</td></tr>\n")
	}
	body.WriteString(rows.String() + "</table>\n")
}

func writeParts(body *strings.Builder, parts []Part, address string) {
	var list strings.Builder
	list.WriteString("<ul>\n")
	for _, p := range parts {
		name := ""
		if p.Name != "" {
			name = ` <a href="` + address + "/attachments/" + url.PathEscape(p.Name) + `">` + html.EscapeString(p.Name) + "</a>"
		}
		list.WriteString("<li>" + html.EscapeString(p.Type) + name + ", " + strconv.Itoa(p.Size) + " bytes</li>\n")
	}
	section(body, "Parts", list.String()+"</ul>\n")
}

// linked returns the text as HTML, with its http addresses to click on.
func linked(text string) string {
	var b strings.Builder
	for _, s := range spans(text) {
		escaped := html.EscapeString(s.text)
		if s.link {
			escaped = `<a rel="noreferrer" href="` + escaped + `">` + escaped + "</a>"
		}
		b.WriteString(escaped)
	}
	return b.String()
}

// showHTML serves the HTML part as a document without any rights.
func (b *Box) showHTML(w http.ResponseWriter, r *http.Request) {
	if m, ok := b.message(w, r); ok {
		writeHTML(w, m)
	}
}

func writeHTML(w http.ResponseWriter, m Message) {
	protect(w, framePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, m.HTML)
}

func (b *Box) download(w http.ResponseWriter, r *http.Request) {
	raw, err := b.Raw(r.PathValue("id"))
	if err != nil {
		absent(w, err)
		return
	}
	writeRaw(w, raw)
}

// attachment serves a file of a message, to be saved or, a paper, to be shown.
func (b *Box) attachment(w http.ResponseWriter, r *http.Request) {
	kind, body, err := b.Attachment(r.PathValue("id"), r.PathValue("name"))
	if err != nil {
		absent(w, err)
		return
	}
	writeFile(w, kind, body)
}

func writeFile(w http.ResponseWriter, kind string, body []byte) {
	protect(w, pagePolicy)
	if kind != "application/pdf" {
		kind = "application/octet-stream"
		w.Header().Set("Content-Disposition", "attachment")
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(body) //nolint:gosec // a file that no browser runs
}

func writeRaw(w http.ResponseWriter, raw []byte) {
	protect(w, framePolicy)
	w.Header().Set("Content-Type", "message/rfc822")
	w.Header().Set("Content-Disposition", `attachment; filename="message.eml"`)
	_, _ = w.Write(raw) //nolint:gosec // a download that no browser shows
}

func (b *Box) message(w http.ResponseWriter, r *http.Request) (Message, bool) {
	m, err := b.Message(r.PathValue("id"))
	if err != nil {
		absent(w, err)
	}
	return m, err == nil
}

func absent(w http.ResponseWriter, err error) {
	if errors.Is(err, ErrAbsent) {
		http.Error(w, "There is no such message.", http.StatusNotFound)
		return
	}
	http.Error(w, "The message cannot be read.", http.StatusInternalServerError)
}

func protect(w http.ResponseWriter, policy string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

func writePage(w http.ResponseWriter, title, body string) {
	protect(w, pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	title = html.EscapeString(title)
	_, _ = io.WriteString(w, `<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>`+title+` - Convoke</title>
<link rel="stylesheet" href="`+Path+`.css">
</head>
<body>
<main>
<h1 dir="auto">`+title+`</h1>
`+body+"</main>\n</body>\n</html>\n")
}

func style(w http.ResponseWriter, _ *http.Request) {
	protect(w, pagePolicy)
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = io.WriteString(w, `:root { color-scheme: light dark; background: Canvas; color: CanvasText; font: 100%/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 1rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-block: 1rem; }
caption { text-align: start; font-weight: bold; }
th, td { text-align: start; vertical-align: top; padding: .25rem .5rem; border-block-end: 1px solid; overflow-wrap: anywhere; }
a { display: inline-block; min-height: 1.5rem; overflow-wrap: anywhere; }
.text { white-space: pre-wrap; border-inline-start: .25rem solid; padding-inline-start: 1rem; overflow-wrap: anywhere; }
iframe { width: 100%; height: 36rem; border: 1px solid; background: white; }
pre { overflow: auto; padding: .5rem; border: 1px solid; }
:focus-visible { outline: 3px solid; outline-offset: 2px; }
`)
}
