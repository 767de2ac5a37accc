package cli

import (
	"encoding/json"
	"errors"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"convoke/shared/edge/feedback"
	"convoke/shared/local/depot"
	"convoke/shared/local/issuer"
	"convoke/shared/local/mailbox"
	"convoke/shared/local/runtime"
)

const maxDevBody = 256 << 10 // bytes; a mail that is handed in is the largest

// development are the pages under /dev: to sign in as anybody, to read the mail
// that was not sent, to move the time.
type development struct {
	process *runtime.Process
	box     *mailbox.Box
	base    string
	movable bool // the clock stands still until it is moved
}

func (d development) mount(mux *http.ServeMux) {
	mux.Handle("/dev/", d.process.Issuer)
	mux.Handle("GET /dev", d.own(d.index))
	mux.Handle("GET /dev/{$}", d.own(d.index))
	box := d.own(d.box.Handler().ServeHTTP)
	mux.Handle(mailbox.Path, box)
	mux.Handle(mailbox.Path+"/", box)
	mux.Handle(mailbox.Path+".css", box)
	specimens := d.own(mailbox.Specimens().ServeHTTP)
	mux.Handle(mailbox.SpecimensPath, specimens)
	mux.Handle(mailbox.SpecimensPath+"/", specimens)
	mux.Handle(depot.UploadPath, d.process.Depot.Handler())
	mux.Handle(depot.DocumentPath, d.process.Depot.Handler())
	mux.Handle("POST /dev/settle", d.own(d.settle))
	mux.Handle("POST /dev/feedback", d.own(d.feedback))
	mux.Handle("POST /dev/inbound", d.own(d.inbound))
	if d.movable {
		mux.Handle("POST /dev/clock", d.own(d.advance))
	}
}

// own lets in requests that name this machine or the base URL as their host,
// which those of a page that rebinds its own name do not, and that come from no
// other site. The mail holds links that sign in.
func (d development) own(next http.HandlerFunc) http.Handler {
	guard := http.NewCrossOriginProtection()
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		base, err := url.Parse(d.base)
		if host != "localhost" && (ip == nil || !ip.IsLoopback()) && (err != nil || r.Host != base.Host) {
			http.Error(w, "This page answers under its own address only.", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxDevBody)
		next(w, r)
	}))
}

// settle does all that is due and answers when nothing is left to do.
func (d development) settle(w http.ResponseWriter, r *http.Request) {
	// It may take longer than a request should: there is no deadline for it.
	if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		http.Error(w, "Not settled.", http.StatusInternalServerError)
		return
	}
	if err := d.process.Settle(r.Context()); err != nil {
		http.Error(w, "Not settled: "+err.Error(), http.StatusInternalServerError)
		return
	}
	d.tell(w)
}

// feedback takes an event of Amazon SES, as it publishes it: what became of a mail.
func (d development) feedback(w http.ResponseWriter, r *http.Request) {
	var event feedback.Event
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
		http.Error(w, "Want an event of Amazon SES, in JSON.", http.StatusBadRequest)
		return
	}
	if err := d.process.Feedback.Apply(r.Context(), event); err != nil {
		http.Error(w, "Not applied: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// inbound takes a received mail as Amazon SES stores it, with the
// Authentication-Results on top. The log says what was passed over.
func (d development) inbound(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "The mail is too large.", http.StatusRequestEntityTooLarge)
		return
	}
	if err := d.process.Inbound.Read(r.Context(), raw); err != nil {
		http.Error(w, "Not read: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// advance moves the clock on by a Go duration, such as 72h.
func (d development) advance(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Advance string `json:"advance"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(&asked)
	by, durationErr := time.ParseDuration(asked.Advance)
	if err != nil || durationErr != nil || by <= 0 {
		http.Error(w, `Want a JSON object such as {"advance":"72h"}; time does not go back.`, http.StatusBadRequest)
		return
	}
	d.process.Clock.Advance(by)
	d.tell(w)
}

func (d development) tell(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]time.Time{"now": d.process.Clock.Now()}) // who left needs no answer
}

func (d development) index(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	clock := "The clock is the machine's; start with <code>--clock TIME</code> to have one that stands still."
	if d.movable {
		clock = "The clock stands at <strong>" + d.process.Clock.Now().Format(time.RFC3339) + "</strong>. Move it on:<br><code>curl --json '{\"advance\":\"72h\"}' " +
			html.EscapeString(d.base) + "/dev/clock</code>"
	}
	_, _ = io.WriteString(w, `<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>For development - Convoke</title>
<link rel="stylesheet" href="`+mailbox.Path+`.css">
</head>
<body>
<main>
<h1>For development</h1>
<ul>
<li><a href="/">The directory</a>, and <a href="/v1/openapi.yaml">the description of its API</a></li>
<li><a href="`+issuer.SignInPath+`">Sign in</a> as an organiser, a moderator or an administrator</li>
<li><a href="`+mailbox.Path+`">The mailbox</a>, with the mail that was not sent</li>
<li><a href="`+mailbox.SpecimensPath+`">Specimens of mail</a>: every kind in every language</li>
</ul>
<p>`+clock+`</p>
<p>Do everything that is due now, and wait for it:<br><code>curl --request POST `+html.EscapeString(d.base)+`/dev/settle</code></p>
<p>Say what became of a mail, with an event of Amazon SES; hand in an answer from a calendar:<br><code>curl --json @bounce.json `+html.EscapeString(d.base)+`/dev/feedback</code><br><code>curl --data-binary @reply.eml `+html.EscapeString(d.base)+`/dev/inbound</code></p>
</main>
</body>
</html>
`)
}
