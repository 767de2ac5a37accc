package web

import (
	"context"
	"slices"
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// seatsView is the panel of an event in words and pictures.
type seatsView struct {
	version int64
	seats   []seatLine
	open    int
	targets []targetLine
}

// seatLine is one seat, who holds it, and what that one answered.
type seatLine struct {
	id, role   string
	held       bool
	who        directory.Text
	path       string
	person     string // of the contact, where the seat names one
	pinned     bool
	answer     string // empty before an invitation
	group      string
	alternates []directory.Text
}

// targetLine is one target of balance with how the panel stands to it.
type targetLine struct {
	n      int // its place, from 1
	state  convening.BalanceState
	asks   string // what the target asks for
	says   string // how the panel stands to it
	reason string
	dots   []dot
}

// dot is one place in the picture of a target: have, missing, over, or room.
type dot struct{ kind, x string }

// dotStep is from one place of the picture to the next.
const dotStep = 14

func (t targetLine) width() string { return strconv.Itoa(dotStep * len(t.dots)) }

// viewSeats is the panel as the API tells it, put into words.
func (s *Server) viewSeats(ctx context.Context, p page, e *convening.Event) (seatsView, error) {
	panel, err := s.Store.Panel(ctx, e.ID)
	if err != nil || len(panel.Seats) == 0 && len(panel.Targets) == 0 {
		return seatsView{}, err
	}
	return s.viewSeatsOf(ctx, p, e, panel)
}

func (s *Server) viewSeatsOf(ctx context.Context, p page, e *convening.Event, panel *convening.Panel) (seatsView, error) {
	told, named, err := s.viewPanelIn(ctx, p.lang, e, panel)
	if err != nil {
		return seatsView{}, err
	}
	invited, err := s.seatInvitations(ctx, e, panel, named)
	if err != nil {
		return seatsView{}, err
	}
	view := seatsView{version: panel.Version, targets: p.targetLines(told.Balance, panel.Targets)}
	for _, seat := range panel.Seats {
		if seat.Holder == nil {
			view.open++
		}
		view.seats = append(view.seats, p.seatLine(seat, named, invited))
	}
	return view, nil
}

// seatInvitations are the invitations of those who sit, by contact.
func (s *Server) seatInvitations(ctx context.Context, e *convening.Event, panel *convening.Panel, named map[string]*directory.Stakeholder) (map[string]*convening.Invitation, error) {
	var contacts []string
	for _, seat := range panel.Seats {
		if seat.Holder == nil {
			continue
		}
		if c, ok := recipient(named[seat.Holder.Stakeholder], *seat.Holder); ok && !slices.Contains(contacts, c.ID) {
			contacts = append(contacts, c.ID)
		}
	}
	return s.Store.InvitationsByContact(ctx, e.ID, contacts)
}

func (p page) seatLine(seat convening.Seat, named map[string]*directory.Stakeholder, invited map[string]*convening.Invitation) seatLine {
	line := seatLine{id: seat.ID, role: i18n.T(p.lang, "role."+seat.Role, nil), pinned: seat.Pinned}
	for _, who := range seat.Alternates {
		name, _ := p.bodyName(named[who.Stakeholder])
		line.alternates = append(line.alternates, name)
	}
	if seat.Holder == nil {
		return line
	}
	of := named[seat.Holder.Stakeholder]
	line.held = true
	line.who, line.path = p.bodyName(of)
	c, reachable := recipient(of, *seat.Holder)
	if seat.Holder.Contact != "" && of != nil && of.NamedTo(c.ID) {
		line.person = c.Name
	}
	switch i := invited[c.ID]; {
	case !reachable:
		line.answer = p.t("desk.seat.unreachable")
	case i != nil:
		line.answer, line.group = p.t("desk.invitation."+string(i.Status)), groupHolding(i.Status).key
	}
	return line
}

func (p page) targetLines(balance []balanceView, targets []convening.Target) []targetLine {
	lines := make([]targetLine, len(balance))
	for i, b := range balance {
		t := targets[b.Target]
		lines[i] = targetLine{n: b.Target + 1, state: b.State, asks: b.Text, says: p.balanceText(b, t), reason: b.Reason, dots: dots(b, t)}
	}
	return lines
}

// balanceText says how the panel stands to a target: what it has, and what is
// missing or too many.
func (p page) balanceText(b balanceView, t convening.Target) string {
	key := "desk.balance." + string(b.State)
	if b.State == convening.TargetMet && t.Rule == convening.AtMost {
		key = "desk.balance.within"
	}
	return p.said(key, "count", strconv.Itoa(b.Count), "by", strconv.Itoa(b.By), "want", strconv.Itoa(t.Count))
}

// dots draw what a panel has of a target beside what is wanted: as many places as
// the greater of both.
func dots(b balanceView, t convening.Target) []dot {
	list := make([]dot, max(b.Count, t.Count))
	for i := range list {
		list[i].x = strconv.Itoa(dotStep*i + dotStep/2)
		switch {
		case i < min(b.Count, t.Count):
			list[i].kind = "have"
		case i < b.Count && t.Rule == convening.AtLeast:
			list[i].kind = "have"
		case i < b.Count:
			list[i].kind = "over"
		case t.Rule == convening.AtMost:
			list[i].kind = "room"
		default:
			list[i].kind = "missing"
		}
	}
	return list
}
