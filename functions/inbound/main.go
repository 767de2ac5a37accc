// Command inbound reads mail that comes back.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/inbound"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/boot/bucket"
	"convoke/shared/platform/config"
)

func main() {
	d := boot.Must(boot.Start(config.Stage, config.Table, config.InboundBucket, config.MailDomain))
	in := &inbound.Inbound{Store: d.Store(), Mailbox: bucket.Inbound(d), Domain: d.Config.MailDomain, Log: d.Log}
	lambda.Start(in.Handle)
}
