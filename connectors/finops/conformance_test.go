package finops_test

import (
	"context"
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
)

// lacks of Finance and Operations: changes are found by comparing, which tells a
// record's state and not what happened to it one by one, so the suite's feed is
// left out and feed_test.go holds it to what it promises. References are plain
// values, an entity has one key, and what is empty is not null.
var lacks = connectortest.Lacks{Feed: true, Origin: true, OldID: true, Expiry: true, Extremes: true, EmptyText: true, Lookups: true, Unique: true}

func TestAppKeepsThePromisesOfAConnector(t *testing.T) {
	connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
		a := newApp(t)
		return connectortest.Fixture{Connector: noZeros{a.connect(t)}, App: a, Lacks: lacks,
			Another: func(t testing.TB) connectors.Connector { return noZeros{a.connect(t)} }}
	})
}

// noZeros puts another identifier in the place of the one of zeros, which the
// suite takes for a value like any other and which stands for none in this app.
type noZeros struct{ connectors.Connector }

func zeros() connectors.Value {
	return connectors.GUIDValue("00000000-0000-0000-0000-000000000000")
}

func standIn() connectors.Value {
	return connectors.GUIDValue("00000000-0000-0000-0000-000000000001")
}

func (c noZeros) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	e, err := c.Connector.Open(ctx, sel)
	if err != nil {
		return nil, err
	}
	return noZerosIn{e}, nil
}

type noZerosIn struct{ connectors.Entity }

func swap(row connectors.Row, from, to connectors.Value) connectors.Row {
	out := slices.Clone(row)
	for i, v := range out {
		if v == from {
			out[i] = to
		}
	}
	return out
}

func shown(all []connectors.Record) []connectors.Record {
	for i := range all {
		all[i].Row = swap(all[i].Row, standIn(), zeros())
	}
	return all
}

func (e noZerosIn) Scan(ctx context.Context, after connectors.Position, size int) ([]connectors.Record, connectors.Position, error) {
	page, next, err := e.Entity.Scan(ctx, after, size)
	return shown(page), next, err
}

func (e noZerosIn) Get(ctx context.Context, ids []string) ([]connectors.Record, error) {
	all, err := e.Entity.Get(ctx, ids)
	return shown(all), err
}

func (e noZerosIn) Find(ctx context.Context, keys []connectors.Row) ([]connectors.Record, error) {
	all, err := e.Entity.Find(ctx, keys)
	return shown(all), err
}

func (e noZerosIn) Write(ctx context.Context, batch []connectors.Write) ([]connectors.Result, error) {
	batch = slices.Clone(batch)
	for i := range batch {
		batch[i].Row = swap(batch[i].Row, zeros(), standIn())
	}
	results, err := e.Entity.Write(ctx, batch)
	for i := range results {
		results[i].Record.Row = swap(results[i].Record.Row, standIn(), zeros())
	}
	return results, err
}
