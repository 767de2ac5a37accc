package web

import (
	"slices"
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/state/store"
)

// answersView is how the invitations of an event stand, as a picture and in
// numbers.
type answersView struct {
	parts    []answerPart
	invited  int // whose invitation went out
	taken    int // places, with those that are kept for somebody
	capacity int // 0 is no limit
}

// answerPart is one stretch of the picture. Lengths are in hundredths of its
// whole.
type answerPart struct {
	key, label string
	n          int
	x, width   string
}

// answerGroups are the statuses of invitations as an organiser counts them, in
// the order of the picture.
func answerGroups() []answerGroup {
	return []answerGroup{
		{"accepted", []convening.InvitationStatus{convening.Accepted}},
		{"tentative", []convening.InvitationStatus{convening.Tentative}},
		{"waiting", []convening.InvitationStatus{convening.Waiting, convening.Offered}},
		{"delegated", []convening.InvitationStatus{convening.Delegated}},
		{"declined", []convening.InvitationStatus{convening.Declined}},
		{"silent", []convening.InvitationStatus{convening.Queued, convening.Sent, convening.Delivered, convening.Expired}},
		{"lost", []convening.InvitationStatus{convening.Bounced, convening.Withdrawn}},
		{"planned", []convening.InvitationStatus{convening.Planned}},
	}
}

type answerGroup struct {
	key      string
	statuses []convening.InvitationStatus
}

// holds reports whether invitations of the status are counted in the group. All of
// them are in the group without a name.
func (g answerGroup) holds(status convening.InvitationStatus) bool {
	return g.key == "" || slices.Contains(g.statuses, status)
}

// answers counts the invitations of an event by group, and leaves out what is
// nobody.
func (p page) answers(e *convening.Event, counts store.Counts) answersView {
	view := answersView{capacity: e.Capacity, taken: counts.ByStatus[convening.Accepted] + counts.ByStatus[convening.Offered]}
	total, before := counts.Total(), 0
	for _, g := range answerGroups() {
		n := 0
		for _, status := range g.statuses {
			n += counts.ByStatus[status]
		}
		if n == 0 {
			continue
		}
		if g.key != "planned" {
			view.invited += n
		}
		view.parts = append(view.parts, answerPart{g.key, p.t("desk.answer." + g.key), n, hundredths(before, total), hundredths(n, total)})
		before += n
	}
	return view
}

// hundredths is how much of a whole something is, in percent as SVG takes it.
func hundredths(n, whole int) string {
	if whole == 0 {
		return "0"
	}
	return strconv.FormatFloat(float64(n)*100/float64(whole), 'f', 2, 64)
}

// filled is how much of the places is taken.
func (v answersView) filled() string { return hundredths(min(v.taken, v.capacity), v.capacity) }

// places says how many places are taken.
func (v answersView) places(p page) string {
	if v.capacity == 0 {
		return p.with("desk.places.unlimited", "taken", strconv.Itoa(v.taken))
	}
	return p.said("desk.places", "taken", strconv.Itoa(v.taken), "capacity", strconv.Itoa(v.capacity))
}
