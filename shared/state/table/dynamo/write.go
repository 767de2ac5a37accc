package dynamo

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"convoke/shared/state/table"
)

// Transact implements table.Table. A single operation without a condition is a
// PutItem or DeleteItem, at half the price: done twice by a retry, it is still
// done once. One with a condition stays a transaction, because a retry after a
// lost reply would find its own write and call the condition failed; the token
// that the SDK puts into a TransactWriteItems makes the retry answer as the
// first try did.
func (t *Table) Transact(ctx context.Context, ops []table.Op) error {
	if err := t.transact(ctx, ops); err != nil {
		return fmt.Errorf("transact: %w", err)
	}
	return nil
}

func (t *Table) transact(ctx context.Context, ops []table.Op) error {
	if err := t.usable(ctx); err != nil {
		return err
	}
	if err := table.ValidateOps(ops); err != nil {
		return err
	}
	if len(ops) == 1 && ops[0].If == table.Always() {
		return t.single(ctx, ops[0])
	}
	items := make([]types.TransactWriteItem, len(ops))
	for i, op := range ops {
		item, err := t.writeItem(op)
		if err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
		items[i] = item
	}
	var w witness
	_, err := t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items}, w.watch)
	return w.judge(explain(err))
}

// witness notes whether the reply to any attempt of a write was lost.
type witness struct{ lost bool }

// watch adds the witness to a request: below the client's retries, where each
// attempt passes.
func (w *witness) watch(o *dynamodb.Options) {
	look := func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, data, err := next.HandleDeserialize(ctx, in)
		resp, answered := out.RawResponse.(*smithyhttp.Response)
		w.lost = w.lost || err != nil || !answered || resp.StatusCode >= http.StatusInternalServerError
		return out, data, err
	}
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("witness", look), middleware.After)
	})
}

// judge takes the contract's meaning from an error that cannot be trusted: when
// an earlier attempt may have been done, a later one that was throttled or lost a
// conflict does not say that nothing was written. A condition that failed does,
// because the token makes a write that was done answer so again.
func (w *witness) judge(err error) error {
	if w.lost && (errors.Is(err, table.ErrConflict) || errors.Is(err, table.ErrThrottled)) {
		return fmt.Errorf("a reply was lost, then: %v", err) //nolint:errorlint // hidden on purpose: the outcome is unknown
	}
	return err
}

func (t *Table) single(ctx context.Context, op table.Op) error {
	if op.Verb == table.Delete {
		_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.name, Key: keyImage(op.Item.Key)})
		return explain(err)
	}
	in, err := encode(op.Item)
	if err != nil {
		return err
	}
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: in})
	return explain(err)
}

func (t *Table) writeItem(op table.Op) (types.TransactWriteItem, error) {
	c := expression(op.If)
	key := keyImage(op.Item.Key)
	switch op.Verb {
	case table.Delete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &t.name, Key: key, ConditionExpression: c.text,
			ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
		}}, nil
	case table.Check:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &t.name, Key: key, ConditionExpression: c.text,
			ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
		}}, nil
	default:
		in, err := encode(op.Item)
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &t.name, Item: in, ConditionExpression: c.text,
			ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
		}}, err
	}
}

// condition is a condition as DynamoDB reads it; text is nil for none.
type condition struct {
	text   *string
	names  map[string]string
	values image
}

func expression(c table.Condition) condition {
	switch c {
	case table.Always():
		return condition{}
	case table.IfAbsent():
		return condition{text: aws.String("attribute_not_exists(pk)")}
	case table.IfExists():
		return condition{text: aws.String("attribute_exists(pk)")}
	default:
		return condition{
			text:   aws.String("#v = :v"),
			names:  map[string]string{"#v": "v"},
			values: image{":v": integer(c.Wants())},
		}
	}
}
