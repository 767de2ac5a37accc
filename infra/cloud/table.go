package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"convoke/shared/state/table/dynamo/dynamolocal"
)

// tableRights is what DynamoDB asks for an operation: for a transaction, the
// rights of its parts.
func tableRights(operation string, body []byte) []Right {
	var asked struct {
		TableName, IndexName string
		RequestItems         map[string]any
		TransactItems        []map[string]struct{ TableName string }
	}
	if json.Unmarshal(body, &asked) != nil {
		return nil // DynamoDB refuses it
	}
	var rights []Right
	for _, item := range asked.TransactItems {
		for verb, of := range item {
			action := map[string]string{"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}[verb]
			rights = append(rights, Right{"dynamodb:" + action, "table/" + of.TableName})
		}
	}
	for name := range asked.RequestItems {
		rights = append(rights, Right{"dynamodb:" + operation, "table/" + name})
	}
	if asked.TableName == "" {
		return rights
	}
	resource := "table/" + asked.TableName
	if asked.IndexName != "" {
		resource += "/index/" + asked.IndexName
	}
	return append(rights, Right{"dynamodb:" + operation, resource})
}

// Stream reads a table's stream in DynamoDB Local from the start, as Lambda hands
// it to a function: what was read before is not read again.
type Stream struct {
	table string
	at    string
	next  map[string]string // shard -> iterator
	http  interface {
		Do(*http.Request) (*http.Response, error)
	}
}

// Stream opens the stream of a table.
func (c *Cloud) Stream(table string) *Stream {
	local := dynamolocal.Config(c.options.DynamoDB, http.DefaultTransport)
	return &Stream{table: table, at: c.options.DynamoDB, next: map[string]string{}, http: local.HTTPClient}
}

// Records returns the records since the last call, each a record of Lambda's
// event: the stream's own form.
func (s *Stream) Records(ctx context.Context) ([]json.RawMessage, error) {
	var described struct {
		Table struct{ LatestStreamArn string }
	}
	if err := s.ask(ctx, "DynamoDB_20120810.DescribeTable", map[string]any{"TableName": s.table}, &described); err != nil {
		return nil, err
	}
	arn := described.Table.LatestStreamArn
	var stream struct {
		StreamDescription struct{ Shards []struct{ ShardId string } }
	}
	if err := s.ask(ctx, "DynamoDBStreams_20120810.DescribeStream", map[string]any{"StreamArn": arn}, &stream); err != nil {
		return nil, err
	}
	var all []json.RawMessage
	for _, shard := range stream.StreamDescription.Shards {
		records, err := s.read(ctx, arn, shard.ShardId)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
}

// read reads one shard until it has no more for now.
func (s *Stream) read(ctx context.Context, arn, shard string) ([]json.RawMessage, error) {
	if _, begun := s.next[shard]; !begun {
		var opened struct{ ShardIterator string }
		if err := s.ask(ctx, "DynamoDBStreams_20120810.GetShardIterator", map[string]any{"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}, &opened); err != nil {
			return nil, err
		}
		s.next[shard] = opened.ShardIterator
	}
	var all []json.RawMessage
	for s.next[shard] != "" {
		var page struct {
			Records           []json.RawMessage
			NextShardIterator string
		}
		if err := s.ask(ctx, "DynamoDBStreams_20120810.GetRecords", map[string]any{"ShardIterator": s.next[shard]}, &page); err != nil {
			return nil, err
		}
		s.next[shard] = page.NextShardIterator
		if len(page.Records) == 0 {
			break
		}
		all = append(all, page.Records...)
	}
	return all, nil
}

// ask calls DynamoDB Local, which takes any signature.
func (s *Stream) ask(ctx context.Context, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.at, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	response, err := s.http.Do(request)
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d: %s", target, response.StatusCode, answer)
	}
	return json.Unmarshal(answer, out)
}
