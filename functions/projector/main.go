// Command projector follows the table's stream.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/projector"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/config"
)

func main() {
	ctx := context.Background()
	d := boot.Must(boot.Start(ctx, config.Stage, config.Table, config.Bucket, config.MailQueueURL, config.Bus, config.BaseURL))
	p := &projector.Projector{Store: d.Store(), Queue: d.MailQueue(), Bus: d.Bus(), Index: d.IndexWriter(), Log: d.Log}
	lambda.Start(p.Handle)
}
