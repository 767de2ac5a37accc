package auth

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// clock is a time that moves when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 12, 10, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newLimiter(t interface{ Fatal(args ...any) }, c LimiterConfig) *Limiter {
	l, err := NewLimiter(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLimiter(t *testing.T) {
	at := newClock()
	l := newLimiter(t, LimiterConfig{Every: 10 * time.Second, Burst: 2, Now: at.Now})
	expect := func(key string, want bool, wantAfter time.Duration) {
		t.Helper()
		if ok, after := l.Allow(key); ok != want || after != wantAfter {
			t.Errorf("%s: %v after %v, want %v after %v", key, ok, after, want, wantAfter)
		}
	}
	expect("a", true, 0)
	expect("a", true, 0)
	expect("a", false, 10*time.Second)
	at.advance(4 * time.Second)
	expect("a", false, 6*time.Second)
	expect("b", true, 0)
	at.advance(6 * time.Second)
	expect("a", true, 0)
	expect("a", false, 10*time.Second)
}

// TestLimiterHoldsItsRate is the law: over any run, no more than the burst and
// what time has earned; and whoever waits as told is let through.
func TestLimiterHoldsItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := newClock()
		burst := rapid.IntRange(1, 5).Draw(t, "burst")
		l := newLimiter(t, LimiterConfig{Every: time.Second, Burst: burst, Now: at.Now})
		allowed, passed := 0, time.Duration(0)
		for _, ms := range rapid.SliceOfN(rapid.IntRange(0, 1500), 1, 60).Draw(t, "pauses") {
			at.advance(time.Duration(ms) * time.Millisecond)
			passed += time.Duration(ms) * time.Millisecond
			ok, after := l.Allow("key")
			if !ok {
				at.advance(after + time.Microsecond)
				passed += after + time.Microsecond
				if ok, _ = l.Allow("key"); !ok {
					t.Fatalf("refused after waiting %v", after)
				}
			}
			allowed++
			if allowed > burst+int(passed/time.Second) {
				t.Fatalf("%d allowed in %v with burst %d", allowed, passed, burst)
			}
		}
	})
}

func TestLimiterForgetsTheLeastUsed(t *testing.T) {
	at := newClock()
	l := newLimiter(t, LimiterConfig{Every: time.Hour, Burst: 1, Keys: 3, Now: at.Now})
	for i := range 1000 {
		l.Allow(fmt.Sprint("flood", i))
		if ok, _ := l.Allow("steady"); ok != (i == 0) {
			t.Fatalf("round %d: steady key allowed %v", i, ok)
		}
	}
	if len(l.buckets) != 3 || l.recency.Len() != 3 {
		t.Errorf("%d buckets, %d in order", len(l.buckets), l.recency.Len())
	}
}

func TestLimiterUnderConcurrency(t *testing.T) {
	at := newClock()
	l := newLimiter(t, LimiterConfig{Every: time.Hour, Burst: 20, Now: at.Now})
	var allowed atomic.Int64
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			for range 50 {
				if ok, _ := l.Allow("key"); ok {
					allowed.Add(1)
				}
			}
		})
	}
	group.Wait()
	if allowed.Load() != 20 {
		t.Errorf("%d allowed, want 20", allowed.Load())
	}
}

func TestNewLimiterRefuses(t *testing.T) {
	for _, c := range []LimiterConfig{
		{Burst: 1, Now: time.Now},
		{Every: time.Second, Now: time.Now},
		{Every: time.Second, Burst: 1},
		{Every: time.Second, Burst: 1, Keys: -1, Now: time.Now},
	} {
		if _, err := NewLimiter(c); err == nil {
			t.Errorf("took %+v", c)
		}
	}
}
