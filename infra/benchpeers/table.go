package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"convoke/shared/state/search/searchtest"
)

// show prints a column for each peer and, for each kind, how many times the
// requests a second of the best of them Convoke answers.
func show(columns []column, n int) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	row := func(title string, cell func(c *column) string) {
		fmt.Fprint(w, title)
		for i := range columns {
			fmt.Fprint(w, "\t", cell(&columns[i]))
		}
		fmt.Fprintln(w)
	}
	row(fmt.Sprint(n, " generated"), func(c *column) string { return c.name })
	row("filling and starting, s", func(c *column) string { return fmt.Sprintf("%.0f", c.build.Seconds()) })
	for i, kind := range searchtest.Workloads()[:kinds] {
		row(kind.Name+": requests/s", func(c *column) string { return fmt.Sprintf("%.1f", c.kinds[i].perSecond) })
		row("  server CPU, ms each", func(c *column) string { return fmt.Sprintf("%.2f", ms(c.kinds[i].cpu)) })
		if columns[0].kinds[i].hit >= 0 {
			row("  hit@20", func(c *column) string { return fmt.Sprintf("%.3f", c.kinds[i].hit) })
		}
	}
	fmt.Fprintln(w)
	for i, kind := range searchtest.Workloads()[:kinds] {
		fmt.Fprintln(w, kind.Name+"\t"+compare(columns, i))
	}
	return w.Flush()
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
