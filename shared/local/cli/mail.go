package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"convoke/shared/local/runtime"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

type mailDead struct {
	JSON bool `help:"Print one JSON object a line."`
}

type mailReplay struct {
	IDs []string `arg:"" optional:"" name:"id" help:"What to put back, as 'mail dead' names it; all of it when none is given."`
}

// deadLetter is one message that was given up on.
type deadLetter struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Attempts int    `json:"attempts"`
	Reason   string `json:"reason"`
}

// Run lists the dead letters, the oldest first.
func (c *mailDead) Run(p *program) error {
	t, err := p.existing()
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	list, err := deadLetters(p, t)
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(p.out)
		for _, m := range list {
			if err := encoder.Encode(shown(m)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.out, "No mail was given up on.")
		return err
	}
	w := tabwriter.NewWriter(p.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tKIND\tATTEMPTS\tREASON")
	for _, m := range list {
		d := shown(m)
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", d.ID, d.Kind, d.Attempts, d.Reason)
	}
	return w.Flush()
}

// deadLetters returns the oldest of the dead letters, table.MaxPage at most,
// whatever clock the process that gave up on them had.
func deadLetters(p *program, t table.Table) ([]store.QueueMessage, error) {
	s := storeOf(t)
	s.Now = func() time.Time { return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }
	list, err := s.Receive(p.ctx, store.DeadLetters(runtime.MailQueue), table.MaxPage)
	if err != nil {
		return nil, fmt.Errorf("read the dead letters: %w", err)
	}
	return list, nil
}

func shown(m store.QueueMessage) deadLetter {
	d := deadLetter{ID: m.ID, Kind: "unreadable", Attempts: m.Attempts, Reason: strings.Join(strings.Fields(m.Reason), " ")}
	var job store.Job
	if err := json.Unmarshal(m.Body, &job); err == nil {
		d.Kind = job.Kind
	}
	return d
}

// Run moves dead letters back into the queue, to be tried as if they were new.
func (c *mailReplay) Run(p *program) error {
	t, err := p.existing()
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	if len(c.IDs) > 0 {
		return c.replayNamed(p, t)
	}
	total := 0
	for {
		list, err := deadLetters(p, t)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			_, err := fmt.Fprintf(p.out, "%d messages are back in the queue.\n", total)
			return err
		}
		if err := replay(p, t, list); err != nil {
			return err
		}
		total += len(list)
	}
}

func (c *mailReplay) replayNamed(p *program, t table.Table) error {
	list, err := deadLetters(p, t)
	if err != nil {
		return err
	}
	var named []store.QueueMessage
	for _, id := range c.IDs {
		i := slices.IndexFunc(list, func(m store.QueueMessage) bool { return m.ID == id })
		if i < 0 {
			return fmt.Errorf("no dead letter has the id %q: see `convoke mail dead`", id)
		}
		named = append(named, list[i])
	}
	if err := replay(p, t, named); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%d messages are back in the queue.\n", len(named))
	return err
}

// replay makes the messages due since the beginning of time, so that they are
// whatever clock the next process has.
func replay(p *program, t table.Table, list []store.QueueMessage) error {
	s := storeOf(t)
	for _, m := range list {
		m.Attempts, m.Reason, m.Due = 0, "", time.Unix(0, 0)
		if err := s.Move(p.ctx, m, runtime.MailQueue); err != nil {
			return fmt.Errorf("put %s back: %w", m.ID, err)
		}
	}
	return nil
}
