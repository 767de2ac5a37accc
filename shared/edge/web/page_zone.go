package web

import (
	"net/http"
	"slices"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/i18n"
)

// zoneCookie keeps the time zone that a reader chose. It names nobody.
const zoneCookie = "convoke-zone"

// zonesOffered are zones to choose from, one or more of every offset in which
// people live; the address takes any other too.
func zonesOffered() []string {
	return []string{
		"Africa/Abidjan", "Africa/Addis_Ababa", "Africa/Algiers", "Africa/Cairo", "Africa/Casablanca", "Africa/Dakar", "Africa/Johannesburg",
		"Africa/Lagos", "Africa/Nairobi", "Africa/Tunis", "America/Anchorage", "America/Argentina/Buenos_Aires", "America/Bogota", "America/Caracas",
		"America/Chicago", "America/Denver", "America/Guatemala", "America/Halifax", "America/La_Paz", "America/Lima", "America/Los_Angeles",
		"America/Mexico_City", "America/New_York", "America/Panama", "America/Port-au-Prince", "America/Santiago", "America/Santo_Domingo",
		"America/Sao_Paulo", "America/St_Johns", "Asia/Almaty", "Asia/Amman", "Asia/Baghdad", "Asia/Bangkok", "Asia/Beirut", "Asia/Colombo",
		"Asia/Dhaka", "Asia/Dubai", "Asia/Ho_Chi_Minh", "Asia/Jakarta", "Asia/Kabul", "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata",
		"Asia/Manila", "Asia/Riyadh", "Asia/Shanghai", "Asia/Tashkent", "Asia/Tbilisi", "Asia/Tehran", "Asia/Tokyo", "Asia/Yangon",
		"Asia/Yerevan", "Atlantic/Azores", "Atlantic/Cape_Verde", "Australia/Adelaide", "Australia/Perth", "Australia/Sydney", "Europe/Athens",
		"Europe/Brussels", "Europe/Bucharest", "Europe/Istanbul", "Europe/Kyiv", "Europe/London", "Europe/Madrid", "Europe/Moscow",
		"Europe/Paris", "Europe/Rome", "Europe/Zurich", "Pacific/Auckland", "Pacific/Fiji", "Pacific/Honolulu", "Pacific/Kiritimati",
		"Pacific/Tongatapu", "UTC",
	}
}

// zoneChoices are the zones offered, with the reader's own when it is another.
func (v eventPageView) zoneChoices() []string {
	zones := zonesOffered()
	if v.zone != "" && !slices.Contains(zones, v.zone) {
		zones = append([]string{v.zone}, zones...)
	}
	return zones
}

// readZone reads in which zone the reader lives, from the address or else from
// its cookie, and says when the event is by that clock. A page without script has
// no other way to know.
func (s *Server) readZone(w http.ResponseWriter, r *http.Request, e *convening.Event, p page, view *eventPageView) {
	asked := r.URL.Query().Get("zone")
	switch {
	case asked == "":
		if c, err := r.Cookie(zoneCookie); err == nil && knownZone(c.Value) {
			view.zone = c.Value
		}
	case knownZone(asked):
		view.zone = asked
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure is off for development over plain http alone
			Name: zoneCookie, Value: asked, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: !s.Plain, SameSite: http.SameSiteLaxMode,
		})
	default:
		view.unknownZone = true
	}
	if view.zone != "" && elsewhere(e, view.zone) {
		view.readerWhen = i18n.Span(p.lang, e.Starts, e.Ends, view.zone)
	}
}

func knownZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// elsewhere reports whether clocks of the zone show another time than those of
// the event's do.
func elsewhere(e *convening.Event, zone string) bool {
	_, there := e.Starts.In(i18n.Zone(e.Zone)).Zone()
	_, here := e.Starts.In(i18n.Zone(zone)).Zone()
	return there != here
}
