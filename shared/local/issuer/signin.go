package issuer

import (
	"errors"
	"html"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"convoke/shared/platform/auth"
)

const (
	stylePath    = SignInPath + ".css"
	maxFormBytes = 4 << 10
	policy       = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// form is what was entered, to be shown again.
type form struct {
	role          auth.Role
	unit, subject string
	asked         authorization
	problem       error
}

func (i *Issuer) showForm(w http.ResponseWriter, r *http.Request) {
	if !i.reachedDirectly(r) {
		http.Error(w, "This page answers under its own address only.", http.StatusMisdirectedRequest)
		return
	}
	asked, err := i.authorization(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writePage(w, http.StatusOK, "Sign in for development", formPage(form{role: auth.Organiser, asked: asked}))
}

// mint shows a token for what the form asks, or sends a code for it to the client
// that asked. Only POST does, and only from the
// page itself, so that another site open in the same browser gets none.
func (i *Issuer) mint(w http.ResponseWriter, r *http.Request) {
	if !i.reachedDirectly(r) {
		http.Error(w, "This page answers under its own address only.", http.StatusMisdirectedRequest)
		return
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		http.Error(w, "Sign in from the page itself.", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		f := form{role: auth.Organiser, problem: errors.New("the form could not be read")}
		writePage(w, http.StatusBadRequest, "Sign in for development", formPage(f))
		return
	}
	f := readForm(r)
	asked, err := i.authorization(r.PostForm)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.asked = asked
	token, err := i.token(f.role, f.unit, f.subject, asked.nonce, tokenTTL)
	if err != nil {
		f.problem = err
		writePage(w, http.StatusUnprocessableEntity, "Sign in for development", formPage(f))
		return
	}
	if asked != (authorization{}) {
		i.leadBack(w, r, asked, token)
		return
	}
	writePage(w, http.StatusOK, "Signed in for development", i.tokenPage(f, token))
}

func readForm(r *http.Request) form {
	f := form{
		role:    auth.Role(r.PostForm.Get("role")),
		unit:    strings.TrimSpace(r.PostForm.Get("unit")),
		subject: strings.TrimSpace(r.PostForm.Get("subject")),
	}
	if f.role == auth.Moderator || f.role == auth.Admin {
		f.unit = "" // the field is there whatever the role
	}
	return f
}

// reachedDirectly reports whether the request names this machine or the base
// URL as its host, which a page that rebinds its own name to us does not.
func (i *Issuer) reachedDirectly(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback() || r.Host == i.base.Host
}

func writePage(w http.ResponseWriter, status int, title, body string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>`+html.EscapeString(title)+` - Convoke</title>
<link rel="stylesheet" href="`+stylePath+`">
</head>
<body>
<main>
<h1>`+html.EscapeString(title)+`</h1>
`+body+`</main>
</body>
</html>
`)
}

func formPage(f form) string {
	var b strings.Builder
	if f.problem != nil {
		b.WriteString(`<p role="alert" id="problem"><strong>Not signed in.</strong> ` + html.EscapeString(f.problem.Error()) + "</p>\n")
	}
	b.WriteString(`<p>This page exists in development only. It gives a token for any role to whoever asks.</p>
<form method="post" action="` + SignInPath + `">
<fieldset>
<legend>Role</legend>
`)
	b.WriteString(radio(auth.Organiser, "Organiser of a unit", f.role))
	b.WriteString(radio(auth.Moderator, "Moderator", f.role))
	b.WriteString(radio(auth.Admin, "Administrator", f.role))
	b.WriteString("</fieldset>\n")
	b.WriteString(field("unit", "Unit", "For an organiser: letters, digits, hyphens and underscores, such as geneva.", f.unit))
	b.WriteString(field("subject", "Name in the records", "Optional: the same characters. Empty is named after the role.", f.subject))
	action := "Get a token"
	if f.asked != (authorization{}) {
		action = "Sign in"
		for _, in := range f.asked.fields() {
			b.WriteString(`<input type="hidden" name="` + in.name + `" value="` + html.EscapeString(in.value) + "\">\n")
		}
	}
	b.WriteString("<p><button type=\"submit\">" + action + "</button></p>\n</form>\n")
	return b.String()
}

func radio(role auth.Role, label string, chosen auth.Role) string {
	checked := ""
	if role == chosen {
		checked = " checked"
	}
	id := "role-" + string(role)
	return `<p><input type="radio" name="role" id="` + id + `" value="` + string(role) + `" required` + checked +
		`> <label for="` + id + `">` + label + "</label></p>\n"
}

func field(name, label, hint, value string) string {
	return `<p><label for="` + name + `">` + label + `</label><br>
<span id="` + name + `-hint">` + hint + `</span><br>
<input type="text" id="` + name + `" name="` + name + `" value="` + html.EscapeString(value) + `" maxlength="64" autocomplete="off" spellcheck="false" aria-describedby="` + name + `-hint"></p>
`
}

func (i *Issuer) tokenPage(f form, token string) string {
	who := string(f.role)
	if f.unit != "" {
		who += " of " + f.unit
	}
	curl := "curl --header 'Authorization: Bearer " + token + "' " + i.config.BaseURL + "/v1/events"
	return `<p>You are <strong>` + html.EscapeString(who) + `</strong> for ` + strconv.Itoa(int(tokenTTL.Hours())) + ` hours, with this token.</p>
` + area("token", "Token", token) + area("curl", "Example", curl) + `<p><a href="` + SignInPath + `">Sign in as somebody else</a></p>
`
}

func area(name, label, text string) string {
	return `<p><label for="` + name + `">` + label + `</label><br>
<textarea id="` + name + `" rows="8" cols="72" readonly spellcheck="false">` + html.EscapeString(text) + `</textarea></p>
`
}

func style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, `:root { color-scheme: light dark; background: Canvas; color: CanvasText; font: 100%/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 1rem auto; padding: 0 1rem; }
input, button, textarea { font: inherit; min-height: 1.75rem; box-sizing: border-box; }
input[type=text], textarea { width: 100%; }
input[type=radio] { width: 1.5rem; height: 1.5rem; vertical-align: middle; }
textarea { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
button { padding: .5rem 1rem; }
:focus-visible { outline: 3px solid; outline-offset: 2px; }
[role=alert] { border-inline-start: .4rem solid; padding-inline-start: .75rem; }
`)
}
