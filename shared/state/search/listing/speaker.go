package listing

import (
	"slices"

	"convoke/shared/domain/directory"
)

// speakers are the facets of what contacts say of themselves as speakers, when
// they want to be found. Who convenes alone may ask for them.
func speakers(e *directory.Stakeholder) map[string][]string {
	found := e.Speakers()
	if len(found) == 0 {
		return nil
	}
	var topics, languages []string
	for _, c := range found {
		topics, languages = append(topics, c.Speaking.Topics...), append(languages, c.Speaking.Languages...)
	}
	slices.Sort(topics)
	slices.Sort(languages)
	return map[string][]string{"has_speaker": {"yes"}, "speaker_topic": slices.Compact(topics), "speaker_language": slices.Compact(languages)}
}
