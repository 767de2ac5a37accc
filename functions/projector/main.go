// Command projector follows the table's stream.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/projector"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/boot/bucket"
	"convoke/shared/platform/boot/outlet"
	"convoke/shared/platform/config"
)

func main() {
	d := boot.Must(boot.Start(config.Stage, config.Table, config.Bucket, config.MailQueueURL, config.Bus, config.BaseURL))
	p := &projector.Projector{Store: d.Store(), Queue: outlet.OpenMailQueue(d), Bus: outlet.OpenBus(d), Index: bucket.IndexWriter(d), Log: d.Log}
	lambda.Start(p.Handle)
}
