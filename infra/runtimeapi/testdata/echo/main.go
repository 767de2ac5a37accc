// Command echo is a bootstrap that does what the event, or FAIL, says.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct{ Do, Text string }

type answer struct {
	Text     string
	ID       string
	Deadline int64
	Env      []string `json:",omitempty"`
}

func main() {
	switch os.Getenv("FAIL") {
	case "exit":
		fmt.Fprintln(os.Stderr, "no configuration")
		os.Exit(3)
	case "hang":
		hang()
	case "report":
		report()
	default:
		lambda.Start(handle)
	}
}

// hang waits for what never comes, in a way the runtime does not take for a
// deadlock.
func hang() {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	<-interrupts
}

func report() {
	url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
	response, err := http.Post(url, "application/json", strings.NewReader(`{"errorType":"Config","errorMessage":"no table"}`))
	if err != nil {
		panic(err)
	}
	_ = response.Body.Close()
	os.Exit(1)
}

func handle(ctx context.Context, e event) (answer, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	a := answer{Text: e.Text, ID: lc.AwsRequestID, Deadline: deadline.UnixMilli()}
	switch e.Do {
	case "error":
		return a, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(2)
	case "hang":
		fmt.Println("hanging")
		hang()
	case "call":
		if _, err := http.Get(e.Text); err != nil {
			return a, err
		}
	case "env":
		a.Env = os.Environ()
	case "large":
		a.Text = strings.Repeat("x", 7<<20)
	}
	return a, nil
}
