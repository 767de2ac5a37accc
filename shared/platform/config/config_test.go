package config_test

import (
	"strings"
	"testing"

	"convoke/shared/platform/config"
)

func TestLoadNamesEveryFaultAtOnce(t *testing.T) {
	env := map[string]string{
		config.Stage: "prod", config.BaseURL: "http://convoke.example.org", config.MailFrom: "not an address",
		config.OIDCIssuer: "http://issuer.example.org", "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
		config.MailRate: "fast",
	}
	_, err := config.Load(func(name string) string { return env[name] }, config.Stage, config.Table, config.Bucket)
	if err == nil {
		t.Fatal("a wrong environment was accepted")
	}
	for _, name := range []string{config.Table, config.Bucket, config.BaseURL, config.MailFrom, config.OIDCIssuer, config.MailRate, "AWS_ENDPOINT_URL"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error does not name %s: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), config.Stage+" is") {
		t.Errorf("error names %s, which is set: %v", config.Stage, err)
	}
}

func TestLoad(t *testing.T) {
	env := map[string]string{config.BaseURL: "https://convoke.example.org/", config.OIDCAudience: "a, b,"}
	c, err := config.Load(func(name string) string { return env[name] }, config.BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	if c.BaseURL != "https://convoke.example.org" {
		t.Errorf("base address %q", c.BaseURL)
	}
	if got := c.Audiences(); len(got) != 2 || got[0] != "a" || got[1] != "b" {
		t.Errorf("audiences %q", got)
	}
}

func TestVerificationDays(t *testing.T) {
	for given, want := range map[string]int{"": 0, "60": 60, "365": 365, "59": -1, "4000": -1, "a year": -1} {
		c, err := config.Load(func(name string) string { return map[string]string{config.VerificationDays: given}[name] })
		if (err != nil) != (want < 0) || err == nil && c.VerificationDays != want {
			t.Errorf("%q is read as %d, %v", given, c.VerificationDays, err)
		}
	}
}
