package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// noticeView is a page that says one thing and what to do next.
type noticeView struct {
	title   string
	texts   []string
	details []string
	act     string // the label of a button that posts to the page itself
	next    string // the label of a link to nextAt
	nextAt  string // a path of ours, or a whole address
}

// to is where the link leads: elsewhere, nobody asked for a language.
func (n noticeView) to(p page) templ.SafeURL {
	if strings.HasPrefix(n.nextAt, "https://") {
		return templ.SafeURL(n.nextAt)
	}
	return p.link(n.nextAt)
}

// heading is the title of the window: what the page is, then whose it is.
func (p page) heading(title string) string {
	var b strings.Builder
	for _, part := range i18n.Segments(title) {
		b.WriteString(part.Text) // marks of direction mean nothing to a tab
	}
	return b.String() + " – Convoke"
}

// here is the value of aria-current for a link to path.
func (p page) here(path string) string { return p.hereIs(path, p.path) }

// hereIs is here on a page that stands for another path.
func (p page) hereIs(path, here string) string {
	if here == path {
		return "page"
	}
	return "false"
}

// problemPage is problem for readers of pages. Who is to sign in first is led
// there.
func (s *Server) problemPage(w http.ResponseWriter, r *http.Request, err error) {
	p := pageOf(r)
	if errors.Is(err, auth.ErrSignInRequired) {
		at, query := p.entrance()
		_ = p.see(w, at, query)
		return
	}
	p.query = nil // what was refused is not carried into the links
	doc := describe(p.lang, err)
	switch doc.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", "60")
		}
	}
	view := problemView(p, fault.KindOf(err), doc)
	if failed := s.show(w, r, p, doc.Status, notice(p, view)); failed != nil {
		problem(w, r, errors.Join(err, failed))
	}
}

// strays reports whether a browser asked for what no route serves: a person is
// told so in words.
func strays(rt route, r *http.Request) bool {
	return rt.pattern == "/" && strings.Contains(r.Header.Get("Accept"), "text/html")
}

func problemView(p page, kind fault.Kind, doc problemDocument) noticeView {
	view := noticeView{title: p.t("problem." + kindKey(kind)), next: p.t("problem.home"), nextAt: "/"}
	if doc.Title != view.title && i18n.Has(p.lang, doc.Code) {
		view.texts = append(view.texts, doc.Title)
	}
	for _, e := range doc.Errors {
		view.details = append(view.details, e.Detail)
	}
	if kind == fault.Gone {
		return withRenewal(p, view)
	}
	view.texts = append(view.texts, p.t("problem."+kindKey(kind)+".next"))
	if kind == fault.Unauthenticated {
		view.next, view.nextAt = p.t("nav.sign_in"), "/sign-in"
	}
	return view
}

// kindKey groups the kinds of fault by what a reader can do about them.
func kindKey(kind fault.Kind) string {
	switch kind {
	case fault.NotFound:
		return "not_found"
	case fault.Gone:
		return "gone"
	case fault.Unauthenticated:
		return "unauthenticated"
	case fault.Forbidden:
		return "forbidden"
	case fault.Conflict, fault.Stale, fault.Unguarded:
		return "conflict"
	case fault.Malformed, fault.Invalid, fault.TooLarge, fault.Unsupported, fault.NotAllowed:
		return "refused"
	case fault.Limited, fault.Unavailable:
		return "busy"
	}
	return "internal"
}

// withRenewal says how to come by a new link in place of one that no longer
// holds; that depends on what the link was for.
func withRenewal(p page, view noticeView) noticeView {
	purpose, _, _ := strings.Cut(strings.TrimPrefix(p.path, "/"), "/")
	switch purpose {
	case "sign-in":
		if p.path == callbackPath {
			view.next, view.nextAt = p.t("staff.again"), staffSignInPath
			return view
		}
		view.texts = append(view.texts, p.t("gone.sign_in"))
		view.next, view.nextAt = p.t("gone.sign_in.action"), "/sign-in"
	case "confirm":
		view.texts = append(view.texts, p.t("gone.confirm"))
		view.next, view.nextAt = p.t("nav.register"), "/register"
	case "answer":
		view.texts = append(view.texts, p.t("gone.answer"))
	case "unsubscribe":
		view.texts = append(view.texts, p.t("gone.unsubscribe"))
	default:
		view.texts = append(view.texts, p.t("gone.other"))
	}
	return view
}

// paragraphs splits prose at its line ends.
func paragraphs(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '\n' })
}
