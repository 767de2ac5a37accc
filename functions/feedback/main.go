// Command feedback reads what the mail provider says became of mails.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/feedback"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/config"
)

func main() {
	d := boot.Must(boot.Start(config.Stage, config.Table))
	f := &feedback.Feedback{Store: d.Store(), Log: d.Log}
	lambda.Start(f.Handle)
}
