package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"convoke/shared/state/search/searchtest"
)

// show prints a table of Markdown with a column for each peer and, for each kind,
// how many times the requests a second of the best of them Convoke answers.
func show(w io.Writer, columns []column, n int) error {
	head := []string{fmt.Sprintf("%d generated: requests/s; server CPU, ms each; hit@20", n)}
	build := []string{"filling and starting, s"}
	for i := range columns {
		head, build = append(head, columns[i].name), append(build, fmt.Sprintf("%.0f", columns[i].build.Seconds()))
	}
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(append(head, "against the most requests/s"))
	b.WriteString(strings.Repeat("| --- ", len(head)+1) + "|\n")
	line(append(build, ""))
	for i, kind := range searchtest.Workloads()[:kinds] {
		cells := []string{kind.Name}
		for j := range columns {
			cells = append(cells, columns[j].kinds[i].String())
		}
		line(append(cells, compare(columns, i)))
	}
	load, _ := os.ReadFile("/proc/loadavg") // absent: not known
	_, err := fmt.Fprintf(w, "%s\nLoad of the machine in the end: %s", b.String(), load)
	return err
}

// String implements fmt.Stringer.
func (a asked) String() string {
	s := fmt.Sprintf("%.0f; %.2f", a.perSecond, ms(a.cpu))
	if a.hit >= 0 {
		s += fmt.Sprintf("; %.3f", a.hit)
	}
	return s
}

// compare holds the first column to the best of the others: the one that answers
// most, and the one that takes the least processor time, which may be another.
func compare(columns []column, kind int) string {
	own, best, lean, found := columns[0].kinds[kind], columns[1], columns[1], columns[1]
	for _, c := range columns[2:] {
		if c.kinds[kind].perSecond > best.kinds[kind].perSecond {
			best = c
		}
		if c.kinds[kind].cpu < lean.kinds[kind].cpu {
			lean = c
		}
		if c.kinds[kind].hit > found.kinds[kind].hit {
			found = c
		}
	}
	factor := own.perSecond / best.kinds[kind].perSecond
	verdict := "reached"
	if factor < 4 || own.hit < found.kinds[kind].hit {
		verdict = "MISSED"
	}
	return fmt.Sprintf("%.1f x %s (wanted 4 at no worse hit@20: %s); CPU 1/%.1f of %s", factor, best.name, verdict,
		float64(lean.kinds[kind].cpu)/float64(max(1, own.cpu)), lean.name)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
