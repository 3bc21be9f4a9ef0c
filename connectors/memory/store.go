package memory

import (
	"slices"
	"strconv"

	"dualwrite/connectors"
)

// store creates a record, or changes old, and logs it. Company is the path of
// the record's legal entity, nil for none. Nothing happens when it fails.
func (a *App) store(t *table, old *row, all []assignment, company *path, origin string) (*row, *connectors.Error) {
	vals, err := a.assign(t, old, all, company)
	if err == nil {
		err = a.check(t, old, vals)
	}
	var id string
	if err == nil {
		id, err = a.idOf(t, old, vals)
	}
	if err != nil {
		err.Op, err.Entity = "write", t.schema.Name
		return nil, err
	}
	a.tick++
	if old == nil {
		r := &row{id: id, version: a.token(), vals: vals}
		t.insert(r)
		a.log(t, r, connectors.Change{Op: connectors.Create, ID: id, Origin: origin})
		return r, nil
	}
	before := old.id
	t.replace(old, id, vals)
	old.version = a.token()
	a.logUpdate(t, old, before, origin)
	if id != before {
		a.rename(t, before, id)
	}
	return old, nil
}

// assign gives the record's fields with all assignments made: lookups first, so
// that a missing parent is what a record with several faults is refused for.
func (a *App) assign(t *table, old *row, all []assignment, company *path) ([]connectors.Value, *connectors.Error) {
	var vals []connectors.Value
	if old != nil {
		vals = slices.Clone(old.vals)
	} else {
		vals = make([]connectors.Value, len(t.schema.Fields))
		for i := range vals {
			vals[i] = connectors.NullValue()
		}
	}
	inCompany := companyOf(old, all, company)
	for _, as := range all {
		if as.path.parent == nil {
			continue
		}
		id, err := parentOf(all, as.path.own, inCompany, a.opt.Fold)
		if err != nil {
			return nil, err
		}
		vals[as.path.own] = id
	}
	for _, as := range all {
		if as.path.parent != nil {
			continue
		}
		v, err := a.accept(t, as)
		if err != nil {
			return nil, err
		}
		vals[as.path.own] = v
	}
	return vals, nil
}

// accept gives what the app stores for a value of an own field.
func (a *App) accept(t *table, as assignment) (connectors.Value, *connectors.Error) {
	f := as.path.field
	v, err := convert(as.value, f)
	if err != nil {
		return v, err
	}
	if parent := t.lookups[as.path.own]; parent != nil {
		if v.IsEmpty() {
			return connectors.NullValue(), nil
		}
		if parent.rows[v.Text()] == nil {
			return v, missingParent(f.Name, parent.schema.Name, v.Text())
		}
		return v, nil
	}
	if a.opt.Normalise != nil {
		v = a.opt.Normalise(t.schema.Name, f.Name, v)
	}
	return v, fits(v, f)
}

// companyOf is the legal entity a record will be in: the assigned one, else the
// one it is in already.
func companyOf(old *row, all []assignment, company *path) connectors.Value {
	if company == nil {
		return connectors.NullValue()
	}
	for _, as := range all {
		if as.path.name == company.name {
			return as.value
		}
	}
	if old == nil {
		return connectors.NullValue()
	}
	return company.read(old)
}

// idOf is the native id the record gets, or keeps.
func (a *App) idOf(t *table, old *row, vals []connectors.Value) (string, *connectors.Error) {
	if !a.opt.KeyIsID || len(t.keys) == 0 {
		if old != nil {
			return old.id, nil
		}
		return a.opt.Prefix + strconv.FormatInt(t.lastSeq+1, 10), nil
	}
	k := &t.keys[0]
	for _, p := range k.paths {
		if !vals[p.own].IsSet() {
			return "", &connectors.Error{Kind: connectors.Invalid, Field: p.name, Message: p.name + " is part of the key and needs a value"}
		}
	}
	id := k.text(&row{vals: vals})
	if holder := t.rows[id]; holder != nil && holder != old {
		return "", duplicate(k, id)
	}
	return id, nil
}

// rename follows a changed id in the lookups that refer to it. As with a cascade
// in a database, the referring records get neither a new version nor a change
// in the feed, unless their own id changes with it.
func (a *App) rename(t *table, before, after string) {
	type referring struct {
		table *table
		row   *row
	}
	var touched []referring
	for _, ref := range t.referrers {
		for _, r := range slices.Clone(ref.table.index(ref.field).find(connectors.TextValue(before))) {
			if r.vals[ref.field].Text() != before {
				continue
			}
			vals := slices.Clone(r.vals)
			vals[ref.field] = connectors.TextValue(after)
			ref.table.replace(r, r.id, vals)
			touched = append(touched, referring{ref.table, r})
		}
	}
	for _, ref := range touched {
		former := ref.row.id
		id, err := a.idOf(ref.table, ref.row, ref.row.vals)
		if err != nil || id == former {
			continue
		}
		ref.table.replace(ref.row, id, ref.row.vals)
		a.tick++
		ref.row.version = a.token()
		a.logUpdate(ref.table, ref.row, former, "")
		a.rename(ref.table, former, id)
	}
}

// remove deletes a record, unless another one refers to it.
func (a *App) remove(t *table, r *row, origin string) *connectors.Error {
	for _, ref := range t.referrers {
		for _, child := range ref.table.index(ref.field).find(connectors.TextValue(r.id)) {
			if child != r && child.vals[ref.field].Text() == r.id {
				return &connectors.Error{Kind: connectors.Invalid, Op: "write", Entity: t.schema.Name,
					Message: "a record of " + ref.table.schema.Name + " still refers to it"}
			}
		}
	}
	a.tick++
	t.remove(r)
	a.log(t, r, connectors.Change{Op: connectors.Delete, ID: r.id, Origin: origin})
	return nil
}

func (a *App) logUpdate(t *table, r *row, before, origin string) {
	c := connectors.Change{Op: connectors.Update, ID: r.id, Origin: origin}
	if before != r.id {
		c.OldID = before
	}
	a.log(t, r, c)
}

func (a *App) log(t *table, r *row, c connectors.Change) {
	if !t.started {
		return
	}
	if len(t.keys) > 0 {
		c.Key = t.keys[0].text(r)
	}
	c.At = a.now()
	t.append(c)
}
