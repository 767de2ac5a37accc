// Command inbound reads mail that comes back.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/inbound"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/config"
)

func main() {
	ctx := context.Background()
	d := boot.Must(boot.Start(ctx, config.Stage, config.Table, config.InboundBucket, config.MailDomain))
	in := &inbound.Inbound{Store: d.Store(), Mailbox: d.Inbound(), Domain: d.Config.MailDomain, Log: d.Log}
	lambda.Start(in.Handle)
}
