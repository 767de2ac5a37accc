package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/i18n"
)

// TestWhatIsPackedIsWhatIsRead packs a copy of the sources and holds that nothing
// is lost on the way: each language has the texts that its files have, and the
// contract is byte for byte the same.
func TestWhatIsPackedIsWhatIsRead(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"shared/platform/i18n/locales", "shared/edge/web"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(root, "shared/platform/i18n/locales"), os.DirFS("../../shared/platform/i18n/locales")); err != nil {
		t.Fatal(err)
	}
	contract, err := os.ReadFile("../../shared/edge/web/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "shared/edge/web/openapi.yaml"), contract, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := pack(root); err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.All() {
		var texts map[string]string
		if err := json.Unmarshal(unpacked(t, filepath.Join(root, "shared/platform/i18n/packed", string(lang)+".json.gz")), &texts); err != nil {
			t.Fatal(err)
		}
		if len(texts) < 500 {
			t.Errorf("%s has %d texts", lang, len(texts))
		}
		for key, text := range texts {
			if !i18n.Has(lang, key) || text == "" {
				t.Errorf("%s: %s is packed and not in the catalogue", lang, key)
			}
		}
		files, err := merge(filepath.Join("../../shared/platform/i18n/locales", string(lang)))
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]string
		if err := json.Unmarshal(files, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, texts); diff != "" {
			t.Errorf("%s (-files +packed):\n%s", lang, diff)
		}
	}
	if got := unpacked(t, filepath.Join(root, "shared/edge/web/packed/openapi.yaml.gz")); !bytes.Equal(got, contract) {
		t.Error("the contract is another when it is unpacked")
	}
}

func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
