package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"convoke/shared/state/search/searchtest"
)

// show prints what was measured as tables of Markdown, a column for each engine and
// corpus: first in process, then over HTTP.
func show(w io.Writer, n int, columns []column) error {
	inProcess := [][]string{row("", "wanted", columns, func(c *column) string { return c.title })}
	add := func(title, want string, cell func(c *column) string) {
		inProcess = append(inProcess, row(title, want, columns, cell))
	}
	want := wanted(n)
	add("documents", "", func(c *column) string { return fmt.Sprint(c.build.Documents) })
	add("build, s", want["build"], func(c *column) string { return fmt.Sprintf("%.1f", c.build.Seconds) })
	add("most memory while building, MB", "", func(c *column) string { return fmt.Sprintf("%.0f", c.build.MostMB) })
	add("compaction, s; most memory, MB", want["compaction"], func(c *column) string {
		return orDash(c.compact.CompactSeconds, "%.1f") + "; " + orDash(c.compact.CompactMB, "%.0f")
	})
	add("files, MB", want["files"], func(c *column) string { return fmt.Sprintf("%.1f", c.build.MB) })
	add("open, ms", want["open"], func(c *column) string { return fmt.Sprintf("%.2f", c.asked.OpenMS) })
	add("verifying all of it, CPU ms", "", func(c *column) string { return orDash(c.asked.VerifyMS, "%.1f") })
	add("resident after all queries, MB; by the index", want["resident"], func(c *column) string {
		return fmt.Sprintf("%.0f; %.0f", c.asked.ResidentMB, c.asked.IndexMB)
	})
	for i, kind := range searchtest.Workloads() {
		add(kind.Name+", p50 / p99 ms", want[kind.Name], func(c *column) string {
			return fmt.Sprintf("%.3f / %.2f", c.asked.Kinds[i].P50, c.asked.Kinds[i].P99)
		})
	}
	for i, kind := range searchtest.Workloads() {
		if columns[0].asked.Kinds[i].Hit > 0 {
			add(kind.Name+", hit@20", "", func(c *column) string { return fmt.Sprintf("%.3f", c.asked.Kinds[i].Hit) })
		}
	}
	overHTTP := [][]string{row("over HTTP: requests/s; server CPU, ms each", "", columns, func(c *column) string { return c.title })}
	for i, kind := range searchtest.Workloads() {
		overHTTP = append(overHTTP, row(kind.Name, "", columns, func(c *column) string {
			if i >= len(c.http) {
				return "-"
			}
			return fmt.Sprintf("%.0f; %.2f", c.http[i].PerSecond, c.http[i].CPUMS)
		}))
	}
	_, err := fmt.Fprintf(w, "%s\n%s\nLoad of the machine in the end (1, 5 and 15 minutes): %s\n", markdown(inProcess), markdown(overHTTP), loadNow())
	return err
}

func row(title, want string, columns []column, cell func(c *column) string) []string {
	cells := []string{title, want}
	for i := range columns {
		cells = append(cells, cell(&columns[i]))
	}
	return cells
}

// markdown writes rows as a table; the first is its head.
func markdown(rows [][]string) string {
	var b strings.Builder
	for i, cells := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("| --- ", len(cells)) + "|\n")
		}
	}
	return b.String()
}

// wanted are the aims for a directory of so many organisations.
func wanted(n int) map[string]string {
	switch n {
	case 100_000:
		return map[string]string{
			"build": "8", "files": "30", "open": "2", "resident": "45", "name, typo and prefix": "0.6 / 2", "words, 3 filters, 6 facets": "0.03 / 0.5",
			"filters, 6 facets": "0.1 / -", "broad word, 6 facets": "0.8 / 6", "typeahead": "- / 1",
		}
	case 1_000_000:
		return map[string]string{"compaction": "-; 1500", "resident": "250", "name, typo and prefix": "- / 20", "broad word, 6 facets": "- / 15"}
	}
	return nil
}

// loadNow is how many processes waited for a processor on average lately.
func loadNow() string {
	text, _ := os.ReadFile("/proc/loadavg") // absent: not known
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], ", ")
}

func orDash(v float64, format string) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf(format, v)
}
