package gateway_test

import (
	"log/slog"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// TestAdapterAlone pins what the adapter does without the seam, each the reason
// for one part of it. When one of these fails after an update, that part may go.
func TestAdapterAlone(t *testing.T) {
	quiet(t)
	var got seen
	alone := func(handler http.Handler, event events.APIGatewayV2HTTPRequest) (int, error) {
		response, err := httpadapter.NewV2(handler).ProxyWithContext(t.Context(), event)
		return response.StatusCode, err
	}
	for name, c := range map[string]struct {
		event events.APIGatewayV2HTTPRequest
		wrong func() bool
	}{
		"decodes a decoded path again":      {newEvent("GET", "/a%2Fb"), func() bool { return got.Path == "/a/b" }},
		"cuts the path at a number sign":    {newEvent("GET", "/a#f/x"), func() bool { return got.Path == "/a" }},
		"turns the path's end into a query": {newEvent("GET", "/a?x=1"), func() bool { return got.Path == "/a" && got.Query == "x=1" }},
		"cuts the query at a number sign":   {newEvent("GET", "/a", inQuery("b=1#&c=2")), func() bool { return got.Query == "b=1" }},
		"keeps the stage":                   {newEvent("GET", "/prod/a", inStage("prod")), func() bool { return got.Path == "/prod/a" }},
		"changes the method":                {newEvent("get", "/a"), func() bool { return got.Method == http.MethodGet }},
		"takes no method for GET":           {newEvent("", "/a"), func() bool { return got.Method == http.MethodGet }},
		"splits language ranges":            {newEvent("GET", "/a", inHeader("accept-language", "ar, en")), func() bool { return got.Header.Get("Accept-Language") == "ar" }},
		"splits entity tags":                {newEvent("GET", "/a", inHeader("if-match", `"a,b"`)), func() bool { return got.Header.Get("If-Match") == `"a` }},
		"splits cookies over headers":       {newEvent("GET", "/a", inCookies("a=1", "b=2")), func() bool { return slices.Equal(got.Header["Cookie"], []string{"a=1", "b=2"}) }},
		"gives an address without a port":   {newEvent("GET", "/a"), func() bool { return got.Remote == "192.0.2.7" }},
		"leaves Host among the headers":     {newEvent("GET", "/a"), func() bool { return got.Header.Get("Host") != "" }},
	} {
		got = seen{}
		if _, err := alone(capture(&got), c.event); err != nil || !c.wrong() {
			t.Errorf("%s: no longer so: %+v, %v", name, got, err)
		}
	}
	for name, event := range map[string]events.APIGatewayV2HTTPRequest{
		"bad escape": newEvent("GET", "/100%"), "line break": newEvent("GET", "/a\nb"),
		"broken method": newEvent("G ET", "/"), "query with a line break": newEvent("GET", "/", inQuery("a\n")),
	} {
		if status, err := alone(capture(&got), event); err == nil || status != http.StatusGatewayTimeout {
			t.Errorf("%s: no longer 504: %d, %v", name, status, err)
		}
	}
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	if status, err := alone(nothing, newEvent("GET", "/")); err == nil || status != http.StatusGatewayTimeout {
		t.Errorf("empty response: no longer 504: %d, %v", status, err)
	}
	hints := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusEarlyHints) })
	if status, err := alone(hints, newEvent("GET", "/")); err != nil || status != http.StatusEarlyHints {
		t.Errorf("early hints: no longer final: %d, %v", status, err)
	}
}

// TestAdapterPanics pins that a panic leaves the adapter, which ends the process.
func TestAdapterPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the adapter recovers panics now")
		}
	}()
	panicking := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })
	_, err := httpadapter.NewV2(panicking).ProxyWithContext(t.Context(), newEvent("GET", "/"))
	t.Errorf("no panic, %v", err)
}

// quiet keeps what the adapter prints, paths and all, out of the test's output.
func quiet(t *testing.T) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = null
	slog.SetDefault(slog.New(slog.DiscardHandler)) // takes in what package log is given, too
	t.Cleanup(func() {
		os.Stdout = stdout
		if err := null.Close(); err != nil {
			t.Error(err)
		}
	})
}
