package runtimeapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"convoke/infra/runtimeapi"
)

// bootstrap is built once for all tests.
var bootstrap string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "runtimeapi")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bootstrap = filepath.Join(dir, "bootstrap")
	if out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", bootstrap, "./testdata/echo").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

type answer struct {
	Text     string
	ID       string
	Deadline int64
	Env      []string
}

func start(t *testing.T, fn runtimeapi.Function) *runtimeapi.Instance {
	t.Helper()
	fn.Bootstrap = bootstrap
	instance, err := runtimeapi.Start(t.Context(), fn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := instance.Close(); err != nil {
			t.Error(err)
		}
	})
	return instance
}

func do(what, text string) runtimeapi.Event {
	return runtimeapi.Event{Payload: fmt.Appendf(nil, `{"do":%q,"text":%q}`, what, text)}
}

func invoke(t *testing.T, instance *runtimeapi.Instance, event runtimeapi.Event) answer {
	t.Helper()
	payload, err := instance.Invoke(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestInvoke(t *testing.T) {
	instance := start(t, runtimeapi.Function{Timeout: 20 * time.Second})
	if instance.Init <= 0 || instance.Init > 10*time.Second {
		t.Errorf("init %v", instance.Init)
	}
	ids := map[string]bool{}
	for i := range 20 {
		text := fmt.Sprintf("%d <é>", i)
		before := time.Now()
		a := invoke(t, instance, do("echo", text))
		if a.Text != text {
			t.Errorf("got %q", a.Text)
		}
		if left := time.UnixMilli(a.Deadline).Sub(before); left < 19*time.Second || left > 30*time.Second {
			t.Errorf("deadline in %v", left)
		}
		ids[a.ID] = true
	}
	if len(ids) != 20 {
		t.Errorf("%d ids", len(ids))
	}
}

func TestDuplicateKeepsItsID(t *testing.T) {
	event := do("echo", "x")
	event.ID = "11111111-1111-4111-8111-111111111111"
	first := start(t, runtimeapi.Function{})
	for _, instance := range []*runtimeapi.Instance{first, first, start(t, runtimeapi.Function{})} {
		if a := invoke(t, instance, event); a.ID != event.ID {
			t.Errorf("id %q", a.ID)
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("INHERITED", "1")
	instance := start(t, runtimeapi.Function{Name: "mailer", MemoryMB: 1024, Env: map[string]string{"CONVOKE_STAGE": "test", "AWS_REGION": "eu-central-1"}})
	env := invoke(t, instance, do("env", "")).Env
	for _, want := range []string{
		"CONVOKE_STAGE=test", "AWS_REGION=eu-central-1", "AWS_LAMBDA_FUNCTION_NAME=mailer", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=1024", "_HANDLER=bootstrap",
	} {
		if !slices.Contains(env, want) {
			t.Errorf("no %s", want)
		}
	}
	if slices.ContainsFunc(env, func(s string) bool { return strings.HasPrefix(s, "INHERITED") }) {
		t.Error("the test's environment was inherited")
	}
}

func TestFunctionErrors(t *testing.T) {
	instance := start(t, runtimeapi.Function{})
	_, err := instance.Invoke(t.Context(), do("error", "no such event"))
	if failure, ok := errors.AsType[*runtimeapi.FunctionError](err); !ok || failure.Type != "errorString" || failure.Message != "no such event" {
		t.Fatalf("got %v", err)
	}
	if a := invoke(t, instance, do("echo", "still here")); a.Text != "still here" {
		t.Errorf("after an error: %+v", a)
	}
	_, err = instance.Invoke(t.Context(), do("panic", "oh"))
	if failure, ok := errors.AsType[*runtimeapi.FunctionError](err); !ok || failure.Message != "oh" || len(failure.Stack) == 0 {
		t.Fatalf("got %v", err)
	}
	if _, err = instance.Invoke(t.Context(), do("echo", "")); !errors.Is(err, runtimeapi.ErrExited) {
		t.Errorf("after a panic: %v", err)
	}
}

func TestAnswerTooLarge(t *testing.T) {
	instance := start(t, runtimeapi.Function{})
	if _, err := instance.Invoke(t.Context(), do("large", "")); !errors.Is(err, runtimeapi.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestProcessEnds(t *testing.T) {
	for name, c := range map[string]struct {
		event runtimeapi.Event
		end   runtimeapi.Moment
		wait  time.Duration
		want  error
	}{
		"by itself":   {event: do("exit", ""), want: runtimeapi.ErrExited},
		"on delivery": {event: do("hang", ""), end: runtimeapi.OnDelivery, want: runtimeapi.ErrExited},
		"on response": {event: do("echo", ""), end: runtimeapi.OnResponse, want: runtimeapi.ErrExited},
		"timed out":   {event: do("hang", ""), wait: 300 * time.Millisecond, want: runtimeapi.ErrTimedOut},
	} {
		t.Run(name, func(t *testing.T) {
			instance := start(t, runtimeapi.Function{})
			c.event.End, c.event.Timeout = c.end, c.wait
			if _, err := instance.Invoke(t.Context(), c.event); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if _, err := instance.Invoke(t.Context(), do("echo", "")); !errors.Is(err, runtimeapi.ErrExited) {
				t.Errorf("then %v", err)
			}
		})
	}
}

// TestKillFromAService ends the process while a service that it calls has its
// request: the moment between an effect and its record.
func TestKillFromAService(t *testing.T) {
	instance := start(t, runtimeapi.Function{})
	called := make(chan struct{})
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(called)
		instance.Kill()
	}))
	defer service.Close()
	if _, err := instance.Invoke(t.Context(), do("call", service.URL)); !errors.Is(err, runtimeapi.ErrExited) {
		t.Errorf("got %v", err)
	}
	<-called
}

func TestStartFails(t *testing.T) {
	for fail, want := range map[string]string{"exit": "no configuration", "report": "Config: no table", "hang": runtimeapi.ErrTimedOut.Error()} {
		t.Run(fail, func(t *testing.T) {
			fn := runtimeapi.Function{Bootstrap: bootstrap, Env: map[string]string{"FAIL": fail}}
			if fail == "hang" {
				fn.InitTimeout = 200 * time.Millisecond
			}
			if _, err := runtimeapi.Start(t.Context(), fn); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
	if _, err := runtimeapi.Start(t.Context(), runtimeapi.Function{Bootstrap: filepath.Join(t.TempDir(), "absent")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent bootstrap: %v", err)
	}
}

func TestInvocationsTakeTurns(t *testing.T) {
	instance := start(t, runtimeapi.Function{})
	var callers sync.WaitGroup
	for i := range 32 {
		callers.Go(func() {
			text := fmt.Sprint(i)
			payload, err := instance.Invoke(t.Context(), do("echo", text))
			if err != nil || !strings.Contains(string(payload), `"Text":"`+text+`"`) {
				t.Errorf("%s: %s, %v", text, payload, err)
			}
		})
	}
	callers.Wait()
}

func TestInitTimes(t *testing.T) {
	times, err := runtimeapi.InitTimes(t.Context(), runtimeapi.Function{Bootstrap: bootstrap}, 5)
	if err != nil || len(times) != 5 || !slices.IsSorted(times) {
		t.Errorf("%v, %v", times, err)
	}
	t.Logf("init of a bootstrap that does nothing: %v", times)
}
