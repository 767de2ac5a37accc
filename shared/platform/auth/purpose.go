package auth

// The purposes of links in mail, and the ids that each carries.
const (
	PurposeConfirm     = "confirm"     // stakeholder, contact: prove the address it was sent to
	PurposeAnswer      = "answer"      // event, contact: answer an invitation
	PurposeUnsubscribe = "unsubscribe" // hash of the address: stop all mail to it
)
