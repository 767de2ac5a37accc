package runtime_test

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/oklog/ulid/v2"

	"convoke/shared/state/table"
	"convoke/shared/state/table/dynamo"
)

// tables are the engines that stories run over: the embedded table always,
// DynamoDB Local where DYNAMODB_ENDPOINT names it.
func tables() map[string]func(*testing.T) table.Table {
	engines := map[string]func(*testing.T) table.Table{"bolt": openBolt}
	if os.Getenv("DYNAMODB_ENDPOINT") != "" || os.Getenv("CONVOKE_TEST_ALL") != "" {
		engines["dynamodb"] = openDynamo
	}
	return engines
}

func openDynamo(t *testing.T) table.Table {
	t.Helper()
	endpoint := os.Getenv("DYNAMODB_ENDPOINT")
	if endpoint == "" {
		t.Fatal("DYNAMODB_ENDPOINT is not set: start DynamoDB Local by `make dynamodb`")
	}
	config := aws.Config{
		Region: "eu-central-1", BaseEndpoint: aws.String(endpoint), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	d := dynamo.New(dynamodb.NewFromConfig(config), dynamodbstreams.NewFromConfig(config), "line-"+ulid.Make().String(), dynamo.Options{})
	if err := d.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}
