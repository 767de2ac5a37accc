package taxonomy

import "slices"

// partsOf returns the core topics that are part of a wider one.
func partsOf(code string) []string {
	switch code {
	case "topic:labour_migration":
		return []string{"topic:recruitment", "topic:domestic_work"}
	case "topic:protection":
		return []string{"topic:trafficking", "topic:detention"}
	case "topic:irregular_migration":
		return []string{"topic:smuggling"}
	case "topic:development":
		return []string{"topic:remittances", "topic:diaspora_engagement", "topic:brain_circulation"}
	case "topic:integration":
		return []string{"topic:xenophobia_racism", "topic:political_participation"}
	case "topic:human_rights":
		return []string{"topic:statelessness"}
	}
	return nil
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
	if parts := partsOf(code); parts != nil {
		return parts
	}
	if len(code) > len(FamilyCore) && code[:len(FamilyCore)] == FamilyCore {
		return nil // its related topics stand above it
	}
	return RelatedTopics(code)
}
