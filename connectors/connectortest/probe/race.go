package probe

import (
	"context"

	"dualwrite/connectors"
)

// CountUp adds one to the second field of each record, rounds times, a batch of
// all of them at a time. It writes on condition of the version that was read, so
// that every success has built on the one before, whoever's that was.
func (e *Entity) CountUp(ctx context.Context, rounds int, ids ...string) error {
	left := map[string]int{}
	for _, id := range ids {
		left[id] = rounds
	}
	for len(left) > 0 {
		var asked []string
		for id := range left {
			asked = append(asked, id)
		}
		found, err := e.Get(ctx, asked)
		if err != nil {
			return err
		}
		var batch []connectors.Write
		for _, r := range found {
			w := e.Updates(r.ID, connectors.Value{}, connectors.IntValue(r.Row[1].Int()+1))
			w.If = r.Version
			batch = append(batch, w)
		}
		results, err := e.Write(ctx, batch)
		if err != nil {
			return err
		}
		for i, r := range results {
			switch {
			case r.Outcome == connectors.Refused && r.Err.Kind != connectors.Transient:
				return r.Err
			case r.Outcome == connectors.Stored:
				if left[batch[i].ID]--; left[batch[i].ID] == 0 {
					delete(left, batch[i].ID)
				}
			}
		}
	}
	return nil
}
