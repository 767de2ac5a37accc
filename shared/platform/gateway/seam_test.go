package gateway_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/gateway"
)

// newEvent is an event as the gateway makes it for a plain request.
func newEvent(method, rawPath string, edits ...func(*events.APIGatewayV2HTTPRequest)) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RouteKey: "$default", RawPath: rawPath, Headers: map[string]string{"host": "api.example.org"}}
	e.RequestContext.Stage = "$default"
	e.RequestContext.RequestID = "JKJaXmPLvHcESHA="
	e.RequestContext.DomainName = "api.example.org"
	e.RequestContext.HTTP = events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: method, Path: rawPath, Protocol: "HTTP/1.1", SourceIP: "192.0.2.7"}
	for _, edit := range edits {
		edit(&e)
	}
	return e
}

func inHeader(name, value string) func(*events.APIGatewayV2HTTPRequest) {
	return func(e *events.APIGatewayV2HTTPRequest) { e.Headers[name] = value }
}

func inStage(stage string) func(*events.APIGatewayV2HTTPRequest) {
	return func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.Stage = stage }
}

func inQuery(raw string) func(*events.APIGatewayV2HTTPRequest) {
	return func(e *events.APIGatewayV2HTTPRequest) { e.RawQueryString = raw }
}

func inCookies(cookies ...string) func(*events.APIGatewayV2HTTPRequest) {
	return func(e *events.APIGatewayV2HTTPRequest) { e.Cookies = cookies }
}

func inBody(body string, isBase64 bool) func(*events.APIGatewayV2HTTPRequest) {
	return func(e *events.APIGatewayV2HTTPRequest) { e.Body, e.IsBase64Encoded = body, isBase64 }
}

// through sends the event the way functions/api does: JSON, seam, the real
// adapter, seam, handler, and the answer as JSON again.
func through(tb testing.TB, log io.Writer, event events.APIGatewayV2HTTPRequest, handler http.Handler) events.APIGatewayV2HTTPResponse {
	tb.Helper()
	seam := gateway.New(gateway.Options{Log: slog.New(slog.NewJSONHandler(log, nil))})
	proxy := seam.Around(httpadapter.NewV2(seam.Handler(handler)).ProxyWithContext)
	response, err := proxy(tb.Context(), overJSON(tb, event))
	if err != nil {
		tb.Fatalf("the function failed: %v", err)
	}
	return overJSON(tb, response)
}

func overJSON[T any](tb testing.TB, in T) (out T) {
	tb.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

// seen is what a handler was given.
type seen struct {
	Method, Path, Query, URI, Host, Remote, Body string
	Length                                       int64
	Header                                       http.Header
}

func capture(into *seen) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*into = seen{r.Method, r.URL.Path, r.URL.RawQuery, r.RequestURI, r.Host, r.RemoteAddr, string(body), r.ContentLength, r.Header}
		w.WriteHeader(http.StatusNoContent)
	})
}

func TestRequestSeenIsTheRequestNamed(t *testing.T) {
	form := "name=A%26B&name=%E2%82%AC"
	for name, c := range map[string]struct {
		event events.APIGatewayV2HTTPRequest
		want  seen
	}{
		"plain":                      {newEvent("GET", "/a"), seen{Path: "/a", URI: "/a"}},
		"root":                       {newEvent("GET", "/"), seen{Path: "/", URI: "/"}},
		"no path":                    {newEvent("GET", ""), seen{Path: "/", URI: "/"}},
		"bad escape":                 {newEvent("GET", "/100%"), seen{Path: "/100%", URI: "/100%25"}},
		"bad escape in the middle":   {newEvent("GET", "/%zz/x"), seen{Path: "/%zz/x", URI: "/%25zz/x"}},
		"fragment sign":              {newEvent("GET", "/a#f/x"), seen{Path: "/a#f/x", URI: "/a%23f/x"}},
		"question mark":              {newEvent("GET", "/a?x=1"), seen{Path: "/a?x=1", URI: "/a%3Fx=1"}},
		"question mark and query":    {newEvent("GET", "/a?x=1", inQuery("y=2")), seen{Path: "/a?x=1", Query: "y=2", URI: "/a%3Fx=1?y=2"}},
		"escaped slash once decoded": {newEvent("GET", "/a%2Fb"), seen{Path: "/a%2Fb", URI: "/a%252Fb"}},
		"space and accents":          {newEvent("GET", "/é ü"), seen{Path: "/é ü", URI: "/%C3%A9%20%C3%BC"}},
		"line break":                 {newEvent("GET", "/a\r\nb"), seen{Path: "/a\r\nb", URI: "/a%0D%0Ab"}},
		"two slashes":                {newEvent("GET", "//evil.example.org/x"), seen{Path: "//evil.example.org/x", URI: "//evil.example.org/x"}},
		"an address for a path":      {newEvent("GET", "https://evil.example.org/x"), seen{Path: "/https://evil.example.org/x", URI: "/https://evil.example.org/x"}},
		"at sign and colon":          {newEvent("GET", "/@evil:80/x"), seen{Path: "/@evil:80/x", URI: "/@evil:80/x"}},
		"dots":                       {newEvent("GET", "/a/../b"), seen{Path: "/a/../b", URI: "/a/../b"}},
		"stage":                      {newEvent("GET", "/prod/a", inStage("prod")), seen{Path: "/a", URI: "/a"}},
		"stage alone":                {newEvent("GET", "/prod", inStage("prod")), seen{Path: "/", URI: "/"}},
		"stage once":                 {newEvent("GET", "/prod/prod/a", inStage("prod")), seen{Path: "/prod/a", URI: "/prod/a"}},
		"stage as a mere beginning":  {newEvent("GET", "/production", inStage("prod")), seen{Path: "/production", URI: "/production"}},
		"stage then two slashes":     {newEvent("GET", "/prod//x", inStage("prod")), seen{Path: "//x", URI: "//x"}},
		"default stage in the path":  {newEvent("GET", "/$default/a"), seen{Path: "/$default/a", URI: "/$default/a"}},
		"query kept to the letter":   {newEvent("GET", "/a", inQuery("b=2&a=1&a=%2F+x&%zz&é;=")), seen{Path: "/a", Query: "b=2&a=1&a=%2F+x&%zz&é;=", URI: "/a?b=2&a=1&a=%2F+x&%zz&é;="}},
		"query that would end early": {newEvent("GET", "/a", inQuery("a=1#&b=\n 2")), seen{Path: "/a", Query: "a=1%23&b=%0A%202", URI: "/a?a=1%23&b=%0A%202"}},
		"lower-case method":          {newEvent("get", "/a"), seen{Method: "get", Path: "/a", URI: "/a"}},
		"unknown method":             {newEvent("BREW", "/a"), seen{Method: "BREW", Path: "/a", URI: "/a"}},
		"form in base64":             {newEvent("POST", "/a", inBody(base64.StdEncoding.EncodeToString([]byte(form)), true)), seen{Method: "POST", Path: "/a", URI: "/a", Body: form, Length: int64(len(form))}},
		"binary in base64":           {newEvent("POST", "/a", inBody("/wD+", true)), seen{Method: "POST", Path: "/a", URI: "/a", Body: "\xff\x00\xfe", Length: 3}},
		"text that looks like it":    {newEvent("POST", "/a", inBody("/wD+", false)), seen{Method: "POST", Path: "/a", URI: "/a", Body: "/wD+", Length: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want.Method == "" {
				c.want.Method = "GET"
			}
			c.want.Host, c.want.Remote = "api.example.org", "192.0.2.7:0"
			c.want.Header = http.Header{gateway.RequestIDHeader: {"JKJaXmPLvHcESHA="}}
			var got seen
			if response := through(t, t.Output(), c.event, capture(&got)); response.StatusCode != http.StatusNoContent {
				t.Fatalf("status %d", response.StatusCode)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHeadersAreWhole(t *testing.T) {
	in := map[string]string{
		"accept":            "text/html,application/xhtml+xml;q=0.9, */*;q=0.8",
		"accept-language":   "ar, fr-CH;q=0.9, en;q=0.8",
		"if-match":          `"a,b", "c"`,
		"if-none-match":     `W/"x, y"`,
		"if-modified-since": "Sun, 18 Dec 2016 08:00:00 GMT",
		"content-type":      `multipart/form-data; boundary="a, b"`,
		"forwarded":         `for="[2001:db8::1]:4711", for=192.0.2.43`,
		"x-request-id":      "forged",
		"cookie":            "dropped=1",
	}
	event := newEvent("GET", "/a", inCookies("__Host-session=a=b", "lang=ar"))
	for name, value := range in {
		inHeader(name, value)(&event)
	}
	var got seen
	through(t, t.Output(), event, capture(&got))
	want := http.Header{"Cookie": {"__Host-session=a=b; lang=ar"}, gateway.RequestIDHeader: {"JKJaXmPLvHcESHA="}}
	for name, value := range in {
		if name != "cookie" && name != "x-request-id" {
			want.Set(name, value)
		}
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Error(diff)
	}
}

func TestRemoteAddrAndHost(t *testing.T) {
	event := newEvent("GET", "/", func(e *events.APIGatewayV2HTTPRequest) {
		e.RequestContext.HTTP.SourceIP = "2001:db8::7"
		e.RequestContext.DomainName = ""
	})
	var got seen
	through(t, t.Output(), event, capture(&got))
	host, port, err := net.SplitHostPort(got.Remote)
	if err != nil || host != "2001:db8::7" || port != "0" {
		t.Errorf("RemoteAddr %q", got.Remote)
	}
	if got.Host != "api.example.org" {
		t.Errorf("Host %q", got.Host)
	}
}

func TestNoRequestAtAll(t *testing.T) {
	for name, event := range map[string]events.APIGatewayV2HTTPRequest{
		"no method":     newEvent("", "/a"),
		"broken method": newEvent("G ET", "/a"),
		"broken base64": newEvent("POST", "/a", inBody("!", true)),
		"empty event":   {},
	} {
		t.Run(name, func(t *testing.T) {
			response := through(t, t.Output(), event, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				t.Error("the handler ran")
			}))
			wantProblem(t, response, http.StatusBadRequest)
		})
	}
}

func TestResponses(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n\x00\x00"
	for name, c := range map[string]struct {
		method string
		handle http.HandlerFunc
		want   events.APIGatewayV2HTTPResponse
	}{
		"nothing written": {"GET", func(http.ResponseWriter, *http.Request) {}, reply(200, "")},
		"status alone":    {"GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }, reply(202, "")},
		"text, type found": {
			"GET", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "héllo") },
			reply(200, "héllo", "Content-Type", "text/plain; charset=utf-8"),
		},
		"binary": {
			"GET", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, png) },
			func() events.APIGatewayV2HTTPResponse {
				r := reply(200, base64.StdEncoding.EncodeToString([]byte(png)), "Content-Type", "image/png")
				r.IsBase64Encoded = true
				return r
			}(),
		},
		"first status counts": {"GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusConflict)
			w.WriteHeader(http.StatusOK)
		}, reply(409, "")},
		"informational status is not final": {
			"GET", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(http.StatusNotFound)
			},
			reply(404, ""),
		},
		"header after the status": {
			"GET", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusOK)
				w.Header().Set("X-Late", "1")
			},
			reply(200, ""),
		},
		"no body with 304": {
			"GET", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("ETag", `"1"`)
				w.WriteHeader(http.StatusNotModified)
				if _, err := io.WriteString(w, "x"); !errors.Is(err, http.ErrBodyNotAllowed) {
					t.Errorf("write on 304: %v", err)
				}
			}, reply(304, "", "Etag", `"1"`),
		},
		"HEAD": {
			"HEAD", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "5")
				io.WriteString(w, "hello")
			}, reply(200, "", "Content-Type", "text/plain; charset=utf-8"),
		},
		"many values": {
			"GET", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Add("Vary", "Accept")
				w.Header().Add("Vary", "Accept-Language")
				w.WriteHeader(http.StatusOK)
			}, reply(200, "", "Vary", "Accept,Accept-Language"),
		},
		"header with a line break": {
			"GET", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-A", "1\r\nSet-Cookie: x=1")
				w.WriteHeader(http.StatusOK)
			}, reply(200, "", "X-A", "1  Set-Cookie: x=1"),
		},
		"cookies": {
			"GET", func(w http.ResponseWriter, r *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "a", Value: "1", Path: "/", Secure: true})
				http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
				http.Redirect(w, r, "/next", http.StatusSeeOther)
			},
			func() events.APIGatewayV2HTTPResponse {
				r := reply(303, "<a href=\"/next\">See Other</a>.\n\n", "Content-Type", "text/html; charset=utf-8", "Location", "/next")
				r.Cookies = []string{"a=1; Path=/; Secure", "b=2"}
				return r
			}(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := through(t, t.Output(), newEvent(c.method, "/a"), c.handle)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func reply(status int, body string, header ...string) events.APIGatewayV2HTTPResponse {
	r := events.APIGatewayV2HTTPResponse{StatusCode: status, Headers: map[string]string{}, Body: body, Cookies: []string{}}
	for i := 0; i+1 < len(header); i += 2 {
		r.Headers[header[i]] = header[i+1]
	}
	return r
}

func TestPanics(t *testing.T) {
	const secret = "someone@example.org"
	var none map[string]string
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		logged string
	}{
		"a string":              {func(http.ResponseWriter, *http.Request) { panic(secret) }, `"panic":"string"`},
		"an error":              {func(http.ResponseWriter, *http.Request) { panic(errors.New(secret)) }, `"panic":"*errors.errorString"`},
		"the runtime":           {func(http.ResponseWriter, *http.Request) { none["a"] = "b" }, `assignment to entry in nil map`},
		"half written":          {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, secret); panic(1) }, `"panic":"int"`},
		"a status that is none": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(0) }, `"panic":"string"`},
		"given up":              {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			routes := http.NewServeMux()
			routes.Handle("GET /answers/{token}", c.handle)
			wantProblem(t, through(t, &log, newEvent("GET", "/answers/"+secret), routes), http.StatusInternalServerError)
			if c.logged == "" && log.Len() > 0 || !strings.Contains(log.String(), c.logged) {
				t.Errorf("log %q, want %q", log.String(), c.logged)
			}
			if c.logged != "" && !strings.Contains(log.String(), `"route":"GET /answers/{token}"`) {
				t.Errorf("no route in the log %q", log.String())
			}
			if strings.Contains(log.String(), secret) {
				t.Errorf("personal data in the log: %s", log.String())
			}
		})
	}
}

func TestAdapterFailureIsNotTold(t *testing.T) {
	var log bytes.Buffer
	seam := gateway.New(gateway.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	failing := func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		return events.APIGatewayV2HTTPResponse{}, errors.New(`parse "https://api.example.org/answers/secret"`)
	}
	response, err := seam.Around(failing)(t.Context(), newEvent("GET", "/answers/secret"))
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, response, http.StatusInternalServerError)
	if strings.Contains(log.String(), "secret") {
		t.Errorf("log %s", log.String())
	}
}

func TestContextReachesTheHandler(t *testing.T) {
	type key struct{}
	seam := gateway.New(gateway.Options{})
	var got any
	proxy := seam.Around(httpadapter.NewV2(seam.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r.Context().Value(key{})
	}))).ProxyWithContext)
	if _, err := proxy(context.WithValue(t.Context(), key{}, 7), newEvent("GET", "/")); err != nil || got != 7 {
		t.Errorf("got %v, %v", got, err)
	}
}

func wantProblem(t *testing.T, response events.APIGatewayV2HTTPResponse, status int) {
	t.Helper()
	var document struct {
		Type, Title string
		Status      int
	}
	if err := json.Unmarshal([]byte(response.Body), &document); err != nil {
		t.Fatalf("body %q: %v", response.Body, err)
	}
	if response.StatusCode != status || document.Status != status || document.Title != http.StatusText(status) ||
		response.Headers["Content-Type"] != "application/problem+json" {
		t.Errorf("not a %d problem: %+v", status, response)
	}
}
