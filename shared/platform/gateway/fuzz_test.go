package gateway_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// FuzzRoute holds the law the seam is for: the route the mux takes is the route
// the event names, for the path, the query and the method it names.
func FuzzRoute(f *testing.F) {
	for _, path := range []string{
		"/", "/100%", "/a#f/x", "/a?x=1", "/a%2Fb", "/%2e%2e/v1/admin/x", "/a/../v1/admin/x", "//v1//admin", "/é ü",
		"/v1/stakeholders/1", "/v1/admin/x", "/v1/admin%2Fx", "/v1/admin/x?y", "/\x00", "/a;b=c", "/prod/v1/admin/x", "/[::1]/", "/*", "*", "",
	} {
		f.Add("GET", path, "a=1&b=%zz", "prod")
	}
	f.Add("CONNECT", "/v1/admin/../x", "", "$default")
	f.Add("get", "/v1/admin/x", "#", "$default")
	f.Fuzz(func(t *testing.T, method, path, query, stage string) {
		for _, s := range []string{method, path, query, stage} {
			if !utf8.ValidString(s) {
				t.Skip("JSON carries no such event")
			}
		}
		var route, sawPath, sawQuery, sawMethod string
		routes := routesNoting(&route)
		response := through(t, io.Discard, newEvent(method, path, inQuery(query), inStage(stage)),
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sawPath, sawQuery, sawMethod = r.URL.Path, r.URL.RawQuery, r.Method
				routes.ServeHTTP(w, r)
			}))
		if sawMethod == "" {
			if response.StatusCode != http.StatusBadRequest || isPlainToken(method) {
				t.Fatalf("not handled, status %d", response.StatusCode)
			}
			return
		}
		named := namedPath(path, stage)
		if sawPath != named || sawMethod != method {
			t.Errorf("saw %q %q, named %q %q", sawMethod, sawPath, method, named)
		}
		sameQuery(t, query, sawQuery)
		var wanted string
		direct := httptest.NewRequest(http.MethodGet, "/", nil)
		direct.Method, direct.URL, direct.Host = method, &url.URL{Path: named}, "api.example.org"
		routesNoting(&wanted).ServeHTTP(httptest.NewRecorder(), direct)
		if route != wanted {
			t.Errorf("%s %q went to %q, named %q", method, path, route, wanted)
		}
	})
}

func routesNoting(route *string) *http.ServeMux {
	mux := http.NewServeMux()
	for _, pattern := range []string{
		"/", "GET /{$}", "GET /a", "GET /a/b", "GET /{rest...}", "GET /v1/stakeholders/{id}", "GET /v1/admin/{rest...}",
		"POST /v1/registrations", "api.example.org/host", "GET /answers/{token}",
	} {
		mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) {
			*route = r.Pattern + " " + r.PathValue("id") + r.PathValue("rest") + r.PathValue("token")
		})
	}
	return mux
}

// namedPath says again, and more slowly, which path an event names.
func namedPath(rawPath, stage string) string {
	if !strings.HasPrefix(rawPath, "/") {
		rawPath = "/" + rawPath
	}
	if stage == "" || stage == "$default" {
		return rawPath
	}
	if rawPath == "/"+stage {
		return "/"
	}
	if strings.HasPrefix(rawPath, "/"+stage+"/") {
		return rawPath[len(stage)+1:]
	}
	return rawPath
}

// sameQuery holds that whatever a valid query may hold is kept to the letter,
// and that the rest still means the same.
func sameQuery(t *testing.T, named, saw string) {
	t.Helper()
	valid := strings.IndexFunc(named, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' }) < 0
	if valid && saw != named {
		t.Errorf("query %q became %q", named, saw)
	}
	want, _ := url.ParseQuery(named)
	got, _ := url.ParseQuery(saw)
	if want.Encode() != got.Encode() {
		t.Errorf("query %q means %q, became %q", named, want.Encode(), got.Encode())
	}
}

func isPlainToken(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < 'A' || 'Z' < r }) < 0
}

// FuzzBody holds that a body reaches the handler as the gateway had it, however
// it was carried, and that the answer carries any bytes back.
func FuzzBody(f *testing.F) {
	f.Add([]byte("a=1"), true)
	f.Add([]byte{0xff, 0}, true)
	f.Add([]byte("{}"), false)
	f.Fuzz(func(t *testing.T, body []byte, carried bool) {
		if !carried && !utf8.Valid(body) {
			t.Skip("the gateway sends such a body in base64")
		}
		text := string(body)
		if carried {
			text = base64.StdEncoding.EncodeToString(body)
		}
		response := through(t, io.Discard, newEvent("POST", "/", inBody(text, carried)), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(w, r.Body); err != nil {
				t.Error(err)
			}
		}))
		if got := decoded(t, response); got != string(body) {
			t.Errorf("body %q became %q", body, got)
		}
	})
}

func decoded(t *testing.T, response events.APIGatewayV2HTTPResponse) string {
	t.Helper()
	if !response.IsBase64Encoded {
		return response.Body
	}
	body, err := base64.StdEncoding.DecodeString(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
