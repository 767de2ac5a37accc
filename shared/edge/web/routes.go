package web

import (
	"net/http"

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

func (s *Server) routes() []route {
	staff := access{auth.Moderator, auth.Admin}
	convener := access{auth.Organiser, auth.Admin}
	return []route{
		{"GET", "/healthz", anyone, asset, s.getHealth},
		{"GET", "/v1/openapi.yaml", anyone, asset, s.getOpenAPI},

		{"POST", "/v1/registrations", anyone, command, s.postRegistration},
		{"GET", "/v1/registrations", staff, document, s.listRegistrations},
		{"GET", "/v1/registrations/{id}", access{auth.Contact, auth.Moderator, auth.Admin}, document, s.getRegistration},
		{"PUT", "/v1/registrations/{id}", access{auth.Contact}, command, s.putRegistration},
		{"POST", "/v1/registrations/{id}/decision", staff, command, s.postDecision},

		{"GET", "/v1/stakeholders", anyone, document, s.searchStakeholders},
		{"GET", "/v1/stakeholders/{id}", anyone, document, s.getStakeholder},

		{"POST", "/v1/events", access{auth.Organiser}, command, s.postEvent},
		{"GET", "/v1/events", access{auth.Organiser}, document, s.listEvents},
		{"GET", "/v1/events/{id}", anyone, document, s.getEvent},
		{"PUT", "/v1/events/{id}", convener, command, s.putEvent},
		{"POST", "/v1/events/{id}/publication", convener, command, s.postPublication},
		{"GET", "/v1/events/{id}/invitations", convener, document, s.listInvitations},

		{"POST", "/v1/sign-in", anyone, command, s.postSignIn},
		{"GET", "/v1/session", anyone, document, s.getSession},
		{"DELETE", "/v1/session", anyone, document, s.deleteSession},

		{"GET", "/{$}", anyone, webPage, s.homePage},
		{"GET", "/stakeholders/{id}", anyone, webPage, s.profilePage},
		{"GET", "/register", anyone, webPage, s.registerPage},
		{"POST", "/register", anyone, webPage, s.registerForm},
		{"GET", "/sign-in", anyone, webPage, s.signInPage},
		{"POST", "/sign-in", anyone, webPage, s.signInForm},
		{"GET", "/sign-in/{token}", anyone, webPage, s.enterPage},
		{"POST", "/sign-in/{token}", anyone, webPage, s.enterForm},
		{"POST", "/sign-out", anyone, webPage, s.signOutForm},
		{"GET", "/me", access{auth.Contact}, webPage, s.mePage},
		{"GET", "/me/registration", access{auth.Contact}, webPage, s.correctPage},
		{"POST", "/me/registration", access{auth.Contact}, webPage, s.correctForm},
		{"GET", "/confirm/{token}", anyone, webPage, s.confirmPage},
		{"POST", "/confirm/{token}", anyone, webPage, s.confirmForm},
		{"GET", "/answer/{token}", anyone, webPage, s.answerPage},
		{"POST", "/answer/{token}", anyone, webPage, s.answerForm},
		{"GET", "/unsubscribe/{token}", anyone, webPage, s.unsubscribePage},
		{"POST", "/unsubscribe/{token}", anyone, webPage, s.unsubscribeForm},
		{"GET", "/static/{file}", anyone, asset, s.getStatic},
	}
}
