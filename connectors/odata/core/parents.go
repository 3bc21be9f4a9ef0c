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
	// next is the lookup of the same column to try where this one finds no
	// parent, nil for none.
	next *lookup
}

// last is the end of the chain of lookups to try.
func (l *lookup) last() *lookup {
	for l.next != nil {
		l = l.next
	}
	return l
}

// given is the first of the chain that has values to find a parent by, nil if
// none has.
func (l *lookup) given() *lookup {
	for l != nil && len(l.row) == 0 {
		l = l.next
	}
	return l
}

// wanted is a lookup of a write whose parent is to be found; tried lists the sets
// that have none.
type wanted struct {
	*lookup
	it    *item
	tried []string
}

// parents resolves the lookups of a batch, many at a time: it fills in the
// native ids of parents, or the refusal of a write.
func (b *batch) parents(ctx context.Context) error {
	stored, err := b.companies(ctx)
	if err != nil {
		return err
	}
	var open []wanted
	for _, it := range b.items {
		for _, l := range b.e.lookups(it, stored[it.w.ID]) {
			if first := l.given(); first != nil {
				open = append(open, wanted{lookup: first, it: it})
			} else {
				it.parents[l.field] = ""
			}
		}
	}
	for len(open) > 0 && err == nil {
		open, err = b.search(ctx, open)
	}
	return err
}

// search asks for the parents of lookups, those with the same paths together. It
// gives the lookups to try instead of those that found none.
func (b *batch) search(ctx context.Context, open []wanted) (again []wanted, err error) {
	var names []string
	questions := map[string][]wanted{}
	for _, w := range open {
		var name strings.Builder
		name.WriteString(w.field.Name)
		for _, p := range w.paths {
			name.WriteString(" " + p.filterName())
		}
		if questions[name.String()] == nil {
			names = append(names, name.String())
		}
		questions[name.String()] = append(questions[name.String()], w)
	}
	holders := make([]map[string][]string, len(names))
	err = together(ctx, len(names), func(ctx context.Context, i int) (err error) {
		holders[i], err = b.ask(ctx, questions[names[i]])
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		again = append(again, b.choose(questions[name], holders[i])...)
	}
	return again, nil
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
	var all []*lookup // with those to try instead
	for i, p := range e.paths[:len(e.sel.Fields)] {
		if p.Plain() || !it.writes(i) {
			continue
		}
		var before *lookup
		for _, way := range p.ways() {
			at := slices.IndexFunc(all, func(l *lookup) bool { return l.field == way.Own() })
			if at < 0 {
				at = len(all)
				all = append(all, &lookup{field: way.Own(), text: p.Text})
				if before == nil {
					out = append(out, all[at])
				} else {
					before.last().next = all[at]
				}
			}
			l := all[at]
			if before = l; !it.w.Row[i].IsEmpty() {
				l.paths, l.row, l.values = append(l.paths, way.Rest()), append(l.row, it.w.Row[i]), append(l.values, it.w.Row[i].String())
			}
		}
	}
	if e.sel.Company < 0 {
		return out
	}
	company := stored
	if it.writes(e.sel.Company) {
		company = it.w.Row[e.sel.Company]
	}
	for _, l := range all {
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

// ask finds the parents of lookups that have the same paths: native ids by what
// they hold.
func (b *batch) ask(ctx context.Context, asked []wanted) (holders map[string][]string, err error) {
	e, paths := b.e, asked[0].paths
	target := paths[0].Steps[0].Set
	t := &Entity{app: e.app, model: e.model, set: target, paths: paths, own: e.own, fold: e.fold, match: func(connectors.Row) bool { return true }}
	t.read = t.columns()
	var rows []connectors.Row
	holders = map[string][]string{}
	for _, w := range asked {
		row, ok := convertRow(paths, w.row)
		if w.row = row; !ok {
			continue
		}
		if _, known := holders[keyText(row, e.fold)]; !known {
			holders[keyText(row, e.fold)] = nil
			rows = append(rows, row)
		}
	}
	return holders, t.search(ctx, paths, rows, e.fold, func(r found) {
		name := keyText(r.all, e.fold)
		if ids, known := holders[name]; known && !slices.Contains(ids, r.ID) {
			holders[name] = append(ids, r.ID)
		}
	})
}

// choose gives each write the parent that was found, or refuses it. It gives the
// lookups to try instead of those that found none.
func (b *batch) choose(asked []wanted, holders map[string][]string) (again []wanted) {
	target := asked[0].paths[0].Steps[0].Set
	for _, w := range asked {
		var ids []string
		if w.row != nil {
			ids = holders[keyText(w.row, b.e.fold)]
		}
		switch key := strings.Join(w.values, " | "); {
		case len(ids) == 1:
			w.it.parents[w.field] = ids[0]
		case len(ids) > 1:
			w.it.refuse(&connectors.Error{Kind: connectors.Invalid, Field: w.text, Value: key,
				Message: fmt.Sprintf("several records of %s have the key %q", target.Name, key)})
		case w.next.given() != nil:
			again = append(again, wanted{w.next.given(), w.it, append(w.tried, target.Name)})
		default:
			tried := append(w.tried, target.Name)
			w.it.refuse(&connectors.Error{Kind: connectors.MissingParent, Field: w.text, Parent: tried[0], Others: tried[1:], ParentKey: key,
				Message: fmt.Sprintf("there is no %s with the key %q", strings.Join(tried, " or "), key)})
		}
	}
	return again
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
