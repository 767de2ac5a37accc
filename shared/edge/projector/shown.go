package projector

import (
	"context"
	"fmt"
	"slices"

	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// withdrawn tells who holds a copy of a stakeholder to drop it. It is the one
// thing that is published of who is at risk.
const withdrawn = "protection.withdrawn"

// publishShown publishes what is not of a stakeholder at risk: not even that
// somebody was invited or answered. It asks the table as it is now, so that what
// happened before the risk and comes late stays inside too.
func (p *Projector) publishShown(ctx context.Context, events []store.Outbox) error {
	hidden, err := p.atRisk(ctx, events)
	if err != nil {
		return err
	}
	return p.publish(ctx, slices.DeleteFunc(events, func(o store.Outbox) bool {
		return o.Type != withdrawn && hidden[o.Data["stakeholder"]]
	}))
}

// atRisk returns which of the stakeholders that the events are about are at risk.
func (p *Projector) atRisk(ctx context.Context, events []store.Outbox) (map[string]bool, error) {
	var ids []string
	for _, o := range events {
		if id := o.Data["stakeholder"]; id != "" && o.Type != withdrawn {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	hidden := map[string]bool{}
	for some := range slices.Chunk(slices.Compact(ids), table.MaxPage) {
		found, err := p.Store.Stakeholders(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("read whose events are published: %w", err)
		}
		for _, e := range found {
			hidden[e.ID] = e.AtRisk
		}
	}
	return hidden, nil
}
