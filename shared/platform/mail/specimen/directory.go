package specimen

import "convoke/shared/platform/mail"

func reasons() []string {
	return []string{
		"reason.missing_evidence", "reason.unclear_mandate", "reason.name_mismatch", "reason.contact_unreachable",
		"reason.duplicate", "reason.out_of_scope", "reason.incomplete",
	}
}

const note = "Please add\n\nthe statutes."

func registration() []draft {
	return []draft{
		{kind: mail.KindConfirmAddress, letter: mail.ConfirmAddress{Organisation: organisation, ConfirmURL: site + "confirm?t=1", ExpiresAt: expires()}},
		{kind: mail.KindSignIn, letter: mail.SignIn{URL: site + "sign-in?t=1", ExpiresAt: expires()}},
		{kind: mail.KindRegistrationListed, letter: mail.RegistrationListed{Organisation: organisation, ProfileURL: site + "stakeholders/1"}},
		{kind: mail.KindRegistrationReturned, letter: mail.RegistrationReturned{Organisation: organisation, Reasons: reasons(), Note: note, CorrectURL: signInURL}},
		{kind: mail.KindRegistrationDeclined, letter: mail.RegistrationDeclined{Organisation: organisation, Reasons: reasons()[:1]}},
		{kind: mail.KindReferenceAsked, letter: mail.ReferenceAsked{Organisation: organisation, Referee: "Diaspora Council", AnswerURL: site + "reference/1", ExpiresAt: expires()}},
		{kind: mail.KindSponsorshipAsked, letter: mail.SponsorshipAsked{Unit: conveners, Organisation: organisation, URL: site + "desk/sponsorships"}},
		{kind: mail.KindSponsorshipAsked, variant: "claim", letter: mail.SponsorshipAsked{Unit: conveners, Organisation: organisation, Claim: true, URL: site + "desk/sponsorships"}},
		{kind: mail.KindReferenceGiven, letter: mail.ReferenceAnswered{Organisation: organisation, Referee: "Diaspora Council", Given: true, CorrectURL: signInURL}},
		{kind: mail.KindReferenceRefused, letter: mail.ReferenceAnswered{Organisation: organisation, Referee: "Diaspora Council", CorrectURL: signInURL}},
	}
}

func verification() []draft {
	due := mail.VerificationExpiring{Organisation: organisation, ValidUntil: expires(), RenewURL: site + "still-correct/1", CorrectURL: signInURL}
	standing := func(kind mail.Kind, reasons []string, note string) draft {
		return draft{kind: kind, letter: mail.StandingChanged{Kind: kind, Organisation: organisation, Reasons: reasons, Note: note, URL: signInURL}}
	}
	return []draft{
		{kind: mail.KindVerificationExpiring, letter: due},
		{kind: mail.KindVerificationLapsed, letter: mail.VerificationLapsed(due)},
		standing(mail.KindSuspended, reasons()[:2], note),
		standing(mail.KindReinstated, nil, ""),
		standing(mail.KindAppealUpheld, reasons()[:1], ""),
		standing(mail.KindAppealGranted, nil, ""),
		standing(mail.KindAmendmentAccepted, nil, ""),
		standing(mail.KindAmendmentReturned, reasons()[2:3], note),
	}
}

func claims() []draft {
	decided := func(kind mail.Kind, reasons []string, note, at string) draft {
		return draft{kind: kind, letter: mail.ClaimDecided{Kind: kind, Organisation: organisation, Reasons: reasons, Note: note, URL: at}}
	}
	return []draft{
		{kind: mail.KindClaimAsked, letter: mail.ClaimAsked{Organisation: organisation, URL: site + "claim/1", ExpiresAt: expires()}},
		decided(mail.KindClaimGranted, nil, "", signInURL),
		decided(mail.KindClaimRefused, reasons()[:2], note, site+"claim/1"),
		decided(mail.KindClaimEnded, nil, "", site+"claim/1"),
	}
}

func people() []draft {
	asked := func(what string) draft {
		return draft{kind: mail.KindRequest, variant: what, letter: mail.Request{Organisation: organisation, What: what, URL: site + what + "/1", ExpiresAt: expires()}}
	}
	return []draft{
		{kind: mail.KindContactAdded, letter: mail.ContactAdded{Organisation: organisation, ConfirmURL: site + "confirm?t=2", ExpiresAt: expires()}},
		{kind: mail.KindRelayed, letter: mail.Relayed{
			Sender: conveners, Subject: "Your study of remittances", Text: "Could you present it in Geneva?\n\nWith thanks.", UnsubscribeURL: unsubscribeURL,
		}},
		{kind: mail.KindMandateAsked, letter: mail.MandateAsked{Organisation: organisation, URL: site + "represent/1", ExpiresAt: expires()}},
		{kind: mail.KindMandateWaiting, letter: mail.MandateWaiting{
			Organisation: organisation, Name: "A. Person", Email: "person@example.org", Message: "I am the new secretary.", URL: site + "me/representatives",
		}},
		{kind: mail.KindMandateApproved, letter: mail.MandateDecided{Kind: mail.KindMandateApproved, Organisation: organisation, URL: signInURL}},
		{kind: mail.KindMandateRefused, letter: mail.MandateDecided{Kind: mail.KindMandateRefused, Organisation: organisation}},
		asked("exposure"),
		asked("erasure"),
		asked("contact_erasure"),
	}
}
