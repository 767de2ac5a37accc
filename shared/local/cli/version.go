package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"convoke/shared/platform/boot"
)

type versionCommand struct {
	JSON bool `help:"Print it as JSON."`
}

type versionReport struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

// Run prints the version.
func (c *versionCommand) Run(p *program) error {
	v := versionReport{Version: boot.Release, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Commit = s.Value
			}
		}
	}
	if c.JSON {
		return json.NewEncoder(p.out).Encode(v)
	}
	_, err := fmt.Fprintf(p.out, "convoke %s (%s, %s)\n", v.Version, v.Go, v.System)
	return err
}
