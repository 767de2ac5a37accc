// Package blobtest is the suite that every blob.Store passes.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/state/blob"
)

// Run holds the store that open returns, a fresh and empty one at each call, to
// the contract of blob.Store.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, blob.Store){
		"round trip":       roundTrip,
		"absent":           absent,
		"compare and swap": compareAndSwap,
		"list":             list,
		"bad keys":         badKeys,
		"cancelled":        cancelled,
		"concurrent swaps": concurrentSwaps,
		"one creator":      oneCreator,
		"whole writes":     wholeWrites,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func roundTrip(t *testing.T, s blob.Store) {
	t.Helper()
	ctx := t.Context()
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for key, data := range map[string][]byte{"empty": {}, "a/b/c-1_2.seg": {0, 255, '\n'}, "big": big} {
		must(t, s.Put(ctx, key, data))
		got, etag, err := s.Get(ctx, key)
		if err != nil || etag == "" || !bytes.Equal(got, data) {
			t.Fatalf("Get(%s) = %d bytes, %q, %v; want %d bytes", key, len(got), etag, err, len(data))
		}
	}
	must(t, s.Put(ctx, "big", []byte("small")))
	if got, _, err := s.Get(ctx, "big"); err != nil || string(got) != "small" {
		t.Fatalf("after overwriting: %q, %v", got, err)
	}
}

func absent(t *testing.T, s blob.Store) {
	t.Helper()
	ctx := t.Context()
	if _, _, err := s.Get(ctx, "a/none"); !errors.Is(err, blob.ErrAbsent) {
		t.Fatalf("Get of nothing: %v, want ErrAbsent", err)
	}
	must(t, s.Delete(ctx, "a/none"))
	must(t, s.Put(ctx, "a/one", []byte("1")))
	must(t, s.Delete(ctx, "a/one"))
	if _, _, err := s.Get(ctx, "a/one"); !errors.Is(err, blob.ErrAbsent) {
		t.Fatalf("Get after Delete: %v, want ErrAbsent", err)
	}
}

func compareAndSwap(t *testing.T, s blob.Store) {
	t.Helper()
	ctx := t.Context()
	refused := func(etag string) {
		t.Helper()
		if _, err := s.PutIf(ctx, "m", []byte("refused"), etag); !errors.Is(err, blob.ErrChanged) {
			t.Fatalf("PutIf with %q: %v, want ErrChanged", etag, err)
		}
	}
	refused(`"0123456789abcdef0123456789abcdef"`) // nothing is there yet
	one, err := s.PutIf(ctx, "m", []byte("one"), "")
	must(t, err)
	refused("")
	two, err := s.PutIf(ctx, "m", []byte("two"), one)
	must(t, err)
	refused(one)
	data, etag, err := s.Get(ctx, "m")
	must(t, err)
	if string(data) != "two" || etag != two {
		t.Fatalf("Get = %q, %q; want two, %q", data, etag, two)
	}
	must(t, s.Put(ctx, "m", []byte("three")))
	refused(two)
	must(t, s.Delete(ctx, "m"))
	refused(two)
	_, err = s.PutIf(ctx, "m", []byte("four"), "")
	must(t, err)
}

func list(t *testing.T, s blob.Store) {
	t.Helper()
	ctx := t.Context()
	for _, key := range []string{"b", "a/2", "a/1", "a-b", "ab/1", "a/x/3"} {
		must(t, s.Put(ctx, key, []byte(key)))
	}
	for prefix, want := range map[string][]string{
		"":     {"a-b", "a/1", "a/2", "a/x/3", "ab/1", "b"},
		"a":    {"a-b", "a/1", "a/2", "a/x/3", "ab/1"},
		"a/":   {"a/1", "a/2", "a/x/3"},
		"a/x":  {"a/x/3"},
		"none": nil,
	} {
		entries, err := s.List(ctx, prefix)
		must(t, err)
		var got []string
		for _, e := range entries {
			got = append(got, e.Key)
			if e.Size != int64(len(e.Key)) || e.Modified.IsZero() {
				t.Errorf("entry %+v: wrong size or no time", e)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("List(%q) (-want +got):\n%s", prefix, d)
		}
	}
}

func badKeys(t *testing.T, s blob.Store) {
	t.Helper()
	ctx := t.Context()
	for _, key := range []string{
		"", "/", "/etc/passwd", "a/", "a//b", ".", "..", "../a", "a/../../b", "a/./b", ".lock", ".tmp-1", "a/.b",
		"a b", "a\\b", "a\x00b", "C:x", "é", "a\n", strings.Repeat("k", blob.MaxKeyBytes+1),
	} {
		_, _, getErr := s.Get(ctx, key)
		_, putIfErr := s.PutIf(ctx, key, nil, "")
		for _, err := range []error{getErr, putIfErr, s.Put(ctx, key, nil), s.Delete(ctx, key)} {
			if !errors.Is(err, blob.ErrBadKey) {
				t.Errorf("key %q: %v, want ErrBadKey", key, err)
			}
		}
	}
}

func cancelled(t *testing.T, s blob.Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Put(ctx, "a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Put under a cancelled context: %v", err)
	}
	if _, _, err := s.Get(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get under a cancelled context: %v", err)
	}
}

// concurrentSwaps counts to 64 from 8 goroutines: a lost swap loses a count.
func concurrentSwaps(t *testing.T, s blob.Store) {
	t.Helper()
	ctx := t.Context()
	must(t, s.Put(ctx, "n", []byte("0")))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 8 {
				if err := increment(ctx, s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if data, _, err := s.Get(ctx, "n"); err != nil || string(data) != "64" {
		t.Fatalf("counted %s, %v; want 64", data, err)
	}
}

func increment(ctx context.Context, s blob.Store) error {
	for {
		data, etag, err := s.Get(ctx, "n")
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(data))
		if err != nil {
			return err
		}
		_, err = s.PutIf(ctx, "n", []byte(strconv.Itoa(n+1)), etag)
		if !errors.Is(err, blob.ErrChanged) {
			return err
		}
	}
}

func oneCreator(t *testing.T, s blob.Store) {
	t.Helper()
	won := make(chan int, 16)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			_, err := s.PutIf(t.Context(), "first", fmt.Append(nil, i), "")
			switch {
			case err == nil:
				won <- i
			case !errors.Is(err, blob.ErrChanged):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	data, _, err := s.Get(t.Context(), "first")
	must(t, err)
	if len(won) != 1 || string(data) != strconv.Itoa(<-won) {
		t.Fatalf("%d creators won, the blob is %q", len(won)+1, data)
	}
}

// wholeWrites reads while two writers replace a blob by ones of another length:
// every read is one of them whole.
func wholeWrites(t *testing.T, s blob.Store) {
	t.Helper()
	long, short := bytes.Repeat([]byte("L"), 200_000), bytes.Repeat([]byte("s"), 7)
	must(t, s.Put(t.Context(), "w", long))
	var wg sync.WaitGroup
	for _, data := range [][]byte{long, short} {
		wg.Go(func() {
			for range 20 {
				if err := s.Put(t.Context(), "w", data); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 60 {
		got, _, err := s.Get(t.Context(), "w")
		must(t, err)
		if !bytes.Equal(got, long) && !bytes.Equal(got, short) {
			t.Fatalf("read %d bytes that nobody wrote", len(got))
		}
	}
	wg.Wait()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
