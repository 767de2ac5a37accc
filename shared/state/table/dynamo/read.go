package dynamo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"convoke/shared/state/table"
)

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, key table.Key) (table.Item, error) {
	it, err := t.get(ctx, key)
	if err != nil {
		return table.Item{}, fmt.Errorf("get: %w", err)
	}
	return it, nil
}

func (t *Table) get(ctx context.Context, key table.Key) (table.Item, error) {
	if err := t.usable(ctx); err != nil {
		return table.Item{}, err
	}
	if err := table.ValidateKey(key); err != nil {
		return table.Item{}, err
	}
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: keyImage(key), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return table.Item{}, explain(err)
	}
	if out.Item == nil {
		return table.Item{}, table.ErrAbsent
	}
	return decode(out.Item)
}

// maxBatch is DynamoDB's limit of keys in a BatchGetItem.
const maxBatch = 100

// GetMany implements table.Table, a hundred keys to a request.
func (t *Table) GetMany(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	if err := t.usable(ctx); err != nil {
		return nil, fmt.Errorf("get many: %w", err)
	}
	if err := table.ValidateKeys(keys); err != nil {
		return nil, fmt.Errorf("get many: %w", err)
	}
	found := make(map[table.Key]table.Item, len(keys))
	for start := 0; start < len(keys); start += maxBatch {
		if err := t.batch(ctx, keys[start:min(start+maxBatch, len(keys))], found); err != nil {
			return nil, fmt.Errorf("get many: %w", err)
		}
	}
	items := make([]table.Item, 0, len(found))
	for _, key := range keys {
		if it, ok := found[key]; ok {
			items = append(items, it)
		}
	}
	return items, nil
}

// batch reads keys into found, asking again for what DynamoDB left over: it
// does so at 16 MB, and when it is busy. Only rounds that bring nothing count
// as tries.
func (t *Table) batch(ctx context.Context, keys []table.Key, found map[table.Key]table.Item) error {
	const tries = 6
	asked := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	for _, key := range keys {
		asked.Keys = append(asked.Keys, keyImage(key))
	}
	for idle := 0; idle < tries; {
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{t.name: asked},
		})
		if err != nil {
			return explain(err)
		}
		for _, in := range out.Responses[t.name] {
			it, err := decode(in)
			if err != nil {
				return err
			}
			found[it.Key] = it
		}
		left, more := out.UnprocessedKeys[t.name]
		if !more {
			return nil
		}
		asked = left
		if len(out.Responses[t.name]) > 0 {
			idle = 0
			continue
		}
		idle++
		if err := pause(ctx, idle); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: keys were left over %d times", table.ErrThrottled, tries)
}

// pause waits a random while that grows with each try, under a second.
func pause(ctx context.Context, try int) error {
	timer := time.NewTimer(rand.N(min(25*time.Millisecond<<try, time.Second))) //nolint:gosec // spreads retries, guards nothing
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Query implements table.Table with one request; on the table itself it is
// consistent.
func (t *Table) Query(ctx context.Context, q table.Query) (table.Page, error) {
	page, err := t.query(ctx, q)
	if err != nil {
		return table.Page{}, fmt.Errorf("query: %w", err)
	}
	return page, nil
}

func (t *Table) query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := t.usable(ctx); err != nil {
		return table.Page{}, err
	}
	if err := table.ValidateQuery(q); err != nil {
		return table.Page{}, err
	}
	start, resumed, err := q.Start()
	if err != nil {
		return table.Page{}, err
	}
	in := t.queryInput(q)
	if resumed {
		in.ExclusiveStartKey = startKey(q, start)
	}
	out, err := t.client.Query(ctx, in)
	if err != nil {
		return table.Page{}, explain(err)
	}
	return page(q, out)
}

func (t *Table) queryInput(q table.Query) *dynamodb.QueryInput {
	pk, sk := keyNames(q.Index)
	in := &dynamodb.QueryInput{
		TableName:                 &t.name,
		Limit:                     aws.Int32(int32(q.Limit)),
		ScanIndexForward:          aws.Bool(!q.Reverse),
		ExpressionAttributeNames:  map[string]string{"#p": pk},
		ExpressionAttributeValues: image{":p": text(q.PK)},
	}
	if q.Index == table.Primary {
		in.ConsistentRead = aws.Bool(true)
	} else {
		in.IndexName = aws.String(IndexName(q.Index))
	}
	condition := "#p = :p"
	bounded := func(clause string, values image) {
		condition += " AND " + clause
		in.ExpressionAttributeNames["#s"] = sk
		for name, value := range values {
			in.ExpressionAttributeValues[name] = value
		}
	}
	switch {
	case q.SKPrefix != "":
		bounded("begins_with(#s, :a)", image{":a": text(q.SKPrefix)})
	case q.SKFrom != "" && q.SKTo != "": // both ends are within; page leaves SKTo out
		bounded("#s BETWEEN :a AND :b", image{":a": text(q.SKFrom), ":b": text(q.SKTo)})
	case q.SKFrom != "":
		bounded("#s >= :a", image{":a": text(q.SKFrom)})
	case q.SKTo != "":
		bounded("#s < :b", image{":b": text(q.SKTo)})
	}
	in.KeyConditionExpression = &condition
	return in
}

// startKey takes the partition from the query, never from the cursor.
func startKey(q table.Query, p table.Position) image {
	key := keyImage(p.Key)
	pk, sk := keyNames(q.Index)
	key[pk], key[sk] = text(q.PK), text(p.SK)
	return key
}

func page(q table.Query, out *dynamodb.QueryOutput) (table.Page, error) {
	page := table.Page{Items: make([]table.Item, 0, len(out.Items))}
	for _, in := range out.Items {
		it, err := decode(in)
		if err != nil {
			return table.Page{}, err
		}
		if q.Covers(it.In(q.Index).SK) {
			page.Items = append(page.Items, it)
		}
	}
	if out.LastEvaluatedKey == nil {
		return page, nil
	}
	last, err := decode(out.LastEvaluatedKey)
	if err != nil {
		return table.Page{}, err
	}
	at := table.Position{SK: last.In(q.Index).SK, Key: last.Key}
	if q.Reverse || q.SKTo == "" || at.SK < q.SKTo {
		page.Cursor = q.CursorAt(at)
	}
	return page, nil
}

// Walk implements table.Table with a parallel scan.
func (t *Table) Walk(ctx context.Context, fn func(table.Item) error) error {
	if err := t.usable(ctx); err != nil {
		return fmt.Errorf("walk: %w", err)
	}
	var one sync.Mutex // fn is called for one item at a time
	var ended error
	group, ctx := errgroup.WithContext(ctx)
	for segment := range t.segments {
		group.Go(func() error {
			return t.scan(ctx, segment, func(it table.Item) error {
				one.Lock()
				defer one.Unlock()
				if ended == nil {
					ended = fn(it)
				}
				return ended
			})
		})
	}
	err := group.Wait()
	if ended != nil {
		return ended
	}
	if err != nil {
		return fmt.Errorf("walk: %w", err)
	}
	return nil
}

func (t *Table) scan(ctx context.Context, segment int, fn func(table.Item) error) error {
	pages := dynamodb.NewScanPaginator(t.client, &dynamodb.ScanInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true),
		Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(int32(t.segments)),
	})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return explain(err)
		}
		for _, in := range out.Items {
			it, err := decode(in)
			if err != nil {
				return err
			}
			if err := fn(it); err != nil {
				return err
			}
		}
	}
	return nil
}
