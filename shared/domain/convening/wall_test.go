package convening

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"convoke/shared/domain/fault"
)

func TestMoment(t *testing.T) {
	for _, tt := range []struct {
		name, wall, zone, which string
		want                    string // RFC 3339, or the code of the refusal
	}{
		{"in winter", "2026-12-18T15:00", "America/New_York", "", "2026-12-18T20:00:00Z"},
		{"in summer", "2026-06-20T15:00", "America/New_York", "", "2026-06-20T19:00:00Z"},
		{"a minute before the gap", "2026-03-29T01:59", "Europe/Zurich", "", "2026-03-29T00:59:00Z"},
		{"in the gap", "2026-03-29T02:30", "Europe/Zurich", "", "time.in_gap"},
		{"in the gap, whichever", "2026-03-29T02:30", "Europe/Zurich", Later, "time.in_gap"},
		{"as the gap ends", "2026-03-29T03:00", "Europe/Zurich", "", "2026-03-29T01:00:00Z"},
		{"in the fold", "2026-10-25T02:30", "Europe/Zurich", "", "time.in_fold"},
		{"the earlier", "2026-10-25T02:30", "Europe/Zurich", Earlier, "2026-10-25T00:30:00Z"},
		{"the later", "2026-10-25T02:30", "Europe/Zurich", Later, "2026-10-25T01:30:00Z"},
		{"neither", "2026-10-25T02:30", "Europe/Zurich", "both", "time.in_fold"},
		{"after the fold", "2026-10-25T03:00", "Europe/Zurich", "", "2026-10-25T02:00:00Z"},
		{"half an hour of fold", "2026-04-05T01:45", "Australia/Lord_Howe", Earlier, "2026-04-04T14:45:00Z"},
		{"a day that was skipped", "2011-12-30T12:00", "Pacific/Apia", "", "time.in_gap"},
		{"where clocks stand", "2026-10-25T02:30", "Asia/Manila", Later, "2026-10-24T18:30:00Z"},
		{"seconds", "2026-10-25T02:30:00", "UTC", "", "time.malformed"},
		{"an instant", "2026-10-25T02:30:00Z", "UTC", "", "time.malformed"},
		{"no day", "2026-02-30T02:30", "UTC", "", "time.malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var faults fault.List
			m := Moment(&faults, "/starts_local", tt.wall, tt.zone, tt.which)
			got := m.Format(time.RFC3339)
			if refusal := refused(t, faults.Err("event.invalid")); refusal != nil {
				got = refusal[0][len("/starts_local "):]
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What clocks show at any instant leads back to an instant at which they show it.
func TestMomentIsTheInverseOfTheClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"America/New_York", "Europe/Zurich", "Africa/Casablanca", "America/St_Johns", "Asia/Tehran", "Pacific/Auckland", "UTC"}).Draw(t, "zone")
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1_600_000_000, 2_000_000_000).Draw(t, "at"), 0).Truncate(time.Minute)
		var faults fault.List
		early := Moment(&faults, "", at.In(place).Format(wallForm), zone, Earlier)
		late := Moment(&faults, "", at.In(place).Format(wallForm), zone, Later)
		if !at.Equal(early) && !at.Equal(late) || early.After(late) || faults.Err("") != nil {
			t.Errorf("%s in %s: %s or %s", at.UTC(), zone, early, late)
		}
	})
}
