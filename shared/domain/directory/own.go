package directory

// ShownToSelf reports whether a stakeholder may see a member of its own record:
// what it said of itself, its contacts, and how it stands. What moderators keep
// beside that, now or later, it may not.
func ShownToSelf(field string) bool {
	switch field {
	case "id", "status", "source", "submitted_at", "updated_at", "decided_at", "reasons", "note", "verified_at", "valid_until", "renewed_at", "tier", "checks", "appeal",
		"contacts", "evidence", "consents", "requests", "ties", "process", "claimed", "amendment":
		return true
	}
	return ProfileField(field)
}

// ProfileField reports whether a member of a stakeholder's record belongs to its
// profile.
func ProfileField(field string) bool {
	switch field {
	case "category", "names", "country", "works_in", "origin_countries", "residence_countries", "descriptions", "website", "domains",
		"identifiers", "topics", "languages", "founded", "size", "consultative_status", "led_by", "serves", "advocates_for",
		"at_risk", "visibility":
		return true
	}
	return false
}
