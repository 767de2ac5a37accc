package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/state/table"
)

// answerKept is how long an answer is kept at least for its Idempotency-Key.
const answerKept = 24 * time.Hour

// ErrKeyReused says that an Idempotency-Key came with another request before.
var ErrKeyReused = fault.New(fault.Invalid, "idempotency.key_reused")

// Once makes the write of one request happen once. It is put into the context
// with WithOnce, and written in the transaction of the request's one write, so
// that the effect and the answer that is replayed for it stand or fall together.
type Once struct {
	Scope   string          `json:"scope"`   // who asks: keys of different callers do not meet
	Key     string          `json:"-"`       // the header's value
	Request string          `json:"request"` // hash of method, path and body
	Status  int             `json:"status"`
	Header  []string        `json:"header,omitempty"` // pairs of name and value
	Body    json.RawMessage `json:"body"`
}

type onceContextKey struct{}

// WithOnce returns a context in which the next write carries o. The caller fills
// in o's answer before the write commits.
func WithOnce(ctx context.Context, o *Once) context.Context {
	return context.WithValue(ctx, onceContextKey{}, o)
}

// OnceOf returns the o of WithOnce, nil when there is none.
func OnceOf(ctx context.Context) *Once {
	o, _ := ctx.Value(onceContextKey{}).(*Once)
	return o
}

func (o *Once) item(now time.Time) table.Item {
	return table.Item{
		Key: onceKey(o.Scope, o.Key), Type: typeOnce, Version: 1, Expires: now.Add(answerKept).Unix(), Attributes: encode(o),
	}
}

// Replay returns the answer that was given to the key before, or nil when there
// is none. An answer is replayed for as long as the table keeps it, which is a
// day or somewhat more. It returns ErrKeyReused when the key came with another request.
func (s *Store) Replay(ctx context.Context, scope, key, request string) (*Once, error) {
	it, err := s.Table.Get(ctx, onceKey(scope, key))
	if errors.Is(err, table.ErrAbsent) {
		return nil, nil
	}
	if err != nil {
		return nil, translate(err)
	}
	o := &Once{Key: key}
	if err := json.Unmarshal(it.Attributes, o); err != nil {
		return nil, err
	}
	if o.Request != request {
		return nil, ErrKeyReused
	}
	return o, nil
}
