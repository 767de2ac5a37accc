//go:build linux

package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

// TestDiskFull runs a process that may not write beyond a size of file, which
// fails as a full disk does, and then lifts the limit.
func TestDiskFull(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fullEnv+"="+filepath.Join(t.TempDir(), "table.db"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func fillUp(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	ctx := context.Background()
	tb, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return err
	}
	defer tb.Close()
	var unlimited syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 20, Max: unlimited.Max}); err != nil {
		return err
	}
	stored, err := writeUntilFull(ctx, tb)
	if err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited); err != nil {
		return err
	}
	for i := range 100 {
		if err := tb.Transact(ctx, []table.Op{large(stored + i)}); err != nil {
			return fmt.Errorf("write with space again: %w", err)
		}
	}
	if err := tb.Verify(ctx); err != nil {
		return err
	}
	n := 0
	if err := tb.Walk(ctx, func(table.Item) error { n++; return nil }); err != nil || n != stored+100 {
		return fmt.Errorf("%d items, want %d: %w", n, stored+100, err)
	}
	return nil
}

func large(i int) table.Op {
	it := thing("P", fmt.Sprint(i), 1)
	it.Attributes = []byte(`{"fill":"` + strings.Repeat("x", 20_000) + `"}`)
	return table.Op{Verb: table.Put, Item: it}
}

// writeUntilFull returns how many items were stored before, and wants the
// refusal to be ErrFull each time.
func writeUntilFull(ctx context.Context, tb *bolt.Table) (int, error) {
	stored, refused := 0, 0
	for refused < 3 {
		err := tb.Transact(ctx, []table.Op{large(stored)})
		switch {
		case err == nil:
			stored++
		case errors.Is(err, table.ErrFull):
			refused++
		default:
			return 0, fmt.Errorf("want ErrFull: %w", err)
		}
		if stored > 1000 {
			return 0, errors.New("the limit did not work")
		}
	}
	if _, err := tb.Get(ctx, table.Key{PK: "P", SK: "0"}); err != nil {
		return 0, fmt.Errorf("read while full: %w", err)
	}
	return stored, nil
}
