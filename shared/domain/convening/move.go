package convening

// Move gives an invitation of one stakeholder to another, because the two were
// merged or parted. The recipient stays who it is.
func (i *Invitation) Move(from, to string) {
	if i.Stakeholder != from {
		return
	}
	i.Stakeholder = to
	i.Record("invitation.moved", "event", i.EventID, "contact", i.Contact, "stakeholder", to)
}
