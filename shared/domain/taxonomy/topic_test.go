package taxonomy

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"
)

func TestTopics(t *testing.T) {
	count := map[string]int{}
	for _, code := range Topics() {
		family, _, _ := strings.Cut(code, ":")
		count[family]++
		if !ValidTopic(code) {
			t.Errorf("%s is not valid", code)
		}
	}
	if diff := cmp.Diff(map[string]int{FamilyCore: 30, FamilyGCM: 23, FamilySDG: 11}, count); diff != "" {
		t.Error(diff)
	}
	for _, code := range []string{"", "gcm:0", "gcm:24", "gcm:01", "sdg:10", "remittances", "topic:", "TOPIC:remittances"} {
		if ValidTopic(code) {
			t.Errorf("%q is taken for a topic", code)
		}
	}
}

func TestTitlesAreCompleteInSixLanguages(t *testing.T) {
	want := slices.Sorted(slices.Values(Topics()))
	for i, l := range UNLanguages() {
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(titles()[i]))); diff != "" {
			t.Error(l, diff)
		}
		for code, title := range titles()[i] {
			if strings.TrimSpace(title) == "" || strings.TrimSpace(title) != title {
				t.Errorf("%s in %s: %q", code, l, title)
			}
		}
	}
	for _, tt := range [][3]string{
		{"gcm:20", "fr", "Envois de fonds"},
		{"gcm:20", "es-AR", "Remesas"},
		{"topic:migration_data", "zh", "移民数据"},
		{"sdg:10.7", "sw", "Orderly, safe, regular and responsible migration"},
		{"gcm:99", "en", "gcm:99"},
	} {
		if got := TopicTitle(tt[0], language.MustParse(tt[1])); got != tt[2] {
			t.Errorf("%s in %s: %s", tt[0], tt[1], got)
		}
	}
}

func TestRelatedTopics(t *testing.T) {
	if diff := cmp.Diff([]string{"gcm:20", "sdg:10.c"}, RelatedTopics("topic:remittances")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"topic:remittances"}, RelatedTopics("gcm:20")); diff != "" {
		t.Error(diff)
	}
	for _, code := range Topics() {
		related := RelatedTopics(code)
		if len(related) == 0 {
			t.Errorf("%s is related to nothing", code)
		}
		for _, other := range related {
			if !ValidTopic(other) || !slices.Contains(RelatedTopics(other), code) {
				t.Errorf("%s and %s", code, other)
			}
		}
	}
}

func TestCategories(t *testing.T) {
	if n := len(Categories()); n != 12 {
		t.Errorf("%d categories, want 12", n)
	}
	if n := len(MajorGroups()); n != 10 {
		t.Errorf("%d groups, want the nine and the others", n)
	}
	if ValidCategory("Ngo") || ValidCategory("") || !ValidCategory("ngo") {
		t.Error("ValidCategory")
	}
	for _, tt := range []struct {
		category         string
		declared         []string
		groups, channels []string
	}{
		{"government", nil, nil, []string{"governments"}},
		{"un_agency", nil, nil, nil},
		{"ngo", []string{"women", "youth", "returnees"}, []string{"women", "children_and_youth", "ngos"}, []string{"civil_society", "youth"}},
		{"trade_union", nil, []string{"workers_and_trade_unions"}, []string{"civil_society"}},
		{"migrant_association", []string{"indigenous_peoples"}, []string{"indigenous_peoples", "other_stakeholders"}, []string{"civil_society"}},
		{"local_authority", nil, []string{"local_authorities"}, []string{"mayors"}},
		{"private_sector", nil, []string{"business_and_industry"}, []string{"business"}},
		{"", nil, nil, nil},
	} {
		if diff := cmp.Diff(tt.groups, MajorGroupsOf(tt.category, tt.declared...)); diff != "" {
			t.Error(tt.category, diff)
		}
		if diff := cmp.Diff(tt.channels, MechanismsOf(tt.category, tt.declared...)); diff != "" {
			t.Error(tt.category, diff)
		}
	}
}

func TestCanonicalLanguage(t *testing.T) {
	for s, want := range map[string]string{
		"en": "en", "EN-us": "en-US", "zh-Hant": "zh-Hant", "iw": "he", "ckb": "ckb", "rhg": "rhg", "fil": "fil",
		"": "", "und": "", "mul": "", "x-foo": "", "qaa": "", "xx": "", "zzz": "", "english": "", "en_US": "", "e": "",
		"en-": "", "en\r\nX": "", "ar-\u202e": "", strings.Repeat("en-", 20) + "en": "",
	} {
		got, ok := CanonicalLanguage(s)
		if got != want || ok != (want != "") || ValidLanguage(s) != ok {
			t.Errorf("%q: %q %v, want %q", s, got, ok, want)
		}
	}
	if n := len(UNLanguages()); n != 6 {
		t.Error(n)
	}
}
