package journal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/journal"
)

func TestTakeGivesEachEntryOnce(t *testing.T) {
	var log journal.Log
	log.Record("event.drafted", "event", "E1")
	log.Record("event.published", "event", "E1", "without a value")
	want := []journal.Entry{
		{Type: "event.drafted", Data: map[string]string{"event": "E1"}},
		{Type: "event.published", Data: map[string]string{"event": "E1"}},
	}
	if diff := cmp.Diff(want, log.Take()); diff != "" {
		t.Error(diff)
	}
	if again := log.Take(); len(again) != 0 {
		t.Errorf("taken twice: %v", again)
	}
}
