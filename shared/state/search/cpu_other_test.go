//go:build !linux

package search_test

import "time"

var began = time.Now()

// threadTime is the time on the clock, where the processor's is not to be had.
func threadTime() time.Duration { return time.Since(began) }
