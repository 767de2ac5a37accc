package auth

import (
	"container/list"
	"crypto/sha256"
	"errors"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// DefaultLimiterKeys is how many keys a Limiter remembers unless told.
const DefaultLimiterKeys = 10_000

// LimiterConfig says how often one key may act.
type LimiterConfig struct {
	Every time.Duration    // one more action is allowed each Every
	Burst int              // actions allowed at once by a key that rested
	Keys  int              // keys remembered; 0 is DefaultLimiterKeys
	Now   func() time.Time // the clock
}

// Limiter is a token bucket per key, such as an address or a network. It lives
// in this process alone: n processes together allow n times as much. Beyond
// Keys the key unused for longest is forgotten and may start afresh, so that a
// flood over many keys needs a second Limiter with one key for all. Keys are
// kept as hashes, so that memory is bounded whatever their length and holds no
// address. Safe for concurrent use.
type Limiter struct {
	config LimiterConfig

	mu      sync.Mutex
	recency *list.List // of *bucket, the latest used in front
	buckets map[[sha256.Size]byte]*list.Element
}

type bucket struct {
	key    [sha256.Size]byte
	tokens *rate.Limiter
}

// NewLimiter returns a limiter in which every key is rested.
func NewLimiter(c LimiterConfig) (*Limiter, error) {
	if c.Every <= 0 || c.Burst < 1 || c.Keys < 0 || c.Now == nil {
		return nil, errors.New("limiter: Every, Burst and Now must be set, Keys must not be negative")
	}
	if c.Keys == 0 {
		c.Keys = DefaultLimiterKeys
	}
	return &Limiter{config: c, recency: list.New(), buckets: map[[sha256.Size]byte]*list.Element{}}, nil
}

// Allow reports whether key may act now, and if not, after how long it may. A
// refused attempt costs nothing.
func (l *Limiter) Allow(key string) (ok bool, retryAfter time.Duration) {
	sum := sha256.Sum256([]byte(key))
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.config.Now()
	tokens := l.bucket(sum).tokens
	if tokens.AllowN(now, 1) {
		return true, 0
	}
	missing := 1 - tokens.TokensAt(now)
	return false, time.Duration(math.Ceil(missing * float64(l.config.Every)))
}

func (l *Limiter) bucket(key [sha256.Size]byte) *bucket {
	if e, ok := l.buckets[key]; ok {
		l.recency.MoveToFront(e)
		return e.Value.(*bucket)
	}
	if l.recency.Len() >= l.config.Keys {
		oldest := l.recency.Back()
		delete(l.buckets, l.recency.Remove(oldest).(*bucket).key)
	}
	b := &bucket{key: key, tokens: rate.NewLimiter(rate.Every(l.config.Every), l.config.Burst)}
	l.buckets[key] = l.recency.PushFront(b)
	return b
}
