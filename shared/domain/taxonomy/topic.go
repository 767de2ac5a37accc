package taxonomy

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// Families of topics: the prefix of a topic's code up to the colon.
const (
	FamilyCore = "topic" // the directory's own: "topic:remittances"
	FamilyGCM  = "gcm"   // the 23 objectives of the Global Compact for Migration, A/RES/73/195: "gcm:20"
	FamilySDG  = "sdg"   // targets of the 2030 Agenda, A/RES/70/1, that bear on migration: "sdg:10.c"
)

//go:embed titles/*.json
var titleFiles embed.FS

// Topics returns the codes of all topics: the core ones, the objectives of the
// Global Compact and the targets of the 2030 Agenda, in their own order.
func Topics() []string { return slices.Clone(topicIndex().codes) }

// ValidTopic reports whether code is one of Topics.
func ValidTopic(code string) bool { return topicIndex().known[code] }

// TopicTitle returns a topic's title in one of the six languages of the United
// Nations, in English for any other; the code itself when it is unknown. The
// titles of objectives and targets are short ones: those of the objectives in
// English, French and Spanish are the United Nations Network on Migration's, the
// others are cut down from the wording of the resolutions.
func TopicTitle(code string, lang language.Tag) string {
	if title, ok := titles()[unIndex(lang)][code]; ok {
		return title
	}
	return code
}

// RelatedTopics returns, for a core topic, the objectives and targets that it
// bears on, and for an objective or target the core topics that bear on it.
func RelatedTopics(code string) []string { return slices.Clone(topicIndex().related[code]) }

type topicTable struct {
	codes   []string
	known   map[string]bool
	related map[string][]string
}

var topicIndex = sync.OnceValue(func() topicTable {
	x := topicTable{known: map[string]bool{}, related: map[string][]string{}}
	for _, row := range coreTopics() {
		x.codes = append(x.codes, row[0])
		for other := range strings.FieldsSeq(row[1]) {
			x.related[row[0]] = append(x.related[row[0]], other)
			x.related[other] = append(x.related[other], row[0])
		}
	}
	for n := 1; n <= 23; n++ {
		x.codes = append(x.codes, FamilyGCM+":"+strconv.Itoa(n))
	}
	for target := range strings.FieldsSeq("3.c 4.b 5.2 8.7 8.8 10.7 10.c 16.2 17.16 17.17 17.18") {
		x.codes = append(x.codes, FamilySDG+":"+target)
	}
	for _, code := range x.codes {
		x.known[code] = true
	}
	return x
})

// titles holds the titles by code, in the order of UNLanguages. The files are
// part of the program, so one that cannot be read is a fault in its making.
var titles = sync.OnceValue(func() [6]map[string]string {
	var all [6]map[string]string
	for i, lang := range UNLanguages() {
		data, err := titleFiles.ReadFile("titles/" + lang + ".json")
		if err == nil {
			err = json.Unmarshal(data, &all[i])
		}
		if err != nil {
			panic(fmt.Sprintf("taxonomy: titles in %s: %v", lang, err))
		}
	}
	return all
})

// coreTopics lists the directory's own topics, each with the objectives and
// targets that it bears on.
func coreTopics() [][2]string {
	return [][2]string{
		{"topic:diaspora_engagement", "gcm:19 sdg:17.17"},
		{"topic:remittances", "gcm:20 sdg:10.c"},
		{"topic:labour_migration", "gcm:5 gcm:6 sdg:8.8 sdg:10.7"},
		{"topic:recruitment", "gcm:6 sdg:8.8 sdg:10.7"},
		{"topic:trafficking", "gcm:10 sdg:5.2 sdg:8.7 sdg:16.2"},
		{"topic:smuggling", "gcm:9"},
		{"topic:protection", "gcm:7 gcm:8 gcm:14 sdg:10.7"},
		{"topic:detention", "gcm:13"},
		{"topic:return_reintegration", "gcm:21"},
		{"topic:gender", "gcm:7 sdg:5.2"},
		{"topic:children_youth", "gcm:7 gcm:15 sdg:16.2"},
		{"topic:health", "gcm:15 sdg:3.c"},
		{"topic:education_skills", "gcm:15 gcm:18 sdg:4.b"},
		{"topic:social_protection", "gcm:15 gcm:22"},
		{"topic:climate_displacement", "gcm:2 gcm:5"},
		{"topic:migration_data", "gcm:1 gcm:3 sdg:17.18"},
		{"topic:political_participation", "gcm:16 gcm:19"},
		{"topic:integration", "gcm:16"},
		{"topic:xenophobia_racism", "gcm:17"},
		{"topic:human_rights", "gcm:7 gcm:15 gcm:17 sdg:10.7"},
		{"topic:migration_law", "gcm:12 gcm:23 sdg:10.7"},
		{"topic:irregular_migration", "gcm:4 gcm:5 gcm:7 gcm:11"},
		{"topic:statelessness", "gcm:4"},
		{"topic:refugees", "gcm:12"},
		{"topic:internal_displacement", "gcm:2"},
		{"topic:domestic_work", "gcm:6 gcm:22 sdg:8.7 sdg:8.8"},
		{"topic:brain_circulation", "gcm:18 gcm:19 sdg:3.c sdg:4.b"},
		{"topic:local_governance", "gcm:15 gcm:16 gcm:23"},
		{"topic:regional_processes", "gcm:23 sdg:10.7 sdg:17.16"},
		{"topic:development", "gcm:2 gcm:19 gcm:23 sdg:10.7 sdg:17.16"},
	}
}
