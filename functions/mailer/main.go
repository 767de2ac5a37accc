// Command mailer sends the mail of the queue.
package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"convoke/shared/edge/mailer"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/boot/parameter"
	"convoke/shared/platform/boot/sender"
	"convoke/shared/platform/config"
	"convoke/shared/platform/mail"
)

func main() {
	ctx := context.Background()
	d := boot.Must(boot.Start(config.Stage, config.Table, config.BaseURL, config.MailFrom, config.MailDomain, config.MailRate, config.SESConfigurationSet, config.LinkKeysParameter))
	m := &mailer.Mailer{
		Store: d.Store(), Sender: pace(d), Links: boot.Must(parameter.Links(ctx, d)), Random: rand.Reader, Log: d.Log,
		BaseURL: d.Config.BaseURL, From: mail.Address{Addr: d.Config.MailFrom}, Domain: d.Config.MailDomain,
	}
	lambda.Start(m.Handle)
}

// pace keeps this mailer to its share of what SES takes from the account.
func pace(d *boot.Deployment) *mailer.Paced {
	return &mailer.Paced{Sender: sender.Open(d), Rate: d.Config.MailRate, Now: time.Now, Wait: mailer.Sleep}
}
