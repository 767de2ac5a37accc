package bolt_test

import (
	"path/filepath"
	"testing"

	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
	"convoke/shared/state/table/tabletest"
)

func open(t testing.TB, path string, o bolt.Options) *bolt.Table {
	t.Helper()
	tb, err := bolt.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tb.Close() })
	return tb
}

func fresh(t testing.TB) *bolt.Table {
	return open(t, filepath.Join(t.TempDir(), "table.db"), bolt.Options{})
}

func TestContract(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) table.Table {
		t.Parallel()
		return fresh(t)
	})
}
