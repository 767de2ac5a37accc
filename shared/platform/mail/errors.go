// Package mail is what the product writes to people: letters in their language,
// the messages that carry them, and how sending one can fail. Its subpackages
// write and read calendars (calendar) and send messages (ses, smtp, dir).
package mail

import "errors"

// What a failure to send means for the message. Every error of a sender is one
// of these.
var (
	// ErrPermanent: refused for good; the same message would be refused again.
	ErrPermanent = errors.New("refused for good")
	// ErrThrottled: certainly not sent, because too much was; try again later and slower.
	ErrThrottled = errors.New("too fast, not sent")
	// ErrTransient: certainly not sent, for a reason that passes; try again.
	ErrTransient = errors.New("not sent")
	// ErrUncertain: the answer was lost, so it may have been sent. Trying again at
	// once can send it twice.
	ErrUncertain = errors.New("perhaps sent")
	// ErrUnsendable: the message cannot be composed. It is ErrPermanent too.
	ErrUnsendable = errors.New("cannot be composed")
)

// SendError is a failed attempt to send. Its text has neither an address nor
// what the other side said, which often repeats one, so that it can be logged.
type SendError struct {
	Kind   error  // ErrPermanent, ErrThrottled, ErrTransient or ErrUncertain
	Reason string // a code of the transport, such as "MessageRejected" or "550 5.1.1"
	Cause  error  // the transport's own error; not part of the text
}

// Error implements error.
func (e *SendError) Error() string { return e.Kind.Error() + ": " + e.Reason }

// Unwrap lets errors.Is find the kind and errors.As the cause.
func (e *SendError) Unwrap() []error { return []error{e.Kind, e.Cause} }

// Unsendable says which part of a message keeps it from being composed, and why.
// The part's content is not in its text.
type Unsendable struct {
	Part   string // such as "to.addr" or "subject"
	Reason string // stable, such as "control_character"
}

// Error implements error.
func (e *Unsendable) Error() string {
	return ErrUnsendable.Error() + ": " + e.Part + ": " + e.Reason
}

// Unwrap makes it both ErrUnsendable and ErrPermanent.
func (e *Unsendable) Unwrap() []error { return []error{ErrUnsendable, ErrPermanent} }
