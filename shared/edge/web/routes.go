package web

import (
	"net/http"
	"slices"

	"convoke/shared/platform/auth"
)

// route is one row of the table of routes and roles. A route cannot be served
// without a row, and a row without access is refused by a test.
type route struct {
	method, pattern string
	access          access
	kind            kind
	handle          func(http.ResponseWriter, *http.Request) error
}

// access names who may come in. What belongs to one stakeholder or unit is
// checked again by the handler, against the thing itself.
type access []auth.Role

// kind says how a route is spoken to.
type kind uint8

const (
	document kind = iota // answers JSON or another document
	command              // takes JSON, honours Idempotency-Key
	webPage              // answers HTML, takes forms
	asset                // the same for everybody: who asks is not looked at
)

// Who may come in, as groups that many routes share.
//
//nolint:gochecknoglobals // read only
var (
	staffOnly = access{auth.Moderator, auth.Admin}
	conveners = access{auth.Organiser, auth.Admin}
	writers   = access{auth.Contact, auth.Organiser} // to a contact whose address they do not see
	applicant = access{auth.Contact, auth.Moderator, auth.Admin}
)

// limit is the largest body that the route takes, in bytes.
func (rt route) limit() int64 {
	if rt.pattern == certificatePath {
		return maxForm
	}
	return maxBody
}

// routes are all rows of the table, one group for each noun.
func (s *Server) routes() []route {
	return slices.Concat(
		s.serviceRoutes(),
		s.registrationRoutes(),
		s.searchRoutes(),
		s.stakeholderRoutes(),
		s.amendmentRoutes(),
		s.interchangeRoutes(),
		s.freshnessRoutes(),
		s.vettingRoutes(),
		s.claimRoutes(),
		s.screeningRoutes(),
		s.caseRoutes(),
		s.duplicateRoutes(),
		s.mergeRoutes(),
		s.uploadRoutes(),
		s.appealRoutes(),
		s.auditRoutes(),
		s.protectionRoutes(),
		s.consentRoutes(),
		s.exportRoutes(),
		s.erasureRoutes(),
		s.relationRoutes(),
		s.contactRoutes(),
		s.mandateRoutes(),
		s.relayRoutes(),
		s.eventRoutes(),
		s.engagementRoutes(),
		s.audienceRoutes(),
		s.panelRoutes(),
		s.unitRoutes(),
		s.seriesRoutes(),
		s.ruleRoutes(),
		s.savedSearchRoutes(),
		s.entryRoutes(),
		s.delegationRoutes(),
		s.nominationRoutes(),
		s.announcementRoutes(),
		s.certificateRoutes(),
		s.letterRoutes(),
		s.sessionRoutes(),
		s.pageRoutes(),
		s.staffRoutes(),
		s.reviewRoutes(),
		s.eventPageRoutes(),
		s.calendarRoutes(),
		s.carryOverRoutes(),
		s.accreditationRoutes(),
		s.accreditationPageRoutes(),
		s.linkRoutes(),
		s.deskRoutes(),
	)
}

func (s *Server) serviceRoutes() []route {
	return []route{
		{"GET", "/healthz", anyone, asset, s.getHealth},
		{"GET", "/v1/openapi.yaml", anyone, asset, s.getOpenAPI},
		{"GET", "/static/{file}", anyone, asset, s.getStatic},
	}
}

func (s *Server) registrationRoutes() []route {
	return []route{
		{"POST", "/v1/registrations", anyone, command, s.postRegistration},
		{"GET", "/v1/registrations", staffOnly, document, s.listRegistrations},
		{"GET", "/v1/registrations/{id}", applicant, document, s.getRegistration},
		{"PUT", "/v1/registrations/{id}", access{auth.Contact}, command, s.putRegistration},
		{"POST", "/v1/registrations/{id}/decision", staffOnly, command, s.postDecision},
	}
}

func (s *Server) stakeholderRoutes() []route {
	return []route{
		{"POST", "/v1/stakeholders", access{auth.Organiser, auth.Moderator, auth.Admin}, command, s.postStakeholder},
		{"GET", "/v1/stakeholders/{id}", anyone, document, s.getStakeholder},
	}
}

func (s *Server) eventRoutes() []route {
	return []route{
		{"POST", "/v1/events", access{auth.Organiser}, command, s.postEvent},
		{"GET", "/v1/events", access{auth.Organiser}, document, s.listEvents},
		{"GET", "/v1/events/{id}", anyone, document, s.getEvent},
		{"PUT", "/v1/events/{id}", conveners, command, s.putEvent},
		{"POST", "/v1/events/{id}/publication", conveners, command, s.postPublication},
		{"POST", "/v1/events/{id}/closure", conveners, command, s.postClosure},
		{"POST", "/v1/events/{id}/cancellation", conveners, command, s.postCancellation},
		{"GET", "/v1/events/{id}/invitations", conveners, document, s.listInvitations},
	}
}

func (s *Server) sessionRoutes() []route {
	return []route{
		{"POST", "/v1/sign-in", anyone, command, s.postSignIn},
		{"GET", "/v1/session", anyone, document, s.getSession},
		{"DELETE", "/v1/session", anyone, document, s.deleteSession},
	}
}

func (s *Server) pageRoutes() []route {
	return []route{
		{"GET", "/{$}", anyone, webPage, s.homePage},
		{"GET", "/stakeholders/{id}", anyone, webPage, s.profilePage},
		{"GET", "/register", anyone, webPage, s.registerPage},
		{"POST", "/register", anyone, webPage, s.registerForm},
		{"GET", "/sign-in", anyone, webPage, s.signInPage},
		{"POST", "/sign-in", anyone, webPage, s.signInForm},
		{"POST", "/sign-out", anyone, webPage, s.signOutForm},
		{"GET", "/me", access{auth.Contact}, webPage, s.mePage},
		{"GET", "/me/registration", access{auth.Contact}, webPage, s.correctPage},
		{"POST", "/me/registration", access{auth.Contact}, webPage, s.correctForm},
	}
}

// linkRoutes are the pages that links in mail lead to: GET shows, POST acts.
func (s *Server) linkRoutes() []route {
	return []route{
		{"GET", "/sign-in/{token}", anyone, webPage, s.enterPage},
		{"POST", "/sign-in/{token}", anyone, webPage, s.enterForm},
		{"GET", "/confirm/{token}", anyone, webPage, s.confirmPage},
		{"POST", "/confirm/{token}", anyone, webPage, s.confirmForm},
		{"GET", "/answer/{token}", anyone, webPage, s.answerPage},
		{"POST", "/answer/{token}", anyone, webPage, s.answerForm},
		{"GET", "/unsubscribe/{token}", anyone, webPage, s.unsubscribePage},
		{"POST", "/unsubscribe/{token}", anyone, webPage, s.unsubscribeForm},
	}
}
