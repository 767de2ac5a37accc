// Package opensearch serves the queries of package search from Amazon OpenSearch,
// for directories beyond one function's memory. It speaks to the REST interface
// that OpenSearch 2 documents and is tested against an exchange written after that
// documentation; it has not run against a real domain. Nothing that is deployed
// links it.
package opensearch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"convoke/shared/state/search"
)

// maxAnswer is how many bytes of an answer are read.
const maxAnswer = 64 << 20

// Client speaks to one index. It is safe for concurrent use.
type Client struct {
	Endpoint string // "https://search-convoke.eu-west-1.es.amazonaws.com", without a slash at its end
	Index    string
	HTTP     *http.Client
	Sign     func(r *http.Request, bodySHA256 string) error // nil for a domain that wants none
}

// SigV4 signs requests as AWS wants them. The service is "es" for a domain and
// "aoss" for a serverless collection.
func SigV4(credentials aws.CredentialsProvider, region, service string, now func() time.Time) func(*http.Request, string) error {
	signer := v4.NewSigner()
	return func(r *http.Request, sum string) error {
		keys, err := credentials.Retrieve(r.Context())
		if err != nil {
			return fmt.Errorf("credentials: %w", err)
		}
		r.Header.Set("X-Amz-Content-Sha256", sum)
		return signer.SignHTTP(r.Context(), keys, r, sum, service, region, now())
	}
}

// RefusedError is an answer other than success. It repeats no more of the answer
// than its kind, since the rest may hold what was asked.
type RefusedError struct {
	Status int
	Type   string // "index_not_found_exception"
}

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("opensearch: refused with status %d %s", e.Status, e.Type)
}

// Unwrap says that the index cannot be read now when the domain is too busy or
// fails, so that a caller treats it as it does our own.
func (e *RefusedError) Unwrap() error {
	if e.Status == http.StatusTooManyRequests || e.Status >= http.StatusInternalServerError {
		return search.ErrUnavailable
	}
	return nil
}

// do sends a body, JSON or lines of it, and decodes the answer.
func (c *Client) do(ctx context.Context, method, path, contentType string, body []byte, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, c.Endpoint+"/"+c.Index+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("opensearch: %w", err)
	}
	r.Header.Set("Content-Type", contentType)
	if c.Sign != nil {
		sum := sha256.Sum256(body)
		if err := c.Sign(r, hex.EncodeToString(sum[:])); err != nil {
			return fmt.Errorf("opensearch: sign: %w", err)
		}
	}
	response, err := c.HTTP.Do(r)
	if err != nil {
		return fmt.Errorf("opensearch: %w: %w", search.ErrUnavailable, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("opensearch: %w: %w", search.ErrUnavailable, err)
	}
	if response.StatusCode/100 != 2 {
		var refusal struct{ Error struct{ Type string } }
		_ = json.Unmarshal(text, &refusal) // what is between, such as a proxy, answers otherwise
		return &RefusedError{response.StatusCode, refusal.Error.Type}
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("opensearch: answer: %w", err)
	}
	return nil
}
