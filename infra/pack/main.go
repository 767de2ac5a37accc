// Command pack packs the texts that the deployed functions hold, so that a
// function stays within its size: the catalogue, one file a language, and the
// contract of the API. It is run from the root of the repository by make build;
// what it writes is not kept. Programs that are built without the tag "packed"
// hold the files as they are.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
)

func main() {
	if err := pack("."); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// pack packs what is under the root.
func pack(root string) error {
	locales, err := filepath.Glob(filepath.Join(root, "shared/platform/i18n/locales/*"))
	if err != nil || len(locales) == 0 {
		return fmt.Errorf("no locales under %s (%w)", root, err)
	}
	for _, dir := range locales {
		texts, err := merge(dir)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(root, "shared/platform/i18n/packed", filepath.Base(dir)+".json.gz"), texts); err != nil {
			return err
		}
	}
	contract, err := os.ReadFile(filepath.Join(root, "shared/edge/web/openapi.yaml"))
	if err != nil {
		return err
	}
	return write(filepath.Join(root, "shared/edge/web/packed/openapi.yaml.gz"), contract)
}

// merge returns the texts of all files of a language as one object.
func merge(dir string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		maps.Copy(all, texts)
	}
	return json.Marshal(all)
}

// write writes a packed file. It holds no time: the same texts are the same bytes.
func write(name string, text []byte) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o600)
}
