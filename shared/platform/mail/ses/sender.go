// Package ses sends messages through Amazon SES, version 2 of its API.
package ses

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"convoke/shared/platform/mail"
)

// Sender sends each message as raw content, as it was composed.
type Sender struct {
	// Client must not retry by itself: build it with aws.NopRetryer as Retryer.
	// SendEmail takes no idempotency token, so that a retry after a lost reply is a
	// second mail.
	Client *sesv2.Client
	// ConfigurationSet names the set whose event destination reports deliveries,
	// bounces and complaints; empty for none.
	ConfigurationSet string
	Now              func() time.Time
}

// maxTag bounds a tag's name and its value, in bytes.
const maxTag = 256

// validTag reports whether SES accepts s as a tag's name or value.
func validTag(s string) bool {
	odd := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("_.@-", r)
	}
	return s != "" && len(s) <= maxTag && !strings.ContainsFunc(s, odd)
}

// Send hands the message to SES and returns its id there, which its events carry
// as messageId. The events also carry the tags "message" (the message's own id),
// "kind" and those of the message. Errors are *mail.SendError or
// *mail.Unsendable.
func (s *Sender) Send(ctx context.Context, m *mail.Message) (string, error) {
	input, err := s.input(m)
	if err != nil {
		return "", fmt.Errorf("compose for ses: %w", err)
	}
	out, err := s.Client.SendEmail(ctx, input)
	if err != nil {
		return "", classify(err)
	}
	return aws.ToString(out.MessageId), nil
}

func (s *Sender) input(m *mail.Message) (*sesv2.SendEmailInput, error) {
	raw, err := m.Bytes(s.Now())
	if err != nil {
		return nil, err
	}
	from, err := m.From.Checked("from")
	if err != nil {
		return nil, err
	}
	to, err := m.To.Checked("to")
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(m)
	if err != nil {
		return nil, err
	}
	input := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(from.Addr),
		Destination:      &types.Destination{ToAddresses: []string{to.Addr}},
		Content:          &types.EmailContent{Raw: &types.RawMessage{Data: raw}},
		EmailTags:        tags,
	}
	if s.ConfigurationSet != "" {
		input.ConfigurationSetName = aws.String(s.ConfigurationSet)
	}
	return input, nil
}

func tagsOf(m *mail.Message) ([]types.MessageTag, error) {
	all := maps.Clone(m.Tags)
	if all == nil {
		all = make(map[string]string)
	}
	all["message"] = m.ID
	if m.Kind != "" {
		all["kind"] = string(m.Kind)
	}
	var tags []types.MessageTag
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !validTag(name) || !validTag(all[name]) {
			return nil, &mail.Unsendable{Part: "tags", Reason: "malformed"}
		}
		tags = append(tags, types.MessageTag{Name: aws.String(name), Value: aws.String(all[name])})
	}
	return tags, nil
}

// classify tells what a failed call means for the message. What SES refused was
// not sent; what it may have taken before the reply was lost is uncertain.
func classify(err error) error {
	failure := &mail.SendError{Kind: mail.ErrUncertain, Reason: "no reply", Cause: err}
	api, isAPI := errors.AsType[smithy.APIError](err)
	operation, isNetwork := errors.AsType[*net.OpError](err)
	switch {
	case isAPI:
		failure.Reason = api.ErrorCode()
		failure.Kind = kindOf(api.ErrorCode(), status(err))
	case isNetwork && operation.Op == "dial":
		failure.Kind, failure.Reason = mail.ErrTransient, "no connection"
	}
	return failure
}

// kindOf maps the errors of SendEmail. Those that an operator can mend (an
// account that is paused, an identity or set that is missing) pass: the message
// itself is good.
func kindOf(code string, status int) error {
	switch code {
	case "TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException", "RequestLimitExceeded":
		return mail.ErrThrottled
	case "SendingPausedException", "AccountSuspendedException", "MailFromDomainNotVerifiedException", "NotFoundException",
		"AccessDeniedException", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException":
		return mail.ErrTransient
	case "MessageRejected", "BadRequestException", "ValidationException":
		return mail.ErrPermanent
	}
	switch {
	case status == http.StatusTooManyRequests:
		return mail.ErrThrottled
	case status >= 400 && status < 500:
		return mail.ErrPermanent
	}
	return mail.ErrUncertain
}

func status(err error) int {
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}
