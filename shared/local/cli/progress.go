package cli

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress is a bar on a terminal and nothing elsewhere.
type progress struct{ bar *progressbar.ProgressBar }

// newProgress returns the bar for a work of known size; -1 is unknown.
func newProgress(w io.Writer, what string, size int64, unit progressbar.Option) progress {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return progress{}
	}
	return progress{progressbar.NewOptions64(size, unit, progressbar.OptionSetDescription(what), progressbar.OptionSetWriter(w),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))}
}

// reach moves the bar to n. A terminal that cannot show it is no failure.
func (p progress) reach(n int64) {
	if p.bar != nil {
		_ = p.bar.Set64(n)
	}
}

func (p progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
