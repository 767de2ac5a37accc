package dir_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"convoke/shared/state/blob"
	"convoke/shared/state/blob/blobtest"
	"convoke/shared/state/blob/dir"
)

func TestContract(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		t.Helper()
		return open(t, t.TempDir())
	})
}

// TestSwapsAmongProcesses lets three processes count in one blob.
func TestSwapsAmongProcesses(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	if err := s.Put(t.Context(), "n", []byte("0")); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCountInThisProcess$")
		cmd.Env = append(os.Environ(), "BLOB_DIR_ROOT="+root)
		go func() {
			out, err := cmd.CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%w: %s", err, out)
			}
			done <- err
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if data, _, err := s.Get(t.Context(), "n"); err != nil || string(data) != "90" {
		t.Fatalf("counted %s, %v; want 90", data, err)
	}
}

// TestCountInThisProcess is the body of a child of TestSwapsAmongProcesses.
func TestCountInThisProcess(t *testing.T) {
	root := os.Getenv("BLOB_DIR_ROOT")
	if root == "" {
		t.Skip("runs as a child process only")
	}
	s := open(t, root)
	for range 30 {
		for {
			data, etag, err := s.Get(t.Context(), "n")
			if err != nil {
				t.Fatal(err)
			}
			n, err := strconv.Atoi(string(data))
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.PutIf(t.Context(), "n", []byte(strconv.Itoa(n+1)), etag)
			if err == nil {
				break
			}
			if !errors.Is(err, blob.ErrChanged) {
				t.Fatal(err)
			}
		}
	}
}

func TestOpenSweepsTemporaryFiles(t *testing.T) {
	root := t.TempDir()
	left := filepath.Join(root, ".tmp-123")
	if err := os.WriteFile(left, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, root)
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary file is still there: %v", err)
	}
	if entries, err := s.List(t.Context(), ""); err != nil || len(entries) != 0 {
		t.Errorf("List = %v, %v; want nothing", entries, err)
	}
}

func TestPathIsTheFile(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Put(t.Context(), "a/b", []byte("x")); err != nil {
		t.Fatal(err)
	}
	path, err := s.Path("a/b")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "x" {
		t.Errorf("the file holds %q, %v", data, err)
	}
	if _, err := s.Path("../b"); !errors.Is(err, blob.ErrBadKey) {
		t.Errorf("Path of an escaping key: %v, want ErrBadKey", err)
	}
}

func open(t *testing.T, root string) *dir.Store {
	t.Helper()
	s, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
