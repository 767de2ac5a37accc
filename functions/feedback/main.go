// Command feedback reads what the mail provider says became of mails.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/feedback"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/config"
)

func main() {
	ctx := context.Background()
	d := boot.Must(boot.Start(ctx, config.Stage, config.Table))
	f := &feedback.Feedback{Store: d.Store(), Log: d.Log}
	lambda.Start(f.Handle)
}
