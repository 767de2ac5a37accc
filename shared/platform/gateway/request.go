package gateway

import (
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

var (
	errMethod = errors.New("the method is no token")
	errBody   = errors.New("the body is not the base64 it is said to be")
)

// Before returns the event as the adapter needs it: the path without its stage
// and escaped once, so that parsing it gives back exactly the path the gateway
// named; a query that parses; a plain body. It fails on an event that stands
// for no HTTP request.
func Before(event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPRequest, error) {
	if !isToken(event.RequestContext.HTTP.Method) {
		return event, errMethod
	}
	if event.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(event.Body)
		if err != nil {
			return event, errBody
		}
		event.Body, event.IsBase64Encoded = string(body), false
	}
	event.RawPath = (&url.URL{Path: routed(event)}).EscapedPath()
	event.RawQueryString = escapeQuery(event.RawQueryString)
	event.QueryStringParameters = nil // the adapter's second source, decoded and joined
	return event, nil
}

// routed returns the decoded path that the event names, without the stage. The
// gateway puts a named stage before the path even on a custom domain; $default
// it never shows.
func routed(event events.APIGatewayV2HTTPRequest) string {
	path := event.RawPath
	if path == "" {
		path = event.RequestContext.HTTP.Path
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	stage := event.RequestContext.Stage
	if stage == "" || stage == "$default" {
		return path
	}
	rest, found := strings.CutPrefix(path, "/"+stage)
	switch {
	case found && rest == "":
		return "/"
	case found && rest[0] == '/':
		return rest
	default:
		return path
	}
}

// escapeQuery escapes the bytes that would end the query or fail the parse, and
// leaves every other byte as the client sent it.
func escapeQuery(query string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(query) {
		c := query[i]
		if c <= ' ' || c == 0x7f || c == '#' {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// isToken reports whether s is an RFC 9110 token, as a method must be.
func isToken(s string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || '9' < c) && strings.IndexByte(marks, c) < 0 {
			return false
		}
	}
	return s != ""
}

// restore undoes what the adapter did to the request beyond parsing it: it
// splits headers at commas, changes the method's case, takes the address
// without a port and makes the URL absolute.
func restore(r *http.Request, event *events.APIGatewayV2HTTPRequest) {
	r.Method = event.RequestContext.HTTP.Method
	r.Header = header(event)
	r.Host = event.RequestContext.DomainName
	if r.Host == "" {
		r.Host = r.Header.Get("Host")
	}
	r.Header.Del("Host") // net/http promotes it
	r.URL.Scheme, r.URL.Host = "", ""
	r.RequestURI = requestURI(r.URL)
	r.RemoteAddr = net.JoinHostPort(event.RequestContext.HTTP.SourceIP, "0")
	r.Header.Set(RequestIDHeader, event.RequestContext.RequestID)
}

// requestURI is the request target in origin form. (*url.URL).RequestURI would
// write a scheme before a path of two slashes.
func requestURI(u *url.URL) string {
	if u.RawQuery == "" {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + u.RawQuery
}

// header returns the event's headers, each whole in one value, and the cookies,
// which payload 2.0 carries apart, as the one Cookie header.
func header(event *events.APIGatewayV2HTTPRequest) http.Header {
	h := make(http.Header, len(event.Headers)+2)
	for name, value := range event.Headers {
		h.Set(name, value)
	}
	if len(event.Cookies) > 0 {
		h.Set("Cookie", strings.Join(event.Cookies, "; "))
	}
	return h
}
