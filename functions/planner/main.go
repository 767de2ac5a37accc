// Command planner does what is due, each minute.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/planner"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/boot/bucket"
	"convoke/shared/platform/config"
)

func main() {
	ctx := context.Background()
	d := boot.Must(boot.Start(config.Stage, config.Table, config.Bucket, config.UploadBucket))
	p := &planner.Planner{Store: d.Store(), Index: bucket.Index(ctx, d), Depot: bucket.Documents(d), Log: d.Log}
	lambda.Start(p.Handle)
}
