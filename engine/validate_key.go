package engine

import (
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/models"
)

// keys checks that the key tells records apart on both sides, in the same words.
func (v *validation) keys() {
	if len(v.def.Key) == 0 {
		v.about(Blocking, "key-missing", "", "the map has no key", "Pair the alternate key fields of both entities")
		return
	}
	for _, k := range v.def.Key {
		at := slices.IndexFunc(v.mapped, func(m mapped) bool { return m.Left == k.Left && m.Right == k.Right })
		switch {
		case at < 0:
			v.about(Blocking, "key-unmapped", "", "the key field "+k.Left+" is not mapped to "+k.Right, "Add this field mapping, both ways")
		case v.mapped[at].Direction != models.Both:
			v.fieldFinding(Blocking, "key-one-way", at, 0, "the key field "+k.Left+" is not mapped to "+k.Right+" in both directions", "Map key fields both ways")
		case v.mapped[at].branching():
			v.fieldFinding(Blocking, "key-either", at, 0, "the key field "+k.Left+" = "+k.Right+" is read through a lookup to records of several entities, so no unique key can stand on it",
				"Take another field for the key")
			return
		case v.mapped[at].shortens():
			v.fieldFinding(Blocking, "key-truncated", at, 1, "the key field "+k.Left+" is truncated, so two records could get one key", "Delete the truncate of key fields")
		}
	}
	for i, side := range models.Sides {
		v.unique(i, side)
	}
}

// unique looks for an alternate key on exactly the key's fields.
func (v *validation) unique(i int, side models.Side) {
	var want []string
	for _, k := range v.def.Key {
		want = append(want, k.KeyField(side))
	}
	if company := v.def.Endpoint(side).Company; company != "" {
		want = append(want, company)
	}
	e := v.entity[i]
	if hasKey(e, want) {
		return
	}
	fields := strings.Join(want, " + ")
	for _, k := range e.Keys {
		if k.Active {
			continue
		}
		k.Active = true
		if hasKey(&connectors.EntitySchema{Keys: []connectors.AlternateKey{k}}, want) {
			v.about(Blocking, "key-inactive", side, "the alternate key "+k.Name+" of "+e.Name+" on "+fields+" is not active", "Wait until the app has built it, or mend what it says against it")
			return
		}
	}
	v.about(Blocking, "key-not-unique", side, e.Name+" has no active alternate key on "+fields, "Define a unique key on exactly these fields and run again")
}

// lookups checks that what is written through a lookup names one parent.
func (v *validation) lookups(side int) {
	type way struct{ lookup, entity string }
	rests := map[way][]string{} // what the paths that go this way end in
	first := map[way]int{}
	var order []way
	for at := range v.mapped {
		m := &v.mapped[at]
		if !m.flows(side) || !m.through(side) {
			continue
		}
		head, rest := connectors.CutPath(m.path(side))
		for _, b := range m.own[side].Branches(rest) {
			w := way{head, b.Entity}
			if _, known := first[w]; !known {
				first[w] = at
				order = append(order, w)
			}
			rests[w] = append(rests[w], b.Path)
		}
	}
	for _, w := range order {
		own := v.mapped[first[w]].own[side]
		parent, ok := v.schemas[side].Entity(w.entity)
		if ok && !identified(parent, rests[w]) && !native(own, parent, rests[w]) {
			v.fieldFinding(Blocking, "lookup-no-key", first[w], side, w.entity+" has no active alternate key on "+strings.Join(rests[w], " + ")+", so a parent cannot be found by it",
				"Map the key fields of "+w.entity+" through "+w.lookup+", or define a unique key on these")
		}
	}
}

// identified reports whether the paths from a lookup cover a unique key of the
// parent; the legal entity is that of the record itself.
func identified(parent *connectors.EntitySchema, paths []string) bool {
	company, _ := connectors.CutPath(parent.Company)
	return slices.ContainsFunc(parent.Keys, func(k connectors.AlternateKey) bool {
		return k.Active && !slices.ContainsFunc(k.Fields, func(f string) bool {
			own, _ := connectors.CutPath(f)
			covered := slices.ContainsFunc(paths, func(p string) bool {
				head, _ := connectors.CutPath(p)
				return head == own
			})
			return !covered && (company == "" || own != company)
		})
	})
}

// native reports whether one of the paths is the parent's native id, which is no
// alternate key but finds it all the same: the app assigns it, and the lookup
// holds a value of its type.
func native(lookup *connectors.Field, parent *connectors.EntitySchema, paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		f, ok := parent.Field(p)
		return ok && f.Type == lookup.Type && (f.ReadOnly || f.HasDefault)
	})
}

// filter checks that a side's filter can be read and asks for fields there are.
func (v *validation) filter(side models.Side) {
	i, end := side.Index(), v.def.Endpoint(side)
	expr, err := filter.Parse(end.Filter)
	if err != nil {
		v.about(Blocking, "filter-syntax", side, "the filter of "+v.entity[i].Name+" cannot be read: "+err.Error(), "Mend the filter")
		return
	}
	var types []connectors.Type
	fields := filter.Fields(expr)
	for _, path := range fields {
		_, f, err := v.schemas[i].Resolve(v.entity[i].Name, path)
		if err != nil {
			v.about(Blocking, "filter-field", side, "the filter asks for "+path+", which "+v.entity[i].Name+" does not have", "Name a field of the entity; names are spelled as in the app")
			return
		}
		types = append(types, f.Type)
		if !slices.ContainsFunc(v.mapped, func(m mapped) bool { return m.path(i) == path }) && path != end.Company {
			v.about(Advice, "filter-unmapped", side, "the filter asks for "+path+", which is not mapped: records that are copied to this side get no value of it by the map",
				"Map "+path+" too, with a default if the other side has no field for it")
		}
	}
	if _, err := connectors.CompileFilter(expr, fields, types); err != nil {
		v.about(Blocking, "filter-type", side, "the filter of "+v.entity[i].Name+": "+err.Error(), "Compare each field with a value of its own type")
	}
}
