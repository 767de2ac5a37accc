// Command benchimport measures how fast a table of organisations is taken over:
// it writes one of its own making, lets `convoke import csv` read it into an empty
// directory and once more into the full one, and prints records a second and the
// most memory that was used: of its own, and with the pages of the mapped file,
// which the kernel keeps as long as nobody else wants the room. Run it by
// `make bench-import`.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
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
	fmt.Fprintln(t, "import\trecords\tseconds\trecords a second\tmost memory of its own\twith the mapped file")
	for _, name := range []string{"into an empty directory, with the index", "the same again"} {
		took, own, memory, err := timed(exec.CommandContext(ctx, program, "--data", filepath.Join(dir, "data"), "import", "csv", file))
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%s\t%d\t%.1f\t%.0f\t%d MB\t%d MB\n", name, n, took.Seconds(), float64(n)/took.Seconds(), own>>20, memory>>20)
	}
	return t.Flush()
}

// timed runs the command and returns how long it took, and the most memory that it
// had of its own and in all, in bytes.
func timed(c *exec.Cmd) (took time.Duration, own, all int64, err error) {
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	began := time.Now()
	if err := c.Start(); err != nil {
		return 0, 0, 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-tick.C:
			own = max(own, anonymous(c.Process.Pid))
			continue
		case err = <-ended:
		}
		tick.Stop()
		break
	}
	if err != nil {
		return 0, 0, 0, fmt.Errorf("import: %w: %s", err, &out)
	}
	usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, 0, 0, errors.New("this system does not tell the memory of a process")
	}
	return time.Since(began), own, usage.Maxrss << 10, nil
}

var rssAnon = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// anonymous is the resident memory of a process that is no file's, in bytes; 0
// where the system does not tell it.
func anonymous(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if m := rssAnon.FindSubmatch(status); err == nil && m != nil {
		kilobytes, _ := strconv.ParseInt(string(m[1]), 10, 64) // the expression admits digits alone
		return kilobytes << 10
	}
	return 0
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
