package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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
	_, err := t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	return explain(err)
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
