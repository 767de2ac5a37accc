package store_test

import (
	"strings"
	"testing"

	"convoke/shared/domain/directory"
)

// TestTheTrailHoldsWithoutADroppedUpload holds that what is forgotten of a document
// leaves the trails whole.
func TestTheTrailHoldsWithoutADroppedUpload(t *testing.T) {
	o := open(t)
	e := o.list(t, "Association Exemple")
	e, err := o.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error {
		e.Evidence = []directory.Evidence{{ID: "piece", Kind: directory.EvidenceCertificate, State: directory.EvidenceAsked}}
		e.Record("test.changed", "stakeholder", e.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	u, err := directory.NewUpload("U", e, directory.Offer{Evidence: "piece", MediaType: "application/pdf", Size: 100, SHA256: strings.Repeat("0", 64)}, o.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.CreateUpload(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if err := o.DropUpload(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.VerifyTrails(t.Context()); err != nil {
		t.Error(err)
	}
}
