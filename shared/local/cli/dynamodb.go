package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"convoke/shared/state/table"
	"convoke/shared/state/table/dynamo"
	"convoke/shared/state/table/dynamo/dynamolocal"
)

// openDynamoDB opens a table in DynamoDB Local, and makes it when it is not there. At
// an address of AWS it opens the one that is deployed, with the keys of the
// environment, and makes none.
func openDynamoDB(ctx context.Context, endpoint, name string) (table.Table, error) {
	if region, ok := regionOf(endpoint); ok {
		c := aws.Config{Region: region, BaseEndpoint: &endpoint, Credentials: aws.CredentialsProviderFunc(environmentKeys)}
		return dynamo.New(dynamodb.NewFromConfig(c), nil, name, dynamo.Options{}), nil
	}
	c := dynamolocal.Config(endpoint, http.DefaultTransport)
	t := dynamo.New(dynamodb.NewFromConfig(c), dynamodbstreams.NewFromConfig(c), name, dynamo.Options{})
	err := t.Create(ctx)
	if _, there := errors.AsType[*types.ResourceInUseException](err); err != nil && !there {
		return nil, fmt.Errorf("DynamoDB Local at %s: %w", endpoint, err)
	}
	return t, nil
}

var awsEndpoint = regexp.MustCompile(`^https://dynamodb\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?/?$`)

// regionOf is the region of an address of AWS's own.
func regionOf(endpoint string) (string, bool) {
	m := awsEndpoint.FindStringSubmatch(endpoint)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// errNoKeys says how keys come into the environment.
var errNoKeys = errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: `aws configure export-credentials --format env` prints them")

// environmentKeys are the keys that the AWS command line hands on.
func environmentKeys(context.Context) (aws.Credentials, error) {
	keys := aws.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken: os.Getenv("AWS_SESSION_TOKEN"), Source: "environment",
	}
	if !keys.HasKeys() {
		return keys, errNoKeys
	}
	return keys, nil
}
