// Package bucket opens a deployment's buckets on S3: the search's segments and
// received mail.
package bucket

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"convoke/shared/platform/boot"
	blobs "convoke/shared/state/blob/s3"
	"convoke/shared/state/search"
)

// Index opens the search for reading. What keeps it from following the index
// later is logged.
func Index(ctx context.Context, d *boot.Deployment) (*search.Index, error) {
	ix, err := search.Open(ctx, open(d, d.Config.Bucket))
	if err != nil {
		return nil, fmt.Errorf("open the index: %w", err)
	}
	ix.Report = func(err error) { d.Log.Error("index not followed", "error", err.Error()) }
	return ix, nil
}

// IndexWriter opens the search for writing.
func IndexWriter(d *boot.Deployment) *search.Writer {
	return &search.Writer{Store: open(d, d.Config.Bucket), Now: time.Now}
}

// Inbound opens the bucket that holds received mail.
func Inbound(d *boot.Deployment) *blobs.Store { return open(d, d.Config.InboundBucket) }

func open(d *boot.Deployment, name string) *blobs.Store {
	client := s3.NewFromConfig(d.AWS, func(o *s3.Options) { o.UsePathStyle = d.Config.Endpoint != "" })
	return blobs.New(client, name, "")
}
