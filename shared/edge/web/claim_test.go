package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/table"
)

// entered makes an entry that nobody acts for, as an organiser does.
func (s *testServer) entered(name string) string {
	s.Helper()
	w := s.do("POST", "/v1/stakeholders", `{"category":"ngo","country":"PH","website":"https://www.network.example.org","names":[{"text":"`+name+`","lang":"en","kind":"legal"}]}`,
		s.as(auth.Organiser, "geneva")...)
	if w.Code != http.StatusCreated {
		s.Fatalf("%d %s", w.Code, w.Body)
	}
	return idOf(s.T, w)
}

func claimBodyOf(email, sponsor string) string {
	b, _ := json.Marshal(directory.ClaimRequest{ // of texts alone
		Name: "Focal Point", Email: email, Language: "en", Text: "I am the secretary.", Sponsor: sponsor,
		Consent: directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	})
	return string(b)
}

// claimed claims an entry from the address and returns the claim's id.
func (s *testServer) claimed(entry, email, sponsor string) string {
	s.Helper()
	w := s.do("POST", "/v1/stakeholders/"+entry+"/claims", claimBodyOf(email, sponsor))
	if w.Code != http.StatusAccepted {
		s.Fatalf("%d %s", w.Code, w.Body)
	}
	return idOf(s.T, w)
}

// press presses a button of the page that the claim's link leads to.
func (s *testServer) press(claim, button string) int {
	s.Helper()
	token := s.Links.Sign(auth.Claims{Purpose: auth.PurposeClaim, IDs: []string{claim}, Expires: s.now.Load().Add(directory.ClaimKept)})
	return s.do("POST", "/claim/"+token, "act="+button, "Content-Type", "application/x-www-form-urlencoded").Code
}

func (s *testServer) claimState(id string) directory.ClaimState {
	s.Helper()
	c, err := s.Store.Claim(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	return c.State
}

// prepareClaim makes what an example of a claim's route goes to.
func (s *exampleSite) prepareClaim(op operation) (path string, header []string, ok bool) {
	s.Helper()
	switch op.OperationID {
	case "postStakeholder":
		return op.path, s.as(auth.Organiser, "unitar"), true
	case "postClaim":
		return "/v1/stakeholders/" + s.entered("Network "+s.Store.NewID()) + "/claims", nil, true
	case "postClaimDecision":
		id := s.claimed(s.entered("Network "+s.Store.NewID()), "office@elsewhere.example.org", "")
		s.press(id, "confirm")
		return "/v1/claims/" + id + "/decision", append(s.as(auth.Moderator, ""), "If-Match", etag(2)), true
	case "postClaimSponsorship":
		id := s.claimed(s.entered("Network "+s.Store.NewID()), "office@elsewhere.example.org", "unitar")
		s.press(id, "confirm")
		return "/v1/claims/" + id + "/sponsorship", s.as(auth.Organiser, "unitar"), true
	}
	return "", nil, false
}

func TestClaimByDomain(t *testing.T) {
	s := newTestServer(t)
	entry := s.entered("Network of Returned Migrants")
	if w := s.do("GET", "/v1/stakeholders/"+entry, ""); !strings.Contains(w.Body.String(), `"unclaimed":true`) {
		t.Fatalf("%s", w.Body)
	}
	rival := s.claimed(entry, "rival@elsewhere.example.org", "")
	s.press(rival, "confirm")
	id := s.claimed(entry, "Office@NETWORK.example.org", "")
	s.press(id, "nothing")
	if state := s.claimState(id); state != directory.ClaimAwaitingEmail {
		t.Fatalf("a post of neither button: %s", state)
	}
	s.press(id, "confirm")
	if state := s.claimState(id); state != directory.ClaimGranted {
		t.Fatalf("%s", state)
	}
	body := s.do("GET", "/v1/stakeholders/"+entry, "").Body.String()
	if strings.Contains(body, "unclaimed") || !strings.Contains(body, `"tier":"mail_domain"`) || strings.Contains(body, "Office") {
		t.Errorf("%s", body)
	}
	// The rival is ended by the planner, and cannot be granted before.
	w := s.do("POST", "/v1/claims/"+rival+"/decision", `{"outcome":"granted"}`, append(s.as(auth.Moderator, ""), "If-Match", etag(2))...)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "claim.already_claimed") {
		t.Errorf("the rival: %d %s", w.Code, w.Body)
	}
	moved, err := s.Store.SettleClaim(t.Context(), id)
	if err != nil || !moved || s.claimState(rival) != directory.ClaimEnded {
		t.Errorf("moved %v, %v, rival %s", moved, err, s.claimState(rival))
	}
	if w := s.do("POST", "/v1/stakeholders/"+entry+"/claims", claimBodyOf("late@example.org", "")); w.Code != http.StatusConflict {
		t.Errorf("a claim to what is claimed: %d %s", w.Code, w.Body)
	}
	c, err := s.Store.Claim(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if w := s.do("GET", "/v1/stakeholders/"+entry+"/contacts", "", s.session(entry, c.Contact)...); !strings.Contains(w.Body.String(), "focal_point") {
		t.Errorf("the claimant signed in: %d %s", w.Code, w.Body)
	}
}

func TestAClaimIsAnsweredTheSameWhoeverClaims(t *testing.T) {
	s := newTestServer(t)
	entry := s.entered("Network of Returned Migrants")
	s.listed("Association Exemple", nil)
	s.press(s.claimed(entry, "rival@elsewhere.example.org", ""), "confirm")
	answers, costs := map[string]bool{}, map[table.Requests]bool{}
	for _, email := range []string{"office@network.example.org", "focal@association.example.org", "rival@elsewhere.example.org", "new@example.net"} {
		s.table.Reset()
		w := s.do("POST", "/v1/stakeholders/"+entry+"/claims", claimBodyOf(email, ""))
		costs[s.table.Snapshot()] = true
		answers[strings.Replace(w.Body.String(), idOf(t, w), "ID", 1)] = true
	}
	if len(answers) != 1 || len(costs) != 1 {
		t.Errorf("answers %v, requests to the table %v", answers, costs)
	}
}

func TestClaimBySponsor(t *testing.T) {
	s := newTestServer(t)
	id := s.claimed(s.entered("Network of Returned Migrants"), "office@gmail.com", "geneva")
	unit, other := s.as(auth.Organiser, "geneva"), s.as(auth.Organiser, "vienna")
	if w := s.do("POST", "/v1/claims/"+id+"/sponsorship", `{"vouch":true}`, unit...); w.Code != http.StatusNotFound {
		t.Errorf("before the proof: %d %s", w.Code, w.Body)
	}
	s.press(id, "confirm")
	if body := s.do("GET", "/v1/claims", "", unit...).Body.String(); !strings.Contains(body, id) || strings.Contains(body, "gmail") {
		t.Errorf("%s", body)
	}
	if body := s.do("GET", "/v1/claims", "", other...).Body.String(); strings.Contains(body, id) {
		t.Errorf("another unit sees %s", body)
	}
	if w := s.do("POST", "/v1/claims/"+id+"/sponsorship", `{"vouch":true}`, other...); w.Code != http.StatusNotFound {
		t.Errorf("another unit: %d %s", w.Code, w.Body)
	}
	if w := s.do("POST", "/v1/claims/"+id+"/sponsorship", `{"vouch":false}`, unit...); !strings.Contains(w.Body.String(), "awaiting_review") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.do("POST", "/v1/claims/"+id+"/sponsorship", `{"vouch":true}`, unit...); !strings.Contains(w.Body.String(), "granted") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestASponsorDoesNotDecideBetweenRivals(t *testing.T) {
	s := newTestServer(t)
	entry := s.entered("Network of Returned Migrants")
	id, rival := s.claimed(entry, "one@elsewhere.example.org", "geneva"), s.claimed(entry, "other@elsewhere.example.org", "")
	s.press(id, "confirm")
	s.press(rival, "confirm")
	if w := s.do("POST", "/v1/claims/"+id+"/sponsorship", `{"vouch":true,"note":"Known."}`, s.as(auth.Organiser, "geneva")...); !strings.Contains(w.Body.String(), "awaiting_review") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	moderator := s.as(auth.Moderator, "")
	w := s.do("GET", "/v1/claims/"+rival, "", moderator...)
	if body := w.Body.String(); !strings.Contains(body, `"rivals":[`) || !strings.Contains(body, `"note":"Known."`) {
		t.Errorf("%s", body)
	}
	if w := s.do("POST", "/v1/claims/"+rival+"/decision", `{"outcome":"granted"}`, append(moderator, "If-Match", etag(1))...); w.Code != http.StatusPreconditionFailed {
		t.Errorf("a stale version: %d %s", w.Code, w.Body)
	}
	bare := s.do("POST", "/v1/claims/"+rival+"/decision", `{"outcome":"refused"}`, append(moderator, "If-Match", etag(2))...)
	wantProblem(t, bare.Code, bare.Body.Bytes(), 422, "/reasons", "decision.reason_missing")
	if w := s.do("POST", "/v1/claims/"+rival+"/decision", `{"outcome":"granted"}`, append(moderator, "If-Match", etag(2))...); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.do("GET", "/v1/stakeholders/"+entry, ""); !strings.Contains(w.Body.String(), `"tier":"reviewed"`) {
		t.Errorf("%s", w.Body)
	}
}

func TestAClaimIsForgotten(t *testing.T) {
	s := newTestServer(t)
	entry := s.entered("Network of Returned Migrants")
	withdrawn, unproved, refused := s.claimed(entry, "one@elsewhere.example.org", ""), s.claimed(entry, "two@elsewhere.example.org", ""), s.claimed(entry, "three@elsewhere.example.org", "")
	s.press(withdrawn, "confirm")
	s.press(refused, "confirm")
	if w := s.do("POST", "/v1/claims/"+refused+"/decision", `{"outcome":"refused","reasons":["incomplete"]}`, append(s.as(auth.Moderator, ""), "If-Match", etag(2))...); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.press(withdrawn, "withdraw")
	if code := s.press(withdrawn, "confirm"); code != http.StatusGone {
		t.Errorf("the link of what was withdrawn: %d", code)
	}
	for _, c := range []struct {
		id    string
		after int // days
		state directory.ClaimState
	}{{withdrawn, 0, directory.ClaimWithdrawn}, {unproved, 7, directory.ClaimExpired}, {refused, 180, directory.ClaimRefused}} {
		s.at(testStart.AddDate(0, 0, c.after))
		if c.after > 0 {
			if _, err := s.Store.SettleClaim(t.Context(), c.id); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Store.Claim(t.Context(), c.id)
		if err != nil || got.State != c.state || !got.Forgotten || got.Email+got.Name+got.Text != "" || got.DueAt != nil {
			t.Errorf("%+v, %v", got, err)
		}
		trail, _, err := s.Store.Audit(t.Context(), "STUBCLAIM", c.id, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := json.Marshal(trail); strings.Contains(string(b), "elsewhere.example.org") {
			t.Errorf("the trail tells %s", b)
		}
	}
	if _, _, err := s.Store.VerifyTrails(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestClaimPages(t *testing.T) {
	s := newTestServer(t)
	entry := s.entered("Network of Returned Migrants")
	form := "name=Focal+Point&email=office%40network.example.org&language=fr&text=I+am+the+secretary.&consent=yes&consent_version=" + directory.ConsentText
	const asForm = "application/x-www-form-urlencoded"
	if body := s.do("GET", "/stakeholders/"+entry, "").Body.String(); !strings.Contains(body, "/stakeholders/"+entry+"/claim") {
		t.Error("the profile leads to no form")
	}
	if w := s.do("GET", "/stakeholders/"+entry+"/claim?lang=ar", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `dir="rtl"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := s.do("POST", "/stakeholders/"+entry+"/claim", "name=&consent_version="+directory.ConsentText, "Content-Type", asForm)
	for _, field := range []string{"name", "email", "language", "text", "consent"} {
		if w.Code != 422 || !strings.Contains(w.Body.String(), `href="#`+field+`"`) {
			t.Errorf("%d, nothing said of %s", w.Code, field)
		}
	}
	if w := s.do("POST", "/stakeholders/"+entry+"/claim", form, "Content-Type", asForm); w.Code != 303 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := s.do("GET", "/stakeholders/"+entry+"/claim?received=1", ""); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
	list, _, err := s.Store.ClaimsOf(t.Context(), entry, "", 10)
	if err != nil || len(list) != 1 || list[0].Channel != "page" {
		t.Fatalf("%v %v", list, err)
	}
	token := s.Links.Sign(auth.Claims{Purpose: auth.PurposeClaim, IDs: []string{list[0].ID}, Expires: s.now.Load().Add(directory.ClaimKept)})
	for _, lang := range []string{"en", "ar", "zh"} {
		if w := s.do("GET", "/claim/"+token+"?lang="+lang, ""); w.Code != 200 || !strings.Contains(w.Body.String(), `value="confirm"`) {
			t.Errorf("%s: %d %s", lang, w.Code, w.Body)
		}
	}
	if s.claimState(list[0].ID) != directory.ClaimAwaitingEmail {
		t.Error("a look changed it")
	}
	if code := s.press(list[0].ID, "confirm"); code != 303 {
		t.Errorf("%d", code)
	}
	if w := s.do("GET", "/claim/"+token, ""); !strings.Contains(w.Body.String(), "/sign-in") || strings.Contains(w.Body.String(), `value="confirm"`) {
		t.Errorf("%s", w.Body)
	}
	if w := s.do("GET", "/stakeholders/"+entry+"/claim", "", "Accept", "text/html"); w.Code != http.StatusConflict {
		t.Errorf("the form of what is claimed: %d", w.Code)
	}
}
