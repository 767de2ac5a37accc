package auth

// The purposes of links in mail, and the ids that each carries.
const (
	PurposeConfirm     = "confirm"     // stakeholder, contact: prove the address it was sent to
	PurposeAnswer      = "answer"      // event, contact: answer an invitation
	PurposeRenew       = "renew"       // stakeholder, contact: say that the entry is still correct
	PurposeRequest     = "request"     // stakeholder, request: confirm a step that a contact asked for
	PurposeReference   = "reference"   // applicant, referee, contact: vouch for the applicant
	PurposeAlert       = "alert"       // saved search: stop the alerts of it
	PurposeClaim       = "claim"       // claim: prove the address it was sent to, see how the claim stands, take it back
	PurposeMandate     = "mandate"     // stakeholder, mandate: prove the address of who asks to act for it
	PurposeCertificate = "certificate" // event, contact: take a certificate away
	PurposeUnsubscribe = "unsubscribe" // hash of the address: stop all mail to it
)
