// Package dynamolocal speaks with DynamoDB Local, which is not quite DynamoDB.
package dynamolocal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Config signs with credentials that only DynamoDB Local takes, retries three
// times without waiting long, and mends the stream.
func Config(url string, transport http.RoundTripper) aws.Config {
	return aws.Config{
		Region:       "eu-central-1",
		BaseEndpoint: &url,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
		HTTPClient: &http.Client{Transport: mended{transport}},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 4, 10*time.Millisecond, ratelimit.None
			})
		},
	}
}

// mended repairs what DynamoDB Local 3.3 says of an empty map in a stream
// record: {} where DynamoDB says {"M":{}}, of which the SDK makes a value left
// over from another attribute.
type mended struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (m mended) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := m.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetRecords") {
		return resp, err
	}
	defer func() { _ = resp.Body.Close() }()
	dec := json.NewDecoder(resp.Body)
	dec.UseNumber()
	var body map[string]any
	if err := dec.Decode(&body); err != nil {
		return nil, fmt.Errorf("mend a stream's records: %w", err)
	}
	mendRecords(body)
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("mend a stream's records: %w", err)
	}
	resp.Header.Del("X-Amz-Crc32")
	resp.ContentLength, resp.Body = int64(len(raw)), io.NopCloser(bytes.NewReader(raw))
	resp.Header.Del("Content-Length")
	return resp, nil
}

func mendRecords(body map[string]any) {
	records, _ := body["Records"].([]any)
	for _, record := range records {
		fields, _ := record.(map[string]any)
		data, _ := fields["dynamodb"].(map[string]any)
		for _, side := range []string{"OldImage", "NewImage"} {
			if in, ok := data[side].(map[string]any); ok {
				mendMembers(in)
			}
		}
	}
}

func mendMembers(members map[string]any) {
	for _, member := range members {
		mendValue(member)
	}
}

func mendValue(v any) {
	value, _ := v.(map[string]any)
	if len(value) == 0 && value != nil {
		value["M"] = map[string]any{}
	}
	if members, ok := value["M"].(map[string]any); ok {
		mendMembers(members)
	}
	if list, ok := value["L"].([]any); ok {
		for _, element := range list {
			mendValue(element)
		}
	}
}
