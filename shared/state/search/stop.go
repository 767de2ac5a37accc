package search

// isStop reports whether a word says so little that a query may leave it out or
// add it: small words and legal forms. A query has no language, so the lists
// hold for all queries, and leave out words that say much in another language.
// A query of nothing else is taken at its word.
func isStop(term string) bool { return isSmall(term) || isLegalForm(term) }

// isSmall knows, folded, the articles, prepositions and conjunctions that stand
// in organisations' names, and what an apostrophe leaves behind.
func isSmall(term string) bool {
	switch term {
	case "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "s", "the", "to", "with", // English
		"au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "pour", "sur", // French
		"al", "del", "e", "el", "las", "los", "para", "por", "y", // Spanish
		"da", "das", "do", "dos", "em", // Portuguese
		"dei", "dell", "della", "delle", "dello", "degli", "di", "il", "per", // Italian
		"am", "der", "die", "fur", "im", "und", "vom", "von", "zu", "zum", "zur", // German
		"van", "voor", "het", "een", // Dutch
		"og", "och", "i", "av", "til", // Scandinavian
		"w", "z", "v", "na", "o", "u", "ze", // Polish, Czech, Slovak, Slovene, Croatian
		"si", "pentru", // Romanian
		"ve", "ile", // Turkish
		"dan", "untuk", // Indonesian, Malay
		"в", "во", "и", "на", "о", "по", "при", "с", "за", "для", // Russian, Bulgarian
		"та", "і", "у", "з", "із", // Ukrainian
		"για", "και", "του", "τησ", "των", "το", "τα", "η", "ο", "στην", // Greek
		"في", "من", "و", "علي": // Arabic
		return true
	}
	return false
}

// isLegalForm knows the legal forms that are no word of another language and no
// usual acronym of something else.
func isLegalForm(term string) bool {
	switch term {
	case "co", "corp", "inc", "llc", "llp", "ltd", "plc", "pty", "pvt", // English
		"gmbh", "ggmbh", "mbh", "kg", // German
		"asbl", "vzw", "aisbl", "sarl", "eurl", "bv", "nv", // French, Dutch
		"srl", "scarl", "ltda", "eirl", // Italian, Spanish, Portuguese
		"aps", "oy", "oyj", // Scandinavian, Finnish
		"sro", "zrt", "kft", "doo", "ood", "eood", // Central and South-East European
		"ооо", "оао", "зао", "пао", "ао", "тов", "тоо", "еоод", "доо", // Cyrillic
		"επε": // Greek
		return true
	}
	return false
}
