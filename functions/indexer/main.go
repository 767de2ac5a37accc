// Command indexer keeps the search index compact.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/indexer"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/boot/bucket"
	"convoke/shared/platform/config"
)

func main() {
	d := boot.Must(boot.Start(config.Stage, config.Table, config.Bucket))
	x := &indexer.Indexer{Store: d.Store(), Index: bucket.IndexWriter(d), Log: d.Log}
	lambda.Start(x.Handle)
}
