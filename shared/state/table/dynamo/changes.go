package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"convoke/shared/state/table"
)

// position is how far one shard of the stream has been read.
type position struct {
	After string `json:"after,omitempty"` // sequence number of the last record read; none is the oldest kept
	Done  bool   `json:"done,omitempty"`  // the shard is closed and read to its end
}

// positions are the cursor of Changes, by shard.
type positions struct {
	Shards map[string]position `json:"shards"`
}

func parseCursor(cursor string) (positions, error) {
	p := positions{Shards: map[string]position{}}
	if cursor == "" {
		return p, nil
	}
	bad := fmt.Errorf("%w: not a cursor of this stream", table.ErrBadQuery)
	dec := json.NewDecoder(strings.NewReader(cursor))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil || len(p.Shards) == 0 || dec.More() {
		return p, bad
	}
	for _, at := range p.Shards {
		if strings.Trim(at.After, "0123456789") != "" {
			return p, bad
		}
	}
	return p, nil
}

func (p positions) cursor() (string, error) {
	if len(p.Shards) == 0 {
		return "", nil
	}
	raw, err := json.Marshal(p) // members in order: the same positions are the same cursor
	return string(raw), err
}

// Changes implements table.Table over DynamoDB Streams, which keep a day. It
// serves tests, tools and migrations; a function is handed the stream by Lambda
// instead. A parent shard is read before its children, so that the changes of
// an item stay in order across a split.
func (t *Table) Changes(ctx context.Context, cursor string, limit int) ([]table.Change, string, error) {
	changes, next, err := t.changes(ctx, cursor, limit)
	if err != nil {
		return nil, "", fmt.Errorf("changes: %w", err)
	}
	return changes, next, nil
}

func (t *Table) changes(ctx context.Context, cursor string, limit int) ([]table.Change, string, error) {
	if err := t.usable(ctx); err != nil {
		return nil, "", err
	}
	if err := table.ValidateLimit(limit); err != nil {
		return nil, "", err
	}
	at, err := parseCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	shards, err := t.shards(ctx)
	if err != nil {
		return nil, "", err
	}
	if err := at.forget(shards); err != nil {
		return nil, "", err
	}
	var changes []table.Change
	for _, shard := range lineage(shards) {
		if len(changes) == limit {
			break
		}
		if !at.ready(shard, shards) {
			continue
		}
		more, err := t.read(ctx, at, *shard.ShardId, limit-len(changes))
		if err != nil {
			return nil, "", err
		}
		changes = append(changes, more...)
	}
	next, err := at.cursor()
	return changes, next, err
}

// forget drops the positions of shards that the stream no longer lists. One
// that was not read to its end took records with it.
func (p positions) forget(shards map[string]streams.Shard) error {
	for id, at := range p.Shards {
		if _, ok := shards[id]; ok {
			continue
		}
		if !at.Done {
			return table.ErrTrimmed
		}
		delete(p.Shards, id)
	}
	return nil
}

// ready says whether a shard has something to read and its parent has not.
func (p positions) ready(shard streams.Shard, shards map[string]streams.Shard) bool {
	parent := aws.ToString(shard.ParentShardId)
	_, listed := shards[parent]
	return !p.Shards[*shard.ShardId].Done && (!listed || p.Shards[parent].Done)
}

// lineage orders shards so that parents precede their children.
func lineage(shards map[string]streams.Shard) []streams.Shard {
	ordered := make([]streams.Shard, 0, len(shards))
	placed := make(map[string]bool, len(shards))
	var place func(id string)
	place = func(id string) {
		shard, listed := shards[id]
		if !listed || placed[id] {
			return
		}
		placed[id] = true
		place(aws.ToString(shard.ParentShardId))
		ordered = append(ordered, shard)
	}
	for id := range shards {
		place(id)
	}
	return ordered
}

// shards lists the stream.
func (t *Table) shards(ctx context.Context) (map[string]streams.Shard, error) {
	arn, err := t.streamARN(ctx)
	if err != nil {
		return nil, err
	}
	shards := map[string]streams.Shard{}
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &arn}
	for {
		out, err := t.streams.DescribeStream(ctx, in)
		if err != nil {
			return nil, explain(err)
		}
		for _, shard := range out.StreamDescription.Shards {
			shards[*shard.ShardId] = shard
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return shards, nil
		}
	}
}

func (t *Table) streamARN(ctx context.Context) (string, error) {
	if t.streams == nil {
		return "", errors.New("no client of DynamoDB Streams was given")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stream != "" {
		return t.stream, nil
	}
	out, err := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name})
	if err != nil {
		return "", explain(err)
	}
	if t.stream = aws.ToString(out.Table.LatestStreamArn); t.stream == "" {
		return "", fmt.Errorf("table %s has no stream", t.name)
	}
	return t.stream, nil
}

// emptyReads is how many answers without records are taken for the end of an
// open shard. A stream may have gaps; the next call goes on where this one
// stopped, because iterators are kept.
const emptyReads = 2

// read reads up to limit changes of one shard and moves its position.
func (t *Table) read(ctx context.Context, at positions, id string, limit int) ([]table.Change, error) {
	where := at.Shards[id]
	it, err := t.iterator(ctx, id, where.After)
	if err != nil {
		return nil, err
	}
	var changes []table.Change
	for empty := 0; empty < emptyReads && len(changes) < limit && !where.Done; {
		out, err := t.records(ctx, id, &it, limit-len(changes))
		if err != nil {
			return nil, err
		}
		for _, record := range out.Records {
			change, err := decodeRecord(record)
			if err != nil {
				return nil, err
			}
			changes = append(changes, change)
			where.After = change.Seq
		}
		if len(out.Records) == 0 {
			empty++
		}
		it = iterator{after: where.After, token: aws.ToString(out.NextShardIterator)}
		where.Done = it.token == ""
	}
	t.keep(id, it)
	if where != (position{}) {
		at.Shards[id] = where
	}
	return changes, nil
}

// records asks once; an iterator that has expired (they live 15 minutes) is
// replaced and the question repeated.
func (t *Table) records(ctx context.Context, id string, it *iterator, limit int) (*dynamodbstreams.GetRecordsOutput, error) {
	out, err := t.streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{
		ShardIterator: &it.token, Limit: aws.Int32(int32(limit)),
	})
	if _, expired := errors.AsType[*streams.ExpiredIteratorException](err); expired {
		t.keep(id, iterator{})
		if *it, err = t.iterator(ctx, id, it.after); err != nil {
			return nil, err
		}
		out, err = t.streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{
			ShardIterator: &it.token, Limit: aws.Int32(int32(limit)),
		})
	}
	if err != nil {
		t.keep(id, iterator{})
		return nil, trimmed(err)
	}
	return out, nil
}

func trimmed(err error) error {
	if _, ok := errors.AsType[*streams.TrimmedDataAccessException](err); ok {
		return fmt.Errorf("%w: %w", table.ErrTrimmed, err)
	}
	return explain(err)
}

// iterator reads a shard after a sequence number.
type iterator struct{ after, token string }

func (t *Table) keep(id string, it iterator) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if it.token == "" {
		delete(t.iterators, id)
		return
	}
	t.iterators[id] = it
}

// iterator returns the one kept from the last read when it stands there, or
// asks for one.
func (t *Table) iterator(ctx context.Context, id, after string) (iterator, error) {
	t.mu.Lock()
	kept, ok := t.iterators[id]
	t.mu.Unlock()
	if ok && kept.after == after && after != "" {
		return kept, nil
	}
	arn, err := t.streamARN(ctx)
	if err != nil {
		return iterator{}, err
	}
	in := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &arn, ShardId: &id, ShardIteratorType: streams.ShardIteratorTypeTrimHorizon,
	}
	if after != "" {
		in.ShardIteratorType, in.SequenceNumber = streams.ShardIteratorTypeAfterSequenceNumber, &after
	}
	out, err := t.streams.GetShardIterator(ctx, in)
	if err != nil {
		return iterator{}, trimmed(err)
	}
	return iterator{after: after, token: aws.ToString(out.ShardIterator)}, nil
}

func decodeRecord(record streams.Record) (table.Change, error) {
	data := record.Dynamodb
	key, err := decode(fromStream(data.Keys))
	if err != nil {
		return table.Change{}, err
	}
	change := table.Change{Seq: aws.ToString(data.SequenceNumber), Key: key.Key}
	if change.Old, err = decodeSide(data.OldImage); err != nil {
		return table.Change{}, err
	}
	change.New, err = decodeSide(data.NewImage)
	return change, err
}

func decodeSide(in map[string]streams.AttributeValue) (*table.Item, error) {
	if len(in) == 0 {
		return nil, nil
	}
	it, err := decode(fromStream(in))
	return &it, err
}
