package runtime

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"convoke/shared/state/search"
	"convoke/shared/state/store"
)

// feed is the bus of a local process: a file of CloudEvents, one a line, that
// other programs can follow.
type feed struct {
	mu     sync.Mutex
	path   string
	source string
}

func newFeed(dir, source string) *feed {
	return &feed{path: filepath.Join(dir, "events.jsonl"), source: source}
}

// Publish implements projector.Bus.
func (f *feed) Publish(_ context.Context, list []store.Outbox) error {
	var lines []byte
	for _, o := range list {
		event, err := o.CloudEvent(f.source)
		if err != nil {
			return fmt.Errorf("encode event: %w", err)
		}
		lines = append(append(lines, event...), '\n')
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the feed: %w", err)
	}
	_, err = file.Write(lines)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// liveIndex writes to the index and makes what was written visible at once to
// the reader of the same process.
type liveIndex struct {
	writer *search.Writer
	reader *search.Index
}

// Apply implements projector.Index.
func (x liveIndex) Apply(ctx context.Context, changes []search.Change) error {
	if err := x.writer.Apply(ctx, changes); err != nil {
		return err
	}
	return x.reader.Refresh(ctx)
}
