// Package bucket opens a deployment's buckets on S3: the search's segments,
// received mail, and uploaded documents.
package bucket

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"convoke/shared/platform/boot"
	blobs "convoke/shared/state/blob/s3"
	"convoke/shared/state/search"
)

// Index opens the search for reading. An index that cannot be read, now or
// later, is logged, and keeps nobody from registering or answering meanwhile.
func Index(ctx context.Context, d *boot.Deployment) *search.Index {
	ix := search.Await(open(d, d.Config.Bucket))
	ix.Report = func(err error) { d.Log.Error("index not followed", "error", err.Error()) }
	if err := ix.Refresh(ctx); err != nil {
		ix.Report(err)
	}
	return ix
}

// IndexWriter opens the search for writing.
func IndexWriter(d *boot.Deployment) *search.Writer {
	return &search.Writer{Store: open(d, d.Config.Bucket), Now: time.Now}
}

// Inbound opens the bucket that holds received mail.
func Inbound(d *boot.Deployment) *blobs.Store { return open(d, d.Config.InboundBucket) }

// Documents opens the bucket that holds uploaded documents.
func Documents(d *boot.Deployment) *blobs.Store { return open(d, d.Config.UploadBucket) }

func open(d *boot.Deployment, name string) *blobs.Store {
	client := s3.NewFromConfig(d.AWS, func(o *s3.Options) { o.UsePathStyle = d.Config.Endpoint != "" })
	return blobs.New(client, name, "")
}
