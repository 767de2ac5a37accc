package runtime

import (
	"sync"
	"time"
)

// Clock is the time of a local process: the machine's, or for stories and tests
// one that starts elsewhere and is moved on by hand.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
	fixed  time.Time // when set, time stands still until it is advanced
}

// ClockAt returns a clock that stands at t.
func ClockAt(t time.Time) *Clock { return &Clock{fixed: t.UTC()} }

// Now returns the time in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.fixed.IsZero() {
		return c.fixed
	}
	return time.Now().UTC().Add(c.offset)
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.offset += d; !c.fixed.IsZero() {
		c.fixed = c.fixed.Add(d)
	}
}
