package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"convoke/infra/load"
	"convoke/shared/state/search/searchtest"
)

// judged is how many queries of a kind that mean a document every peer answers,
// however slow it is; hit@20 is over these, so that it is over the same ones.
const judged = 500

// asked is what a peer did with one kind of query.
type asked struct {
	perSecond float64
	cpu       time.Duration // of the server's processes, for one request
	hit       float64       // the share of those meant that are among 20; -1 where none is
}

// askAll asks from 16 clients, going round the queries, until the time is over and
// the judged ones are answered. load.Run would ask each of them once, which takes
// the slowest peer minutes.
func askAll(ctx context.Context, p peer, asks []searchtest.Ask, pids []int, each time.Duration) (asked, error) {
	judged, meant := judgedOf(asks)
	var next, answered, found atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, load.Clients)
	before, start := load.CPU(family(pids)), time.Now()
	for range load.Clients {
		wg.Go(func() {
			var c load.Conn
			defer c.Close()
			for i := next.Add(1) - 1; i < judged || time.Since(start) < each; i = next.Add(1) - 1 {
				a := &asks[int(i)%len(asks)]
				body, err := c.Get(ctx, p.url(a))
				if err != nil {
					errs <- fmt.Errorf("%q: %w", a.Text, err)
					return
				}
				answered.Add(1)
				if i < judged && a.Want != "" && bytes.Contains(body, []byte(a.Want)) {
					found.Add(1)
				}
			}
		})
	}
	wg.Wait()
	took, n := time.Since(start), answered.Load()
	select {
	case err := <-errs:
		return asked{}, err
	default:
	}
	r := asked{perSecond: float64(n) / took.Seconds(), cpu: (load.CPU(family(pids)) - before) / time.Duration(n), hit: -1}
	if meant > 0 {
		r.hit = float64(found.Load()) / float64(meant)
	}
	return r, nil
}

// judgedOf returns how many of the first queries are judged, and how many of these
// mean a document.
func judgedOf(asks []searchtest.Ask) (first int64, meant int) {
	for _, a := range asks[:judged] {
		if a.Want != "" {
			meant++
		}
	}
	if meant == 0 {
		return 0, 0
	}
	return judged, meant
}

// family returns the processes and all their descendants: PostgreSQL answers each
// connection from a process of its own.
func family(pids []int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, path := range stats {
		stat, _ := os.ReadFile(path) // gone meanwhile: no child
		id, rest, _ := strings.Cut(string(stat), " ")
		_, rest, _ = strings.Cut(rest, ") ")
		if fields := strings.Fields(rest); len(fields) > 1 {
			pid, _ := strconv.Atoi(id)
			parent, _ := strconv.Atoi(fields[1])
			children[parent] = append(children[parent], pid)
		}
	}
	all := append([]int(nil), pids...)
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}
