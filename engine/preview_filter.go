package engine

import (
	"context"
	"slices"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/models"
)

// FilterPreview is what a filter lets through.
type FilterPreview struct {
	Pass, All int64
	Exact     bool     // both are counted, not estimated
	Fields    []string // what the columns of First are
	First     [][]string
	// OData is the filter in the OData notation, "" where there is none.
	OData string
}

// mostPreviewed is how many records a preview shows.
const mostPreviewed = 5

// PreviewFilter counts the records of one side of a map with and without a
// filter, and shows the first few that pass: their key and what the filter asks
// for. Fails with kind models.Invalid on a filter that the app cannot take.
func (e *Engine) PreviewFilter(ctx context.Context, mapID int64, side models.Side, text string) (FilterPreview, error) {
	var out FilterPreview
	m, err := e.store.MapByID(ctx, mapID)
	if err != nil {
		return out, err
	}
	schemas, err := e.Described(ctx, m.EnvironmentID, false)
	if err != nil {
		return out, err
	}
	env, err := e.store.EnvironmentByID(ctx, m.EnvironmentID)
	if err != nil {
		return out, err
	}
	m.Definition.Endpoint(side).Filter = text
	for _, f := range Validate(&m.Definition, schemas, env.Companies) {
		if f.Severity == Blocking && f.Side == side && slices.Contains([]string{"filter-syntax", "filter-field", "filter-type"}, f.Code) {
			return out, models.Errorf(models.Invalid, "%s. %s.", f.Message, f.Mend)
		}
	}
	sel, err := keySelection(&m.Definition, side, env.Companies)
	if err != nil {
		return out, err
	}
	out.Fields, out.OData = sel.Fields, filter.String(sel.Filter)
	app, err := e.apps.connector(ctx, env.ConnectionID(side))
	if err != nil {
		return out, e.reach(side, err)
	}
	if err := out.count(ctx, app, sel); err != nil {
		return out, e.reach(side, err)
	}
	return out, nil
}

// keySelection reads a side's key, legal entity and what its filter asks for.
func keySelection(def *models.Definition, side models.Side, companies []string) (connectors.Selection, error) {
	end := def.Endpoint(side)
	expr, err := filter.Parse(end.Filter)
	if err != nil {
		return connectors.Selection{}, models.Errorf(models.Invalid, "the filter cannot be read: %v", err)
	}
	sel := connectors.Selection{Entity: end.Entity, Company: -1, Filter: expr}
	add := func(path string) int {
		at := slices.Index(sel.Fields, path)
		if at < 0 {
			at = len(sel.Fields)
			sel.Fields = append(sel.Fields, path)
		}
		return at
	}
	for _, k := range def.Key {
		sel.Key = append(sel.Key, add(k.KeyField(side)))
	}
	if end.Company != "" {
		sel.Company = add(end.Company)
		if sel.Companies, err = companiesWithin(def, companies); err != nil {
			return sel, err
		}
		sel.Key = append(sel.Key, sel.Company)
	}
	for _, path := range filter.Fields(expr) {
		add(path)
	}
	return sel, nil
}

func (p *FilterPreview) count(ctx context.Context, app connectors.Connector, sel connectors.Selection) (err error) {
	exact := [2]bool{}
	if p.Pass, exact[0], err = countOf(ctx, app, sel, p.look); err != nil {
		return err
	}
	sel.Filter = nil
	p.All, exact[1], err = countOf(ctx, app, sel, nil)
	p.Exact = exact[0] && exact[1]
	return err
}

// mostCounted is how many records are read to count those that pass, where the
// app can tell only that there are no more than so many.
const mostCounted = 5000

// look keeps the first records that pass, and counts all where the app's own
// count, n, is not exact.
func (p *FilterPreview) look(ctx context.Context, e connectors.Entity, n int64, exact bool) (int64, bool, error) {
	whole, size := !exact && n <= mostCounted, mostPreviewed
	if whole {
		size = int(max(n, 1))
	}
	var passed int64
	var next connectors.Position
	for whole || len(p.First) < mostPreviewed {
		page, after, err := e.Scan(ctx, next, size)
		if err != nil {
			return 0, false, err
		}
		passed += int64(len(page))
		for _, r := range page[:min(len(page), mostPreviewed-len(p.First))] {
			p.First = append(p.First, readable(r.Row))
		}
		if next = after; next == "" {
			break
		}
	}
	if whole {
		return passed, true, nil
	}
	return n, exact, nil
}

// countOf opens a selection, counts it, and lets look make the count better.
func countOf(ctx context.Context, app connectors.Connector, sel connectors.Selection,
	look func(context.Context, connectors.Entity, int64, bool) (int64, bool, error)) (n int64, exact bool, err error) {
	e, err := app.Open(ctx, sel)
	if err != nil {
		return 0, false, err
	}
	defer func() {
		if closeErr := e.Close(); err == nil {
			err = closeErr
		}
	}()
	if n, exact, err = e.Count(ctx); err == nil && look != nil {
		n, exact, err = look(ctx, e, n, exact)
	}
	return n, exact, err
}

// readable gives the values of a row as people read them.
func readable(row connectors.Row) []string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = v.String()
	}
	return out
}
