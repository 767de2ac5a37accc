package calendar

import (
	"time"

	"github.com/emersion/go-ical"

	"convoke/shared/platform/ics"
)

// timezone describes the zone's clock around the event.
func timezone(zone *time.Location, starts, ends time.Time) *ical.Component {
	c := ical.NewComponent(ical.CompTimezone)
	c.Props.SetText(ical.PropTimezoneID, zone.String())
	for _, o := range ics.Observances(zone, starts, ends) {
		part := ical.NewComponent(o.Kind())
		part.Props.Set(&ical.Prop{Name: ical.PropDateTimeStart, Value: o.Onset})
		part.Props.Set(&ical.Prop{Name: ical.PropTimezoneOffsetFrom, Value: o.From})
		part.Props.Set(&ical.Prop{Name: ical.PropTimezoneOffsetTo, Value: o.To})
		part.Props.SetText(ical.PropTimezoneName, o.Name)
		c.Children = append(c.Children, part)
	}
	return c
}
