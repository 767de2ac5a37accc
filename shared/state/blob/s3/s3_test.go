package s3_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"convoke/shared/state/blob"
	"convoke/shared/state/blob/blobtest"
	"convoke/shared/state/blob/s3"
)

func TestContract(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		t.Helper()
		return s3.New(bucket(t), "convoke", "state/")
	})
}

func TestAnAbsentBucketIsNotAnAbsentBlob(t *testing.T) {
	s := s3.New(bucket(t), "elsewhere", "")
	if _, _, err := s.Get(t.Context(), "a"); err == nil || errors.Is(err, blob.ErrAbsent) {
		t.Errorf("Get from an absent bucket: %v", err)
	}
}

// bucket starts a gofakes3 server with one bucket. gofakes3 honours If-Match and
// If-None-Match but checks and writes in two steps, so the test passes it one
// request at a time, as S3 orders the writes of one key.
func bucket(t *testing.T) *awss3.Client {
	t.Helper()
	var mu sync.Mutex
	fake := gofakes3.New(s3mem.New()).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	client := awss3.New(awss3.Options{
		BaseEndpoint: aws.String(server.URL),
		UsePathStyle: true,
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
	_, err := client.CreateBucket(context.Background(), &awss3.CreateBucketInput{Bucket: aws.String("convoke")})
	if err != nil {
		t.Fatal(err)
	}
	return client
}
