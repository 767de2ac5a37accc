package parameter

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/boot"
	"convoke/shared/platform/config"
)

const (
	name  = "/convoke/test/link-keys"
	value = "k1 and what else a secret may hold"
)

// script answers each request with the next handler, and any further one with
// the last.
func script(t *testing.T, handlers ...http.HandlerFunc) (aws.Config, *atomic.Int32) {
	t.Helper()
	asked := new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers[min(int(asked.Add(1)), len(handlers))-1](w, r)
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "the secret key", SessionToken: "the session"}, nil
		}),
	}, asked
}

func impatient(c aws.Config) *reader {
	r := newReader(c)
	r.pauses = []time.Duration{1, 1, 1}
	return r
}

func found(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(map[string]any{"Parameter": map[string]any{"Name": name, "Type": "SecureString", "Value": value}})
}

func refuse(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestReadAsksAsTheServiceWantsToBeAsked(t *testing.T) {
	var got *http.Request
	var body map[string]any
	c, _ := script(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		found(w, r)
	})
	v, err := impatient(c).read(t.Context(), name)
	if err != nil || v != value {
		t.Fatalf("read %q, %v", v, err)
	}
	if diff := cmp.Diff(map[string]any{"Name": name, "WithDecryption": true}, body); diff != "" {
		t.Error(diff)
	}
	for header, want := range map[string]string{
		"X-Amz-Target": "AmazonSSM.GetParameter", "Content-Type": "application/x-amz-json-1.1", "X-Amz-Security-Token": "the session",
	} {
		if got.Header.Get(header) != want {
			t.Errorf("%s: %q", header, got.Header.Get(header))
		}
	}
	authorization := got.Header.Get("Authorization")
	scope := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" + got.Header.Get("X-Amz-Date")[:8] + "/eu-west-1/ssm/aws4_request, SignedHeaders="
	if !strings.HasPrefix(authorization, scope) || !strings.Contains(authorization, "x-amz-target") {
		t.Errorf("signed by %s", authorization)
	}
	if got.Method != http.MethodPost || got.URL.Path != "/" {
		t.Errorf("%s %s", got.Method, got.URL)
	}
}

func TestReadTriesAgain(t *testing.T) {
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for label, first := range map[string]http.HandlerFunc{
		"failure":     refuse(500, `{"__type":"InternalServerError"}`),
		"unavailable": refuse(503, "<html>"),
		"throttled":   refuse(400, `{"__type":"com.amazonaws.ssm#ThrottlingException","message":"Rate exceeded"}`),
		"too many":    refuse(429, ""),
		"no answer":   hangUp,
	} {
		t.Run(label, func(t *testing.T) {
			c, asked := script(t, first, first, found)
			if v, err := impatient(c).read(t.Context(), name); err != nil || v != value || asked.Load() != 3 {
				t.Errorf("read %q, %v after %d", v, err, asked.Load())
			}
			c, asked = script(t, first)
			if _, err := impatient(c).read(t.Context(), name); err == nil || asked.Load() != 4 {
				t.Errorf("%v after %d", err, asked.Load())
			}
		})
	}
}

func TestReadGivesUpAtOnce(t *testing.T) {
	for body, want := range map[string]string{
		`{"__type":"ParameterNotFound"}`:                                  "refused with status 400 ParameterNotFound",
		`{"__type":"AccessDeniedException","message":"no ` + value + `"}`: "refused with status 400 AccessDeniedException",
		`{"__type":"one <two> three"}`:                                    "refused with status 400 ",
		value:                                                             "refused with status 400 ",
	} {
		c, asked := script(t, refuse(400, body))
		_, err := impatient(c).read(t.Context(), name)
		if err == nil || err.Error() != want || asked.Load() != 1 {
			t.Errorf("%v after %d, want %s", err, asked.Load(), want)
		}
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, asked := script(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		refuse(500, "")(w, r)
	})
	r := impatient(c)
	r.pauses = []time.Duration{time.Hour}
	if _, err := r.read(ctx, name); !errors.Is(err, context.Canceled) || asked.Load() != 1 {
		t.Errorf("%v after %d", err, asked.Load())
	}
}

func TestNoErrorHoldsASecret(t *testing.T) {
	for label, h := range map[string]http.HandlerFunc{
		"not a keyring": found,
		"not JSON":      refuse(200, value),
		"cut off":       refuse(200, `{"Parameter":{"Value":"`+value),
		"no value":      refuse(200, `{"Parameter":{"Name":"`+value+`"}}`),
	} {
		c, _ := script(t, h)
		_, err := Links(t.Context(), &boot.Deployment{AWS: c, Config: config.Config{LinkKeysParameter: name}})
		if err == nil {
			t.Errorf("%s: read", label)
			continue
		}
		for _, secret := range []string{"k1", "secret", "session"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", label, err)
			}
		}
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s: does not name the parameter: %v", label, err)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1":     "https://ssm.eu-west-1.amazonaws.com",
		"us-gov-west-1": "https://ssm.us-gov-west-1.amazonaws.com",
		"cn-north-1":    "https://ssm.cn-north-1.amazonaws.com.cn",
	} {
		if got := endpoint(aws.Config{Region: region}); got != want {
			t.Errorf("%s: %s", region, got)
		}
	}
	if got := endpoint(aws.Config{BaseEndpoint: aws.String("http://127.0.0.1:1")}); got != "http://127.0.0.1:1" {
		t.Error(got)
	}
}
