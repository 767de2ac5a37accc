package opensearch

import (
	"cmp"
	"slices"
	"strings"

	"convoke/shared/state/search"
)

// maxValues is how many values of a facet are counted.
const maxValues = 1000

// names are the fields of names with what they count for.
func names() []string { return []string{"display^10", "acronym^9", "other^7"} }

// request is the body of a search.
func request(q search.Query, after []any) object {
	always, own := parted(q)
	must, mustNot := words(q.Text)
	body := object{
		"size": cmp.Or(q.Limit, 20), "track_total_hits": true, "_source": []string{"id", "stored"},
		"query": boosted(q.Boost, object{"bool": object{"must": must, "must_not": mustNot, "filter": always}}),
		"sort":  order(q),
	}
	if len(own) > 0 {
		body["post_filter"] = every(own, "")
	}
	if len(q.Facets) > 0 {
		body["aggs"] = counts(q.Facets, own)
	}
	if after != nil {
		body["search_after"] = after
	}
	return body
}

// owned is a filter that the counts of its own field leave out.
type owned struct {
	field string
	holds object
}

// parted tells filters that hold for everything from those that do not hold for
// the counts of their own field.
func parted(q search.Query) (always []object, own []owned) {
	always = []object{}
	for _, f := range q.Where {
		if !f.Fixed && slices.Contains(q.Facets, f.Field) {
			own = append(own, owned{f.Field, filter(f)})
		} else {
			always = append(always, filter(f))
		}
	}
	for _, r := range q.Ranges {
		always = append(always, within(r))
	}
	return always, own
}

func filter(f search.Filter) object {
	field := "facets." + f.Field
	if len(f.AnyOf)+len(f.NoneOf) == 0 {
		return object{"match_none": object{}}
	}
	holds := object{}
	if len(f.AnyOf) > 0 {
		holds["filter"] = []object{{"terms": object{field: f.AnyOf}}}
	}
	if len(f.NoneOf) > 0 {
		holds["must_not"] = []object{{"terms": object{field: f.NoneOf}}}
	}
	return object{"bool": holds}
}

func within(r search.Range) object {
	field := "numbers." + r.Field
	bounds := object{}
	if r.From > -search.MaxNumber {
		bounds["gte"] = r.From
	}
	if r.To < search.MaxNumber {
		bounds["lte"] = r.To
	}
	inside := object{"bool": object{"filter": []object{{"exists": object{"field": field}}, {"range": object{field: bounds}}}}}
	if !r.OrNone {
		return inside
	}
	none := object{"bool": object{"must_not": []object{{"exists": object{"field": field}}}}}
	return object{"bool": object{"should": []object{inside, none}, "minimum_should_match": 1}}
}

// every wants all filters but those of a field.
func every(own []owned, except string) object {
	all := []object{}
	for _, o := range own {
		if o.field != except {
			all = append(all, o.holds)
		}
	}
	return object{"bool": object{"filter": all}}
}

func counts(facets []string, own []owned) object {
	aggs := object{}
	for _, field := range facets {
		aggs[field] = object{
			"filter": every(own, field),
			"aggs":   object{"values": object{"terms": object{"field": "facets." + field, "size": maxValues}}},
		}
	}
	return aggs
}

// words are the clauses of a text: its words in names, or in topics and texts,
// with as many edits forgiven as our own index forgives; its phrases; and what it
// excludes.
func words(text string) (must, mustNot []object) {
	must, mustNot = []object{}, []object{}
	plain, open, phrases, excluded := search.Parts(text)
	if plain != "" {
		fields := append(names(), "topics^4", "text^2")
		either := []object{
			{"multi_match": object{"query": plain, "type": "cross_fields", "operator": "and", "fields": fields, "boost": 4}},
			{"multi_match": object{"query": plain, "type": "best_fields", "operator": "and", "fields": names(), "fuzziness": "AUTO:4,8", "prefix_length": 0}},
		}
		if open {
			either = append(either, object{"multi_match": object{"query": plain, "type": "bool_prefix", "operator": "and", "fields": names(), "boost": 2}})
		}
		must = append(must, object{"dis_max": object{"queries": either, "tie_breaker": 0.1}})
	}
	for _, p := range phrases {
		must = append(must, object{"multi_match": object{"query": p, "type": "phrase", "fields": names()}})
	}
	for _, x := range excluded {
		mustNot = append(mustNot, object{"multi_match": object{"query": x, "type": "phrase", "fields": append(names(), "topics", "text")}})
	}
	if len(must)+len(mustNot) == 0 && strings.TrimSpace(text) != "" {
		must = append(must, object{"match_none": object{}}) // marks without a word find nothing
	}
	return must, mustNot
}

func boosted(boosts []search.Boost, query object) object {
	if len(boosts) == 0 {
		return query
	}
	var functions []object
	for _, b := range boosts {
		functions = append(functions, object{"filter": object{"terms": object{"facets." + b.Field: b.AnyOf}}, "weight": b.Factor})
	}
	return object{"function_score": object{"query": query, "functions": functions, "score_mode": "multiply", "boost_mode": "multiply"}}
}

// order is what a cursor goes on from, so it always ends with the ID.
func order(q search.Query) []object {
	byName, byID := object{"order": object{"order": "asc"}}, object{"id": object{"order": "asc"}}
	plain, _, phrases, _ := search.Parts(q.Text)
	switch {
	case q.Sort.By == "" && (plain != "" || len(phrases) > 0):
		return []object{{"_score": object{"order": "desc"}}, byID}
	case q.Sort.By == "" || q.Sort.By == search.SortByName:
		return []object{byName, byID}
	}
	way := "asc"
	if q.Sort.Descending {
		way = "desc"
	}
	return []object{{"numbers." + q.Sort.By: object{"order": way, "missing": "_last", "unmapped_type": "long"}}, byName, byID}
}
