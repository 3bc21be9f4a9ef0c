package core

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// lookup is one lookup of one write: the paths through it that are written, and
// the row of values that its parent must hold.
type lookup struct {
	field  *Field
	text   string   // the first path as the selection spells it
	paths  []*Path  // from the parent on
	values []string // as people read them
	row    connectors.Row
}

// parents resolves the lookups of a batch, many at a time: it fills in the
// native ids of parents, or the refusal of a write.
func (b *batch) parents(ctx context.Context) error {
	stored, err := b.companies(ctx)
	if err != nil {
		return err
	}
	type question struct {
		askers []*item
		looks  []*lookup
	}
	var names []string
	questions := map[string]*question{}
	for _, it := range b.items {
		for _, l := range b.e.lookups(it, stored[it.w.ID]) {
			if len(l.row) == 0 {
				it.parents[l.field] = ""
				continue
			}
			var name strings.Builder
			name.WriteString(l.field.Name)
			for _, p := range l.paths {
				name.WriteString(" " + p.filterName())
			}
			q := questions[name.String()]
			if q == nil {
				q = &question{}
				questions[name.String()] = q
				names = append(names, name.String())
			}
			q.askers, q.looks = append(q.askers, it), append(q.looks, l)
		}
	}
	for _, name := range names {
		q := questions[name]
		if err := b.ask(ctx, q.askers, q.looks); err != nil {
			return err
		}
	}
	return nil
}

// companies reads the stored company of updates that write a lookup but not the
// company.
func (b *batch) companies(ctx context.Context) (map[string]connectors.Value, error) {
	at := b.e.sel.Company
	var ids []string
	for _, it := range b.items {
		if at < 0 || it.w.Op != connectors.Update || it.writes(at) {
			continue
		}
		if slices.ContainsFunc(b.e.paths[:len(b.e.sel.Fields)], func(p *Path) bool { return !p.Plain() && it.writes(b.e.index(p)) }) {
			ids = append(ids, it.w.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	records, err := b.e.Get(ctx, ids)
	out := map[string]connectors.Value{}
	for _, r := range records {
		out[r.ID] = r.Row[at]
	}
	return out, err
}

func (e *Entity) index(p *Path) int { return slices.Index(e.paths, p) }

// lookups are the lookups that a write sets, each with the conditions that its
// parent must meet: the values, and the record's own company on every step that
// belongs to one.
func (e *Entity) lookups(it *item, stored connectors.Value) (out []*lookup) {
	for i, p := range e.paths[:len(e.sel.Fields)] {
		if p.Plain() || !it.writes(i) {
			continue
		}
		at := slices.IndexFunc(out, func(l *lookup) bool { return l.field == p.Own() })
		if at < 0 {
			out = append(out, &lookup{field: p.Own(), text: p.Text})
			at = len(out) - 1
		}
		if l := out[at]; !it.w.Row[i].IsEmpty() {
			l.paths, l.row, l.values = append(l.paths, p.Rest()), append(l.row, it.w.Row[i]), append(l.values, it.w.Row[i].String())
		}
	}
	if e.sel.Company < 0 {
		return out
	}
	company := stored
	if it.writes(e.sel.Company) {
		company = it.w.Row[e.sel.Company]
	}
	for _, l := range out {
		for _, p := range slices.Clone(l.paths) {
			for n := range p.Steps {
				within, err := e.model.Resolve(p.Steps[n].Set, e.sel.Fields[e.sel.Company])
				if err != nil || within.Own() == p.Steps[n].Field {
					continue // the parent belongs to no company
				}
				whole := &Path{Text: within.Text, Steps: append(slices.Clone(p.Steps[:n]), within.Steps...)}
				if !slices.ContainsFunc(l.paths, func(q *Path) bool { return q.filterName() == whole.filterName() }) {
					l.paths, l.row = append(l.paths, whole), append(l.row, company)
				}
			}
		}
	}
	return out
}

// ask finds the parents of lookups that have the same paths.
func (b *batch) ask(ctx context.Context, askers []*item, looks []*lookup) error {
	e, paths := b.e, looks[0].paths
	target := paths[0].Steps[0].Set
	t := &Entity{app: e.app, model: e.model, set: target, paths: paths, own: e.own, fold: e.fold, match: func(connectors.Row) bool { return true }}
	t.read = t.columns()
	var rows []connectors.Row
	asked := map[string]bool{}
	for _, l := range looks {
		row, ok := convertRow(paths, l.row)
		if l.row = row; ok && !asked[keyText(row, e.fold)] {
			asked[keyText(row, e.fold)] = true
			rows = append(rows, row)
		}
	}
	holders := map[string][]string{}
	err := t.search(ctx, paths, rows, e.fold, func(r found) {
		name := keyText(r.all, e.fold)
		if asked[name] && !slices.Contains(holders[name], r.ID) {
			holders[name] = append(holders[name], r.ID)
		}
	})
	if err != nil {
		return err
	}
	for i, l := range looks {
		var ids []string
		if l.row != nil {
			ids = holders[keyText(l.row, e.fold)]
		}
		switch key := strings.Join(l.values, " | "); len(ids) {
		case 1:
			askers[i].parents[l.field] = ids[0]
		case 0:
			askers[i].refuse(&connectors.Error{Kind: connectors.MissingParent, Field: l.text, Parent: target.Name, ParentKey: key,
				Message: fmt.Sprintf("there is no %s with the key %q", target.Name, key)})
		default:
			askers[i].refuse(&connectors.Error{Kind: connectors.Invalid, Field: l.text, Value: key,
				Message: fmt.Sprintf("several records of %s have the key %q", target.Name, key)})
		}
	}
	return nil
}

// bind puts a lookup into the body of a write: id is the parent's native id, ""
// for none.
func (e *Entity) bind(body map[string]any, f *Field, id string) *connectors.Error {
	target := e.model.byName[f.Lookup]
	row, ok := target.parseID(id)
	if id != "" && !ok {
		return &connectors.Error{Kind: connectors.Invalid, Field: f.Name, Value: id, Message: fmt.Sprintf("%q is no id of %s", id, target.Name)}
	}
	switch {
	case f.Dependent && id == "":
		body[f.Wire] = nil
	case f.Dependent:
		body[f.Wire] = target.ID[0].json(row[0])
	case id == "":
		body[f.Nav+"@odata.bind"] = nil
	default:
		body[f.Nav+"@odata.bind"] = "/" + target.Name + "(" + wire.EscapePath(id) + ")"
	}
	return nil
}
