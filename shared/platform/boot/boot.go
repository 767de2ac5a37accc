// Package boot makes what every function of a deployment needs of its
// environment: the log, the configuration of AWS's clients, the store. What only
// some need has a package of its own below this one, because the SDK describes
// each service in variables that are linked wherever its package is imported.
package boot

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/oklog/ulid/v2"

	"convoke/shared/platform/auth"
	"convoke/shared/platform/config"
	"convoke/shared/state/store"
	"convoke/shared/state/table/dynamo"
)

// Release is the version of the program, set by the linker.
var Release = "development" //nolint:gochecknoglobals // the linker can set nothing else

// Deployment is one function's view of its deployment.
type Deployment struct {
	Config config.Config
	Log    *slog.Logger
	AWS    aws.Config
}

// Start reads the environment, which must have the variables named by needs, and
// prepares the clients. It makes no request.
func Start(needs ...string) (*Deployment, error) {
	c, err := config.Load(os.Getenv, needs...)
	if err != nil {
		return nil, fmt.Errorf("environment: %w", err)
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("release", Release)
	return &Deployment{Config: c, Log: log, AWS: client(c, os.Getenv)}, nil
}

// client configures the clients of AWS from what Lambda puts into the
// environment. The SDK's own loader also knows files, single sign-on and the
// metadata service, none of which a function has, and costs 3 MB of binary and a
// good part of a cold start.
func client(c config.Config, getenv func(string) string) aws.Config {
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken: getenv("AWS_SESSION_TOKEN"), Source: "environment",
		}, nil
	})
	a := aws.Config{Region: getenv("AWS_REGION"), Credentials: keys, HTTPClient: patient()}
	if c.Endpoint != "" {
		a.BaseEndpoint = aws.String(c.Endpoint)
	}
	return a
}

// patient is a client that gives up on a service that does not take the
// connection, or takes it and does not answer. The SDK's own would wait until
// Lambda ends the function, and nobody would be told why. How long an answer may
// be, such as a segment of the index, it does not bound.
func patient() aws.HTTPClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 2 * time.Second }).
		WithTransportOptions(func(t *http.Transport) {
			t.TLSHandshakeTimeout, t.ResponseHeaderTimeout = 2*time.Second, 8*time.Second
		})
}

// Store opens the table on DynamoDB.
func (d *Deployment) Store() *store.Store {
	t := dynamo.New(dynamodb.NewFromConfig(d.AWS), nil, d.Config.Table, dynamo.Options{})
	return &store.Store{Table: t, Now: time.Now, NewID: NewIDs()}
}

// Tokens returns the verifier of the issuer's tokens. It asks the issuer nothing
// yet.
func (d *Deployment) Tokens() (*auth.Verifier, error) {
	return auth.NewVerifier(auth.Config{Issuer: d.Config.OIDCIssuer, Audience: d.Config.Audiences(), Now: time.Now})
}

// NewIDs returns a source of ULIDs: 26 characters, in the order in which they
// were made by this process, 80 random bits. (ulid.Make draws them from a
// generator seeded with the clock, which starts alike in processes that start
// together.)
func NewIDs() func() string {
	entropy := &ulid.LockedMonotonicReader{MonotonicReader: ulid.Monotonic(rand.Reader, 0)}
	return func() string { return ulid.MustNew(ulid.Now(), entropy).String() }
}

// Must returns v, or ends the process with the one line that says why it cannot
// start. It is for main alone.
func Must[T any](v T, err error) T {
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("cannot start", "error", err.Error())
		os.Exit(1) //nolint:forbidigo // it is main that calls this, in its first lines
	}
	return v
}

// Limiter bounds what one network may ask for that sends mail, for each instance
// of the function.
func (d *Deployment) Limiter() (*auth.Limiter, error) { return auth.NewLimiter(Limits(time.Now)) }

// Limits are ten requests at once, and one more each ten seconds.
func Limits(now func() time.Time) auth.LimiterConfig {
	return auth.LimiterConfig{Every: 10 * time.Second, Burst: 10, Now: now}
}
