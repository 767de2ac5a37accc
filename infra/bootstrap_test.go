package infra_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"convoke/infra/runtimeapi"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/config"
	"convoke/shared/state/store"
)

const focal = "focal@association.example.org" // of the samples

func TestAPI(t *testing.T) {
	s := newStack(t)
	defer s.wantRights("api")

	health := s.web(sample(t, "apigatewayv2/get-healthz.json"))
	if health.StatusCode != http.StatusOK || !strings.Contains(health.Body, `"status":"ok"`) {
		t.Errorf("health: %d %s", health.StatusCode, health.Body)
	}
	id := s.registered()
	s.item("STAKEHOLDER#"+id, "PROFILE")
	again := s.web(sample(t, "apigatewayv2/post-registration.json"))
	if !strings.Contains(again.Body, id) || again.Headers["Idempotency-Replayed"] != "true" {
		t.Errorf("the same request again: %d %v %s", again.StatusCode, again.Headers, again.Body)
	}
	form := s.web(sample(t, "apigatewayv2/post-form-base64.json"))
	if form.StatusCode != http.StatusSeeOther || !strings.Contains(form.Headers["Location"], "/sign-in?") {
		t.Errorf("form: %d %v %s", form.StatusCode, form.Headers, form.Body)
	}
	unknown := s.request("GET", "/v1/nothing", "")
	if unknown.StatusCode != http.StatusNotFound || !strings.HasPrefix(unknown.Headers["Content-Type"], "application/problem+json") {
		t.Errorf("unknown path: %d %v", unknown.StatusCode, unknown.Headers)
	}
	if _, found := s.call(200, "GET", "/v1/stakeholders?q=voisins", nil); found["total"] != 0.0 {
		t.Errorf("found before it is listed: %v", found)
	}
}

// registered sends the sample's registration and returns its id.
func (s *stack) registered() string {
	s.Helper()
	answer := s.web(sample(s, "apigatewayv2/post-registration.json"))
	var body struct{ ID, Status string }
	if err := json.Unmarshal([]byte(answer.Body), &body); err != nil || answer.StatusCode != http.StatusAccepted || body.ID == "" {
		s.Fatalf("register: %d %s", answer.StatusCode, answer.Body)
	}
	return body.ID
}

func TestProjector(t *testing.T) {
	s := newStack(t)
	defer s.wantRights("projector")
	id := s.registered()
	s.follow()

	jobs := s.aws.Receive(mailQueue)
	if len(jobs) != 1 || !strings.Contains(jobs[0], `"registration.submitted"`) || !strings.Contains(jobs[0], id) {
		t.Errorf("jobs %q", jobs)
	}
	published := s.aws.Published()
	if len(published) != 1 || published[0].Source != "convoke" || !strings.Contains(published[0].Detail, id) || strings.Contains(published[0].Detail, focal) {
		t.Errorf("published %+v", published)
	}
	// What the sample lists goes to the index.
	var answer events.DynamoDBEventResponse
	s.invoke("projector", sample(t, "dynamodb/stakeholder-modify.json"), &answer)
	if len(answer.BatchItemFailures) > 0 {
		t.Fatalf("failed at %v", answer.BatchItemFailures)
	}
	s.wantFound("01KB0000000000000000000001")
	s.invoke("projector", sample(t, "dynamodb/outbox-insert.json"), &answer)
	if jobs := s.aws.Receive(mailQueue); len(jobs) != 1 {
		t.Errorf("jobs of the sample %q", jobs)
	}
}

// A record that cannot be read is named by its sequence number, and what came
// before it is done.
func TestProjectorNamesTheRecordThatFails(t *testing.T) {
	s := newStack(t)
	good := sampleAs[map[string][]json.RawMessage](t, "dynamodb/outbox-insert.json")["Records"][0]
	bad := strings.NewReplacer(`"140540000000000206300000001"`, `"140540000000000206300000002"`, `"N": "1"`, `"N": "one"`).Replace(string(good))
	var answer events.DynamoDBEventResponse
	s.invoke("projector", map[string]any{"Records": []json.RawMessage{good, json.RawMessage(bad)}}, &answer)
	if len(answer.BatchItemFailures) != 1 || answer.BatchItemFailures[0].ItemIdentifier != "140540000000000206300000002" {
		t.Errorf("failures %v", answer.BatchItemFailures)
	}
	if jobs := s.aws.Receive(mailQueue); len(jobs) != 1 {
		t.Errorf("jobs %q", jobs)
	}
}

func TestMailer(t *testing.T) {
	s := newStack(t)
	defer s.wantRights("mailer")
	s.registered()
	s.follow()
	jobs := s.aws.Receive(mailQueue)
	// The first process is gone before anybody learns that it was done.
	first := runtimeapi.Event{Payload: encoded(t, queuedMessages(t, jobs...)), End: runtimeapi.OnResponse}
	if _, err := s.function("mailer").Invoke(t.Context(), first); !errors.Is(err, runtimeapi.ErrExited) {
		t.Fatal(err)
	}
	s.end("mailer")
	s.deliver(jobs...)
	s.deliver(append(jobs, jobs...)...)
	if n := len(s.aws.Mails()); n != 1 {
		t.Fatalf("%d mails, want 1 however often the message comes", n)
	}
	l := s.lastMail(focal)
	if l.From != "convoke@"+mailDomain || l.Tags["kind"] == "" || l.header.Get("Subject") == "" || l.parts["text/html"] == "" {
		t.Errorf("mail %v from %s, tags %v", l.header, l.From, l.Tags)
	}
	if link := s.link(l, "confirm"); !strings.HasSuffix(link, "?lang=fr") {
		t.Errorf("link %s", link)
	}

	// The sample is about who is not in this table: nobody to write to.
	var answer events.SQSEventResponse
	s.invoke("mailer", sample(t, "sqs/mail.json"), &answer)
	if n := len(s.aws.Mails()); n != 1 || len(answer.BatchItemFailures) > 0 {
		t.Errorf("%d mails after the sample, failures %v", n, answer.BatchItemFailures)
	}
	s.invoke("mailer", queuedMessages(t, "not a job"), &answer)
	if len(answer.BatchItemFailures) != 1 {
		t.Errorf("failures %v", answer.BatchItemFailures)
	}
}

func TestPlanner(t *testing.T) {
	s := newStack(t)
	defer s.wantRights("planner")
	var report map[string]int
	s.invoke("planner", sample(t, "scheduler/planner.json"), &report)
	if report["failed"] != 0 || report["events"] != 0 {
		t.Errorf("did %v in an empty table", report)
	}
}

func TestFeedback(t *testing.T) {
	s := newStack(t)
	defer s.wantRights("feedback")
	for _, name := range []string{"send", "delivery", "bounce-transient"} {
		s.feedback(sample(t, "ses/"+name+".json"))
	}
	if stopped(s) {
		t.Error("suppressed by what is no reason")
	}
	for _, name := range []string{"bounce-permanent", "bounce-permanent", "complaint"} {
		s.feedback(sample(t, "ses/"+name+".json"))
	}
	if !stopped(s) {
		t.Error("not suppressed after a bounce for good")
	}
	var answer events.SQSEventResponse
	s.invoke("feedback", queuedMessages(t, "not an event"), &answer)
	if len(answer.BatchItemFailures) != 1 {
		t.Errorf("failures %v", answer.BatchItemFailures)
	}
}

func (s *stack) feedback(event any) {
	s.Helper()
	var answer events.SQSEventResponse
	s.invoke("feedback", event, &answer)
	if len(answer.BatchItemFailures) > 0 {
		s.Fatalf("feedback failed at %v", answer.BatchItemFailures)
	}
}

func stopped(s *stack) bool {
	s.Helper()
	stopped, err := (&store.Store{Table: s.table, Now: time.Now}).Suppressed(s.Context(), store.AddressHash(focal))
	if err != nil {
		s.Fatal(err)
	}
	return stopped
}

func TestInbound(t *testing.T) {
	s := newStack(t)
	defer s.wantRights("inbound")
	s.aws.Put(inboundBucket, "mail/calendar-reply.eml", sample(t, "s3/calendar-reply.eml"))
	s.invoke("inbound", sample(t, "s3/object-created.json"), nil) // of an invitation that is not there: passed over
	if log := s.function("inbound").Output(); !strings.Contains(log, "no such invitation") || strings.Contains(log, focal) {
		t.Errorf("log %s", log)
	}
	absent := strings.Replace(string(sample(t, "s3/object-created.json")), "calendar-reply", "other", 1)
	if _, err := s.function("inbound").Invoke(t.Context(), runtimeapi.Event{Payload: []byte(absent)}); err == nil {
		t.Error("mail that is not there was read")
	}
}

func TestIndexer(t *testing.T) {
	s := newStack(t)
	defer s.wantRights("indexer")
	s.invoke("indexer", sample(t, "scheduler/indexer.json"), nil) // nothing to do
	id := s.registered()
	s.settle()
	s.approve(id)
	s.invoke("indexer", sample(t, "scheduler/indexer.json"), nil)
	s.wantFound(id)
	s.invoke("indexer", map[string]bool{"rebuild": true}, nil)
	s.wantFound(id)
}

// approve confirms the address of a registration by the link in its mail, and
// lists it.
func (s *stack) approve(id string) {
	s.Helper()
	s.press(s.link(s.lastMail(focal), "confirm"), "")
	moderator := s.as(auth.Moderator, "")
	header, _ := s.call(200, "GET", "/v1/registrations/"+id, nil, moderator...)
	s.call(200, "POST", "/v1/registrations/"+id+"/decision", map[string]any{"outcome": "listed"}, append(moderator, "if-match", header["Etag"])...)
	s.settle()
}

// wantFound holds that an api that starts now finds the stakeholder: one that
// runs looks for news once a second.
func (s *stack) wantFound(id string) {
	s.Helper()
	s.end("api")
	_, found := s.call(200, "GET", "/v1/stakeholders?q=asociation+voisins", nil) // with a slip of the pen
	if text := fmt.Sprint(found); found["total"] != 1.0 || !strings.Contains(text, id) {
		s.Fatalf("found %s, want %s", text, id)
	}
}

// TestTheLineInTheCloud takes an organisation through all seven functions: it
// registers, confirms, is listed, found, invited, and answers from its calendar.
func TestTheLineInTheCloud(t *testing.T) {
	s := newStack(t)
	id := s.registered()
	s.settle()
	s.approve(id)
	s.wantFound(id)

	organiser := s.as(auth.Organiser, "new-york")
	header, answer := s.call(201, "POST", "/v1/events", panel(), organiser...)
	event := answer["id"].(string)
	s.call(202, "POST", "/v1/events/"+event+"/publication", nil, append(organiser, "if-match", header["Etag"])...)
	for range 2 { // plans, then queues; a second tick at the same moment adds nothing
		s.invoke("planner", sample(t, "scheduler/planner.json"), nil)
		s.settle()
	}
	s.wantStatus(event, "sent")

	invitation := s.lastMail(focal)
	if invitation.Tags["event"] != event || !strings.Contains(invitation.parts["text/calendar"], "METHOD:REQUEST") {
		t.Fatalf("tags %v, calendar %s", invitation.Tags, invitation.parts["text/calendar"])
	}
	s.feedback(s.about(invitation, sample(t, "ses/delivery.json")))
	s.settle()
	s.wantStatus(event, "delivered")

	reply := string(sample(t, "s3/calendar-reply.eml"))
	reply = strings.ReplaceAll(reply, "01KB0000000000000000000009", event)
	reply = strings.ReplaceAll(reply, "01KB0000000000000000000002", invitation.Tags["contact"])
	s.aws.Put(inboundBucket, "mail/calendar-reply.eml", []byte(reply))
	s.invoke("inbound", sample(t, "s3/object-created.json"), nil)
	s.settle()
	s.wantStatus(event, "accepted")

	s.invoke("indexer", sample(t, "scheduler/indexer.json"), nil)
	s.wantFound(id)
	if n := len(s.aws.Mails()); n != 4 { // confirm, listed, invitation, answer received
		t.Errorf("%d mails, want 4", n)
	}
	asked := 0
	for _, f := range functions {
		asked += s.wantRights(f)
	}
	s.Attr("scorecard", fmt.Sprintf("20 least privilege, calls of the seven functions: injected %d, held %d", asked, asked)) // one without a right fails the test
}

// about is an event of SES about a mail that was sent.
func (s *stack) about(l letter, event []byte) []byte {
	text := string(event)
	for sampled, actual := range map[string]string{
		"01KB0000000000000000000009": l.Tags["event"], "01KB0000000000000000000002": l.Tags["contact"], "01KB0000000000000000000010": l.Tags["message"],
	} {
		text = strings.ReplaceAll(text, sampled, actual)
	}
	return []byte(text)
}

// wantStatus holds that the one invitation to the event has the status, and is
// counted so.
func (s *stack) wantStatus(event, want string) {
	s.Helper()
	_, list := s.call(200, "GET", "/v1/events/"+event+"/invitations", nil, s.as(auth.Organiser, "new-york")...)
	counts, _ := json.Marshal(list["counts"])
	items, _ := list["items"].([]any)
	if string(counts) != fmt.Sprintf(`{%q:1}`, want) || len(items) != 1 || items[0].(map[string]any)["status"] != want {
		s.Fatalf("counts %s, items %v; want %s", counts, items, want)
	}
}

func panel() map[string]any {
	starts := time.Now().AddDate(0, 1, 0).UTC().Truncate(time.Hour)
	return map[string]any{
		"convener": "Migration and Development Seminar Series", "kind": "panel_discussion",
		"titles": []any{map[string]any{"lang": "en", "text": "Political rights of migrants"}, map[string]any{"lang": "fr", "text": "Les droits politiques des migrants"}},
		"starts": starts.Format(time.RFC3339), "ends": starts.Add(2 * time.Hour).Format(time.RFC3339), "zone": "Etc/UTC",
		"place": "United Nations Headquarters, New York", "audience": map[string]any{"filters": map[string]any{"category": []string{"migrant_association"}}},
	}
}

// wantRights holds what a function has called so far against what template.yaml,
// by its own tests, lets its role do. It returns how many calls those were.
func (s *stack) wantRights(function string) int {
	s.Helper()
	allowed := map[string]bool{}
	for _, r := range rights[function] {
		for action := range strings.FieldsSeq(r[0]) {
			for resource := range strings.SplitSeq(r[1], "|") {
				allowed[action+" on "+resource] = true
			}
		}
	}
	calls := s.aws.Calls(function)
	if len(calls) == 0 {
		s.Errorf("%s has called nothing", function)
	}
	for _, call := range calls {
		for _, need := range call.Needs {
			if right := need.Action + " on " + s.inTemplate(need.Resource); !allowed[right] {
				s.Errorf("%s calls %s.%s without the right to %s", function, call.Service, call.Operation, right)
			}
		}
	}
	return len(calls)
}

// inTemplate names a resource of the stack as the template does.
func (s *stack) inTemplate(resource string) string {
	tableName := "table/" + s.env[config.Table]
	mails := strings.Split(onMail, "|")
	names := map[string]string{
		tableName:            onTable,
		"bucket/" + segments: onBucket, "bucket/" + inboundBucket: onInbound, "queue/" + mailQueue: "@MailQueue.Arn", "bus/" + bus: "@Bus.Arn",
		"parameter" + keysName: onKeys, "identity/" + mailDomain: mails[0], "configuration-set/convoke-dev": mails[1],
	}
	index, ofIndex := strings.CutPrefix(resource, tableName+"/index/")
	switch {
	case ofIndex:
		return "~${Table.Arn}/index/" + index
	case strings.HasPrefix(resource, "object/"+segments+"/"):
		return onObjects
	case strings.HasPrefix(resource, "object/"+inboundBucket+"/mail/"):
		return onInbound + "/mail/*"
	case names[resource] != "":
		return names[resource]
	}
	return resource
}

// maxBootstrap is the largest that a function's executable may be, in bytes.
const maxBootstrap = 16_000_000

// A function without its environment ends at once and says what it lacks.
func TestFunctionsSayWhatTheyLack(t *testing.T) {
	for _, f := range functions {
		_, err := runtimeapi.Start(t.Context(), runtimeapi.Function{Name: f, Bootstrap: bootstrap(t, f)})
		if !errors.Is(err, runtimeapi.ErrExited) || !strings.Contains(err.Error(), "CONVOKE_TABLE is not set") {
			t.Errorf("%s: %v", f, err)
		}
	}
	env := environmentOf(openCloud(t, "http://127.0.0.1:1"), "convoke")
	env[config.LinkKeysParameter] = "/convoke/other/link-keys"
	_, err := runtimeapi.Start(t.Context(), runtimeapi.Function{Name: "api", Bootstrap: bootstrap(t, "api"), Env: env})
	if !errors.Is(err, runtimeapi.ErrExited) || !strings.Contains(err.Error(), "parameter /convoke/other/link-keys: refused with status 400 ParameterNotFound") {
		t.Error(err)
	}
}

// The linker leaves out methods that nothing calls, unless something may call any
// by its name, as templates do. The names of functions stay in an executable
// without symbols, for its stack traces.
func TestBootstrapsHoldNoDeadCode(t *testing.T) {
	for _, f := range functions {
		program, err := os.ReadFile(bootstrap(t, f))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]bool{
			"service/dynamodb.(*Client).Query": true, "service/dynamodb.(*Client).CreateBackup": false, "text/template.(*state).walk": false,
		} {
			if got := bytes.Contains(program, []byte(name)); got != want {
				t.Errorf("%s: %s is in it: %t", f, name, got)
			}
		}
	}
}

// What is weighed is what is deployed, which is for another processor than most
// machines that run this have.
func TestBootstrapsAreSmall(t *testing.T) {
	held := 0
	for _, f := range functions {
		if size := deployedSize(t, f); size <= maxBootstrap {
			held++
		} else {
			t.Errorf("%s: %d bytes, want at most %d", f, size, maxBootstrap)
		}
	}
	t.Attr("scorecard", fmt.Sprintf("24 cold start, functions of at most 16 MB: injected %d, held %d", len(functions), held))
}

// deployedSize returns the size of the function's executable, in bytes.
func deployedSize(tb testing.TB, function string) int64 {
	tb.Helper()
	bootstrap(tb, function)
	info, err := os.Stat(filepath.Join("..", "build", function, "bootstrap"))
	if err != nil {
		tb.Fatalf("%v: make build", err)
	}
	return info.Size()
}

// maxInit is how long a function may take from its start to its first call for
// an event, at the 95th percentile, with the processor's share of 512 MB.
const maxInit = 80 * time.Millisecond

// starts is how often each function is started to measure that.
const starts = 30

// BenchmarkInit prints how large the functions are and how long they take to
// start. It is for a quiet machine: make bench-init.
func BenchmarkInit(b *testing.B) {
	out := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "function\tbytes\tp50\tp95\t")
	for _, f := range functions {
		times := initTimes(b, f)
		fmt.Fprintf(out, "%s\t%d\t%.1f ms\t%.1f ms\t\n", f, deployedSize(b, f), times[starts/2].Seconds()*1e3, times[starts*95/100].Seconds()*1e3)
	}
	_ = out.Flush()
}

// Row 24 of the scorecard. It times, so it runs for the scorecard alone.
func TestScorecardStarts(t *testing.T) {
	if os.Getenv("CONVOKE_SCORECARD") == "" {
		t.Skip("times the functions: make scorecard")
	}
	held := 0
	for _, f := range functions {
		if p95 := initTimes(t, f)[starts*95/100]; p95 <= maxInit {
			held++
		} else {
			t.Errorf("%s: p95 %v, want at most %v", f, p95, maxInit)
		}
	}
	t.Attr("scorecard", fmt.Sprintf("24 cold start, functions whose p95 of %d starts is at most 80 ms: injected %d, held %d", starts, len(functions), held))
}

// initTimes returns how long the function took to start, shortest first.
func initTimes(tb testing.TB, function string) []time.Duration {
	tb.Helper()
	env := environmentOf(openCloud(tb, "http://127.0.0.1:1"), "convoke") // no function asks the table when it starts
	times, err := runtimeapi.InitTimes(tb.Context(), runtimeapi.Function{Name: function, Bootstrap: bootstrap(tb, function), MemoryMB: 512, Env: env}, starts)
	if err != nil {
		tb.Fatal(err)
	}
	return times
}
