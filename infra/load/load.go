// Package load asks a server the same requests from many clients at once, and
// says how many a second it answered and what processor time that took it.
package load

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Clients is how many ask at once.
const Clients = 16

// Result is what a server did in one run.
type Result struct {
	Asked     int
	PerSecond float64
	CPU       time.Duration // of the server's processes, for one request
}

// Run asks each request once, or goes round them until it has taken the time
// given. Every answer is read whole and given to read, which may be nil and must not keep it.
func Run(ctx context.Context, urls []string, least time.Duration, pids func() []int, read func(i int, body []byte) error) (Result, error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, Clients)
	before, start := CPU(pids()), time.Now()
	for range Clients {
		wg.Go(func() {
			var c Conn
			defer c.Close()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(urls) && time.Since(start) > least {
					return
				}
				body, err := c.Get(ctx, urls[i%len(urls)])
				if err == nil && read != nil {
					err = read(i%len(urls), body)
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	asked := int(next.Load()) - Clients
	select {
	case err := <-errs:
		return Result{}, err
	default:
	}
	cpu := CPU(pids()) - before
	return Result{Asked: asked, PerSecond: float64(asked) / took.Seconds(), CPU: cpu / time.Duration(max(1, asked))}, nil
}

// tick is what Linux counts processor time in.
const tick = 10 * time.Millisecond

// CPU returns the processor time that the processes have taken so far; those that
// are gone count nothing.
func CPU(pids []int) time.Duration {
	var sum time.Duration
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ") // the name before may have spaces
		fields := strings.Fields(rest)
		for _, at := range []int{11, 12} { // user and system
			if len(fields) > at {
				n, _ := strconv.Atoi(fields[at])
				sum += time.Duration(n) * tick
			}
		}
	}
	return sum
}

// Resident returns the memory in MB that a process has in the machine's, and the
// most it ever had.
func Resident(pid int) (now, most float64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // absent: nothing is resident
	for line := range strings.Lines(string(status)) {
		name, rest, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
		switch name {
		case "VmRSS":
			now = kb / 1024
		case "VmHWM":
			most = kb / 1024
		}
	}
	return now, most
}
