package store

import (
	"context"
	"fmt"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// Due is one thing that the planner is to look at now.
type Due struct {
	Event        *convening.Event
	Invitation   *convening.Invitation
	Announcement *convening.Announcement
	Rule         *convening.StandingRule
	Stakeholder  *directory.Stakeholder
	Erasure      *directory.Erasure
	Merge        *directory.Merge
	Relation     *directory.Relation
	Upload       *directory.Upload
	Alert        *convening.Alert
	Claim        *directory.Claim
	Screening    *ScreeningDue
	Letter       *convening.Letter
	Accredited   *convening.Accreditation
	Err          error // it cannot be read; the others can
}

// DueBefore returns up to limit things of each shard whose time has come,
// soonest first in each. A later call returns what was not dealt with again.
func (s *Store) DueBefore(ctx context.Context, now time.Time, limit int) ([]Due, error) {
	var list []Due
	for shard := range dueShards {
		p, err := s.Table.Query(ctx, table.Query{Index: table.G2, PK: duePartition(shard), SKTo: instant(now.Add(time.Millisecond)), Limit: limit})
		if err != nil {
			return nil, translate(err)
		}
		for _, it := range p.Items {
			list = append(list, decodeDue(it))
		}
	}
	return list, nil
}

func decodeDue(it table.Item) (d Due) {
	switch it.Type {
	case typeEvent:
		d.Event, d.Err = events.decode(it)
	case typeRule:
		d.Rule, d.Err = rules.decode(it)
	case typeInvitation:
		d.Invitation, d.Err = invitations.decode(it)
	case typeAnnounced:
		d.Announcement, d.Err = announcements.decode(it)
	case typeLetter:
		d.Letter, d.Err = letters.decode(it)
	case typeAccredited:
		d.Accredited, d.Err = accreditations.decode(it)
	case typeStakeholder:
		d.Stakeholder, d.Err = stakeholders.decode(it)
	case typeErasure:
		d.Erasure, d.Err = erasures.decode(it)
	case typeMerge:
		d.Merge, d.Err = merges.decode(it)
	case typeRelation:
		d.Relation, d.Err = relations.decode(it)
	case typeUpload:
		d.Upload, d.Err = uploads.decode(it)
	case typeAlert:
		d.Alert, d.Err = decodeAlert(it)
	case typeStubClaim:
		d.Claim, d.Err = stubClaims.decode(it)
	case typeToScreen:
		d.Screening = decodeToScreen(it)
	default:
		d.Err = fmt.Errorf("%s %s is due and nothing that is planned", it.Type, it.PK)
	}
	return d
}
