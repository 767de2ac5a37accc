package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"convoke/shared/state/table"
	"convoke/shared/state/table/dynamo"
	"convoke/shared/state/table/dynamo/dynamolocal"
)

// openDynamoDB opens a table in DynamoDB Local, and makes it when it is not there.
func openDynamoDB(ctx context.Context, endpoint, name string) (table.Table, error) {
	c := dynamolocal.Config(endpoint, http.DefaultTransport)
	t := dynamo.New(dynamodb.NewFromConfig(c), dynamodbstreams.NewFromConfig(c), name, dynamo.Options{})
	err := t.Create(ctx)
	if _, there := errors.AsType[*types.ResourceInUseException](err); err != nil && !there {
		return nil, fmt.Errorf("DynamoDB Local at %s: %w", endpoint, err)
	}
	return t, nil
}
