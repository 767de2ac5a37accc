// Package config reads what a function is told by its environment: once, in
// main, with every fault named in one error.
package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
)

// Config is what the functions of a deployment are told. Each reads the part
// that it needs.
type Config struct {
	Stage               string // prod, or any name of a rehearsal
	Table               string // of DynamoDB
	Bucket              string // of the search's segments
	InboundBucket       string // of received mail
	UploadBucket        string // of documents that support a registration
	MailQueueURL        string
	Bus                 string  // name of the event bus
	BaseURL             string  // of links, without a slash at its end
	MailFrom            string  // address that mail comes from
	MailDomain          string  // domain of message ids and of calendar entries
	MailRate            float64 // mails a second that one mailer may send; 0 when not set
	SESConfigurationSet string
	OIDCIssuer          string
	OIDCAudience        string // comma-separated client ids
	OIDCSignOut         string // where staff end their session at the issuer too; empty when there is no such address
	LinkKeysParameter   string // name of the SSM parameter with the keys that sign links
	VerificationDays    int    // how long a verification holds good; 0 is the usual year
	Endpoint            string // of AWS's services, for tests; empty is AWS's own
}

// Names of the environment variables.
const (
	Stage               = "CONVOKE_STAGE"
	Table               = "CONVOKE_TABLE"
	Bucket              = "CONVOKE_BUCKET"
	InboundBucket       = "CONVOKE_INBOUND_BUCKET"
	UploadBucket        = "CONVOKE_UPLOAD_BUCKET"
	MailQueueURL        = "CONVOKE_MAIL_QUEUE_URL"
	Bus                 = "CONVOKE_BUS"
	BaseURL             = "CONVOKE_BASE_URL"
	MailFrom            = "CONVOKE_MAIL_FROM"
	MailDomain          = "CONVOKE_MAIL_DOMAIN"
	MailRate            = "CONVOKE_MAIL_RATE"
	SESConfigurationSet = "CONVOKE_SES_CONFIGURATION_SET"
	OIDCIssuer          = "CONVOKE_OIDC_ISSUER"
	OIDCAudience        = "CONVOKE_OIDC_AUDIENCE"
	OIDCSignOut         = "CONVOKE_OIDC_SIGN_OUT"
	LinkKeysParameter   = "CONVOKE_LINK_KEYS_PARAMETER"
	VerificationDays    = "CONVOKE_VERIFICATION_DAYS"
	awsEndpoint         = "AWS_ENDPOINT_URL" // the SDK's own variable
)

// A verification must outlast the notices before its end, the first of which goes
// out 30 days before it.
const (
	leastVerificationDays = 60
	mostVerificationDays  = 3650
)

// maxMailRate is beyond what any provider takes from one sender, in mails a second.
const maxMailRate = 10_000

// Load reads the environment. The variables named by needs must be set; all that
// is wrong comes back in one error.
func Load(getenv func(string) string, needs ...string) (Config, error) {
	var faults []error
	for _, name := range needs {
		if strings.TrimSpace(getenv(name)) == "" {
			faults = append(faults, fmt.Errorf("%s is not set", name))
		}
	}
	c := Config{
		Stage: getenv(Stage), Table: getenv(Table), Bucket: getenv(Bucket), InboundBucket: getenv(InboundBucket), UploadBucket: getenv(UploadBucket),
		MailQueueURL: getenv(MailQueueURL), Bus: getenv(Bus), BaseURL: strings.TrimSuffix(getenv(BaseURL), "/"),
		MailFrom: getenv(MailFrom), MailDomain: getenv(MailDomain), SESConfigurationSet: getenv(SESConfigurationSet),
		OIDCIssuer: getenv(OIDCIssuer), OIDCAudience: getenv(OIDCAudience), OIDCSignOut: getenv(OIDCSignOut), LinkKeysParameter: getenv(LinkKeysParameter),
		Endpoint: getenv(awsEndpoint),
	}
	if days := getenv(VerificationDays); days != "" {
		n, err := strconv.Atoi(days)
		if err != nil || n < leastVerificationDays || n > mostVerificationDays {
			faults = append(faults, fmt.Errorf("%s must be a number of days from %d to %d", VerificationDays, leastVerificationDays, mostVerificationDays))
		}
		c.VerificationDays = n
	}
	if err := c.readMailRate(getenv(MailRate)); err != nil {
		faults = append(faults, err)
	}
	return c, errors.Join(append(faults, c.check()...)...)
}

func (c *Config) readMailRate(text string) (err error) {
	if text == "" {
		return nil
	}
	if c.MailRate, err = strconv.ParseFloat(text, 64); err != nil || !(c.MailRate > 0 && c.MailRate <= maxMailRate) {
		return fmt.Errorf("%s must be a number of mails a second above 0", MailRate)
	}
	return nil
}

// check judges the values that are set.
func (c Config) check() (faults []error) {
	if c.BaseURL != "" {
		u, err := url.Parse(c.BaseURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && (c.Stage == "prod" || u.Scheme != "http") {
			faults = append(faults, fmt.Errorf("%s must be an https address", BaseURL))
		}
	}
	if c.MailFrom != "" {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			faults = append(faults, fmt.Errorf("%s must be a mail address", MailFrom))
		}
	}
	if c.OIDCIssuer != "" && !strings.HasPrefix(c.OIDCIssuer, "https://") {
		faults = append(faults, fmt.Errorf("%s must be an https address", OIDCIssuer))
	}
	if c.OIDCSignOut != "" && !strings.HasPrefix(c.OIDCSignOut, "https://") {
		faults = append(faults, fmt.Errorf("%s must be an https address", OIDCSignOut))
	}
	if c.Stage == "prod" && c.Endpoint != "" {
		faults = append(faults, fmt.Errorf("%s must not be set in prod", awsEndpoint))
	}
	return faults
}

// Audiences returns the client ids that tokens may be for.
func (c Config) Audiences() []string {
	var list []string
	for id := range strings.SplitSeq(c.OIDCAudience, ",") {
		if id = strings.TrimSpace(id); id != "" {
			list = append(list, id)
		}
	}
	return list
}
