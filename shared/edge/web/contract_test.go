package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	bcp47 "golang.org/x/text/language"
	"golang.org/x/text/message"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// operation is one operation of openapi.yaml with where it stands.
type operation struct {
	method, path string
	item         *openapi3.PathItem
	*openapi3.Operation
}

func (o operation) String() string { return o.method + " " + o.path }

// loadContract reads openapi.yaml as it is served.
func loadContract(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(contract)
	if err != nil {
		t.Fatalf("load openapi.yaml: %v", err)
	}
	return doc
}

func operationsOf(doc *openapi3.T) []operation {
	var list []operation
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			list = append(list, operation{method, path, item, op})
		}
	}
	slices.SortFunc(list, func(a, b operation) int { return strings.Compare(a.String(), b.String()) })
	return list
}

// TestContractIsValid holds that the document is OpenAPI 3.1 and that every
// example in it, of requests and of answers, fits its schema.
func TestContractIsValid(t *testing.T) {
	doc := loadContract(t)
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("the document is OpenAPI %s", doc.OpenAPI)
	}
	if err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation(), openapi3.EnableMultiError()); err != nil {
		t.Error(err)
	}
	for _, op := range operationsOf(doc) {
		if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 {
			t.Errorf("%s lacks an id, a summary, or its one tag", op)
		}
	}
}

// TestRoutesAndOperations holds that what is served and what is promised are the
// same: every route of the API has one operation, and the other way round. Of
// the pages, the contract names what programs post to.
func TestRoutesAndOperations(t *testing.T) {
	served, promised := map[string]bool{}, map[string]bool{}
	pages := map[string]bool{}
	for _, rt := range new(Server).routes() {
		if rt.kind == webPage || !ofAPI(rt.pattern) {
			pages[rt.method+" "+rt.pattern] = true
			continue
		}
		served[rt.method+" "+rt.pattern] = true
	}
	for _, op := range operationsOf(loadContract(t)) {
		if !pages[op.String()] {
			promised[op.String()] = true
		}
	}
	if diff := cmp.Diff(promised, served); diff != "" {
		t.Errorf("openapi.yaml and routes.go differ (-promised +served):\n%s", diff)
	}
}

// ofAPI reports whether a path belongs to what openapi.yaml must describe.
func ofAPI(path string) bool {
	return path == "/healthz" || strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/hsds/")
}

// TestRolesOfRoutes compares the table of route x role with the x-roles and the
// security of each operation.
func TestRolesOfRoutes(t *testing.T) {
	operations := map[string]operation{}
	for _, op := range operationsOf(loadContract(t)) {
		operations[op.String()] = op
	}
	for _, rt := range new(Server).routes() {
		if len(rt.access) == 0 {
			t.Errorf("%s %s admits nobody", rt.method, rt.pattern)
		}
		op, ok := operations[rt.method+" "+rt.pattern]
		if !ok {
			continue // TestRoutesAndOperations says so where it matters
		}
		if diff := cmp.Diff(rolesOf(t, op), rt.access, cmp.Transformer("sort", sortedRoles)); diff != "" {
			t.Errorf("roles of %s (-openapi.yaml +routes.go):\n%s", op, diff)
		}
		if diff := cmp.Diff(securityOf(op), securityFor(rt)); diff != "" {
			t.Errorf("security of %s (-openapi.yaml +routes.go):\n%s", op, diff)
		}
	}
}

func sortedRoles(a access) []string {
	names := make([]string, len(a))
	for i, role := range a {
		names[i] = string(role)
	}
	slices.Sort(names)
	return names
}

func rolesOf(t *testing.T, op operation) access {
	t.Helper()
	listed, ok := op.Extensions["x-roles"].([]any)
	if !ok {
		t.Errorf("%s has no x-roles", op)
	}
	var roles access
	for _, role := range listed {
		roles = append(roles, auth.Role(fmt.Sprint(role)))
	}
	return roles
}

// securityOf returns the schemes that an operation takes; "" is none at all.
func securityOf(op operation) []string {
	if op.Security == nil {
		return nil
	}
	var schemes []string
	for _, requirement := range *op.Security {
		schemes = append(schemes, strings.Join(slices.Sorted(maps.Keys(requirement)), "+"))
	}
	slices.Sort(schemes)
	return schemes
}

// securityFor says how one comes to the roles of a route: contacts by a session,
// the others by a token; a public route takes whoever comes, and looks at who it
// is. The pages' links need nobody.
func securityFor(rt route) []string {
	if rt.kind == webPage {
		return []string{""}
	}
	schemes := map[string]bool{}
	for _, role := range rt.access {
		switch role {
		case auth.Public:
			schemes[""], schemes["oidc"], schemes["session"] = true, true, true
		case auth.Contact:
			schemes["session"] = true
		default:
			schemes["oidc"] = true
		}
	}
	return slices.Sorted(maps.Keys(schemes))
}

// TestVocabularyOfTheContract holds the lists of openapi.yaml to those of the
// domain.
func TestVocabularyOfTheContract(t *testing.T) {
	languages := make([]string, 0, 6)
	for _, l := range i18n.All() {
		languages = append(languages, string(l))
	}
	schemas := loadContract(t).Components.Schemas
	for name, want := range map[string][]string{
		"Category": taxonomy.Categories(), "Topic": taxonomy.Topics(), "Group": directory.Groups(),
		"ReturnReason": directory.ReturnReasons(), "FilterName": slices.Concat(convening.AudienceFilters(), convening.EngagementFilters()), "ServedLanguage": languages,
	} {
		checkList(t, name, schemas[name].Value.Enum, want)
	}
	plan := schemas["Plan"].Value.Properties
	checkList(t, "Plan.kind", plan["kind"].Value.Enum, convening.EventKinds())
	checkList(t, "ObservanceCode", schemas["ObservanceCode"].Value.Enum, convening.Observances())
	checkList(t, "Profile.size", schemas["Profile"].Value.Properties["size"].Value.Enum, directory.SizeBands())
	checkList(t, "Plan.attribution", plan["attribution"].Value.Enum, convening.Attributions())
	filters := slices.Sorted(maps.Keys(schemas["AudienceFilters"].Value.Properties))
	if diff := cmp.Diff(slices.Sorted(slices.Values(slices.Concat(convening.AudienceFilters(), convening.EngagementFilters()))), filters); diff != "" {
		t.Errorf("AudienceFilters (-domain +openapi.yaml):\n%s", diff)
	}
	for _, status := range schemas["RegistrationStatus"].Value.Enum {
		if !directory.Status(fmt.Sprint(status)).Known() {
			t.Errorf("the domain knows no status %v", status)
		}
	}
	if text := schemas["Consent"].Value.Properties["text_version"].Value; text.Const != directory.ConsentText {
		t.Errorf("the contract asks for consent to text %v, the domain to %s", text.Const, directory.ConsentText)
	}
}

func checkList(t *testing.T, name string, enum []any, want []string) {
	t.Helper()
	got := make([]string, len(enum))
	for i, v := range enum {
		got[i] = fmt.Sprint(v)
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
		t.Errorf("%s (-domain +openapi.yaml):\n%s", name, diff)
	}
}

// TestRefusalsOfTheContract holds that every code that the descriptions of
// refusals name has a text, and is so no slip of the pen, and that the examples
// are what a reader is answered.
func TestRefusalsOfTheContract(t *testing.T) {
	for name, response := range loadContract(t).Components.Responses {
		for code := range strings.SplitSeq(*response.Value.Description, "`") {
			if isCode(code) && !i18n.Has(i18n.English, code) {
				t.Errorf("%s names %s, which has no text", name, code)
			}
		}
		for _, media := range response.Value.Content {
			checkProblemExample(t, name, media.Example)
		}
	}
}

func checkProblemExample(t *testing.T, name string, shown any) {
	t.Helper()
	b, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	var got problemDocument
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatalf("the example of %s: %v", name, err)
	}
	if want := i18n.T(i18n.English, got.Code, nil); got.Title != want {
		t.Errorf("the example of %s says %q, a reader is told %q", name, got.Title, want)
	}
	for _, field := range got.Errors {
		if want := i18n.T(i18n.English, field.Code, map[string]string{"max": "300"}); field.Detail != want {
			t.Errorf("the example of %s says %q, a reader is told %q", name, field.Detail, want)
		}
	}
}

// TestContractRefuses holds that the schemas bite: each body differs in one
// point from an example that is taken.
func TestContractRefuses(t *testing.T) {
	good := map[string]string{}
	for _, x := range requestExamples(loadContract(t)) {
		good[x.op.String()+" "+x.name] = string(x.body)
	}
	for _, c := range []struct{ example, was, becomes string }{
		{"POST /v1/registrations agency", `"category":"un_agency"`, `"category":"agency"`},
		{"POST /v1/registrations agency", `"category":"un_agency"`, `"category":"un_agency","telephone":"1"`},
		{"POST /v1/registrations agency", `"country":"CH"`, `"country":"ch"`},
		{"POST /v1/registrations agency", `"country":"CH",`, ``},
		{"POST /v1/registrations agency", `"founded":1951`, `"founded":999`},
		{"POST /v1/registrations agency", `"founded":1951`, `"founded":"1951"`},
		{"POST /v1/registrations agency", `"focal_point"`, `"speaker"`},
		{"POST /v1/registrations agency", `"focal.point@example.org"`, `"focal point@example.org"`},
		{"POST /v1/registrations agency", `"directory":true`, `"directory":false`},
		{"POST /v1/registrations agency", `"text":"IOM"`, `"text":"I\nOM"`},
		{"POST /v1/registrations agency", `"text":"IOM"`, `"text":"I\u202eOM"`},
		{"POST /v1/registrations agency", `"text":"IOM"`, `"text":"  "`},
		{"POST /v1/registrations agency", `"text":"IOM"`, `"text":"` + strings.Repeat("x", 301) + `"`},
		{"POST /v1/registrations agency", `"https://www.iom.int"`, `"javascript:alert(1)"`},
		{"POST /v1/registrations agency", `"kind":"identifier"`, `"kind":"sponsorship"`},
		{"POST /v1/registrations sponsored", `"travel":"regional"`, `"travel":"moon"`},
		{"POST /v1/registrations/{id}/decision returned", `"outcome":"returned"`, `"outcome":"lapsed"`},
		{"POST /v1/registrations/{id}/decision declined", `"reasons":["out_of_scope"]`, `"reasons":[]`},
		{"POST /v1/events migrantsDay", `"kind":"panel_discussion"`, `"kind":"party"`},
		{"POST /v1/events migrantsDay", `"starts":"2030-12-18T15:00:00Z"`, `"starts":"18 December 2030"`},
		{"POST /v1/events least", `{"filters":{"topic":["topic:migration_data"]}}`, `{}`},
		{"POST /v1/events least", `"topic":["topic:migration_data"]`, `"colour":["blue"]`},
		{"POST /v1/events least", `"topic":["topic:migration_data"]`, `"topic":["migration"]`},
		{"POST /v1/events least", `"topic":["topic:migration_data"]`, `"topic":[]`},
		{"POST /v1/sign-in address", `"email"`, `"mail"`},
	} {
		t.Run(c.example+" "+c.becomes, func(t *testing.T) {
			was := good[c.example]
			becomes := strings.Replace(was, c.was, c.becomes, 1)
			if was == "" || becomes == was {
				t.Fatalf("the example does not hold %s:\n%s", c.was, was)
			}
			method, rest, _ := strings.Cut(c.example, " ")
			path, _, _ := strings.Cut(rest, " ")
			if err := checkBody(t, method, path, was); err != nil {
				t.Errorf("the example itself is refused: %v", err)
			}
			if checkBody(t, method, path, becomes) == nil {
				t.Error("the contract takes it")
			}
		})
	}
}

func checkBody(t *testing.T, method, path, body string) error {
	t.Helper()
	doc := loadContract(t)
	op := operation{method, path, doc.Paths.Value(path), doc.Paths.Value(path).GetOperation(method)}
	r := httptest.NewRequest(method, strings.NewReplacer("{id}", "1").Replace(path), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("If-Match", `"1"`)
	return openapi3filter.ValidateRequest(context.Background(), requestOf(doc, op, r, map[string]string{"id": "1"}))
}

// requestExample is one request body that openapi.yaml shows.
type requestExample struct {
	op   operation
	name string
	body []byte
}

// requestExamples returns the examples of request bodies, for tests to send.
func requestExamples(doc *openapi3.T) []requestExample {
	var list []requestExample
	for _, op := range operationsOf(doc) {
		if op.RequestBody == nil {
			continue
		}
		media := op.RequestBody.Value.Content["application/json"]
		if media == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
			body, err := json.Marshal(media.Examples[name].Value.Value)
			if err == nil {
				list = append(list, requestExample{op, name, body})
			}
		}
	}
	return list
}

// underContract wraps a handler so that every exchange with it is held to
// openapi.yaml: what is answered must be documented, with its headers and its
// body; and what was taken must have been a request that the contract allows.
// What was refused may be as wrong as it likes.
func underContract(t testing.TB, next http.Handler) http.Handler {
	openapi3filter.RegisterBodyDecoder(formVCard, openapi3filter.FileBodyDecoder) // a text like any other to it
	doc := loadContract(t)
	operations := operationsOf(doc)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent bytes.Buffer
		if r.Body != nil {
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.TeeReader(r.Body, &sent), r.Body}
		}
		asked := r.Clone(r.Context())
		seen := &exchange{ResponseWriter: w}
		next.ServeHTTP(seen, r)
		asked.Body = io.NopCloser(&sent)
		if err := seen.check(doc, operations, asked); err != nil {
			t.Errorf("%s %s answered %d: %v", asked.Method, asked.URL.Path, seen.status, err)
		}
	})
}

// exchange remembers what was answered.
type exchange struct {
	http.ResponseWriter
	status int
	header http.Header
	body   bytes.Buffer
}

func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status, x.header = status, x.Header().Clone()
	}
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.status, x.header = http.StatusOK, x.Header().Clone()
	}
	x.body.Write(b)
	return x.ResponseWriter.Write(b)
}

func (x *exchange) check(doc *openapi3.T, operations []operation, r *http.Request) error {
	if x.status == 0 {
		x.status, x.header = http.StatusOK, x.Header().Clone()
	}
	if !ofAPI(r.URL.Path) || x.status == http.StatusTemporaryRedirect { // which is the mux's, to the plain spelling of a path
		return nil
	}
	op, params, ok := operationFor(operations, r)
	if !ok {
		return x.checkNoRoute(doc, r)
	}
	input := requestOf(doc, op, r, params)
	if x.status < 400 {
		if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
			return fmt.Errorf("took a request outside the contract: %s", inShort(err))
		}
	}
	return x.checkAnswer(input, op)
}

func (x *exchange) checkAnswer(input *openapi3filter.RequestValidationInput, op operation) error {
	documented := op.Responses.Status(x.status)
	if documented == nil {
		return fmt.Errorf("the status is not documented: %s", x.body.Bytes())
	}
	if len(documented.Value.Content) == 0 && x.body.Len() > 0 {
		return fmt.Errorf("a body where none is documented: %s", x.body.Bytes())
	}
	for name, header := range documented.Value.Headers { // the library passes over those of a 304
		if header.Value.Required && x.header.Get(name) == "" {
			return fmt.Errorf("no header %s", name)
		}
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: x.status, Header: x.header, Options: input.Options,
	}
	answer.SetBodyBytes(x.body.Bytes())
	if err := openapi3filter.ValidateResponse(input.Request.Context(), answer); err != nil {
		return fmt.Errorf("%s: %s", inShort(err), x.body.Bytes())
	}
	return nil
}

// inShort says what of a body does not fit, without the schemas around it.
func inShort(err error) string {
	mismatch, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return err.Error()
	}
	var lines []string
	var walk func(*jsonschema.ValidationError)
	walk = func(v *jsonschema.ValidationError) {
		if len(v.Causes) == 0 {
			lines = append(lines, "/"+strings.Join(v.InstanceLocation, "/")+" "+v.ErrorKind.LocalizedString(message.NewPrinter(bcp47.English)))
		}
		for _, cause := range v.Causes {
			walk(cause)
		}
	}
	walk(mismatch)
	return strings.Join(lines, "; ")
}

// checkNoRoute holds what is answered where there is no operation: the same
// problem documents as elsewhere.
func (x *exchange) checkNoRoute(doc *openapi3.T, r *http.Request) error {
	names := map[int]string{
		401: "Unauthenticated", 403: "Forbidden", 404: "NotFound", 405: "NotAllowed", 500: "Internal", 503: "Unavailable",
	}
	name, ok := names[x.status]
	if !ok {
		return fmt.Errorf("there is no such operation: %s", x.body.Bytes())
	}
	op := operation{r.Method, r.URL.Path, &openapi3.PathItem{}, &openapi3.Operation{
		Responses: openapi3.NewResponses(openapi3.WithStatus(x.status, doc.Components.Responses[name])),
	}}
	return x.checkAnswer(requestOf(doc, op, r, nil), op)
}

func requestOf(doc *openapi3.T, op operation, r *http.Request, params map[string]string) *openapi3filter.RequestValidationInput {
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params,
		Route: &routers.Route{Spec: doc, Path: op.path, PathItem: op.item, Method: op.method, Operation: op.Operation},
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
}

// operationFor returns the operation that a request is meant for. HEAD is a GET whose
// body stays away.
func operationFor(operations []operation, r *http.Request) (operation, map[string]string, bool) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, op := range operations {
		if op.method != method {
			continue
		}
		if params, ok := fitsTemplate(op.path, r.URL.EscapedPath()); ok {
			return op, params, true
		}
	}
	return operation{}, nil, false
}

// fitsTemplate matches an escaped path with the template of a path, segment by segment.
func fitsTemplate(template, path string) (map[string]string, bool) {
	wanted, given := strings.Split(template, "/"), strings.Split(path, "/")
	if len(wanted) != len(given) {
		return nil, false
	}
	params := map[string]string{}
	for i, w := range wanted {
		value, err := url.PathUnescape(given[i])
		if err != nil {
			return nil, false
		}
		if name, ok := strings.CutPrefix(w, "{"); ok && value != "" {
			params[strings.TrimSuffix(name, "}")] = value
		} else if w != value {
			return nil, false
		}
	}
	return params, true
}

// TestUnderContract holds that the wrapper sees what it is there to see.
func TestUnderContract(t *testing.T) {
	answer := func(status int, header, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			for line := range strings.SplitSeq(header, "\n") {
				name, value, _ := strings.Cut(line, ": ")
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	const asJSON, asProblem = "Content-Type: application/json; charset=utf-8", "Content-Type: application/problem+json; charset=utf-8\nContent-Language: en"
	const missing = `{"type":"/problems/not_found","title":"x","status":404,"code":"not_found"}`
	for name, c := range map[string]struct {
		method, target, body string
		answer               http.HandlerFunc
		complaint            string
	}{
		"as promised":           {"GET", "/healthz", "", answer(200, asJSON, `{"status":"ok","release":"1"}`), ""},
		"wrong member":          {"GET", "/healthz", "", answer(200, asJSON, `{"status":"ok","release":"1","pid":7}`), "pid"},
		"wrong media":           {"GET", "/healthz", "", answer(200, "Content-Type: text/plain", `ok`), "text/plain"},
		"unknown status":        {"GET", "/healthz", "", answer(418, asJSON, `{}`), "not documented"},
		"wrong request taken":   {"POST", "/v1/sign-in", `{"email":7}`, answer(202, asJSON, `{"status":"requested"}`), "outside the contract"},
		"wrong request refused": {"POST", "/v1/sign-in", `{"email":7}`, answer(404, asProblem, missing), "not documented"},
		"no ETag":               {"GET", "/v1/events/1", "", answer(304, asJSON, ``), "ETag"},
		"unknown path":          {"GET", "/v1/nothing", "", answer(404, asProblem, missing), ""},
		"unknown path answered": {"GET", "/v1/nothing", "", answer(200, asJSON, `{}`), "no such operation"},
		"status in the body":    {"GET", "/v1/events/1", "", answer(404, asProblem, strings.Replace(missing, "404", "410", 1)), "status"},
		"a page":                {"GET", "/register", "", answer(200, "Content-Type: text/html", `<p>`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			heard := &complaints{TB: t}
			r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
			r.Header.Set("Content-Type", "application/json")
			underContract(heard, c.answer).ServeHTTP(httptest.NewRecorder(), r)
			said := strings.Join(heard.said, "\n")
			if (said == "") != (c.complaint == "") || !strings.Contains(said, c.complaint) {
				t.Errorf("complained %q, wanted of %q", said, c.complaint)
			}
		})
	}
}

// complaints is a test that only listens.
type complaints struct {
	testing.TB
	said []string
}

func (c *complaints) Errorf(format string, args ...any) {
	c.said = append(c.said, fmt.Sprintf(format, args...))
}
