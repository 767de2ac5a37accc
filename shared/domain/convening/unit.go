package convening

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/domain/taxonomy"
)

const maxDelegates = 40

// ErrUnitInvalid says that what was said of a unit is refused by a rule.
var ErrUnitInvalid = fault.New(fault.Invalid, "unit.invalid")

// Unit is an organising unit: a duty station, a regional commission. An event
// belongs to one. A unit of which no more is known than its id, as tokens carry
// it, organises all the same.
type Unit struct {
	ID      string `json:"id"` // as tokens carry it
	Version int64  `json:"-"`
	UnitPlan
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`

	journal.Log `json:"-"`
}

// UnitPlan is what an administrator says of a unit.
type UnitPlan struct {
	Names     []directory.Text `json:"names"`
	Zone      string           `json:"zone"`                // IANA
	Language  string           `json:"language"`            // in which the unit itself is written to, BCP 47
	FromName  string           `json:"from_name,omitempty"` // whom its mail is from; the address stays the deployment's
	ReplyTo   string           `json:"reply_to,omitempty"`  // where answers to its mail go, and where it is written to itself
	Delegates []string         `json:"delegates,omitempty"` // ids of the units whose organisers may act for it
}

var unitID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// NewUnit makes a unit of a valid plan.
func NewUnit(id string, p UnitPlan, now time.Time) (*Unit, error) {
	if err := p.validate(id); err != nil {
		return nil, err
	}
	u := &Unit{ID: id, UnitPlan: p.tidied(), CreatedAt: now, UpdatedAt: now}
	u.Record("unit.created", "unit", id)
	return u, nil
}

// Revise replaces what is said of the unit.
func (u *Unit) Revise(p UnitPlan, now time.Time) error {
	if err := p.validate(u.ID); err != nil {
		return err
	}
	u.UnitPlan, u.UpdatedAt = p.tidied(), now
	u.Record("unit.revised", "unit", u.ID)
	return nil
}

// Admits reports whether organisers of another unit may act for this one.
func (u *Unit) Admits(unit string) bool { return unit != "" && slices.Contains(u.Delegates, unit) }

func (p UnitPlan) tidied() UnitPlan {
	p.Names, p.FromName, p.Delegates = directory.TidyTexts(p.Names), directory.Tidy(p.FromName), slices.Clone(p.Delegates)
	return p
}

func (p UnitPlan) validate(id string) error {
	var faults fault.List
	if !unitID.MatchString(id) {
		faults.Add("/id", "id.malformed")
	}
	if len(p.Names) == 0 {
		faults.Add("/names", "unit.name_missing")
	}
	for i, n := range p.Names {
		directory.CheckLine(&faults, "/names/"+strconv.Itoa(i)+"/text", n.Text, maxTitleRunes)
	}
	directory.CheckTextLanguages(&faults, "/names", p.Names)
	checkZone(&faults, "/zone", p.Zone)
	if !taxonomy.ValidLanguage(p.Language) {
		faults.Add("/language", "language.unknown")
	}
	if p.FromName != "" {
		directory.CheckLine(&faults, "/from_name", p.FromName, directory.MaxNameRunes)
	}
	if p.ReplyTo != "" {
		if code := directory.AddressFault(p.ReplyTo); code != "" {
			faults.Add("/reply_to", code)
		}
	}
	directory.CheckEach(&faults, "/delegates", p.Delegates, maxDelegates, func(s string) string {
		return unless(unitID.MatchString(s) && s != id, "id.malformed")
	})
	return faults.Err(ErrUnitInvalid.Code)
}

func checkZone(faults *fault.List, at, zone string) {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		faults.Add(at, "event.zone_unknown")
	}
}
