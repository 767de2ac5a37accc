package ses

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

var now = time.Date(2025, 11, 3, 8, 30, 0, 0, time.UTC)

func message() *mail.Message {
	return &mail.Message{
		ID:     "01JBQ8Z6V0",
		From:   mail.Address{Name: "Convoke", Addr: "events@example.org"},
		To:     mail.Address{Name: "Amina", Addr: "amina@bücher.example"},
		Letter: mail.SignIn{URL: "https://convoke.example.org/s?t=1", ExpiresAt: now}.Letter(i18n.English),
		Kind:   mail.KindSignIn,
		Tags:   map[string]string{"contact": "01JC"},
	}
}

// sender uses the real client against a server that stands for SES.
func sender(t *testing.T, handler http.HandlerFunc) *Sender {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return senderTo(server.URL)
}

func senderTo(url string) *Sender {
	return &Sender{
		Client: sesv2.New(sesv2.Options{
			Region:       "eu-central-1",
			BaseEndpoint: aws.String(url),
			Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
			Retryer:      aws.NopRetryer{},
		}),
		ConfigurationSet: "convoke",
		Now:              func() time.Time { return now },
	}
}

func TestSend(t *testing.T) {
	m := message()
	raw, err := m.Bytes(now)
	if err != nil {
		t.Fatal(err)
	}
	type tag struct{ Name, Value string }
	type request struct {
		FromEmailAddress     string
		ConfigurationSetName string
		Destination          struct{ ToAddresses []string }
		Content              struct{ Raw struct{ Data []byte } }
		EmailTags            []tag
	}
	var got request
	s := sender(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/email/outbound-emails" {
			t.Errorf("path %s", r.URL.Path)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"MessageId":"ses-1"}`)
	})
	id, err := s.Send(t.Context(), m)
	if err != nil || id != "ses-1" {
		t.Fatal(id, err)
	}
	want := request{FromEmailAddress: "events@example.org", ConfigurationSetName: "convoke"}
	want.Destination.ToAddresses = []string{"amina@xn--bcher-kva.example"}
	want.Content.Raw.Data = raw
	want.EmailTags = []tag{{"contact", "01JC"}, {"kind", "sign_in"}, {"message", "01JBQ8Z6V0"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSendFails(t *testing.T) {
	for code, c := range map[string]struct {
		status int
		want   error
	}{
		"TooManyRequestsException":           {429, mail.ErrThrottled},
		"ThrottlingException":                {400, mail.ErrThrottled},
		"LimitExceededException":             {400, mail.ErrThrottled},
		"MessageRejected":                    {400, mail.ErrPermanent},
		"BadRequestException":                {400, mail.ErrPermanent},
		"MailFromDomainNotVerifiedException": {400, mail.ErrTransient},
		"SendingPausedException":             {400, mail.ErrTransient},
		"AccessDeniedException":              {403, mail.ErrTransient},
		"SomethingNewException":              {418, mail.ErrPermanent},
		"InternalServiceErrorException":      {500, mail.ErrUncertain},
	} {
		calls := 0
		s := sender(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("X-Amzn-ErrorType", code)
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, `{"message":"for amina@example.org"}`)
		})
		_, err := s.Send(t.Context(), message())
		if !errors.Is(err, c.want) || !strings.HasSuffix(err.Error(), code) || strings.Contains(err.Error(), "amina") {
			t.Errorf("%s: %v, want %v", code, err, c.want)
		}
		if calls != 1 {
			t.Errorf("%s: %d calls", code, calls)
		}
	}
}

func TestSendLosesTheReply(t *testing.T) {
	s := sender(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Close()
	})
	if _, err := s.Send(t.Context(), message()); !errors.Is(err, mail.ErrUncertain) {
		t.Errorf("a lost reply is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Send(ctx, message()); !errors.Is(err, mail.ErrUncertain) {
		t.Errorf("a cancelled call is %v", err)
	}
}

func TestSendCannotConnect(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if _, err := senderTo(server.URL).Send(t.Context(), message()); !errors.Is(err, mail.ErrTransient) {
		t.Errorf("no connection is %v", err)
	}
}

func TestUnsendable(t *testing.T) {
	s := sender(t, func(http.ResponseWriter, *http.Request) { t.Error("SES was called") })
	for name, change := range map[string]func(*mail.Message){
		"tag":     func(m *mail.Message) { m.Tags = map[string]string{"a b": "c"} },
		"subject": func(m *mail.Message) { m.Letter.Subject = "a\r\nb" },
		"to":      func(m *mail.Message) { m.To.Addr = "nobody" },
	} {
		m := message()
		change(m)
		if _, err := s.Send(t.Context(), m); !errors.Is(err, mail.ErrUnsendable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
