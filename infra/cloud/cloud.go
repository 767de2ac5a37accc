// Package cloud is the part of AWS that the functions call, in the process of a
// test: one address for every service, as AWS_ENDPOINT_URL has it. Table and
// stream are DynamoDB Local's, buckets those of gofakes3; queue, bus, mail and
// parameters are the package's own and take what AWS takes. It keeps every call,
// with the rights that AWS would have asked for:
//
//	aws := cloud.Open(t, cloud.Options{DynamoDB: endpoint, Buckets: []string{"convoke"}})
//	// run a function with AWS_ENDPOINT_URL=aws.URL, AWS_ACCESS_KEY_ID=mailer
//	for _, call := range aws.Calls("mailer") { ... }
package cloud

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Options say what there is. What is not named does not exist, and calls for it
// are refused as AWS refuses them.
type Options struct {
	DynamoDB   string            // where DynamoDB Local answers
	Buckets    []string          // names
	Queues     []string          // URLs
	Buses      []string          // names
	Parameters map[string]string // values by name
}

// Cloud is one account. Its methods may be called from several goroutines.
type Cloud struct {
	URL string // the endpoint of every service

	options Options
	test    testing.TB
	tables  http.Handler
	buckets http.Handler

	mu        sync.Mutex // guards what follows, and the buckets: gofakes3 checks and writes in two steps
	calls     []Call
	messages  map[string][]string
	published []Published
	mails     []Mail
}

// Call is one request that a function made.
type Call struct {
	Caller    string // the access key id that it was signed with
	Service   string // "sqs"
	Operation string // "SendMessageBatch"
	Needs     []Right
}

// Right is what the caller's role must allow: an action of IAM on a resource,
// which is named by its kind and name, such as table/T/index/g1, bucket/B,
// object/B/KEY, queue/URL, bus/NAME, parameter/NAME, identity/DOMAIN.
type Right struct{ Action, Resource string }

// Open starts it. It ends with tb, and fails tb when a call comes that it does not
// know.
func Open(tb testing.TB, o Options) *Cloud {
	tb.Helper()
	dynamodb, err := url.Parse(o.DynamoDB)
	if err != nil {
		tb.Fatal(err)
	}
	disk := s3mem.New()
	for _, name := range o.Buckets {
		if err := disk.CreateBucket(name); err != nil {
			tb.Fatal(err)
		}
	}
	c := &Cloud{
		options: o, test: tb, messages: map[string][]string{},
		tables:  &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(dynamodb) }},
		buckets: gofakes3.New(disk).Server(),
	}
	server := httptest.NewServer(c)
	tb.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// Calls returns what a caller has asked for so far.
func (c *Cloud) Calls(caller string) []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.calls), func(call Call) bool { return call.Caller != caller })
}

// ServeHTTP takes a request to any service. Those that speak JSON name
// themselves in a header; of the others, mail has a path of its own.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller has ended, as tests make them
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	target, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	call := Call{Caller: caller(r), Operation: operation}
	switch {
	case target == "DynamoDB_20120810":
		call.Service, call.Needs = "dynamodb", tableRights(operation, body)
		c.note(call)
		c.tables.ServeHTTP(w, r)
	case target == "AmazonSQS" && operation == "SendMessageBatch":
		call.Service = "sqs"
		c.send(w, call, body)
	case target == "AWSEvents" && operation == "PutEvents":
		call.Service = "events"
		c.publish(w, call, body)
	case target == "AmazonSSM" && operation == "GetParameter":
		call.Service = "ssm"
		c.parameter(w, call, body)
	case r.Method == http.MethodPost && r.URL.Path == "/v2/email/outbound-emails":
		call.Service, call.Operation = "ses", "SendEmail"
		c.mail(w, call, body)
	case target == "":
		c.object(w, r, call)
	default:
		c.test.Errorf("cloud: no %s.%s here", target, operation)
		refuse(w, "UnknownOperationException")
	}
}

var signedBy = regexp.MustCompile(`Credential=([^/]+)/`)

func caller(r *http.Request) string {
	if found := signedBy.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		return found[1]
	}
	return ""
}

func (c *Cloud) note(call Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call)
}

func reply(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(answer) // a caller that is gone is noticed as such
}

// refuse answers with an error of the service.
func refuse(w http.ResponseWriter, name string) {
	w.Header().Set("X-Amzn-Errortype", name)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": name, "message": "refused by the test's cloud"})
}
