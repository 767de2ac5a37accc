package importer

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"convoke/shared/domain/directory"
)

//go:embed seed.json
var seedJSON []byte

// Seed returns the profiles a first run starts with: well-known bodies in
// migration and development, of every category, with what they publish about
// themselves and no contacts. Country is that of the seat; for a process without
// one, of its secretariat or support unit. Topics are an editor's choice. The
// profiles carry no identifiers: what they are recognised by on a second run is
// their first name and country.
func Seed() ([]directory.Profile, error) {
	var profiles []directory.Profile
	dec := json.NewDecoder(bytes.NewReader(seedJSON))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&profiles); err != nil {
		return nil, fmt.Errorf("read the seed: %w", err)
	}
	return profiles, nil
}
