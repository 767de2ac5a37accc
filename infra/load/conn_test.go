package load

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A Conn reads what a server may answer: of a known length, in chunks, with nothing, and
// at the end of the connection.
func TestConn(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := len(r.URL.Query().Get("q"))
		switch r.URL.Path {
		case "/short":
			_, _ = io.WriteString(w, r.URL.RawQuery)
		case "/chunks":
			for range n {
				_, _ = io.WriteString(w, strings.Repeat("x", 5000))
				w.(http.Flusher).Flush()
			}
		case "/close":
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, "gone")
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	var c Conn
	defer c.Close()
	for range 2 {
		for path, want := range map[string]int{"/short?q=a%20b": 7, "/chunks?q=aaa": 15000, "/chunks": 0, "/close": 4} {
			if body, err := c.Get(t.Context(), s.URL+path); err != nil || len(body) != want {
				t.Errorf("%s: %d bytes, %v; want %d", path, len(body), err, want)
			}
		}
		if _, err := c.Get(t.Context(), s.URL+"/none"); err == nil || !strings.Contains(err.Error(), "status 404") {
			t.Errorf("an absent page: %v", err)
		}
	}
}
