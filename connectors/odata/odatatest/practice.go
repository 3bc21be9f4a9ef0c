package odatatest

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/practice"
)

// side is one side of a practice map, as far as a connector needs it.
type side struct{ Entity, Company, Filter string }

type definition struct {
	Left, Right side
	Key, Fields []pair
}

// pair is a field of each side, "" for none.
type pair struct{ Left, Right string }

func (p pair) of(left bool) string {
	if left {
		return p.Left
	}
	return p.Right
}

// selection is what a map reads of one side.
func (d *definition) selection(left bool) (own side, sel connectors.Selection, err error) {
	if own = d.Right; left {
		own = d.Left
	}
	sel = connectors.Selection{Entity: own.Entity, Company: -1}
	for _, f := range d.Fields {
		if name := f.of(left); name != "" {
			sel.Fields = append(sel.Fields, name)
		}
	}
	for _, k := range d.Key {
		sel.Key = append(sel.Key, slices.Index(sel.Fields, k.of(left)))
	}
	if own.Company != "" {
		sel.Company = len(sel.Fields)
		sel.Fields, sel.Key = append(sel.Fields, own.Company), append(sel.Key, sel.Company)
	}
	sel.Filter, err = filter.Parse(own.Filter)
	return own, sel, err
}

// PracticeMaps has a connector open, count and read one side of every practice
// map: the left one over Finance and Operations, the right one over Dataverse.
func PracticeMaps(t *testing.T, left bool, open func(ctx context.Context, settings map[string]string) (connectors.Connector, error)) {
	apps, err := practice.Create(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := practice.Serve(t.Context(), apps, practice.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // nothing is kept
	address, who := s.DataverseURL, s.Credentials
	if left {
		address = s.FinanceURL
	}
	c, err := open(t.Context(), map[string]string{"url": address, "token_url": address + "/" + who.Tenant + "/oauth2/v2.0/token",
		"client_id": who.ClientID, "client_secret": who.ClientSecret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	schema, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := practice.ServedMaps()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		var d definition
		if err := json.Unmarshal(m.Definition, &d); err != nil {
			t.Fatal(err)
		}
		own, sel, err := d.selection(left)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(m.Name, func(t *testing.T) {
			if e, ok := schema.Entity(sel.Entity); !ok || e.Company != own.Company {
				t.Fatalf("%s is described as %+v", sel.Entity, e)
			}
			readAll(t, c, sel)
		})
	}
}

// readAll holds count, scan, get and find of a selection against each other.
func readAll(t *testing.T, c connectors.Connector, sel connectors.Selection) {
	e, err := c.Open(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	n, exact, err := e.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []connectors.Record
	for at := connectors.Position(""); ; {
		page, next, err := e.Scan(t.Context(), at, 250)
		if err != nil {
			t.Fatal(err)
		}
		if all, at = append(all, page...), next; at == "" {
			break
		}
	}
	if exact && int(n) != len(all) || len(all) == 0 {
		t.Errorf("counted %d (exact: %v), read %d", n, exact, len(all))
	}
	var ids []string
	var keys []connectors.Row
	all = all[:min(len(all), 150)] // enough for several requests
	for _, r := range all {
		ids = append(ids, r.ID)
		key := make(connectors.Row, len(sel.Key))
		for i, at := range sel.Key {
			key[i] = r.Row[at]
		}
		keys = append(keys, key)
	}
	if got, err := e.Get(t.Context(), ids); err != nil || len(got) != len(all) {
		t.Errorf("%d ids find %d records, %v", len(ids), len(got), err)
	}
	if got, err := e.Find(t.Context(), keys); err != nil || len(got) < len(all) {
		t.Errorf("%d keys find %d records, %v", len(keys), len(got), err)
	}
}
