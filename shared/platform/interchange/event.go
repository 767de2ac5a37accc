package interchange

import (
	"net/url"
	"time"

	"golang.org/x/text/language"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
)

// Body is who organises an event, as the public may know it.
type Body struct {
	Name    string
	Address string // of its page, empty for one that is only named
}

// Gathering is what of an event is given to the public.
type Gathering struct {
	*convening.Event
	Base       string // address of the deployment, without a slash at its end
	Organisers []Body // beside the convener
	Series     *convening.Series
}

// EventAddress is the page of an event.
func EventAddress(base, id string) string { return base + "/events/" + url.PathEscape(id) }

// SeriesAddress is the page of a series.
func SeriesAddress(base, id string) string { return base + "/series/" + url.PathEscape(id) }

// EventJSONLD returns a public event as schema.org knows educational events. The
// online room is not among it: that there is one is.
func EventJSONLD(g Gathering, langs ...string) map[string]any {
	at := EventAddress(g.Base, g.ID)
	doc := map[string]any{
		"@context": "https://schema.org", "@type": "EducationEvent", "@id": at, "url": at, "mainEntityOfPage": at,
		"name": directory.In(g.Titles, langs...), "startDate": inZone(g.Starts, g.Zone), "endDate": inZone(g.Ends, g.Zone),
		"eventStatus": eventStatus(g.Event), "organizer": organizers(g.Convener, g.Organisers),
	}
	put := func(name string, value any, there bool) {
		if there {
			doc[name] = value
		}
	}
	mode, places := attendance(g)
	put("eventAttendanceMode", mode, mode != "")
	put("location", places, len(places) > 0)
	about := directory.In(g.Summaries, langs...)
	put("description", about, about != "")
	put("about", topics(g.Topics, langs), len(g.Topics) > 0)
	put("maximumAttendeeCapacity", g.Capacity, g.Capacity > 0)
	if g.Series != nil {
		doc["superEvent"] = map[string]string{
			"@type": "EventSeries", "@id": SeriesAddress(g.Base, g.Series.ID), "name": directory.In(g.Series.Titles, langs...),
		}
	}
	return doc
}

// SeriesJSONLD returns a series with those of its events that are given.
func SeriesJSONLD(s *convening.Series, base string, organisers []Body, events []*convening.Event, langs ...string) map[string]any {
	at := SeriesAddress(base, s.ID)
	doc := map[string]any{
		"@context": "https://schema.org", "@type": "EventSeries", "@id": at, "url": at, "mainEntityOfPage": at, "name": directory.In(s.Titles, langs...),
	}
	if about := directory.In(s.Summaries, langs...); about != "" {
		doc["description"] = about
	}
	if len(s.Topics) > 0 {
		doc["about"] = topics(s.Topics, langs)
	}
	if len(organisers) > 0 {
		doc["organizer"] = organizers("", organisers)
	}
	var parts []map[string]string
	for _, e := range events {
		parts = append(parts, map[string]string{
			"@type": "EducationEvent", "@id": EventAddress(base, e.ID), "name": directory.In(e.Titles, langs...),
			"startDate": inZone(e.Starts, e.Zone), "eventStatus": eventStatus(e),
		})
	}
	if len(parts) > 0 {
		doc["subEvent"] = parts
	}
	return doc
}

// inZone writes an instant with the offset that holds where the event takes
// place.
func inZone(t time.Time, zone string) string {
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	return t.In(place).Format(time.RFC3339)
}

func eventStatus(e *convening.Event) string {
	if e.Status == convening.Cancelled {
		return "https://schema.org/EventCancelled"
	}
	return "https://schema.org/EventScheduled"
}

func attendance(g Gathering) (mode string, places []map[string]string) {
	if g.Place != "" {
		mode = "OfflineEventAttendanceMode"
		places = append(places, map[string]string{"@type": "Place", "name": g.Place, "address": g.Place})
	}
	if g.Online != "" {
		mode = map[bool]string{true: "MixedEventAttendanceMode", false: "OnlineEventAttendanceMode"}[g.Place != ""]
		places = append(places, map[string]string{"@type": "VirtualLocation", "url": EventAddress(g.Base, g.ID)})
	}
	if mode != "" {
		mode = "https://schema.org/" + mode
	}
	return mode, places
}

func organizers(convener string, bodies []Body) []map[string]string {
	var list []map[string]string
	if convener != "" {
		list = append(list, map[string]string{"@type": "Organization", "name": convener})
	}
	for _, b := range bodies {
		one := map[string]string{"@type": "Organization", "name": b.Name}
		if b.Address != "" {
			one["@id"], one["url"] = b.Address, b.Address
		}
		list = append(list, one)
	}
	return list
}

// topics names topics by their codes and by their titles in the first language.
func topics(codes, langs []string) []map[string]string {
	tag := language.English
	if len(langs) > 0 {
		tag = language.Make(langs[0])
	}
	list := make([]map[string]string, len(codes))
	for i, code := range codes {
		list[i] = map[string]string{"@type": "DefinedTerm", "termCode": code, "name": taxonomy.TopicTitle(code, tag)}
	}
	return list
}
