// Package dynamo keeps the table in Amazon DynamoDB: one table with the
// attributes pk, sk, g1pk, g1sk, g2pk, g2sk, type, v and ttl, and the record's
// own under their names, as native values that the console can show.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"convoke/shared/state/table"
)

// Options of New; the zero value is ready to use.
type Options struct {
	Segments int // how many parts of the table Walk reads at once; 0 is 4
}

// Table is a table.Table in DynamoDB.
type Table struct {
	client   *dynamodb.Client
	streams  *dynamodbstreams.Client
	name     string
	segments int
	closed   atomic.Bool

	mu        sync.Mutex          // guards what follows
	stream    string              // ARN, once known
	iterators map[string]iterator // by shard: where the last read of it ended
}

var _ table.Table = (*Table)(nil)

// New returns the table called name. Without a streams client Changes is
// refused; the functions do not need it, for DynamoDB hands them the stream.
// The clients' own retries are relied on: they are safe, for every write is
// either idempotent or carries a request token.
func New(client *dynamodb.Client, streams *dynamodbstreams.Client, name string, o Options) *Table {
	if o.Segments < 1 {
		o.Segments = 4
	}
	return &Table{client: client, streams: streams, name: name, segments: o.Segments, iterators: map[string]iterator{}}
}

// Close ends the use of the table; the clients stay the caller's.
func (t *Table) Close() error {
	t.closed.Store(true)
	return nil
}

// usable refuses a call on a closed table or with an ended context.
func (t *Table) usable(ctx context.Context) error {
	if t.closed.Load() {
		return table.ErrClosed
	}
	return ctx.Err()
}

// Create makes the table as template.yaml does, for tests and local use, and
// waits until it can be used: keys, the two indexes with everything projected,
// the stream with both images, expiry by ttl, paid by request.
func (t *Table) Create(ctx context.Context) error {
	_, err := t.client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:              &t.name,
		BillingMode:            types.BillingModePayPerRequest,
		KeySchema:              keySchema("pk", "sk"),
		AttributeDefinitions:   attributes("pk", "sk", "g1pk", "g1sk", "g2pk", "g2sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{indexSchema(table.G1), indexSchema(table.G2)},
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages,
		},
	})
	if err != nil {
		return fmt.Errorf("create table %s: %w", t.name, err)
	}
	waiter := dynamodb.NewTableExistsWaiter(t.client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = time.Second })
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &t.name}, 5*time.Minute); err != nil {
		return fmt.Errorf("create table %s: %w", t.name, err)
	}
	_, err = t.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &t.name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("ttl"), Enabled: aws.Bool(true)},
	})
	if err != nil {
		return fmt.Errorf("create table %s: expiry: %w", t.name, err)
	}
	return nil
}

func keySchema(pk, sk string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: &pk, KeyType: types.KeyTypeHash},
		{AttributeName: &sk, KeyType: types.KeyTypeRange},
	}
}

func indexSchema(index table.Index) types.GlobalSecondaryIndex {
	return types.GlobalSecondaryIndex{
		IndexName:  aws.String(IndexName(index)),
		KeySchema:  keySchema(keyNames(index)),
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
	}
}

// IndexName returns an index's name in DynamoDB, such as g1pk-g1sk-index: the
// console's own convention, for DynamoDB takes no name as short as g1.
func IndexName(index table.Index) string {
	pk, sk := keyNames(index)
	return pk + "-" + sk + "-index"
}

func attributes(names ...string) []types.AttributeDefinition {
	definitions := make([]types.AttributeDefinition, len(names))
	for i, name := range names {
		definitions[i] = types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
	}
	return definitions
}

// keyNames returns the names of an index's key attributes.
func keyNames(index table.Index) (pk, sk string) { return string(index) + "pk", string(index) + "sk" }

// explain maps what DynamoDB answers to the contract's errors, keeping the
// cause. What it does not know stays as it is: the outcome is unknown.
func explain(err error) error {
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return explainCancelled(cancelled, err)
	}
	if _, ok := errors.AsType[*types.TransactionConflictException](err); ok {
		return fmt.Errorf("%w: %w", table.ErrConflict, err)
	}
	if throttled(err) {
		return fmt.Errorf("%w: %w", table.ErrThrottled, err)
	}
	return err
}

func throttled(err error) bool {
	var api interface{ ErrorCode() string }
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException":
		return true
	default:
		return false
	}
}

// explainCancelled reads the reasons, one for each operation. A failed
// condition is certain; a conflict or a throttle beside it says less.
func explainCancelled(cancelled *types.TransactionCanceledException, err error) error {
	var failed []int
	conflict, busy := false, false
	for i, reason := range cancelled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "ConditionalCheckFailed":
			failed = append(failed, i)
		case "TransactionConflict":
			conflict = true
		case "ThrottlingError", "ProvisionedThroughputExceeded":
			busy = true
		}
	}
	switch {
	case failed != nil:
		return &table.ConditionFailed{Ops: failed}
	case conflict:
		return fmt.Errorf("%w: %w", table.ErrConflict, err)
	case busy:
		return fmt.Errorf("%w: %w", table.ErrThrottled, err)
	default:
		return err
	}
}
