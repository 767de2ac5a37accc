package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/fault"
)

func TestKindOf(t *testing.T) {
	conflict := fault.New(fault.Conflict, "event.not_draft")
	for _, tt := range []struct {
		name string
		err  error
		want fault.Kind
	}{
		{"none", nil, fault.Internal},
		{"another's", io.EOF, fault.Internal},
		{"itself", conflict, fault.Conflict},
		{"wrapped", fmt.Errorf("publish: %w", conflict), fault.Conflict},
		{"joined", errors.Join(io.EOF, conflict), fault.Conflict},
		{"the outer of two", fault.New(fault.Gone, "link.superseded").Because(conflict), fault.Gone},
	} {
		if got := fault.KindOf(tt.err); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestBecauseLeavesTheFaultItself(t *testing.T) {
	gone := fault.New(fault.Gone, "link.superseded")
	because := gone.Because(io.EOF)
	if !errors.Is(because, gone) || !errors.Is(because, io.EOF) {
		t.Errorf("%v is not what it was made of", because)
	}
	if errors.Is(gone, io.EOF) {
		t.Error("the shared fault took the cause")
	}
	if errors.Is(gone, fault.New(fault.Conflict, "link.superseded")) || errors.Is(gone, fault.New(fault.Gone, "other")) {
		t.Error("a fault of another kind or code is taken for the same")
	}
	if got, want := because.Error(), "link.superseded: EOF"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestListAnswersEveryFieldInOrder(t *testing.T) {
	var list fault.List
	if err := list.Err("x.invalid"); err != nil {
		t.Fatalf("nothing recorded: %v", err)
	}
	list.Add("/names/0/text", "text.too_long", "max", "300")
	list.Add("/country", "country.unknown")
	list.Add("/names/0/text", "second.of_the_same")
	err := list.Err("x.invalid")
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Invalid || f.Code != "x.invalid" {
		t.Fatalf("%v", err)
	}
	want := []fault.Field{
		{Pointer: "/country", Code: "country.unknown"},
		{Pointer: "/names/0/text", Code: "text.too_long", Params: map[string]string{"max": "300"}},
		{Pointer: "/names/0/text", Code: "second.of_the_same"},
	}
	if diff := cmp.Diff(want, f.Fields); diff != "" {
		t.Error(diff)
	}
	if got, want := err.Error(), "x.invalid /country:country.unknown /names/0/text:text.too_long /names/0/text:second.of_the_same"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
