package engine

import (
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/models"
)

// offer is a field of one side that can be mapped.
type offer struct {
	path     string // leads through a lookup to the parent's key
	names    []string
	typ      connectors.Type
	readOnly bool
	taken    bool
}

// propose pairs two entities that exist.
func propose(schemas [2]*connectors.Schema, left, right string) Proposal {
	var entities [2]*connectors.EntitySchema
	var offers [2][]offer
	for i, name := range [2]string{left, right} {
		entities[i], _ = schemas[i].Entity(name)
		offers[i] = offersOf(schemas[i], entities[i])
	}
	var p Proposal
	d := &p.Definition
	d.Left, d.Right = models.Endpoint{Entity: left, Label: entities[0].Label}, models.Endpoint{Entity: right, Label: entities[1].Label}
	key := pairKeys(entities, offers)
	if key.company {
		d.Left.Company, d.Right.Company = entities[0].Company, entities[1].Company
	}
	d.Key = key.pairs
	for _, k := range key.pairs {
		p.take(offers, slices.IndexFunc(offers[0], func(o offer) bool { return o.path == k.Left }), slices.IndexFunc(offers[1], func(o offer) bool { return o.path == k.Right }))
	}
	for i := range offers[0] {
		if j := partnerOf(&offers[0][i], offers[1]); j >= 0 && !offers[0][i].taken && !isCompany(d, &offers[0][i], &offers[1][j]) {
			p.take(offers, i, j)
		}
	}
	p.remark(entities, schemas)
	return p
}

// isCompany reports whether a pair would map the legal entity, which the map
// carries by itself.
func isCompany(d *models.Definition, left, right *offer) bool {
	return d.Left.Company != "" && (left.path == d.Left.Company || right.path == d.Right.Company)
}

// take maps a pair of fields, in the directions that both sides allow.
func (p *Proposal) take(offers [2][]offer, i, j int) {
	l, r := &offers[0][i], &offers[1][j]
	f := models.FieldMapping{Left: l.path, Right: r.path, Direction: models.Both}
	switch {
	case l.readOnly && r.readOnly:
		return
	case l.readOnly:
		f.Direction = models.LeftToRight
	case r.readOnly:
		f.Direction = models.RightToLeft
	}
	l.taken, r.taken = true, true
	p.Definition.Fields = append(p.Definition.Fields, f)
	p.Types = append(p.Types, [2]string{l.typ.String(), r.typ.String()})
}

// remark says what the map lacks: what Validate finds, and of a missing key what
// would make one.
func (p *Proposal) remark(entities [2]*connectors.EntitySchema, schemas [2]*connectors.Schema) {
	d := &p.Definition
	if len(d.Key) == 0 {
		p.Remarks = append(p.Remarks, fmt.Sprintf("No key was found that both entities have. %s has %s; %s has %s. Records are told apart by a unique key of fields that match: define one in the apps, then refresh the tables.",
			d.Left.Entity, keyNames(entities[0]), d.Right.Entity, keyNames(entities[1])))
	}
	for _, f := range Validate(d, schemas, nil) {
		if f.Code != "key-missing" {
			p.Remarks = append(p.Remarks, f.Message+". "+f.Mend+".")
		}
	}
}

func keyNames(e *connectors.EntitySchema) string {
	var out []string
	for _, k := range e.Keys {
		if k.Active {
			out = append(out, strings.Join(k.Fields, " + "))
		}
	}
	if len(out) == 0 {
		return "no unique key"
	}
	return strings.Join(out, " or ")
}

// offersOf lists the fields of an entity; a lookup as the path to its parent's
// key, since its own value means nothing to the other side.
func offersOf(schema *connectors.Schema, e *connectors.EntitySchema) []offer {
	var out []offer
	for i := range e.Fields {
		f := &e.Fields[i]
		o := offer{path: f.Name, typ: f.Type, readOnly: f.ReadOnly,
			names: []string{plainName(f.Name), plainName(f.Label)}}
		if len(f.Parents()) > 0 {
			o.path = branchPath(schema, f)
			_, end, err := schema.Resolve(e.Name, o.path)
			if err != nil {
				continue
			}
			o.typ = end.Type
		}
		out = append(out, o)
	}
	return out
}

// branchPath is the path through a lookup to the key of the record it refers to,
// of each entity that has one of one field; "" where none has.
func branchPath(schema *connectors.Schema, lookup *connectors.Field) string {
	var branches []connectors.Branch
	for _, target := range lookup.Parents() {
		if key := parentKey(schema, target); key != "" {
			branches = append(branches, connectors.Branch{Entity: target, Path: key})
		}
	}
	switch {
	case len(branches) == 0:
		return ""
	case len(lookup.Targets) == 0:
		return lookup.Name + "." + branches[0].Path
	}
	return lookup.Name + "." + connectors.WriteBranches(branches)
}

// parentKey is the one field that, besides the legal entity, identifies records
// of an entity; "" if there is none.
func parentKey(schema *connectors.Schema, entity string) string {
	parent, ok := schema.Entity(entity)
	if !ok {
		return ""
	}
	for _, k := range parent.Keys {
		if rest := besides(k.Fields, parent.Company); k.Active && len(rest) == 1 {
			return rest[0]
		}
	}
	return ""
}

// besides is a list without the legal entity.
func besides(fields []string, company string) []string {
	return slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return company != "" && f == company })
}

// partnerOf finds the field of the other side that means the same, -1 for none.
func partnerOf(o *offer, others []offer) int {
	return slices.IndexFunc(others, func(p offer) bool {
		return !p.taken && alike(o.typ, p.typ) && slices.ContainsFunc(o.names, func(n string) bool { return slices.Contains(p.names, n) })
	})
}

// alike reports whether values of two types can mean the same without a
// transform.
func alike(a, b connectors.Type) bool {
	family := func(t connectors.Type) connectors.Type {
		switch t {
		case connectors.Decimal, connectors.Float:
			return connectors.Int
		case connectors.DateTime:
			return connectors.Date
		case connectors.GUID:
			return connectors.Text
		}
		return t
	}
	return family(a) == family(b)
}

// namePrefixes are what apps put before names to tell whose they are.
var namePrefixes = [...]string{"msdyn_", "mserp_", "cdm_", "crm_", "erp_", "new_"}

// plainName is a name without case, separators and the known prefixes.
func plainName(name string) string {
	name = strings.ToLower(name)
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		name = name[at+1:] // the schema of a table
	}
	for _, p := range namePrefixes {
		name = strings.TrimPrefix(name, p)
	}
	return strings.NewReplacer("_", "", " ", "", "-", "").Replace(name)
}

// keyPair is a key of one side paired with one of the other.
type keyPair struct {
	pairs   []models.KeyPair
	company bool // both keys hold the legal entity
	named   bool // all fields match by name, not only by being the only ones
}

// pairKeys finds the alternate keys of both sides that fit best: by name rather
// than by number, with the legal entity rather than without.
func pairKeys(entities [2]*connectors.EntitySchema, offers [2][]offer) keyPair {
	var best keyPair
	better := func(k keyPair) bool {
		switch {
		case len(k.pairs) == 0 || len(best.pairs) == 0:
			return len(k.pairs) > 0
		case k.named != best.named:
			return k.named
		default:
			return k.company && !best.company
		}
	}
	for _, l := range entities[0].Keys {
		for _, r := range entities[1].Keys {
			if !l.Active || !r.Active {
				continue
			}
			if k := pairKey(entities, offers, l.Fields, r.Fields); better(k) {
				best = k
			}
		}
	}
	return best
}

func pairKey(entities [2]*connectors.EntitySchema, offers [2][]offer, left, right []string) (k keyPair) {
	k.company = entities[0].Company != "" && entities[1].Company != "" && slices.Contains(left, entities[0].Company) && slices.Contains(right, entities[1].Company)
	if k.company {
		left, right = besides(left, entities[0].Company), besides(right, entities[1].Company)
	}
	var own, other []offer
	for i, fields := range [2][]string{left, right} {
		for _, f := range fields {
			at := slices.IndexFunc(offers[i], func(o offer) bool { return o.path == f })
			if at < 0 || offers[i][at].readOnly {
				return keyPair{} // records could not be made under this key
			}
			if i == 0 {
				own = append(own, offers[i][at])
			} else {
				other = append(other, offers[i][at])
			}
		}
	}
	if len(own) != len(other) || len(own) == 0 {
		return keyPair{}
	}
	k.named = true
	for i := range own {
		j := partnerOf(&own[i], other)
		if j < 0 && len(own) == 1 && alike(own[0].typ, other[0].typ) {
			j, k.named = 0, false
		}
		if j < 0 {
			return keyPair{}
		}
		other[j].taken = true
		k.pairs = append(k.pairs, models.KeyPair{Left: own[i].path, Right: other[j].path})
	}
	return k
}
