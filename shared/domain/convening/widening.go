package convening

import "time"

// widened reports whether the plan after has places that the one before had not.
func widened(before, after Plan) bool {
	more := func(was, is int) bool { return was > 0 && (is == 0 || is > was) }
	return more(before.Capacity, after.Capacity) || more(before.PlacesPerOrganisation, after.PlacesPerOrganisation)
}

// limited reports whether the places of the event are counted.
func (o Outreach) limited() bool { return o.Capacity > 0 || o.PlacesPerOrganisation > 0 }

// limitedAnew reports whether the plan after counts places that the one before did
// not.
func limitedAnew(before, after Plan) bool {
	return after.limited() && !before.limited() || after.PlacesPerOrganisation > 0 && before.PlacesPerOrganisation == 0
}

// PlacesOffered notes that the places which the event got, as it stood at that
// version, were offered to who waits for one. Again changes nothing.
func (e *Event) PlacesOffered(version int64, now time.Time) {
	if !e.Widened || e.Version != version {
		return
	}
	e.Widened, e.UpdatedAt = false, now
	e.Record("event.places_offered", "event", e.ID)
	e.dueNext(now)
}

// OfferIfFree offers a place to who waits when there is one, and reports whether
// it did: Full is what the store found.
func (i *Invitation) OfferIfFree(now time.Time) bool {
	if i.Full || i.Status != Waiting || !i.AnswerBy.After(now) {
		return false
	}
	i.Offer(now)
	return true
}
