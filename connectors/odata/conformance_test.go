package odata_test

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/odata"
)

// lacks of a plain service: its changes are found by comparing, which tells a
// record's state and not what happened to it one by one, so the suite's feed is
// left out and feed_test.go holds it to what it promises.
var lacks = connectortest.Lacks{Feed: true, Origin: true, OldID: true, Expiry: true}

func TestPlainServiceKeepsThePromisesOfAConnector(t *testing.T) {
	for name, representation := range map[string]bool{"bare answers": false, "answers with the record": true} {
		t.Run(name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
				p, address := serve(t)
				p.representation = representation
				return connectortest.Fixture{Connector: connect(t, address, nil), App: person{p}, Lacks: lacks,
					Another: func(t testing.TB) connectors.Connector { return connect(t, address, nil) }}
			})
		})
	}
}

func serve(t testing.TB) (*plain, string) {
	p := newPlain()
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	return p, s.URL + "/svc"
}

func connect(t testing.TB, address string, more map[string]string) connectors.Connector {
	t.Helper()
	settings := map[string]string{"url": address, "interval": "1"}
	for name, value := range more {
		settings[name] = value
	}
	c, err := odata.Open(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func openWith(t testing.TB, settings map[string]string) (connectors.Connector, error) {
	c, err := odata.Open(t.Context(), settings)
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// person edits the service's records past its interface.
type person struct{ p *plain }

func (u person) Insert(t testing.TB, name string, values map[string]connectors.Value) string {
	u.p.mu.Lock()
	defer u.p.mu.Unlock()
	row, tab := map[string]any{}, mustTable(name)
	for _, c := range tab.Columns {
		row[wireName(c)] = raw(c, values[c.Name])
	}
	u.p.put(tab, row)
	return keyOf(tab, row)
}

func (u person) Update(t testing.TB, name, id string, values map[string]connectors.Value) {
	u.p.mu.Lock()
	defer u.p.mu.Unlock()
	tab := mustTable(name)
	i := u.p.find(tab, id)
	row := u.p.rows[name][i]
	for _, c := range tab.Columns {
		if v, ok := values[c.Name]; ok {
			row[wireName(c)] = raw(c, v)
		}
	}
	u.p.stamp(row)
}

func (u person) Delete(t testing.TB, name, id string) {
	u.p.mu.Lock()
	defer u.p.mu.Unlock()
	i := u.p.find(mustTable(name), id)
	u.p.rows[name] = slices.Delete(slices.Clone(u.p.rows[name]), i, i+1)
}

func (u person) Leftovers(testing.TB) []string { return nil }

// raw is a value as the service keeps it.
func raw(_ connectortest.Column, v connectors.Value) any {
	if !v.IsSet() {
		return nil
	}
	switch v.Type() {
	case connectors.Int, connectors.Decimal:
		return json.Number(v.String())
	case connectors.Bool:
		return v.Bool()
	}
	return v.String()
}
