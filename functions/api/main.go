// Command api answers API Gateway: the JSON API and the pages.
package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"convoke/shared/edge/web"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/boot/bucket"
	"convoke/shared/platform/boot/parameter"
	"convoke/shared/platform/config"
	"convoke/shared/platform/gateway"
)

func main() {
	ctx := context.Background()
	d := boot.Must(boot.Start(config.Stage, config.Table, config.Bucket, config.UploadBucket, config.BaseURL, config.MailDomain, config.OIDCIssuer, config.OIDCAudience, config.LinkKeysParameter))
	server := &web.Server{
		Store: d.Store(), Index: bucket.Index(ctx, d), Depot: bucket.Documents(d), Links: boot.Must(parameter.Links(ctx, d)), Tokens: boot.Must(d.Tokens()),
		Log: d.Log, Random: rand.Reader, BaseURL: d.Config.BaseURL, Domain: d.Config.MailDomain, Release: boot.Release, Limiter: boot.Must(d.Limiter()),
		SignOutAt: d.Config.OIDCSignOut, VerificationLasts: time.Duration(d.Config.VerificationDays) * 24 * time.Hour,
	}
	seam := gateway.New(gateway.Options{Log: d.Log})
	lambda.Start(seam.Around(httpadapter.NewV2(seam.Handler(server.Handler())).ProxyWithContext))
}
