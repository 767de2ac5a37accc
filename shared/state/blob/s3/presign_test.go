package s3_test

import (
	"crypto/sha256"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"convoke/shared/state/blob"
	"convoke/shared/state/blob/s3"
)

// TestSignedAddresses sends a document to a signed address and fetches it from
// another. The fake does not judge signatures; what is signed is read here.
func TestSignedAddresses(t *testing.T) {
	s := s3.New(bucket(t), "convoke", "")
	const text = "a document"
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	to, err := s.Receive(t.Context(), blob.Ticket{Key: "documents/a/b", Size: int64(len(text)), SHA256: sha256.Sum256([]byte(text)), Type: "application/pdf", Lasts: 15 * time.Minute}, now)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"X-Amz-SignedHeaders": "content-length;content-type;host;x-amz-checksum-sha256", "X-Amz-Expires": "900", "X-Amz-Date": "20261102T090000Z",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), to.Method, to.URL, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = to.Header.Clone()
	send(t, r, "")
	address, err := s.Lend(t.Context(), "documents/a/b", "document.pdf", 5*time.Minute, now)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody); err != nil {
		t.Fatal(err)
	}
	send(t, r, text)
	if q := r.URL.Query(); q.Get("response-content-disposition") != `attachment; filename="document.pdf"` || q.Get("response-content-type") != "application/octet-stream" {
		t.Errorf("it may be shown: %s", address)
	}
	if _, err := s.Lend(t.Context(), "../a", "x", time.Minute, now); err == nil {
		t.Error("a key that climbs was signed")
	}
}

func send(t *testing.T, r *http.Request, want string) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || string(body) != want {
		t.Errorf("%s: %d %q, %v", r.Method, answer.StatusCode, body, err)
	}
}
