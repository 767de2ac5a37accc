package bolt_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

// writerEnv makes the test binary write to the table it names until it is
// killed; fullEnv makes it fill the disk.
const (
	writerEnv = "BOLT_TEST_WRITER"
	fullEnv   = "BOLT_TEST_FULL"
	writers   = 8
)

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		fmt.Fprintln(os.Stderr, writeForEver(path))
		os.Exit(1)
	}
	if path := os.Getenv(fullEnv); path != "" {
		if err := fillUp(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// writeForEver lets writers replace two items each, together, and prints each
// write that was acknowledged: writer and version.
func writeForEver(path string) error {
	tb, err := bolt.Open(path, bolt.Options{KeepChanges: 2000})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range writers {
		go func() {
			ctx, name := context.Background(), fmt.Sprint(w)
			version := int64(0)
			if it, err := tb.Get(ctx, table.Key{PK: "A", SK: name}); err == nil {
				version = it.Version
			}
			for {
				version++
				a, b := thing("A", name, version), thing("B", name, version)
				a.G1 = table.Key{PK: "G", SK: fmt.Sprintf("%d-%s", version, name)}
				err := tb.Transact(ctx, []table.Op{
					{Verb: table.Put, Item: a},
					{Verb: table.Put, Item: b},
					{Verb: table.Put, Item: thing("LOG#"+name, fmt.Sprint(version), version), If: table.IfAbsent()},
				})
				if err != nil {
					failed <- err
					return
				}
				fmt.Printf("%d %d\n", w, version)
			}
		}()
	}
	return <-failed
}

// TestKilled kills a writing process at random moments: whatever it had
// acknowledged is there, and no transaction is torn.
func TestKilled(t *testing.T) {
	kills := 30
	if os.Getenv("CONVOKE_TEST_ALL") != "" || os.Getenv("CONVOKE_SCORECARD") != "" {
		kills = 200
	}
	if testing.Short() {
		kills = 3
	}
	path := filepath.Join(t.TempDir(), "table.db")
	var acknowledged [writers]int64
	total := 0
	for range kills {
		total += killWriter(t, path, &acknowledged)
		inspectKilled(t, path, acknowledged)
		if t.Failed() {
			return
		}
	}
	t.Attr("scorecard", fmt.Sprintf("22 embedded table, killed: injected %d, held %d", kills, kills)) // the first that does not hold ends the test
	t.Logf("%d kills, %d acknowledged transactions", kills, total)
}

// killWriter runs a writer until it has acknowledged some writes and a random
// while more, and notes all that it acknowledged.
func killWriter(t *testing.T, path string, acknowledged *[writers]int64) (seen int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	after := rand.IntN(300)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var w int
		var version int64
		if _, err := fmt.Sscanf(lines.Text(), "%d %d", &w, &version); err != nil {
			break // the last line was cut
		}
		acknowledged[w] = version
		if seen++; seen > after {
			once.Do(func() {
				time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, func() { cmd.Process.Kill() })
			})
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return seen
}

func inspectKilled(t *testing.T, path string, acknowledged [writers]int64) {
	t.Helper()
	tb, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer tb.Close()
	if err := tb.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	for w, version := range acknowledged {
		name := fmt.Sprint(w)
		keys := []table.Key{{PK: "A", SK: name}, {PK: "B", SK: name}}
		got, err := tb.GetMany(t.Context(), keys)
		if err != nil || len(got) != 0 && len(got) != 2 {
			t.Fatalf("writer %d: %v, %v", w, got, err)
		}
		last := int64(0)
		if len(got) == 2 {
			if last = got[0].Version; got[1].Version != last {
				t.Errorf("writer %d: a transaction is torn: versions %d and %d", w, last, got[1].Version)
			}
		}
		if last < version {
			t.Errorf("writer %d: version %d was acknowledged, %d is there", w, version, last)
		}
		logged := 0
		for q := (table.Query{PK: "LOG#" + name, Limit: 1000}); ; {
			page, err := tb.Query(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			logged += len(page.Items)
			if q.Cursor = page.Cursor; q.Cursor == "" {
				break
			}
		}
		if int64(logged) != last {
			t.Errorf("writer %d: %d of %d transactions are there", w, logged, last)
		}
	}
}
