package s3

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"convoke/shared/state/blob"
)

// Receive returns where a client sends the bytes of a ticket to, without a right
// of its own. Length, type and checksum are signed headers: S3 takes no other
// bytes.
func (s *Store) Receive(ctx context.Context, t blob.Ticket, now time.Time) (blob.Target, error) {
	header := http.Header{
		"Content-Type":          {t.Type},
		"X-Amz-Checksum-Sha256": {base64.StdEncoding.EncodeToString(t.SHA256[:])},
	}
	address, err := s.presign(ctx, http.MethodPut, t.Key, header, t.Size, url.Values{}, t.Lasts, now)
	if err != nil {
		return blob.Target{}, fmt.Errorf("sign an upload: %w", err)
	}
	return blob.Target{Method: http.MethodPut, URL: address, Header: header}, nil
}

// Lend returns an address that gives the blob out once or often until it ends, as
// a file to be saved under a name and never to be shown.
func (s *Store) Lend(ctx context.Context, key, name string, lasts time.Duration, now time.Time) (string, error) {
	query := url.Values{
		"response-content-disposition": {`attachment; filename="` + name + `"`},
		"response-content-type":        {"application/octet-stream"},
		"response-cache-control":       {"no-store"},
	}
	address, err := s.presign(ctx, http.MethodGet, key, nil, 0, query, lasts, now)
	if err != nil {
		return "", fmt.Errorf("sign a download: %w", err)
	}
	return address, nil
}

// presign signs a request in its query (SigV4). It is done by hand, with headers
// left where they are: what moves into the query binds nobody.
func (s *Store) presign(ctx context.Context, method, key string, header http.Header, size int64, query url.Values, lasts time.Duration, now time.Time) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	o := s.client.Options()
	query.Set("X-Amz-Expires", strconv.Itoa(int(lasts.Seconds())))
	r, err := http.NewRequestWithContext(ctx, method, s.address(aws.ToString(s.key(key)))+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return "", fmt.Errorf("address: %w", err)
	}
	r.Body, r.ContentLength = nil, size
	for name := range header {
		r.Header.Set(name, header.Get(name))
	}
	keys, err := o.Credentials.Retrieve(ctx)
	if err != nil {
		return "", fmt.Errorf("credentials: %w", err)
	}
	signed, _, err := v4.NewSigner().PresignHTTP(ctx, keys, r, "UNSIGNED-PAYLOAD", "s3", o.Region, now, func(o *v4.SignerOptions) {
		o.DisableHeaderHoisting, o.DisableURIPathEscaping = true, true
	})
	return signed, err
}

// address is where an object lies: below a host of the bucket's own, or, where
// an endpoint is set for tests, below the path of the bucket.
func (s *Store) address(key string) string {
	o := s.client.Options()
	if o.BaseEndpoint != nil {
		return strings.TrimSuffix(aws.ToString(o.BaseEndpoint), "/") + "/" + s.bucket + "/" + key
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(o.Region, "cn-") {
		suffix += ".cn"
	}
	return "https://" + s.bucket + ".s3." + o.Region + "." + suffix + "/" + key
}
