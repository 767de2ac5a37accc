package taxonomy

import "slices"

// Categories returns the codes of what a stakeholder can be.
func Categories() []string {
	return []string{
		"government", "un_agency", "international_organisation", "regional_process", "migrant_association", "ngo",
		"trade_union", "academic", "private_sector", "foundation", "media", "local_authority",
	}
}

// ValidCategory reports whether code is one of Categories.
func ValidCategory(code string) bool { return slices.Contains(Categories(), code) }

// MajorGroups returns the nine Major Groups of Agenda 21 and the other
// stakeholders that General Assembly resolution 67/290 names beside them.
func MajorGroups() []string {
	return []string{
		"women", "children_and_youth", "indigenous_peoples", "ngos", "local_authorities", "workers_and_trade_unions",
		"business_and_industry", "scientific_and_technological_community", "farmers", "other_stakeholders",
	}
}

// MajorGroupsOf returns the Major Groups that a stakeholder of a category
// belongs to, in the order of MajorGroups. Declared are the groups it says it is
// led by, such as "women"; codes that name no Major Group are passed over.
// Governments and intergovernmental bodies belong to none by their category.
func MajorGroupsOf(category string, declared ...string) []string {
	return crossing(MajorGroups(), majorGroupOf, append([]string{category}, declared...))
}

func majorGroupOf(code string) string {
	switch code {
	case "women":
		return "women"
	case "children", "youth":
		return "children_and_youth"
	case "indigenous_peoples":
		return "indigenous_peoples"
	case "ngo":
		return "ngos"
	case "local_authority":
		return "local_authorities"
	case "trade_union":
		return "workers_and_trade_unions"
	case "private_sector":
		return "business_and_industry"
	case "academic":
		return "scientific_and_technological_community"
	case "migrant_association", "foundation", "media", "persons_with_disabilities", "older_persons":
		return "other_stakeholders"
	}
	return ""
}

// Mechanisms returns the ways into the Global Forum on Migration and
// Development: the States themselves and its four stakeholder mechanisms.
func Mechanisms() []string {
	return []string{"governments", "civil_society", "business", "mayors", "youth"}
}

// MechanismsOf returns the mechanisms of the Forum open to a stakeholder of a
// category, in the order of Mechanisms. Declared are the groups it says it is
// led by; of these only "youth" opens another way. Agencies of the United
// Nations and international organisations are observers and have none.
func MechanismsOf(category string, declared ...string) []string {
	return crossing(Mechanisms(), mechanismOf, append([]string{category}, declared...))
}

func mechanismOf(code string) string {
	switch code {
	case "government", "regional_process":
		return "governments"
	case "migrant_association", "ngo", "trade_union", "academic", "foundation", "media":
		return "civil_society"
	case "private_sector":
		return "business"
	case "local_authority":
		return "mayors"
	case "youth":
		return "youth"
	}
	return ""
}

// crossing returns those of the targets that any of the codes crosses to.
func crossing(targets []string, cross func(string) string, codes []string) []string {
	var found []string
	for _, t := range targets {
		if slices.ContainsFunc(codes, func(c string) bool { return cross(c) == t }) {
			found = append(found, t)
		}
	}
	return found
}
