// Package dynamotest opens tables in DynamoDB Local for tests.
package dynamotest

import (
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"convoke/shared/state/table/dynamo"
	"convoke/shared/state/table/dynamo/dynamolocal"
)

// Endpoint returns where DynamoDB Local answers, from DYNAMODB_ENDPOINT. When
// that is not set it skips t, or fails it under CONVOKE_TEST_ALL.
func Endpoint(t testing.TB) string {
	t.Helper()
	url := os.Getenv("DYNAMODB_ENDPOINT")
	switch {
	case url != "":
	case os.Getenv("CONVOKE_TEST_ALL") != "":
		t.Fatal("DYNAMODB_ENDPOINT is not set, and CONVOKE_TEST_ALL wants DynamoDB Local: see infra/dynamodb/local.sh")
	default:
		t.Skip("DYNAMODB_ENDPOINT is not set")
	}
	return url
}

// Open returns a new, empty table that is dropped when t ends.
func Open(t testing.TB) *dynamo.Table { return OpenBehind(t, http.DefaultTransport) }

// OpenBehind is Open with a transport of the test's own between the table and
// DynamoDB Local; the making and dropping of the table pass it by.
func OpenBehind(t testing.TB, transport http.RoundTripper) *dynamo.Table {
	t.Helper()
	url, name := Endpoint(t), "test-"+rand.Text()
	client := dynamodb.NewFromConfig(dynamolocal.Config(url, http.DefaultTransport))
	if err := dynamo.New(client, nil, name, dynamo.Options{}).Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// t.Context() has ended by now.
		if _, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			t.Error(err)
		}
	})
	behind := dynamolocal.Config(url, transport)
	return dynamo.New(dynamodb.NewFromConfig(behind), dynamodbstreams.NewFromConfig(behind), name, dynamo.Options{})
}
