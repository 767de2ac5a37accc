package taxonomy

import "slices"

// broader says which core topics are part of a wider one.
func broader() map[string][]string {
	return map[string][]string{
		"topic:labour_migration":    {"topic:recruitment", "topic:domestic_work"},
		"topic:protection":          {"topic:trafficking", "topic:detention"},
		"topic:irregular_migration": {"topic:smuggling"},
		"topic:development":         {"topic:remittances", "topic:diaspora_engagement", "topic:brain_circulation"},
		"topic:integration":         {"topic:xenophobia_racism", "topic:political_participation"},
		"topic:human_rights":        {"topic:statelessness"},
	}
}

// TopicClosure returns the topic and all that belong under it, each once, the
// topic first: under an objective or target the core topics that bear on it, and
// under a core topic the narrower ones. Who searches by the wider topic means
// these too. Nothing for an unknown code.
func TopicClosure(code string) []string {
	if !ValidTopic(code) {
		return nil
	}
	closure := []string{code}
	for i := 0; i < len(closure); i++ {
		for _, child := range narrower(closure[i]) {
			if !slices.Contains(closure, child) {
				closure = append(closure, child)
			}
		}
	}
	return closure
}

// narrower returns what stands directly under a topic.
func narrower(code string) []string {
	if children, ok := broader()[code]; ok {
		return children
	}
	if len(code) > len(FamilyCore) && code[:len(FamilyCore)] == FamilyCore {
		return nil // its related topics stand above it
	}
	return RelatedTopics(code)
}
