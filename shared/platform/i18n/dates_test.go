package i18n

import (
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	starts := time.Date(2025, 12, 18, 14, 0, 0, 0, time.UTC)
	ends := starts.Add(3 * time.Hour)
	for _, c := range []struct {
		lang                 Lang
		date, time, dateTime string
		span                 string
	}{
		{
			English, "Thursday, 18 December 2025", "15:00 (Europe/Zurich, UTC+01:00)",
			"Thursday, 18 December 2025, 15:00 (Europe/Zurich, UTC+01:00)",
			"Thursday, 18 December 2025, 15:00–18:00 (Europe/Zurich, UTC+01:00)",
		},
		{
			French, "jeudi 18 décembre 2025", "15\u00a0h\u00a000 (Europe/Zurich, UTC+01:00)",
			"jeudi 18 décembre 2025, 15\u00a0h\u00a000 (Europe/Zurich, UTC+01:00)",
			"jeudi 18 décembre 2025, 15\u00a0h\u00a000 – 18\u00a0h\u00a000 (Europe/Zurich, UTC+01:00)",
		},
		{
			Spanish, "jueves, 18 de diciembre de 2025", "15:00 (Europe/Zurich, UTC+01:00)",
			"jueves, 18 de diciembre de 2025, 15:00 (Europe/Zurich, UTC+01:00)",
			"jueves, 18 de diciembre de 2025, 15:00–18:00 (Europe/Zurich, UTC+01:00)",
		},
		{
			Russian, "четверг, 18 декабря 2025 года", "15:00 (Europe/Zurich, UTC+01:00)",
			"четверг, 18 декабря 2025 года, 15:00 (Europe/Zurich, UTC+01:00)",
			"четверг, 18 декабря 2025 года, 15:00–18:00 (Europe/Zurich, UTC+01:00)",
		},
		{
			Chinese, "2025年12月18日星期四", "15:00（Europe/Zurich, UTC+01:00）",
			"2025年12月18日星期四 15:00（Europe/Zurich, UTC+01:00）",
			"2025年12月18日星期四 15:00至18:00（Europe/Zurich, UTC+01:00）",
		},
		{
			Arabic, "الخميس، 18 كانون الأول/ديسمبر 2025", "15:00 (\u2068Europe/Zurich, UTC+01:00\u2069)",
			"الخميس، 18 كانون الأول/ديسمبر 2025، الساعة 15:00 (\u2068Europe/Zurich, UTC+01:00\u2069)",
			"الخميس، 18 كانون الأول/ديسمبر 2025، الساعة 15:00–18:00 (\u2068Europe/Zurich, UTC+01:00\u2069)",
		},
	} {
		for what, pair := range map[string][2]string{
			"Date":     {Date(c.lang, starts, "Europe/Zurich"), c.date},
			"Time":     {Time(c.lang, starts, "Europe/Zurich"), c.time},
			"DateTime": {DateTime(c.lang, starts, "Europe/Zurich"), c.dateTime},
			"Span":     {Span(c.lang, starts, ends, "Europe/Zurich"), c.span},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s %s: %q, want %q", c.lang, what, pair[0], pair[1])
			}
		}
	}
}

func TestZones(t *testing.T) {
	at := time.Date(2025, 7, 1, 22, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{
		"UTC":                "22:30 (UTC)",
		"":                   "22:30 (UTC)",
		"Local":              "22:30 (UTC)",
		"No/Such":            "22:30 (UTC)",
		"../../etc/passwd":   "22:30 (UTC)",
		"America/New_York":   "18:30 (America/New_York, UTC\u221204:00)",
		"Asia/Kathmandu":     "04:15 (Asia/Kathmandu, UTC+05:45)",
		"America/St_Johns":   "20:00 (America/St_Johns, UTC\u221202:30)",
		"Africa/Addis_Ababa": "01:30 (Africa/Addis_Ababa, UTC+03:00)",
		"Pacific/Kiritimati": "12:30 (Pacific/Kiritimati, UTC+14:00)",
	} {
		if got := Time(English, at, zone); got != want {
			t.Errorf("%q: %q, want %q", zone, got, want)
		}
	}
	if got, want := Date(French, at, "Africa/Addis_Ababa"), "mercredi 2 juillet 2025"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Date(French, at, "UTC"), "mardi 1er juillet 2025"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSpanOverMidnight(t *testing.T) {
	starts := time.Date(2025, 12, 17, 9, 0, 0, 0, time.UTC)
	want := "Wednesday, 17 December 2025, 09:00 – Thursday, 18 December 2025, 17:00 (UTC)"
	if got := Span(English, starts, starts.Add(32*time.Hour), "UTC"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
