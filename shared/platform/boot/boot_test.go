package boot

import (
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"convoke/shared/platform/config"
)

func TestClientTakesWhatLambdaGives(t *testing.T) {
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "first"}
	getenv := func(name string) string { return env[name] }
	a := client(config.Config{}, getenv)
	if a.Region != "eu-west-1" || a.BaseEndpoint != nil {
		t.Errorf("region %s, endpoint %v", a.Region, a.BaseEndpoint)
	}
	keys, err := a.Credentials.Retrieve(t.Context())
	if err != nil || keys.AccessKeyID != "id" || keys.SecretAccessKey != "key" || keys.SessionToken != "first" {
		t.Errorf("credentials %v, %v", keys, err)
	}
	if a = client(config.Config{Endpoint: "http://127.0.0.1:1"}, getenv); a.BaseEndpoint == nil || *a.BaseEndpoint != "http://127.0.0.1:1" {
		t.Errorf("endpoint %v", a.BaseEndpoint)
	}
}

func TestClientWaitsForNoServiceForever(t *testing.T) {
	c, ok := patient().(*awshttp.BuildableClient)
	if !ok {
		t.Fatalf("a client of another kind: %T", patient())
	}
	for what, bound := range map[string]int64{
		"connection": int64(c.GetDialer().Timeout), "handshake": int64(c.GetTransport().TLSHandshakeTimeout), "answer": int64(c.GetTransport().ResponseHeaderTimeout),
	} {
		if bound <= 0 || bound > int64(9e9) { // shorter than any function's timeout
			t.Errorf("%s: %d ns", what, bound)
		}
	}
	if c.GetTimeout() != 0 {
		t.Error("a long answer is cut off")
	}
}

func TestNewIDsFollowOneAnother(t *testing.T) {
	newID, last := NewIDs(), ""
	for range 10_000 {
		id := newID()
		if len(id) != 26 || id <= last {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
}
