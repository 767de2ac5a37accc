// Command indexer keeps the search index compact.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/indexer"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/config"
)

func main() {
	ctx := context.Background()
	d := boot.Must(boot.Start(ctx, config.Stage, config.Table, config.Bucket))
	x := &indexer.Indexer{Store: d.Store(), Index: d.IndexWriter(), Log: d.Log}
	lambda.Start(x.Handle)
}
