package axe_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// Row 18 of the scorecard. It takes a browser through every page, so it runs for
// the scorecard alone.
func TestScorecardPages(t *testing.T) {
	if os.Getenv("CONVOKE_SCORECARD") == "" {
		t.Skip("needs node and Chromium: make scorecard")
	}
	out, err := exec.CommandContext(t.Context(), "./axe.sh").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if count := regexp.MustCompile(`(?m)^18 .+: injected \d+, held \d+$`).Find(out); count != nil {
		t.Attr("scorecard", string(count))
	}
}
