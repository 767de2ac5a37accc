// Package sender opens a deployment's way to send mail: SES.
package sender

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"convoke/shared/platform/boot"
	"convoke/shared/platform/mail/ses"
)

// Open returns the sender. It never retries by itself: SES takes no idempotency
// token, and a retry after a lost reply would be a second mail.
func Open(d *boot.Deployment) *ses.Sender {
	client := sesv2.NewFromConfig(d.AWS, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
	return &ses.Sender{Client: client, ConfigurationSet: d.Config.SESConfigurationSet, Now: time.Now}
}
