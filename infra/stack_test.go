package infra_test

import (
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"

	"convoke/infra/cloud"
	"convoke/infra/runtimeapi"
	openid "convoke/shared/local/issuer"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/config"
	"convoke/shared/state/table"
	"convoke/shared/state/table/dynamo"
	"convoke/shared/state/table/dynamo/dynamolocal"
	"convoke/shared/state/table/dynamo/dynamotest"
)

// What the stack of the tests is called.
const (
	site          = "https://convoke.example.org"
	segments      = "convoke-segments"
	inboundBucket = "convoke-inbound-dev-123456789012-eu-west-1" // as the sample has it
	mailQueue     = "https://sqs.eu-west-1.amazonaws.com/123456789012/mail"
	bus           = "convoke-dev"
	mailDomain    = "invitations.example.org"
	keysName      = "/convoke/dev/link-keys"
)

// bootstrap returns the built function. Without it tb is skipped, or fails under
// CONVOKE_TEST_ALL.
func bootstrap(tb testing.TB, function string) string {
	tb.Helper()
	path := filepath.Join("..", "build", "host", function, "bootstrap")
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CONVOKE_TEST_ALL") != "" {
			tb.Fatalf("%v, and CONVOKE_TEST_ALL wants the functions: make build-host", err)
		}
		tb.Skip("the functions are not built: make build-host")
	}
	return path
}

// stack is a deployment: the real functions, each a process as Lambda runs it,
// and what stands for AWS around them.
type stack struct {
	*testing.T
	aws     *cloud.Cloud
	table   *dynamo.Table
	stream  *cloud.Stream
	issuer  *openid.Issuer
	env     map[string]string
	running map[string]*runtimeapi.Instance
}

func newStack(t *testing.T) *stack {
	t.Helper()
	for _, f := range functions {
		bootstrap(t, f)
	}
	endpoint, name := dynamotest.Endpoint(t), "stack-"+rand.Text()
	s := &stack{T: t, running: map[string]*runtimeapi.Instance{}}
	s.table = dynamo.New(dynamodb.NewFromConfig(dynamolocal.Config(endpoint, http.DefaultTransport)), nil, name, dynamo.Options{})
	if err := s.table.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.aws = openCloud(t, endpoint)
	s.stream = s.aws.Stream(name)
	s.env = environmentOf(s.aws, name)
	s.openIssuer()
	return s
}

func openCloud(tb testing.TB, dynamoDB string) *cloud.Cloud {
	tb.Helper()
	key, err := auth.NewKey("k1", rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return cloud.Open(tb, cloud.Options{
		DynamoDB: dynamoDB, Buckets: []string{segments, inboundBucket}, Queues: []string{mailQueue}, Buses: []string{bus},
		Parameters: map[string]string{keysName: key},
	})
}

// environmentOf is what template.yaml tells the functions.
func environmentOf(aws *cloud.Cloud, table string) map[string]string {
	return map[string]string{
		config.Stage: "dev", config.Table: table, config.Bucket: segments, config.InboundBucket: inboundBucket, config.MailQueueURL: mailQueue, config.Bus: bus,
		config.BaseURL: site, config.MailFrom: "convoke@" + mailDomain, config.MailDomain: mailDomain, config.MailRate: "100", config.SESConfigurationSet: "convoke-dev",
		config.UploadBucket: "uploads", config.LinkKeysParameter: keysName, config.OIDCIssuer: "https://issuer.example.org", config.OIDCAudience: "test", "AWS_ENDPOINT_URL": aws.URL,
	}
}

// openIssuer starts the issuer on TLS, as the functions want it, and has them
// trust its certificate.
func (s *stack) openIssuer() {
	s.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.issuer.ServeHTTP(w, r) }))
	s.Cleanup(server.Close)
	var err error
	if s.issuer, err = openid.Open(openid.Config{Stage: "dev", BaseURL: server.URL, Audience: "test", Dir: s.TempDir(), Now: time.Now}); err != nil {
		s.Fatal(err)
	}
	authority := filepath.Join(s.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		s.Fatal(err)
	}
	s.env[config.OIDCIssuer], s.env["SSL_CERT_FILE"] = s.issuer.URL, authority
}

// function returns the function's instance, which is started at its first use.
func (s *stack) function(name string) *runtimeapi.Instance {
	s.Helper()
	if in, ok := s.running[name]; ok {
		return in
	}
	env := map[string]string{"AWS_ACCESS_KEY_ID": name} // by which the cloud knows who calls
	for key, value := range s.env {
		env[key] = value
	}
	in, err := runtimeapi.Start(s.Context(), runtimeapi.Function{Name: name, Bootstrap: bootstrap(s, name), Env: env})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		if s.Failed() {
			s.Logf("%s wrote:\n%s", name, in.Output())
		}
		if err := in.Close(); err != nil {
			s.Error(err)
		}
	})
	s.running[name] = in
	return in
}

// end ends the function's instance, if it runs; the next use starts another.
func (s *stack) end(name string) {
	if in, ok := s.running[name]; ok {
		in.Kill()
		delete(s.running, name)
	}
}

// invoke hands an event to a function and reads the answer into answer, if that
// is not nil.
func (s *stack) invoke(function string, event, answer any) {
	s.Helper()
	payload, ok := event.([]byte)
	if !ok {
		payload = encoded(s, event)
	}
	raw, err := s.function(function).Invoke(s.Context(), runtimeapi.Event{Payload: payload})
	if err != nil {
		s.Fatal(err)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		s.Fatalf("%s answered %s: %v", function, raw, err)
	}
}

func encoded(tb testing.TB, v any) []byte {
	tb.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func sample(tb testing.TB, path string) []byte {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(samplesPath, path))
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

func sampleAs[T any](tb testing.TB, path string) (v T) {
	tb.Helper()
	if err := json.Unmarshal(sample(tb, path), &v); err != nil {
		tb.Fatal(err)
	}
	return v
}

// web hands an event of API Gateway to the api and returns its answer.
func (s *stack) web(event any) events.APIGatewayV2HTTPResponse {
	s.Helper()
	var answer events.APIGatewayV2HTTPResponse
	s.invoke("api", event, &answer)
	return answer
}

// request is one of the web, on the way that a browser's or a program's takes.
func (s *stack) request(method, path, body string, headers ...string) events.APIGatewayV2HTTPResponse {
	s.Helper()
	e := sampleAs[events.APIGatewayV2HTTPRequest](s, "apigatewayv2/get-healthz.json")
	path, query, _ := strings.Cut(strings.TrimPrefix(path, site), "?")
	e.RawPath, e.RawQueryString, e.Body = path, query, body
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	delete(e.Headers, "content-length")
	e.Headers["content-type"] = "application/json"
	for i := 0; i+1 < len(headers); i += 2 {
		e.Headers[headers[i]] = headers[i+1]
	}
	return s.web(e)
}

// call is request to the API: the status must be the wanted one, the answer is
// JSON.
func (s *stack) call(want int, method, path string, body any, headers ...string) (map[string]string, map[string]any) {
	s.Helper()
	var text []byte
	if body != nil {
		text = encoded(s, body)
	}
	answer := s.request(method, path, string(text), headers...)
	if answer.StatusCode != want {
		s.Fatalf("%s %s: %d, want %d: %s", method, path, answer.StatusCode, want, answer.Body)
	}
	object := map[string]any{}
	if err := json.Unmarshal([]byte(answer.Body), &object); err != nil {
		s.Fatalf("%s %s: %v: %s", method, path, err, answer.Body)
	}
	return answer.Headers, object
}

// press posts the form of a page that a link in a mail leads to.
func (s *stack) press(link, form string) {
	s.Helper()
	e := sampleAs[events.APIGatewayV2HTTPRequest](s, "apigatewayv2/post-form-base64.json")
	path, query, _ := strings.Cut(strings.TrimPrefix(link, site), "?")
	e.RawPath, e.RawQueryString, e.Body = path, query, base64.StdEncoding.EncodeToString([]byte(form))
	e.RequestContext.HTTP.Path = path
	delete(e.Headers, "content-length")
	if answer := s.web(e); answer.StatusCode >= 400 {
		s.Fatalf("press %s: %d: %s", link, answer.StatusCode, answer.Body)
	}
}

func (s *stack) as(role auth.Role, unit string) []string {
	s.Helper()
	token, err := s.issuer.Token(role, unit, "", time.Hour)
	if err != nil {
		s.Fatal(err)
	}
	return []string{"authorization", "Bearer " + token}
}

// follow hands what is new in the table's stream to the projector, a hundred
// records at a time as the template has it, until nothing is new.
func (s *stack) follow() {
	s.Helper()
	for {
		records, err := s.stream.Records(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		if len(records) == 0 {
			return
		}
		for len(records) > 0 {
			n := min(100, len(records))
			var answer events.DynamoDBEventResponse
			s.invoke("projector", map[string]any{"Records": records[:n]}, &answer)
			if len(answer.BatchItemFailures) > 0 {
				s.Fatalf("the projector failed at %v", answer.BatchItemFailures)
			}
			records = records[n:]
		}
	}
}

// settle lets the table's changes have their effects: index, queue, mail, and
// the changes that come of those.
func (s *stack) settle() {
	s.Helper()
	for {
		s.follow()
		jobs := s.aws.Receive(mailQueue)
		if len(jobs) == 0 {
			return
		}
		s.deliver(jobs...)
	}
}

// deliver hands messages of the queue to the mailer, ten at a time.
func (s *stack) deliver(bodies ...string) {
	s.Helper()
	for len(bodies) > 0 {
		n := min(10, len(bodies))
		var answer events.SQSEventResponse
		s.invoke("mailer", queuedMessages(s, bodies[:n]...), &answer)
		if len(answer.BatchItemFailures) > 0 {
			s.Fatalf("the mailer failed at %v", answer.BatchItemFailures)
		}
		bodies = bodies[n:]
	}
}

// queuedMessages is the event in which SQS hands over the bodies.
func queuedMessages(tb testing.TB, bodies ...string) events.SQSEvent {
	tb.Helper()
	record := sampleAs[events.SQSEvent](tb, "sqs/mail.json").Records[0]
	var batch events.SQSEvent
	for i, body := range bodies {
		record.MessageId, record.Body, record.Md5OfBody = fmt.Sprintf("message-%d", i), body, fmt.Sprintf("%x", md5.Sum([]byte(body)))
		batch.Records = append(batch.Records, record)
	}
	return batch
}

// item reads an item of the table, which must be there.
func (s *stack) item(pk, sk string) table.Item {
	s.Helper()
	it, err := s.table.Get(s.Context(), table.Key{PK: pk, SK: sk})
	if err != nil {
		s.Fatalf("%s %s: %v", pk, sk, err)
	}
	return it
}

// letter is a mail as its reader meets it.
type letter struct {
	cloud.Mail
	header message.Header
	text   string            // of its plain part
	parts  map[string]string // by media type
}

// lastMail returns the newest mail to an address.
func (s *stack) lastMail(to string) letter {
	s.Helper()
	mails := s.aws.Mails()
	for i := len(mails) - 1; i >= 0; i-- {
		if len(mails[i].To) == 1 && mails[i].To[0] == to {
			return s.open(mails[i])
		}
	}
	s.Fatalf("no mail to %s", to)
	return letter{}
}

func (s *stack) open(m cloud.Mail) letter {
	s.Helper()
	e, err := message.Read(bytes.NewReader(m.Raw))
	if err != nil {
		s.Fatal(err)
	}
	l := letter{Mail: m, header: e.Header, parts: map[string]string{}}
	err = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		media, _, err := part.Header.ContentType()
		if err != nil || strings.HasPrefix(media, "multipart/") {
			return err
		}
		text, err := io.ReadAll(part.Body)
		l.parts[media] = string(text)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	l.text = l.parts["text/plain"]
	return l
}

// link returns the link to a page in a letter's text.
func (s *stack) link(l letter, page string) string {
	s.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(site+"/"+page+"/") + `\S+`).FindString(l.text)
	if found == "" {
		s.Fatalf("no link to /%s/ in %q", page, l.text)
	}
	return found
}
