package memory

import (
	"strings"

	"dualwrite/connectors"
)

// key is an alternate key, compiled, of the schema or of a selection.
type key struct {
	paths []*path
	// lead is the position in paths of an indexed own field, which narrows a
	// search; -1 if all paths go through lookups.
	lead int
	// at and fold are of a selection's key: the positions in the selection, and
	// how Find compares.
	at   []int
	fold connectors.Fold
}

func (a *App) compileKey(t *table, k connectors.AlternateKey) (key, error) {
	paths, err := a.compileAll(t, k.Fields, "")
	if err != nil {
		return key{}, err
	}
	return newKey(t, paths), nil
}

// newKey leads with the last own field that is not the legal entity, as that
// tells records apart best.
func newKey(t *table, paths []*path) key {
	k := key{paths: paths, lead: -1}
	for i, p := range paths {
		if p.next == nil && (k.lead < 0 || p.name != t.schema.Company) {
			k.lead = i
		}
	}
	if k.lead >= 0 {
		t.index(paths[k.lead].own)
	}
	return k
}

// each visits the rows that hold a selection's key; a null is held where the
// field is null. No row holds values that cannot be converted to the fields' types.
func (k *key) each(t *table, vals connectors.Row, visit func(*row)) {
	if len(k.paths) == 0 {
		return
	}
	held := make(connectors.Row, len(k.paths))
	for i, p := range k.paths {
		v, err := convert(vals[i], p.end)
		if err != nil {
			return
		}
		if !v.IsSet() {
			v = connectors.NullValue()
		}
		held[i] = k.fold.Apply(v)
	}
	candidates := t.order
	if k.lead >= 0 && held[k.lead].IsSet() {
		candidates = t.index(k.paths[k.lead].own).find(held[k.lead])
	}
	for _, r := range candidates {
		if k.heldBy(r, held) {
			visit(r)
		}
	}
}

func (k *key) heldBy(r *row, folded connectors.Row) bool {
	for i, p := range k.paths {
		if k.fold.Apply(p.read(r)) != folded[i] {
			return false
		}
	}
	return true
}

// holder is another row than except that holds what vals, a record's own
// fields, hold in the key's own fields; nil if there is none. Values that go
// through a lookup are compared by the parent they come from.
func (k *key) holder(t *table, vals []connectors.Value, except *row, f connectors.Fold) *row {
	for _, p := range k.paths {
		if !vals[p.own].IsSet() {
			return nil
		}
	}
	candidates := t.order
	if k.lead >= 0 {
		candidates = t.index(k.paths[k.lead].own).find(vals[k.paths[k.lead].own])
	}
search:
	for _, r := range candidates {
		if r == except {
			continue
		}
		for _, p := range k.paths {
			if f.Apply(r.vals[p.own]) != f.Apply(vals[p.own]) {
				continue search
			}
		}
		return r
	}
	return nil
}

// text joins the key's values as a person reads them, escaped so that
// different keys have different texts.
func (k *key) text(r *row) string {
	if len(k.paths) == 1 {
		return k.paths[0].read(r).String()
	}
	parts := make([]string, len(k.paths))
	for i, p := range k.paths {
		escaped := strings.ReplaceAll(p.read(r).String(), `\`, `\\`)
		parts[i] = strings.ReplaceAll(escaped, "|", `\|`)
	}
	return strings.Join(parts, "|")
}
