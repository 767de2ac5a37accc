package infra_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const (
	routeType    = "AWS::ApiGatewayV2::Route"
	contractPath = "../shared/edge/web/openapi.yaml"
)

// TestFenceFollowsTheContract holds the authorizer before exactly the operations
// that openapi.yaml opens to tokens of the issuer alone. A route for staff that
// is new there is new in the template too.
func TestFenceFollowsTheContract(t *testing.T) {
	text, err := os.ReadFile(contractPath)
	if os.IsNotExist(err) {
		t.Skip("no contract at " + contractPath)
	}
	if err != nil {
		t.Fatal(err)
	}
	var contract object
	if err := yaml.Unmarshal(text, &contract); err != nil {
		t.Fatal(err)
	}
	want := tokenOperations(contract)
	if len(want) == 0 {
		t.Fatal("the contract opens nothing to tokens alone")
	}
	if got := fenced(readTemplate(t)); !slices.Equal(got, want) {
		t.Errorf("template.yaml fences\n%s\nopenapi.yaml opens to tokens alone\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// tokenOperations returns "METHOD /path" of every operation whose one way in is a
// token.
func tokenOperations(contract object) (keys []string) {
	paths, _ := contract["paths"].(object)
	for path, methods := range paths {
		operations, _ := methods.(object)
		for method, operation := range operations {
			if brief(at(operation, "security")) == "[{oidc=[]}]" {
				keys = append(keys, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

func fenced(root object) (keys []string) {
	for _, name := range named(root, routeType) {
		if p := at(resources(root), name+".Properties"); at(p, "AuthorizationType") == "JWT" {
			keys = append(keys, brief(at(p, "RouteKey")))
		}
	}
	slices.Sort(keys)
	return keys
}

// fence holds of every route with an authorizer that it is ours, leads to the
// function, and is one of an operation for staff.
func fence(root object) (faults []string) {
	staff := map[string]string{
		"AudienceRoute":              "GET /v1/events/{id}/audience",
		"DeleteSearchRoute":          "DELETE /v1/searches/{id}",
		"EngagementRoute":            "GET /v1/engagement",
		"EventStatisticsRoute":       "GET /v1/events/{id}/statistics",
		"GetCaseRoute":               "GET /v1/registrations/{id}/case",
		"GetClaimRoute":              "GET /v1/claims/{id}",
		"GetComparisonRoute":         "GET /v1/stakeholders/{id}/duplicates/{other}",
		"GetCountsRoute":             "GET /v1/registrations/counts",
		"GetMergeRoute":              "GET /v1/merges/{id}",
		"GetPanelRoute":              "GET /v1/events/{id}/panel",
		"GetRuleRoute":               "GET /v1/rules/{id}",
		"GetScreeningRoute":          "GET /v1/stakeholders/{id}/screening",
		"GetSearchRoute":             "GET /v1/searches/{id}",
		"GetUnitRoute":               "GET /v1/units/{id}",
		"GetUploadRoute":             "GET /v1/registrations/{id}/uploads/{upload}",
		"ListAmendmentsRoute":        "GET /v1/amendments",
		"ListClaimsRoute":            "GET /v1/claims",
		"ListDuplicatesRoute":        "GET /v1/stakeholders/{id}/duplicates",
		"ListEventsRoute":            "GET /v1/events",
		"ListInvitationsRoute":       "GET /v1/events/{id}/invitations",
		"ListRegistrationsRoute":     "GET /v1/registrations",
		"ListRulesRoute":             "GET /v1/rules",
		"ListScreeningsRoute":        "GET /v1/screenings",
		"ListSearchesRoute":          "GET /v1/searches",
		"ListSeriesRoute":            "GET /v1/series",
		"ListSponsorshipsRoute":      "GET /v1/sponsorships",
		"ListUnitsRoute":             "GET /v1/units",
		"NeedsRoute":                 "GET /v1/events/{id}/needs",
		"PostAmendmentDecisionRoute": "POST /v1/stakeholders/{id}/amendment/decision",
		"PostAnswerRoute":            "POST /v1/events/{id}/invitations/{contact}/answer",
		"PostAppealDecisionRoute":    "POST /v1/registrations/{id}/appeal/decision",
		"PostAttendanceRoute":        "POST /v1/events/{id}/invitations/{contact}/attendance",
		"PostCancellationRoute":      "POST /v1/events/{id}/cancellation",
		"PostCarryOverRoute":         "POST /v1/events/{id}/carry-over",
		"PostCaseNoteRoute":          "POST /v1/registrations/{id}/case/notes",
		"PostCheckRoute":             "POST /v1/registrations/{id}/evidence/{evidence}/check",
		"PostClaimDecisionRoute":     "POST /v1/claims/{id}/decision",
		"PostClaimSponsorshipRoute":  "POST /v1/claims/{id}/sponsorship",
		"PostClosureRoute":           "POST /v1/events/{id}/closure",
		"PostDecisionRoute":          "POST /v1/registrations/{id}/decision",
		"PostDistinctionRoute":       "POST /v1/stakeholders/{id}/distinctions",
		"PostEventRoute":             "POST /v1/events",
		"PostMergeRoute":             "POST /v1/stakeholders/{id}/merges",
		"PostNextAlternateRoute":     "POST /v1/events/{id}/panel/seats/{seat}/next",
		"PostPanelConflictRoute":     "POST /v1/events/{id}/panel/conflicts",
		"PostPanelInvitationsRoute":  "POST /v1/events/{id}/panel/invitations",
		"PostPanelSuggestionRoute":   "POST /v1/events/{id}/panel/suggestions",
		"PostLetterRoute":            "POST /v1/events/{id}/invitations/{contact}/letter",
		"PostPublicationRoute":       "POST /v1/events/{id}/publication",
		"PostReinstatementRoute":     "POST /v1/stakeholders/{id}/reinstatement",
		"PostRuleRoute":              "POST /v1/rules",
		"PostScreeningDecisionRoute": "POST /v1/stakeholders/{id}/screening/decision",
		"PostSearchRoute":            "POST /v1/searches",
		"PostSeriesCopyRoute":        "POST /v1/series/{id}/copies",
		"PostSeriesRoute":            "POST /v1/series",
		"PostSponsorshipRoute":       "POST /v1/registrations/{id}/sponsorship",
		"PostStakeholderRoute":       "POST /v1/stakeholders",
		"PostSuspensionRoute":        "POST /v1/stakeholders/{id}/suspension",
		"PostUnitRoute":              "POST /v1/units",
		"PostVerdictRoute":           "POST /v1/events/{id}/accreditations/{stakeholder}/decision",
		"PostWithdrawalRoute":        "POST /v1/events/{id}/invitations/{contact}/withdrawal",
		"PutAssignmentRoute":         "PUT /v1/registrations/{id}/case/assignment",
		"PutCaseCheckRoute":          "PUT /v1/registrations/{id}/case/checks/{check}",
		"PutEventRoute":              "PUT /v1/events/{id}",
		"PutPanelRoute":              "PUT /v1/events/{id}/panel",
		"PutRuleRoute":               "PUT /v1/rules/{id}",
		"PutSearchRoute":             "PUT /v1/searches/{id}",
		"PutSeriesRoute":             "PUT /v1/series/{id}",
		"PutUnitRoute":               "PUT /v1/units/{id}",
		"RunSearchRoute":             "GET /v1/searches/{id}/stakeholders",
		"SeriesStatisticsRoute":      "GET /v1/series/{id}/statistics",
		"SpeakersRoute":              "GET /v1/stakeholders/{id}/speakers",
		"UndoMergeRoute":             "POST /v1/merges/{id}/undo",
		"ListAnnouncementsRoute":     "GET /v1/events/{id}/announcements",
		"PostAnnouncementRoute":      "POST /v1/events/{id}/announcements",
		"PostTestMailRoute":          "POST /v1/events/{id}/test-mails",
	}
	for _, name := range slices.Sorted(maps.Keys(staff)) {
		want := fmt.Sprintf("{ApiId=@HttpApi AuthorizationType=JWT AuthorizerId=@Authorizer RouteKey=%s Target=~integrations/${ApiIntegration}}", staff[name])
		faults = append(faults, faultAt(root, name, "Properties", reads(want))...)
		faults = append(faults, faultAt(root, name, "Type", reads(routeType))...)
	}
	if got := len(fenced(root)); got != len(staff) {
		faults = append(faults, fmt.Sprintf("%d routes fenced", got))
	}
	return faults
}
