package convening

import (
	"slices"
	"time"
)

// Observance is an international day that bears on migration.
type Observance struct {
	Code       string     `json:"code"` // its titles are in the catalogue, under "observance."
	Month      time.Month `json:"month"`
	Day        int        `json:"day"`
	Resolution string     `json:"resolution"` // of the General Assembly, which proclaimed it
}

// Calendar is the catalogue of observances in the order of the year. Each is kept
// on one date, which the resolution names.
func Calendar() []Observance {
	return []Observance{
		{"international_day_of_education", time.January, 24, "A/RES/73/25"},
		{"international_womens_day", time.March, 8, "A/RES/32/142"},
		{"international_day_against_racial_discrimination", time.March, 21, "A/RES/2142 (XXI)"},
		{"international_day_of_remembrance_of_slavery", time.March, 25, "A/RES/62/122"},
		{"international_day_of_families", time.May, 15, "A/RES/47/237"},
		{"world_day_for_cultural_diversity", time.May, 21, "A/RES/57/249"},
		{"international_day_of_family_remittances", time.June, 16, "A/RES/72/281"},
		{"world_refugee_day", time.June, 20, "A/RES/55/76"},
		{"world_day_against_trafficking_in_persons", time.July, 30, "A/RES/68/192"},
		{"international_youth_day", time.August, 12, "A/RES/54/120"},
		{"world_humanitarian_day", time.August, 19, "A/RES/63/139"},
		{"international_day_of_democracy", time.September, 15, "A/RES/62/7"},
		{"world_childrens_day", time.November, 20, "A/RES/836 (IX)"},
		{"international_day_against_violence_against_women", time.November, 25, "A/RES/54/134"},
		{"human_rights_day", time.December, 10, "A/RES/423 (V)"},
		{"international_migrants_day", time.December, 18, "A/RES/55/93"},
	}
}

// Observances are the codes of the catalogue.
func Observances() []string {
	days := Calendar()
	codes := make([]string, len(days))
	for i, o := range days {
		codes[i] = o.Code
	}
	return codes
}

// ObservanceOf returns the observance of a code.
func ObservanceOf(code string) (Observance, bool) {
	days := Calendar()
	i := slices.IndexFunc(days, func(o Observance) bool { return o.Code == code })
	if i < 0 {
		return Observance{}, false
	}
	return days[i], true
}
