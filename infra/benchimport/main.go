// Command benchimport measures how fast a table of organisations is taken over:
// it writes one of its own making, lets `convoke import csv` read it into an empty
// directory and once more into the full one, and prints records a second and the
// most memory that was used. Run it by `make bench-import`.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	n := flag.Int("n", 100_000, "records")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *n); err != nil {
		fmt.Fprintln(os.Stderr, "benchimport:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, n int) error {
	dir, err := os.MkdirTemp("", "convoke-import")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, file := filepath.Join(dir, "convoke"), filepath.Join(dir, "organisations.csv")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./functions/local").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	if err := write(file, n); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "import\trecords\tseconds\trecords a second\tmost memory")
	for _, name := range []string{"into an empty directory, with the index", "the same again"} {
		took, memory, err := timed(exec.CommandContext(ctx, program, "--data", filepath.Join(dir, "data"), "import", "csv", file))
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%s\t%d\t%.1f\t%.0f\t%d MB\n", name, n, took.Seconds(), float64(n)/took.Seconds(), memory>>20)
	}
	return t.Flush()
}

// timed runs the command and returns how long it took and the most memory that it
// had, in bytes.
func timed(c *exec.Cmd) (time.Duration, int64, error) {
	began := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("import: %w: %s", err, out)
	}
	usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, 0, fmt.Errorf("this system does not tell the memory of a process")
	}
	return time.Since(began), usage.Maxrss << 10, nil
}

// write makes a table in which no two organisations are alike: names in several
// scripts, three of four with an identifier.
func write(path string, n int) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "name,name_lang,category,country,acronym,website,founded,identifiers,languages,topics,description")
	kinds := []string{"migrant_association", "ngo", "academic", "trade_union", "foundation"}
	places := []struct{ country, lang, pattern string }{
		{"CH", "fr", "Association des migrants de la commune %d"},
		{"MX", "es", "Red de mujeres migrantes %d"},
		{"UA", "uk", "Громадська організація мігрантів %d"},
		{"EG", "ar", "جمعية المهاجرين %d"},
		{"CN", "zh", "移民服务协会第%d号"},
		{"KE", "en", "Diaspora forum of ward %d"},
	}
	for i := range n {
		p := places[i%len(places)]
		id := ""
		if i%4 != 0 {
			id = fmt.Sprintf("GB-CHC:%d", 1_000_000+i)
		}
		fmt.Fprintf(w, "%s,%s,%s,%s,A%d,https://example.org/%d,%d,%s,%s,gcm:%d,\n", fmt.Sprintf(p.pattern, i), p.lang, kinds[i%len(kinds)], p.country, i, i, 1950+i%70, id, p.lang, 1+i%23)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}
