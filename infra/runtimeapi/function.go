// Package runtimeapi runs Lambda functions in tests as Lambda runs them: it
// starts the real bootstrap with Lambda's variables, serves it the Runtime API
// (version 2018-06-01), hands it events one at a time, and can end it at any
// moment. One Instance is one execution environment:
//
//	instance, err := runtimeapi.Start(ctx, runtimeapi.Function{Name: "mailer", Bootstrap: "build/mailer/bootstrap"})
//	answer, err := instance.Invoke(ctx, runtimeapi.Event{Payload: payload})
//
// A duplicate is the same Event given to Invoke again, to the same instance or
// to another one; two deliveries at once are two instances.
package runtimeapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// Function is what would be deployed. Only Bootstrap is needed.
type Function struct {
	Name        string            // AWS_LAMBDA_FUNCTION_NAME; "function" when empty
	Bootstrap   string            // path of the executable
	Env         map[string]string // added to, or in place of, what Lambda sets; nothing else is inherited
	MemoryMB    int               // told to the function, not enforced; 512 when zero
	Timeout     time.Duration     // of one invocation; 30 s when zero
	InitTimeout time.Duration     // from the start to the first call for an event; 10 s, as Lambda has it, when zero
	Output      io.Writer         // receives what the function writes, beside Instance.Output; may be nil
}

// Event is one delivery.
type Event struct {
	ID      string        // the request id; empty makes a new one, equal ones are duplicates
	Payload []byte        // JSON
	Timeout time.Duration // in place of the function's; zero keeps it
	End     Moment        // when the process is to be ended, if at all
}

// Moment is a point of an invocation at which Invoke ends the process. Any other
// point is reached by calling Kill from another goroutine, such as a fake of
// the service that the function calls.
type Moment uint8

// The moments.
const (
	Never      Moment = iota
	OnDelivery        // as soon as the event has been handed over
	OnResponse        // when the answer has come: all work is done, and nobody knows
)

// The ways in which an invocation ends without an answer. A function's own
// error is a *FunctionError.
var (
	ErrExited   = errors.New("the process has ended")
	ErrTimedOut = errors.New("the invocation took longer than its timeout")
	ErrTooLarge = errors.New("the answer is larger than Lambda takes")
)

// MaxPayload is the largest event and answer in bytes of a synchronous
// invocation.
const MaxPayload = 6 << 20

// FunctionError is what the function reported in place of an answer: an error
// returned, a panic, or a failed start.
type FunctionError struct {
	Type    string          `json:"errorType"`
	Message string          `json:"errorMessage"`
	Stack   json.RawMessage `json:"stackTrace,omitempty"` // of a panic
}

// Error implements error.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// oneCPU is the memory, in MB, with which Lambda gives a function one processor's
// time; less memory buys a share of it (AWS Lambda developer guide, "Configure
// Lambda function memory").
const oneCPU = 1769

// InitTimes starts the function n times and returns how long each start takes
// until the first call for an event at the share of a processor that its memory
// buys, shortest first: what its processor time comes to at that share, or what
// it took here if that is longer.
func InitTimes(ctx context.Context, fn Function, n int) ([]time.Duration, error) {
	fn = fn.withDefaults()
	times := make([]time.Duration, 0, n)
	for range n {
		instance, err := Start(ctx, fn)
		if err != nil {
			return nil, err
		}
		if err := instance.Close(); err != nil {
			return nil, err
		}
		used := instance.cmd.ProcessState.UserTime() + instance.cmd.ProcessState.SystemTime()
		times = append(times, max(instance.Init, used*oneCPU/time.Duration(fn.MemoryMB)))
	}
	slices.Sort(times)
	return times, nil
}

func (fn Function) withDefaults() Function {
	if fn.Name == "" {
		fn.Name = "function"
	}
	if fn.MemoryMB == 0 {
		fn.MemoryMB = 512
	}
	if fn.Timeout == 0 {
		fn.Timeout = 30 * time.Second
	}
	if fn.InitTimeout == 0 {
		fn.InitTimeout = 10 * time.Second
	}
	return fn
}

// environment is Lambda's for an OS-only runtime, with credentials that are
// worth nothing.
func (fn Function) environment(address string) []string {
	env := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          address,
		"AWS_LAMBDA_FUNCTION_NAME":        fn.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(fn.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + fn.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "2000/01/01/[$LATEST]00000000000000000000000000000000",
		"AWS_LAMBDA_LOG_FORMAT":           "JSON",
		"AWS_REGION":                      "eu-west-1",
		"AWS_DEFAULT_REGION":              "eu-west-1",
		"AWS_ACCESS_KEY_ID":               "test",
		"AWS_SECRET_ACCESS_KEY":           "test",
		"AWS_SESSION_TOKEN":               "test",
		"AWS_EC2_METADATA_DISABLED":       "true",
		"_HANDLER":                        "bootstrap",
		"LAMBDA_TASK_ROOT":                "/var/task",
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"TZ":                              ":UTC",
	}
	for name, value := range fn.Env {
		env[name] = value
	}
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

func (fn Function) arn() string {
	return fmt.Sprintf("arn:aws:lambda:eu-west-1:123456789012:function:%s", fn.Name)
}
