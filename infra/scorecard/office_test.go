package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"golang.org/x/sync/errgroup"

	"convoke/shared/domain/directory"
	"convoke/shared/edge/feedback"
	"convoke/shared/edge/mailer"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/ses"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// sized is n in the scorecard's own run, and a tenth of it among the other tests.
func sized(n int) int {
	if os.Getenv("CONVOKE_SCORECARD") == "" {
		return n / 10
	}
	return n
}

// scored notes what a test counted, and fails it when the property did not hold
// every time.
func scored(t *testing.T, row int, name string, injected, held int) {
	t.Helper()
	t.Attr("scorecard", fmt.Sprintf("%d %s: injected %d, held %d", row, name, injected, held))
	if injected == 0 || held != injected {
		t.Errorf("row %d, %s: injected %d, held %d", row, name, injected, held)
	}
}

// verdict is what the provider does with one mail.
type verdict uint8

const (
	takes verdict = iota
	takesAndIsNotHeard
	throttles
)

// provider is SES as its client sees it: it takes mail, and says so or not.
type provider struct {
	decide func() verdict

	mu    sync.Mutex
	mails []taken
}

// taken is one mail that the provider took.
type taken struct {
	message string // the tag
	to      string
	raw     []byte
	at      time.Time
}

var errNotHeard = errors.New("connection reset by peer")

// Do implements the SDK's HTTP client.
func (p *provider) Do(r *http.Request) (*http.Response, error) {
	var asked struct {
		Destination struct{ ToAddresses []string }
		Content     struct{ Raw struct{ Data []byte } }
		EmailTags   []struct{ Name, Value string }
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.decide()
	if v == throttles {
		return answer(http.StatusTooManyRequests, "TooManyRequestsException", `{"message":"Maximum sending rate exceeded."}`), nil
	}
	m := taken{to: asked.Destination.ToAddresses[0], raw: asked.Content.Raw.Data, at: time.Now()}
	for _, tag := range asked.EmailTags {
		if tag.Name == "message" {
			m.message = tag.Value
		}
	}
	p.mails = append(p.mails, m)
	if v == takesAndIsNotHeard {
		return nil, errNotHeard
	}
	return answer(http.StatusOK, "", fmt.Sprintf(`{"MessageId":"ses-%d"}`, len(p.mails))), nil
}

func answer(status int, fault, body string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	if fault != "" {
		h.Set("X-Amzn-Errortype", fault)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// times returns how often each message was taken.
func (p *provider) times() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	times := map[string]int{}
	for _, m := range p.mails {
		times[m.message]++
	}
	return times
}

// always takes.
func always() verdict { return takes }

// office is a store, a provider, and mailers that come and go.
type office struct {
	*testing.T
	store    *store.Store
	provider *provider
	sender   *ses.Sender
	links    *auth.Keyring
	offset   atomic.Int64 // by which the clock was moved on
}

func open(t *testing.T, decide func() verdict) *office {
	t.Helper()
	file, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	key, err := auth.NewKey("k1", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, provider: &provider{decide: decide}}
	if o.links, err = auth.ParseKeyring(key); err != nil {
		t.Fatal(err)
	}
	var ids atomic.Int64
	o.store = &store.Store{Table: file, Now: o.now, NewID: func() string { return fmt.Sprintf("ID%08d", ids.Add(1)) }}
	client := sesv2.New(sesv2.Options{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient: o.provider, Retryer: aws.NopRetryer{},
	})
	o.sender = &ses.Sender{Client: client, Now: o.now}
	return o
}

func (o *office) now() time.Time { return start.Add(time.Duration(o.offset.Load())) }

func (o *office) advance(d time.Duration) { o.offset.Add(int64(d)) }

// mailer is one that sends through the sender and reads and writes the table.
func (o *office) mailer(t table.Table, s mailer.Sender) *mailer.Mailer {
	kept := *o.store
	kept.Table = t
	return &mailer.Mailer{
		Store: &kept, Sender: s, Links: o.links, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
		BaseURL: "https://convoke.example.org", From: mail.Address{Addr: "convoke@example.org"}, Domain: "example.org",
	}
}

func (o *office) feedback() *feedback.Feedback {
	return &feedback.Feedback{Store: o.store, Log: slog.New(slog.DiscardHandler)}
}

// register makes registrations, each of which asks for one mail, and returns the
// jobs.
func (o *office) register(n int) []store.Job {
	o.Helper()
	var group errgroup.Group
	group.SetLimit(32)
	for i := range n {
		group.Go(func() error {
			e, err := directory.Register(o.store.NewID(), application(i), o.store.NewID, o.now())
			if err != nil {
				return err
			}
			return o.store.Register(o.Context(), e)
		})
	}
	if err := group.Wait(); err != nil {
		o.Fatal(err)
	}
	return o.jobs("registration.submitted")
}

func application(i int) directory.Application {
	return directory.Application{
		Profile: directory.Profile{
			Category: "migrant_association", Country: "CH",
			Names: []directory.Name{{Text: fmt.Sprintf("Association %d", i), Lang: "fr", Kind: directory.NameLegal}},
		},
		Contacts: []directory.Contact{{Name: "Focal Point", Role: directory.RoleFocalPoint, Email: fmt.Sprintf("focal%d@example.org", i), Language: "fr"}},
		Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}
}

// jobs returns the jobs of a kind that the table's changes ask for.
func (o *office) jobs(kind string) []store.Job {
	o.Helper()
	var list []store.Job
	for cursor := ""; ; {
		changes, next, err := o.store.Table.Changes(o.Context(), cursor, table.MaxPage)
		if err != nil {
			o.Fatal(err)
		}
		if len(changes) == 0 {
			return list
		}
		cursor = next
		for _, ch := range changes {
			out, ok, err := store.DecodeOutbox(ch)
			if err != nil {
				o.Fatal(err)
			}
			if ok && out.Type == kind {
				list = append(list, out.Job())
			}
		}
	}
}

// state is the record of a message; "" when there is none.
func (o *office) state(id string) store.MessageState {
	o.Helper()
	o.advance(time.Hour) // past every lease
	m, err := o.store.ClaimMessage(context.Background(), id)
	if err != nil {
		o.Fatal(err)
	}
	return m.State
}

// report tells the feedback what SES says of a mail that it took.
func (o *office) report(kind string, m taken) {
	o.Helper()
	e := feedback.Event{Type: kind}
	e.Mail.ID, e.Mail.Tags = "ses", map[string][]string{"message": {m.message}}
	if err := o.feedback().Apply(o.Context(), e); err != nil {
		o.Fatal(err)
	}
}
