// Package boot makes what every function of a deployment needs of its
// environment: the log, the clients of AWS, the store. Each function calls what
// it needs, so that the linker leaves the rest out of its binary.
package boot

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	s3client "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/oklog/ulid/v2"

	"convoke/shared/platform/auth"
	"convoke/shared/platform/config"
	"convoke/shared/platform/mail/ses"
	"convoke/shared/state/blob/s3"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
	"convoke/shared/state/table/dynamo"
)

// Release is the version of the program, set by the linker.
var Release = "development"

// Deployment is one function's view of its deployment.
type Deployment struct {
	Config config.Config
	Log    *slog.Logger
	aws    aws.Config
}

// Start reads the environment, which must have the variables named by needs, and
// prepares the clients. It makes no request.
func Start(ctx context.Context, needs ...string) (*Deployment, error) {
	c, err := config.Load(os.Getenv, needs...)
	if err != nil {
		return nil, fmt.Errorf("environment: %w", err)
	}
	a, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("release", Release)
	return &Deployment{Config: c, Log: log, aws: a}, nil
}

// Store opens the table on DynamoDB.
func (d *Deployment) Store() *store.Store {
	t := dynamo.New(dynamodb.NewFromConfig(d.aws), nil, d.Config.Table, dynamo.Options{})
	return &store.Store{Table: t, Now: time.Now, NewID: NewID}
}

// Blob opens the bucket that holds the search's segments.
func (d *Deployment) Blob() *s3.Store { return d.bucket(d.Config.Bucket) }

// Inbound opens the bucket that holds received mail.
func (d *Deployment) Inbound() *s3.Store { return d.bucket(d.Config.InboundBucket) }

func (d *Deployment) bucket(name string) *s3.Store {
	client := s3client.NewFromConfig(d.aws, func(o *s3client.Options) { o.UsePathStyle = d.Config.Endpoint != "" })
	return s3.New(client, name, "")
}

// Index opens the search for reading.
func (d *Deployment) Index(ctx context.Context) (*search.Index, error) {
	return search.Open(ctx, d.Blob())
}

// Links reads the keys that sign links from the parameter store.
func (d *Deployment) Links(ctx context.Context) (*auth.Keyring, error) {
	out, err := ssm.NewFromConfig(d.aws).GetParameter(ctx, &ssm.GetParameterInput{
		Name: aws.String(d.Config.LinkKeysParameter), WithDecryption: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("read the link keys from parameter %s: %w", d.Config.LinkKeysParameter, err)
	}
	ring, err := auth.ParseKeyring(aws.ToString(out.Parameter.Value))
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", d.Config.LinkKeysParameter, err)
	}
	return ring, nil
}

// Tokens returns the verifier of the issuer's tokens. It asks the issuer nothing
// yet.
func (d *Deployment) Tokens() (*auth.Verifier, error) {
	return auth.NewVerifier(auth.Config{Issuer: d.Config.OIDCIssuer, Audience: d.Config.Audiences(), Now: time.Now})
}

// NewID returns a ULID: 26 characters, sortable by time, 80 random bits.
func NewID() string { return ulid.Make().String() }

// Must returns v, or ends the process with the one line that says why it cannot
// start. It is for main alone.
func Must[T any](v T, err error) T {
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("cannot start", "error", err.Error())
		os.Exit(1)
	}
	return v
}

// Limiter bounds what one network may ask for that sends mail: ten at once, and
// one more each ten seconds, for each instance of the function.
func (d *Deployment) Limiter() (*auth.Limiter, error) {
	return auth.NewLimiter(auth.LimiterConfig{Every: 10 * time.Second, Burst: 10, Now: time.Now})
}

// IndexWriter opens the search for writing.
func (d *Deployment) IndexWriter() *search.Writer { return &search.Writer{Store: d.Blob(), Now: time.Now} }

// Sender sends mail through SES. It never retries by itself: a retry after a
// lost reply would be a second mail.
func (d *Deployment) Sender() *ses.Sender {
	client := sesv2.NewFromConfig(d.aws, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
	return &ses.Sender{Client: client, ConfigurationSet: d.Config.SESConfigurationSet, Now: time.Now}
}
