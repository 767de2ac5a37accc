package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

// sample fills a table, closes it, and returns the file.
func sample(t *testing.T) (path string, items map[table.Key]table.Item) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "table.db")
	tb := open(t, path, bolt.Options{})
	items = map[table.Key]table.Item{}
	for i := range 60 {
		var ops []table.Op
		for j := range 5 {
			it := thing(fmt.Sprintf("P%d", i), fmt.Sprint(j), int64(i))
			it.G1 = table.Key{PK: fmt.Sprintf("G%d", j), SK: fmt.Sprint(i)}
			it.Expires = 4102444800
			items[it.Key] = it
			ops = append(ops, table.Op{Verb: table.Put, Item: it})
		}
		if err := tb.Transact(t.Context(), ops); err != nil {
			t.Fatal(err)
		}
	}
	if err := tb.Close(); err != nil {
		t.Fatal(err)
	}
	return path, items
}

func thing(pk, sk string, version int64) table.Item {
	return table.Item{
		Key: table.Key{PK: pk, SK: sk}, Type: "THING", Version: version,
		Attributes: []byte(fmt.Sprintf(`{"n":%d,"text":"some text that fills the item a little"}`, version)),
	}
}

// wantCorrupt opens path, and wants it refused and left as it is.
func wantCorrupt(t *testing.T, what, path string) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tb, err := bolt.Open(path, bolt.Options{})
	if err == nil {
		tb.Close()
	}
	if !errors.Is(err, table.ErrCorrupt) {
		t.Errorf("%s: got error %v, want ErrCorrupt", what, err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("%s: the file was changed (%v)", what, err)
	}
}

func TestForeignFiles(t *testing.T) {
	for name, content := range map[string][]byte{
		"empty":  {},
		"text":   []byte("name,country\n"),
		"zeros":  make([]byte, 1<<16),
		"sqlite": append([]byte("SQLite format 3\x00"), make([]byte, 8192)...),
	} {
		path := filepath.Join(t.TempDir(), "table.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		wantCorrupt(t, name, path)
	}
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("table"))
		return err
	}), db.Close()); err != nil {
		t.Fatal(err)
	}
	wantCorrupt(t, "another program's bbolt file", path)
}

func TestMissingFolder(t *testing.T) {
	_, err := bolt.Open(filepath.Join(t.TempDir(), "none", "table.db"), bolt.Options{})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got error %v", err)
	}
}

func TestCutFile(t *testing.T) {
	path, items := sample(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cuts := []int{1, 100, 4095, 4096, 4097, 8192, 12288}
	for range 40 {
		cuts = append(cuts, rand.IntN(len(whole)))
	}
	for _, n := range cuts {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		tb, err := bolt.Open(path, bolt.Options{})
		if err == nil { // what was cut off was not in use
			wantWhole(t, fmt.Sprintf("cut to %d of %d bytes", n, len(whole)), tb, items)
			tb.Close()
			continue
		}
		wantCorrupt(t, fmt.Sprintf("cut to %d of %d bytes", n, len(whole)), path)
	}
}

// wantWhole wants the table to hold items, or to say that it is damaged. It
// reports whether it held them.
func wantWhole(t *testing.T, what string, tb *bolt.Table, items map[table.Key]table.Item) bool {
	t.Helper()
	if err := tb.Verify(t.Context()); err != nil {
		if !errors.Is(err, table.ErrCorrupt) {
			t.Errorf("%s: verify: %v", what, err)
		}
		return false
	}
	found := 0
	err := tb.Walk(t.Context(), func(it table.Item) error {
		if !table.Same(it, items[it.Key]) {
			return fmt.Errorf("%v is %+v", it.Key, it)
		}
		found++
		return nil
	})
	if err != nil || found != len(items) {
		t.Errorf("%s: %d of %d items, and no damage was found: %v", what, found, len(items), err)
	}
	return true
}

// TestFlippedBits flips one bit at a time, anywhere in the file: it is refused
// at opening, found by Verify, or did not matter; and nothing crashes.
func TestFlippedBits(t *testing.T) {
	path, items := sample(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flips := 300
	if os.Getenv("CONVOKE_TEST_ALL") != "" {
		flips = 3000
	}
	var refused, found, harmless int
	for i := range flips {
		at := rand.IntN(len(whole))
		if i < 200 {
			at = i // the meta page, bit by bit
		}
		damaged := bytes.Clone(whole)
		damaged[at] ^= 1 << rand.IntN(8)
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("byte %d from %#x to %#x", at, whole[at], damaged[at])
		tb, err := bolt.Open(path, bolt.Options{})
		if err != nil {
			refused++
			wantCorrupt(t, what, path)
			continue
		}
		if readAll(t, tb, items); wantWhole(t, what, tb, items) {
			harmless++
		} else {
			found++
		}
		tb.Close()
	}
	t.Logf("%d refused at opening, %d found, %d harmless", refused, found, harmless)
}

// readAll reads in every way; whatever comes is right or an error.
func readAll(t *testing.T, tb *bolt.Table, items map[table.Key]table.Item) {
	t.Helper()
	for key, want := range items {
		if got, err := tb.Get(t.Context(), key); err == nil && !table.Same(got, want) {
			t.Errorf("get %v: %+v", key, got)
		}
	}
	for j := range 5 {
		page, err := tb.Query(t.Context(), table.Query{Index: table.G1, PK: fmt.Sprintf("G%d", j), Limit: 100})
		for _, it := range page.Items {
			if err == nil && !table.Same(it, items[it.Key]) {
				t.Errorf("query: %+v", it)
			}
		}
	}
	_, _, _ = tb.Changes(t.Context(), "", 1000)
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.db")
	open(t, path, bolt.Options{})
	_, err := bolt.Open(path, bolt.Options{LockTimeout: 50 * time.Millisecond})
	if !errors.Is(err, bolt.ErrLocked) {
		t.Errorf("got error %v, want ErrLocked", err)
	}
}
