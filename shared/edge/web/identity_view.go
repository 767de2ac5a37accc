package web

import (
	"slices"
	"time"

	"convoke/shared/domain/directory"
)

// derived is what follows from a profile by tables: nobody declares it, and it
// is not kept.
type derived struct {
	MajorGroups []string `json:"major_groups"`         // of Agenda 21, see taxonomy.MajorGroups
	Mechanisms  []string `json:"gfmd"`                 // ways into the Global Forum, see taxonomy.Mechanisms
	ReportDue   int      `json:"report_due,omitempty"` // year of the next quadrennial report to ECOSOC
}

func derive(p directory.Profile, now time.Time) derived {
	return derived{
		MajorGroups: append([]string{}, p.MajorGroups()...), Mechanisms: append([]string{}, p.Mechanisms()...),
		ReportDue: p.ConsultativeStatus.ReportDue(now.UTC().Year()),
	}
}

// withScripts returns the profile with the script of each name, given or derived.
func withScripts(p directory.Profile) directory.Profile {
	p.Names = slices.Clone(p.Names)
	for i, n := range p.Names {
		p.Names[i].Script = n.Written()
	}
	return p
}
