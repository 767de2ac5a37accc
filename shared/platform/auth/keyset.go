package auth

import (
	"context"
	"crypto/rsa"
	"errors"
	"sync"
	"time"
)

// How the issuer's keys are kept. A token with an unknown key id makes them be
// fetched again, since they may have been rotated, but never more often than
// each keysPause, however many such tokens come.
const (
	keysFresh   = 10 * time.Minute // used without a question
	keysUsable  = time.Hour        // used while the issuer does not answer; then nobody is let in
	keysPause   = 5 * time.Second  // after an answer, until the next fetch
	keysRetry   = 2 * time.Second  // after a failure, until the next fetch
	keysTimeout = 3 * time.Second  // for one fetch
)

var errUnknownKey = errors.New("no such key at the issuer")

// keySet keeps the issuer's public keys. It exists beside go-oidc's own because
// that one never forgets a key, fetches once for every forged signature, and
// cannot say whether a token is bad or the issuer is down.
type keySet struct {
	fetch func(context.Context) (map[string]*rsa.PublicKey, error)
	now   func() time.Time
	turn  chan struct{} // holds one token: who has it may fetch

	mu      sync.Mutex
	keys    map[string]*rsa.PublicKey // by key id; replaced whole, never changed
	fetched time.Time                 // when keys were answered; zero is never
	tried   time.Time                 // when the last fetch ended; zero is never
	failed  error                     // why the last fetch failed, nil if it did not
}

func newKeySet(fetch func(context.Context) (map[string]*rsa.PublicKey, error), now func() time.Time) *keySet {
	return &keySet{fetch: fetch, now: now, turn: make(chan struct{}, 1)}
}

// find returns the key with the id, errUnknownKey if the issuer has none, or
// ErrIssuerUnavailable if that cannot be told.
func (s *keySet) find(ctx context.Context, id string) (*rsa.PublicKey, error) {
	key, age := s.lookup(id)
	if key != nil && age < keysFresh {
		return key, nil
	}
	if err := s.refresh(ctx, key != nil && age < keysUsable); err != nil {
		return nil, ErrIssuerUnavailable.Because(err)
	}
	key, age = s.lookup(id)
	switch failed := s.lastFailure(); {
	case key != nil && age < keysUsable:
		return key, nil
	case failed != nil:
		return nil, ErrIssuerUnavailable.Because(failed)
	}
	return nil, errUnknownKey
}

// lookup returns the key, nil if unknown, and the age of the whole set.
func (s *keySet) lookup(id string) (*rsa.PublicKey, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[id], s.now().Sub(s.fetched)
}

func (s *keySet) lastFailure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// refresh fetches the keys unless that was done just now. One caller fetches,
// the others wait for it; those who can do without do not wait. Its error is
// the context's alone.
func (s *keySet) refresh(ctx context.Context, canDoWithout bool) error {
	if canDoWithout {
		select {
		case s.turn <- struct{}{}:
		default:
			return nil
		}
	} else {
		select {
		case s.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { <-s.turn }()
	if s.due() {
		s.replace(ctx)
	}
	return nil
}

func (s *keySet) due() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tried.IsZero() {
		return true
	}
	pause := keysPause
	if s.failed != nil {
		pause = keysRetry
	}
	return s.now().Sub(s.tried) >= pause
}

// replace fetches on behalf of everybody who waits, so that the caller who
// happens to do it may leave without failing the others.
func (s *keySet) replace(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysTimeout)
	defer cancel()
	keys, err := s.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried, s.failed = s.now(), err
	if err == nil {
		s.keys, s.fetched = keys, s.tried
	}
}
