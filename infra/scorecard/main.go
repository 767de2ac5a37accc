// Command scorecard runs the tests that count and prints what they counted as one
// table: what was injected, how often, and how often the property held. Such a
// test says so by the attribute "scorecard" (testing.T.Attr), whose value is
//
//	ROW NAME: injected N, held N
//
// A row that cannot run, or whose test fails, fails. Run it by `make scorecard`.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"text/tabwriter"
)

// rows is how many rows there are, counted from 1.
const rows = 24

// count is one line that a test counted.
type count struct {
	row            int
	name           string
	injected, held int
	failed         bool // its test failed
}

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "scorecard:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, packages []string) error {
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	test := exec.Command("go", append([]string{"test", "-json", "-count=1", "-timeout=40m"}, packages...)...)
	test.Stderr, test.Env = os.Stderr, append(os.Environ(), "CONVOKE_SCORECARD=1", "CONVOKE_TEST_ALL=1")
	out, err := test.StdoutPipe()
	if err != nil {
		return err
	}
	if err := test.Start(); err != nil {
		return err
	}
	counts, err := read(out)
	if err != nil {
		return err
	}
	failed := test.Wait()
	if err := show(w, counts); err != nil {
		return err
	}
	return failed
}

var line = regexp.MustCompile(`^(\d+) (.+): injected (\d+), held (\d+)$`)

// read gathers the counts from the events of go test.
func read(r io.Reader) ([]count, error) {
	var counts []count
	failed := map[string]bool{}
	by := map[string][]int{} // test -> its counts
	for lines := bufio.NewReader(r); ; {
		text, err := lines.ReadBytes('\n')
		if len(text) > 0 {
			var e struct{ Action, Package, Test, Key, Value string }
			if json.Unmarshal(text, &e) == nil {
				test := e.Package + " " + e.Test
				failed[test] = failed[test] || e.Action == "fail"
				if m := line.FindStringSubmatch(e.Value); e.Action == "attr" && e.Key == "scorecard" && m != nil {
					by[test] = append(by[test], len(counts))
					counts = append(counts, count{row: number(m[1]), name: m[2], injected: number(m[3]), held: number(m[4])})
				}
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	for test, list := range by {
		for _, i := range list {
			counts[i].failed = failed[test]
		}
	}
	return counts, nil
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // the expression admits digits alone
	return n
}

// show prints the table, and returns an error when a row failed or is not there.
func show(w io.Writer, counts []count) error {
	slices.SortFunc(counts, func(a, b count) int { return cmp.Or(a.row-b.row, cmp.Compare(a.name, b.name)) })
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "row\tproperty\tinjected\theld\tfailed")
	var wrong []int
	there := map[int]bool{}
	for _, c := range counts {
		there[c.row] = true
		fmt.Fprintf(t, "%d\t%s\t%d\t%d\t%d\n", c.row, c.name, c.injected, c.held, c.injected-c.held)
		if c.failed || c.injected == 0 || c.held != c.injected {
			wrong = append(wrong, c.row)
		}
	}
	for row := 1; row <= rows; row++ {
		if !there[row] {
			fmt.Fprintf(t, "%d\tdid not run\t-\t-\t-\n", row)
			wrong = append(wrong, row)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fmt.Errorf("rows %v do not hold", wrong)
	}
	return nil
}
