package mailer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// How long links in mail can be used. An answer link lives as long as the
// invitation; an opt-out works for years, because old mail is still mail.
const (
	confirmLasts     = 7 * 24 * time.Hour
	unsubscribeLasts = 5 * 365 * 24 * time.Hour
)

// letter is what every kind of mail can be written as.
type letter interface{ Letter(i18n.Lang) mail.Letter }

// composer writes the mail that one kind of event asks for.
type composer func(ctx context.Context, job store.Job) (*mail.Message, error)

// composers are the kinds of event that ask for a mail, by the file that writes
// it. The projector queues exactly these.
func (m *Mailer) composers() map[string]composer {
	return map[string]composer{
		"sign_in.requested":      m.composeSignIn,
		"registration.submitted": m.composeRegistration,
		"registration.listed":    m.composeRegistration,
		"registration.returned":  m.composeRegistration,
		"registration.declined":  m.composeRegistration,
		"verification.expiring":  m.composeFreshness,
		"verification.lapsed":    m.composeFreshness,
		"protection.requested":   m.composeRequest,

		"verification.suspended":      m.composeStanding,
		"verification.reinstated":     m.composeStanding,
		"verification.appeal_decided": m.composeStanding,

		"verification.change_accepted": m.composeAmendment,
		"verification.change_returned": m.composeAmendment,

		"verification.reference_asked":   m.composeReferenceAsked,
		"verification.sponsorship_asked": m.composeSponsorshipAsked,
		"claim.sponsorship_asked":        m.composeSponsorshipAsked,
		"verification.reference_given":   m.composeReferenceAnswered,
		"verification.reference_refused": m.composeReferenceAnswered,

		"claim.asked":   m.composeClaim,
		"claim.granted": m.composeClaim,
		"claim.refused": m.composeClaim,
		"claim.ended":   m.composeClaim,

		"contact.added":            m.composeContact,
		"contact.mandate_asked":    m.composeMandate,
		"contact.mandate_waiting":  m.composeMandateWaiting,
		"contact.mandate_approved": m.composeMandate,
		"contact.mandate_refused":  m.composeMandate,

		"relay.sent":           m.composeRelay,
		"invitation.queued":    m.composeInvitation,
		"invitation.reminded":  m.composeInvitation,
		"invitation.accepted":  m.composeInvitation,
		"invitation.tentative": m.composeInvitation,
		"invitation.declined":  m.composeInvitation,
		"invitation.waiting":   m.composeInvitation,
		"invitation.withdrawn": m.composeInvitation,
		"invitation.offered":   m.composeInvitation,
		"invitation.unplaced":  m.composeUnplaced,

		"invitation.delegated": m.composeDelegation,
		"invitation.returned":  m.composeDelegation,
		"invitation.vacated":   m.composeVacated,

		"invitation.seated": m.composeSeated,
		"panel.seat_passed": m.composeSeatPassed,

		"invitation.announced": m.composeAnnouncement,
		"invitation.thanked":   m.composeThanks,
		"event.test_mail":      m.composeTest,
		"letter.issued":        m.composeLetter,

		"accreditation.applied":  m.composeAccrediting,
		"accreditation.objected": m.composeAccrediting,
		"accreditation.decided":  m.composeAccreditation,

		"invitation.changed":   m.composeNotice,
		"invitation.cancelled": m.composeNotice,
		"event.opened":         m.composeOpened,
		"search.matched":       m.composeMatched,
	}
}

// compose writes the mail of a job, or says with notNeeded why there is none.
func (m *Mailer) compose(ctx context.Context, job store.Job) (*mail.Message, error) {
	if write, ok := m.composers()[job.Kind]; ok {
		return write(ctx, job)
	}
	return nil, fmt.Errorf("unknown kind of mail: %w", mail.ErrPermanent)
}

// recipient returns the stakeholder and the contact that a job is about.
func (m *Mailer) recipient(ctx context.Context, stakeholder, contact string) (*directory.Stakeholder, directory.Contact, error) {
	e, err := m.Store.Resolve(ctx, stakeholder)
	if errors.Is(err, store.ErrNotFound) {
		return nil, directory.Contact{}, notNeeded("stakeholder gone")
	}
	if err != nil {
		return nil, directory.Contact{}, err
	}
	c, ok := e.Contact(contact)
	if !ok {
		return nil, c, notNeeded("contact gone")
	}
	return e, c, nil
}

func (m *Mailer) message(job store.Job, kind mail.Kind, to directory.Contact, l letter) *mail.Message {
	lang := i18n.Match(to.Language)
	message := &mail.Message{
		ID: job.ID, From: m.From, To: mail.Address{Name: to.Name, Addr: to.Email}, Kind: kind,
		Letter: l.Letter(lang), Tags: map[string]string{},
	}
	if kind.Bulk() {
		message.UnsubscribeURL = m.unsubscribeURL(to)
	}
	return message
}

func (m *Mailer) unsubscribeURL(to directory.Contact) string {
	return m.link("unsubscribe", to.Language, auth.Claims{
		Purpose: auth.PurposeUnsubscribe, IDs: []string{store.AddressHash(to.Email)}, Expires: m.Store.Now().Add(unsubscribeLasts),
	})
}

// link is a signed link to a page, in the language of the mail.
func (m *Mailer) link(page, language string, c auth.Claims) string {
	return m.url("/"+page+"/"+m.Links.Sign(c), language)
}

func (m *Mailer) url(path, language string) string {
	return m.BaseURL + path + "?lang=" + string(i18n.Match(language))
}

func (m *Mailer) composeRegistration(ctx context.Context, job store.Job) (*mail.Message, error) {
	e, to, err := m.recipient(ctx, job.Data["stakeholder"], job.Data["contact"])
	if err != nil {
		return nil, err
	}
	name := e.DisplayName(string(i18n.Match(to.Language)))
	if job.Kind == "registration.submitted" {
		return m.composeConfirmation(job, e, to, name)
	}
	if job.Kind != "registration."+string(e.Status) {
		return nil, notNeeded("decided otherwise since") // or corrected: its reasons are another decision's
	}
	switch job.Kind {
	case "registration.listed":
		return m.message(job, mail.KindRegistrationListed, to, mail.RegistrationListed{
			Organisation: name, ProfileURL: m.url("/stakeholders/"+e.ID, to.Language),
		}), nil
	case "registration.returned":
		return m.message(job, mail.KindRegistrationReturned, to, mail.RegistrationReturned{
			Organisation: name, Reasons: reasonKeys(e.Reasons), Note: e.Note, CorrectURL: m.url("/sign-in", to.Language),
		}), nil
	default:
		return m.message(job, mail.KindRegistrationDeclined, to, mail.RegistrationDeclined{
			Organisation: name, Reasons: reasonKeys(e.Reasons), Note: e.Note,
		}), nil
	}
}

func (m *Mailer) composeConfirmation(job store.Job, e *directory.Stakeholder, to directory.Contact, name string) (*mail.Message, error) {
	if to.ConfirmedAt != nil {
		return nil, notNeeded("address confirmed")
	}
	expires := m.Store.Now().Add(confirmLasts)
	return m.message(job, mail.KindConfirmAddress, to, mail.ConfirmAddress{
		Organisation: name, ExpiresAt: expires,
		ConfirmURL: m.link("confirm", to.Language, auth.Claims{Purpose: auth.PurposeConfirm, IDs: []string{e.ID, to.ID}, Expires: expires}),
	}), nil
}

// reasonKeys turns a moderator's codes into keys of the catalogue.
func reasonKeys(codes []string) []string {
	keys := make([]string, len(codes))
	for i, code := range codes {
		keys[i] = "reason." + code
	}
	return keys
}

// composeSignIn makes the secret of the link at the last moment, so that it lies
// in no queue; only its hash is kept.
func (m *Mailer) composeSignIn(ctx context.Context, job store.Job) (*mail.Message, error) {
	refs, err := m.Store.ContactsByAddress(ctx, job.Data["address"])
	if err != nil {
		return nil, err
	}
	ref, to, err := m.signingIn(ctx, refs)
	if err != nil {
		return nil, err
	}
	token, hash, err := auth.NewToken(m.Random)
	if err != nil {
		return nil, err
	}
	if err := m.Store.KeepSignInLink(ctx, hash, ref); err != nil {
		return nil, err
	}
	return m.message(job, mail.KindSignIn, to, mail.SignIn{
		URL: m.url("/sign-in/"+token, to.Language), ExpiresAt: m.Store.Now().Add(store.SignInLinkLasts),
	}), nil
}

// signingIn chooses for which stakeholder somebody with several signs in: one
// whose registration can be corrected before one that is listed, and that before
// one that was declined; of alike ones the newest.
func (m *Mailer) signingIn(ctx context.Context, refs []store.ContactRef) (store.ContactRef, directory.Contact, error) {
	var chosen store.ContactRef
	var to directory.Contact
	best := 0
	for _, ref := range slices.Backward(refs) { // ids sort by time
		e, c, err := m.recipient(ctx, ref.Stakeholder, ref.Contact)
		if _, gone := errors.AsType[notNeeded](err); gone {
			continue
		}
		if err != nil {
			return chosen, to, err
		}
		if rank := urgency(e.Status); rank > best {
			chosen, to, best = ref, c, rank
		}
	}
	if best == 0 {
		return chosen, to, notNeeded("nobody has the address")
	}
	return chosen, to, nil
}

func urgency(s directory.Status) int {
	switch s {
	case directory.Returned:
		return 4
	case directory.AwaitingEmail, directory.AwaitingReview:
		return 3
	case directory.Listed:
		return 2
	}
	return 1
}
