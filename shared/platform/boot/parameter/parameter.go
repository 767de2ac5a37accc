// Package parameter reads a deployment's secrets from AWS Systems Manager's
// parameter store. One signed request is all that takes: the SDK's client of the
// service describes some 400 structures when the process starts, at 1.5 ms of each
// cold start and 1.9 MB of binary.
package parameter

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"convoke/shared/platform/auth"
	"convoke/shared/platform/boot"
)

const (
	patience  = 2 * time.Second // for one attempt; Lambda gives a start ten seconds
	maxAnswer = 64 << 10        // bytes; a parameter has at most 8 KB
)

// Links reads the keys that sign links.
func Links(ctx context.Context, d *boot.Deployment) (*auth.Keyring, error) {
	name := d.Config.LinkKeysParameter
	value, err := newReader(d.AWS).read(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read the link keys from parameter %s: %w", name, err)
	}
	ring, err := auth.ParseKeyring(value)
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", name, err)
	}
	return ring, nil
}

// reader reads parameters.
type reader struct {
	aws      aws.Config
	endpoint string
	http     *http.Client
	pauses   []time.Duration // before each further attempt
}

func newReader(c aws.Config) *reader {
	return &reader{
		aws: c, endpoint: endpoint(c), http: &http.Client{Timeout: patience},
		pauses: []time.Duration{50 * time.Millisecond, 200 * time.Millisecond, 800 * time.Millisecond},
	}
}

// endpoint is the service's address in the region. Those of China are below a
// domain of their own.
func endpoint(c aws.Config) string {
	if c.BaseEndpoint != nil {
		return *c.BaseEndpoint
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(c.Region, "cn-") {
		suffix += ".cn"
	}
	return "https://ssm." + c.Region + "." + suffix
}

// read returns the value of a parameter, decrypted. It asks again when the
// service does not answer, fails, or is too busy.
func (r *reader) read(ctx context.Context, name string) (string, error) {
	value, err := r.ask(ctx, name)
	for _, pause := range r.pauses {
		if err == nil || !passing(err) {
			break
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return "", errors.Join(ctx.Err(), err)
		}
		value, err = r.ask(ctx, name)
	}
	return value, err
}

// ask is one attempt.
func (r *reader) ask(ctx context.Context, name string) (string, error) {
	request, err := r.request(ctx, name)
	if err != nil {
		return "", err
	}
	response, err := r.http.Do(request)
	if err != nil {
		return "", unanswered{err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return "", unanswered{err}
	}
	if response.StatusCode != http.StatusOK {
		return "", refusalOf(response.StatusCode, body)
	}
	var answer struct{ Parameter struct{ Value string } }
	if json.Unmarshal(body, &answer) != nil || answer.Parameter.Value == "" {
		return "", errors.New("the answer holds no value") // nothing of it goes into an error: it may be the secret
	}
	return answer.Parameter.Value, nil
}

// request is a signed call of GetParameter, in the protocol that AWS names JSON
// 1.1.
func (r *reader) request(ctx context.Context, name string) (*http.Request, error) {
	body, err := json.Marshal(map[string]any{"Name": name, "WithDecryption": true})
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "AmazonSSM.GetParameter")
	request.Close = true // there is no second one
	keys, err := r.aws.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, request, hex.EncodeToString(sum[:]), "ssm", r.aws.Region, time.Now()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return request, nil
}

// unanswered is a request without a whole answer.
type unanswered struct{ error }

// Unwrap returns the cause, for errors.Is and errors.As.
func (u unanswered) Unwrap() error { return u.error }

// refusal is an answer that is an error of the service: its name alone, for the
// service's own words may repeat what was asked.
type refusal struct {
	status int
	name   string // "ParameterNotFound"
}

// Error implements error.
func (r refusal) Error() string { return fmt.Sprintf("refused with status %d %s", r.status, r.name) }

func refusalOf(status int, body []byte) error {
	var fault struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(body, &fault) // what is between, such as a proxy, answers with no name
	name := fault.Type[strings.LastIndexByte(fault.Type, '#')+1:]
	if strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
		name = ""
	}
	return refusal{status, name}
}

// passing reports whether the next attempt may fare better.
func passing(err error) bool {
	if r, refused := errors.AsType[refusal](err); refused {
		return r.status >= 500 || r.status == http.StatusTooManyRequests || strings.HasPrefix(r.name, "Throttling") || r.name == "RequestLimitExceeded"
	}
	_, ok := errors.AsType[unanswered](err)
	return ok
}
