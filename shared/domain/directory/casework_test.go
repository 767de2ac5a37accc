package directory

import (
	"strings"
	"testing"
	"time"
)

func TestCase(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	c := &Case{Stakeholder: "S"}
	for _, err := range []error{
		c.Assign("one", "one", now), c.Assign("one", "two", now), c.Work(CaseWork{Check: "mandate", State: CheckPassed, By: "one", At: now}),
		c.Work(CaseWork{Check: "mandate", State: CheckFailed, Note: "Says little.", By: "one", At: now}),
		c.Work(CaseWork{Check: "Call the embassy", State: CheckOpen, By: "one", At: now}), c.Note(CaseNote{ID: "1", Text: "Seems good.", By: "one", At: now}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := len(recordedOf(c)); got != 5 { // to assign it to the same again is nothing
		t.Errorf("%d entries", got)
	}
	list := c.Checklist()
	if len(list) != len(CaseChecks())+1 || list[1].State != CheckFailed || list[len(list)-1].Check != "Call the embassy" || c.Open() != len(CaseChecks()) || c.AssignedBy != "one" {
		t.Errorf("%+v", c)
	}
	for name, err := range map[string]error{
		"state": c.Work(CaseWork{Check: "mandate", State: "perhaps"}), "check": c.Work(CaseWork{State: CheckOpen}),
		"text": c.Note(CaseNote{}), "assignee": c.Assign("a\nb", "one", now), "long": c.Note(CaseNote{Text: strings.Repeat("x", MaxProseRunes+1)}),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	c.Forget()
	c.Forget()
	if c.Notes != nil || len(c.Checks) != 1 || c.Checks[0].Note != "" || len(recordedOf(c)) != 1 {
		t.Errorf("%+v", c)
	}
	if c.Assign("", "one", now) != nil || c.Assignee != "" || c.AssignedAt != nil {
		t.Errorf("%+v", c)
	}
}

func recordedOf(c *Case) []string {
	var kinds []string
	for _, e := range c.Take() {
		kinds = append(kinds, e.Type)
	}
	return kinds
}
