package dynamo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"convoke/shared/state/table"
	"convoke/shared/state/table/dynamo/dynamotest"
)

// faults is a transport between the client and DynamoDB Local. inject sees each
// request of an operation, counted from 1, and says what to do with it.
type faults struct {
	operation string // such as TransactWriteItems
	inject    func(n int64) fault
	count     atomic.Int64
}

// fault is what befalls a request; the zero value lets it pass.
type fault struct {
	answer string // an error to answer with, and nothing is done
	lose   bool   // it is done, and the reply lost
	edit   func(body map[string]any)
}

func (f *faults) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+f.operation) {
		return http.DefaultTransport.RoundTrip(r)
	}
	befalls := f.inject(f.count.Add(1))
	if befalls.answer != "" {
		return answer(r, http.StatusBadRequest, []byte(befalls.answer)), nil
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if befalls.lose {
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return nil, lostReply{}
	}
	if befalls.edit == nil {
		return resp, nil
	}
	defer resp.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return nil, err
	}
	befalls.edit(body)
	raw, err := json.Marshal(body)
	return answer(r, http.StatusOK, raw), err
}

func answer(r *http.Request, status int, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Request: r, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:   io.NopCloser(bytes.NewReader(body)),
	}
}

// lostReply is a time-out after the request has gone out.
type lostReply struct{}

func (lostReply) Error() string   { return "read: i/o timeout" }
func (lostReply) Timeout() bool   { return true }
func (lostReply) Temporary() bool { return true }

func dynamoError(name string) string {
	return fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"injected"}`, name)
}

func cancelled(codes ...string) string {
	reasons := make([]string, len(codes))
	for i, code := range codes {
		reasons[i] = fmt.Sprintf(`{"Code":%q}`, code)
	}
	return `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"injected","CancellationReasons":[` +
		strings.Join(reasons, ",") + `]}`
}

func each(f fault) func(int64) fault { return func(int64) fault { return f } }

func first(f fault) func(int64) fault {
	return func(n int64) fault {
		if n == 1 {
			return f
		}
		return fault{}
	}
}

func entry(sk string, version int64) table.Item {
	return table.Item{Key: table.Key{PK: "P", SK: sk}, Version: version, Attributes: json.RawMessage(`{}`)}
}

func putIf(sk string, version int64, c table.Condition) table.Op {
	return table.Op{Verb: table.Put, Item: entry(sk, version), If: c}
}

func TestInjectedErrors(t *testing.T) {
	pair := []table.Op{putIf("1", 1, table.IfAbsent()), putIf("2", 1, table.Always())}
	single := []table.Op{putIf("1", 1, table.Always())}
	for name, c := range map[string]struct {
		operation, answer string
		ops               []table.Op
		want              error
	}{
		"conflict":                 {"TransactWriteItems", cancelled("None", "TransactionConflict"), pair, table.ErrConflict},
		"throttled":                {"TransactWriteItems", cancelled("ThrottlingError", "None"), pair, table.ErrThrottled},
		"capacity":                 {"TransactWriteItems", cancelled("None", "ProvisionedThroughputExceeded"), pair, table.ErrThrottled},
		"conflict and throttled":   {"TransactWriteItems", cancelled("ThrottlingError", "TransactionConflict"), pair, table.ErrConflict},
		"throttled as a whole":     {"TransactWriteItems", dynamoError("ThrottlingException"), pair, table.ErrThrottled},
		"single write conflict":    {"PutItem", dynamoError("TransactionConflictException"), single, table.ErrConflict},
		"single write throttled":   {"PutItem", dynamoError("ProvisionedThroughputExceededException"), single, table.ErrThrottled},
		"single write over limits": {"PutItem", dynamoError("RequestLimitExceeded"), single, table.ErrThrottled},
	} {
		t.Run(name, func(t *testing.T) {
			tb := dynamotest.OpenBehind(t, &faults{operation: c.operation, inject: each(fault{answer: c.answer})})
			if err := tb.Transact(t.Context(), c.ops); !errors.Is(err, c.want) {
				t.Errorf("got error %v, want %v", err, c.want)
			}
			if _, err := tb.Get(t.Context(), entry("1", 1).Key); !errors.Is(err, table.ErrAbsent) {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}

func TestConditionBesideConflict(t *testing.T) {
	answer := cancelled("ConditionalCheckFailed", "TransactionConflict", "ConditionalCheckFailed")
	tb := dynamotest.OpenBehind(t, &faults{operation: "TransactWriteItems", inject: each(fault{answer: answer})})
	err := tb.Transact(t.Context(), []table.Op{
		putIf("1", 1, table.IfAbsent()), putIf("2", 1, table.Always()), putIf("3", 1, table.IfAbsent()),
	})
	failed, ok := errors.AsType[*table.ConditionFailed](err)
	if !ok || len(failed.Ops) != 2 || failed.Ops[1] != 2 {
		t.Errorf("got error %v", err)
	}
}

// TestThrottledOnce is healed by the client's own retry.
func TestThrottledOnce(t *testing.T) {
	for _, operation := range []string{"TransactWriteItems", "GetItem"} {
		f := &faults{operation: operation, inject: first(fault{answer: dynamoError("ThrottlingException")})}
		tb := dynamotest.OpenBehind(t, f)
		if err := tb.Transact(t.Context(), []table.Op{putIf("1", 1, table.IfAbsent())}); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
		if _, err := tb.Get(t.Context(), entry("1", 1).Key); err != nil || f.count.Load() != 2 {
			t.Errorf("%s: %v after %d requests", operation, err, f.count.Load())
		}
	}
}

// TestLostReply loses the reply to a write that was done: the retry must not
// take its own write for somebody else's, nor write twice.
func TestLostReply(t *testing.T) {
	for name, ops := range map[string][]table.Op{
		"if absent":  {putIf("1", 1, table.IfAbsent())},
		"if version": {putIf("0", 1, table.IfVersion(0))},
		"delete":     {{Verb: table.Delete, Item: entry("0", 0), If: table.IfExists()}},
		"several":    {putIf("0", 1, table.IfVersion(0)), putIf("1", 1, table.IfAbsent())},
	} {
		t.Run(name, func(t *testing.T) {
			f := &faults{operation: "TransactWriteItems", inject: first(fault{lose: true})}
			tb := dynamotest.OpenBehind(t, f)
			if err := tb.Transact(t.Context(), []table.Op{putIf("0", 0, table.Always())}); err != nil {
				t.Fatal(err)
			}
			if err := tb.Transact(t.Context(), ops); err != nil {
				t.Errorf("after a lost reply: %v", err)
			}
			changes, _, err := tb.Changes(t.Context(), "", 100)
			if err != nil || len(changes) != 1+len(ops) || f.count.Load() != 2 {
				t.Errorf("%d changes, %d requests, %v", len(changes), f.count.Load(), err)
			}
		})
	}
}

// TestLostReplies loses every reply: the outcome is unknown, and said to be by
// an error that is none of the contract's.
func TestLostReplies(t *testing.T) {
	tb := dynamotest.OpenBehind(t, &faults{operation: "TransactWriteItems", inject: each(fault{lose: true})})
	err := tb.Transact(t.Context(), []table.Op{putIf("1", 1, table.IfAbsent())})
	if _, failed := errors.AsType[*table.ConditionFailed](err); err == nil || failed || errors.Is(err, table.ErrConflict) {
		t.Errorf("got error %v", err)
	}
}

// TestCountersUnderFaults increments one counter from many sides while replies
// are lost and conflicts and throttles come: no increment is lost or doubled.
func TestCountersUnderFaults(t *testing.T) {
	kinds := []fault{
		{lose: true},
		{answer: cancelled("TransactionConflict")},
		{answer: dynamoError("ThrottlingException")},
		{},
		{answer: dynamoError("TransactionInProgressException")},
		{},
	}
	f := &faults{operation: "TransactWriteItems", inject: func(n int64) fault { return kinds[int(n*7/3)%len(kinds)] }}
	tb := dynamotest.OpenBehind(t, f)
	if err := tb.Transact(t.Context(), []table.Op{putIf("0", 0, table.Always())}); err != nil {
		t.Fatal(err)
	}
	var done, unknown atomic.Int64
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 10 {
				if err := increment(t.Context(), tb); err != nil {
					unknown.Add(1)
				} else {
					done.Add(1)
				}
			}
		})
	}
	wait.Wait()
	got, err := tb.Get(t.Context(), entry("0", 0).Key)
	if err != nil {
		t.Fatal(err)
	}
	if got.Version < done.Load() || got.Version > done.Load()+unknown.Load() {
		t.Errorf("the counter is %d after %d increments and %d of unknown outcome", got.Version, done.Load(), unknown.Load())
	}
	t.Logf("%d increments, %d of unknown outcome, %d requests", done.Load(), unknown.Load(), f.count.Load())
}

func increment(ctx context.Context, tb table.Table) error {
	for {
		it, err := tb.Get(ctx, entry("0", 0).Key)
		if err != nil {
			return err
		}
		err = tb.Transact(ctx, []table.Op{putIf("0", it.Version+1, table.IfVersion(it.Version))})
		_, failed := errors.AsType[*table.ConditionFailed](err)
		if !failed && !errors.Is(err, table.ErrConflict) && !errors.Is(err, table.ErrThrottled) {
			return err
		}
	}
}

// TestUnprocessedKeys leaves over half of each batch, twice.
func TestUnprocessedKeys(t *testing.T) {
	leave := func(n int64) fault {
		if n > 2 {
			return fault{}
		}
		return fault{edit: leaveHalf}
	}
	f := &faults{operation: "BatchGetItem", inject: leave}
	tb := dynamotest.OpenBehind(t, f)
	var keys []table.Key
	for i := range 20 {
		op := putIf(fmt.Sprint(i), 1, table.Always())
		keys = append(keys, op.Item.Key)
		if err := tb.Transact(t.Context(), []table.Op{op}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := tb.GetMany(t.Context(), keys)
	if err != nil || len(got) != 20 || f.count.Load() != 3 {
		t.Errorf("%d items by %d requests (%v), want 20 by 3", len(got), f.count.Load(), err)
	}
	for i, it := range got {
		if it.Key != keys[i] {
			t.Errorf("item %d is %v", i, it.Key)
		}
	}
}

// leaveHalf moves half of a batch's items back to the keys left over.
func leaveHalf(body map[string]any) {
	responses := body["Responses"].(map[string]any)
	for name, list := range responses {
		items := list.([]any)
		half := len(items) / 2
		var keys []any
		for _, item := range items[half:] {
			in := item.(map[string]any)
			keys = append(keys, map[string]any{"pk": in["pk"], "sk": in["sk"]})
		}
		responses[name] = items[:half]
		body["UnprocessedKeys"] = map[string]any{name: map[string]any{"Keys": keys, "ConsistentRead": true}}
	}
}

// TestNothingProcessed gives up on a table that processes no key.
func TestNothingProcessed(t *testing.T) {
	tb := dynamotest.OpenBehind(t, &faults{operation: "BatchGetItem", inject: each(fault{edit: func(body map[string]any) {
		for name := range body["Responses"].(map[string]any) {
			body["Responses"] = map[string]any{}
			body["UnprocessedKeys"] = map[string]any{name: map[string]any{
				"Keys": []any{map[string]any{"pk": map[string]any{"S": "P"}, "sk": map[string]any{"S": "1"}}},
			}}
		}
	}})})
	_, err := tb.GetMany(t.Context(), []table.Key{{PK: "P", SK: "1"}})
	if !errors.Is(err, table.ErrThrottled) {
		t.Errorf("got error %v, want ErrThrottled", err)
	}
}

// TestExpiredIterator replaces an iterator that DynamoDB no longer takes.
func TestExpiredIterator(t *testing.T) {
	f := &faults{operation: "GetRecords", inject: func(n int64) fault {
		if n%2 == 1 {
			return fault{answer: `{"__type":"com.amazonaws.dynamodb.v20120810#ExpiredIteratorException","message":"injected"}`}
		}
		return fault{}
	}}
	tb := dynamotest.OpenBehind(t, f)
	cursor := ""
	for i := range 5 {
		if err := tb.Transact(t.Context(), []table.Op{putIf(fmt.Sprint(i), 1, table.Always())}); err != nil {
			t.Fatal(err)
		}
		got, next, err := tb.Changes(t.Context(), cursor, 10)
		if err != nil || len(got) != 1 || got[0].SK != fmt.Sprint(i) {
			t.Fatalf("round %d: %v, %v", i, got, err)
		}
		cursor = next
	}
}

func TestTrimmedStream(t *testing.T) {
	trimmed := dynamoError("TrimmedDataAccessException")
	f := &faults{operation: "GetRecords", inject: func(n int64) fault {
		if n > 2 {
			return fault{answer: trimmed}
		}
		return fault{}
	}}
	tb := dynamotest.OpenBehind(t, f)
	if err := tb.Transact(t.Context(), []table.Op{putIf("1", 1, table.Always())}); err != nil {
		t.Fatal(err)
	}
	_, cursor, err := tb.Changes(t.Context(), "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = tb.Changes(t.Context(), cursor, 1); err == nil {
		_, _, err = tb.Changes(t.Context(), cursor, 1)
	}
	if !errors.Is(err, table.ErrTrimmed) {
		t.Errorf("got error %v, want ErrTrimmed", err)
	}
	gone := strings.Replace(cursor, "shardId-0", "shardId-9", 1)
	if _, _, err = tb.Changes(t.Context(), gone, 1); !errors.Is(err, table.ErrTrimmed) {
		t.Errorf("a shard that is gone: got error %v, want ErrTrimmed", err)
	}
}
