// Package s3 keeps blobs as objects of one Amazon S3 bucket. Compare-and-swap is
// S3's own: conditional writes by If-Match and If-None-Match.
package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"convoke/shared/state/blob"
)

// Store is one bucket, or the part of it below a prefix. It implements
// blob.Store.
type Store struct {
	client *s3.Client
	bucket string
	prefix string
}

// New returns the store of the objects whose keys start with prefix, which is
// empty or ends with a slash.
func New(client *s3.Client, bucket, prefix string) *Store {
	return &Store{client: client, bucket: bucket, prefix: prefix}
}

// Get implements blob.Store.
func (s *Store) Get(ctx context.Context, key string) ([]byte, string, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, "", err
	}
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: s.key(key)})
	if err != nil {
		return nil, "", fmt.Errorf("get blob %s: %w", key, typed(err))
	}
	data, err := readAll(out.Body, aws.ToInt64(out.ContentLength))
	if err != nil {
		return nil, "", fmt.Errorf("get blob %s: %w", key, err)
	}
	return data, aws.ToString(out.ETag), nil
}

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, data []byte) error {
	_, err := s.put(ctx, key, data, func(*s3.PutObjectInput) {})
	return err
}

// PutIf implements blob.Store. When the answer to a write that succeeded is
// lost, the client's own retry finds the new object and reports ErrChanged.
func (s *Store) PutIf(ctx context.Context, key string, data []byte, etag string) (string, error) {
	return s.put(ctx, key, data, func(in *s3.PutObjectInput) {
		if etag == "" {
			in.IfNoneMatch = aws.String("*")
		} else {
			in.IfMatch = &etag
		}
	})
}

func (s *Store) put(ctx context.Context, key string, data []byte, condition func(*s3.PutObjectInput)) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	in := &s3.PutObjectInput{Bucket: &s.bucket, Key: s.key(key), Body: bytes.NewReader(data)}
	condition(in)
	out, err := s.client.PutObject(ctx, in)
	if err != nil {
		if err = typed(err); in.IfMatch != nil && errors.Is(err, blob.ErrAbsent) {
			err = blob.ErrChanged
		}
		return "", fmt.Errorf("put blob %s: %w", key, err)
	}
	return aws.ToString(out.ETag), nil
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix string) ([]blob.Entry, error) {
	var entries []blob.Entry
	in := &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: s.key(prefix)}
	for {
		out, err := s.client.ListObjectsV2(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list blobs %s: %w", prefix, err)
		}
		for _, o := range out.Contents {
			entries = append(entries, blob.Entry{
				Key:      strings.TrimPrefix(aws.ToString(o.Key), s.prefix),
				Size:     aws.ToInt64(o.Size),
				Modified: aws.ToTime(o.LastModified),
			})
		}
		if !aws.ToBool(out.IsTruncated) {
			return entries, nil
		}
		in.ContinuationToken = out.NextContinuationToken
	}
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: s.key(key)})
	if err != nil && !errors.Is(typed(err), blob.ErrAbsent) {
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	return nil
}

func (s *Store) key(key string) *string { return aws.String(s.prefix + key) }

// readAll reads a body whose length is known without growing a buffer to it.
func readAll(body io.ReadCloser, length int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(max(length, 0)) + bytes.MinRead)
	_, err := b.ReadFrom(body)
	return b.Bytes(), errors.Join(err, body.Close())
}

// typed maps S3's answers to the contract's errors: 412 when a condition did not
// hold, 409 when a concurrent conditional write was under way, 404 for an absent
// object. An absent bucket is a fault of the deployment and stays what it is.
func typed(err error) error {
	var response *awshttp.ResponseError
	if !errors.As(err, &response) {
		return err
	}
	switch response.HTTPStatusCode() {
	case http.StatusPreconditionFailed, http.StatusConflict:
		return fmt.Errorf("%w (%w)", blob.ErrChanged, err)
	case http.StatusNotFound:
		if code, ok := errors.AsType[interface {
			error
			ErrorCode() string
		}](err); ok && code.ErrorCode() == "NoSuchBucket" {
			return err
		}
		return fmt.Errorf("%w (%w)", blob.ErrAbsent, err)
	}
	return err
}
