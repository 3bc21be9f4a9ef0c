package engine

import (
	"cmp"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/models"
)

// Severity says what a finding means for Run.
type Severity string

// The severities.
const (
	Blocking Severity = "error"   // the map must not run
	Advice   Severity = "warning" // the map runs; some records may not
)

// Finding is one thing that is wrong or weak about a definition.
type Finding struct {
	Code     string // stable name of the rule, such as "read-only-target"
	Severity Severity
	Side     models.Side // "" where it is about both
	Field    string      // path on that side, "" where it is about the map
	At       int         // position in Definition.Fields, -1 where it is about the map
	Message  string      // what is wrong, as a sentence without its full stop
	Mend     string      // what to do about it, likewise
}

// Validate holds a definition against the schemas of both apps, left first, and
// the legal entities of its environment, and tells everything that is wrong with
// it: errors first, then by field. It reads nothing.
func Validate(def *models.Definition, schemas [2]*connectors.Schema, companies []string) []Finding {
	v := &validation{def: def, schemas: schemas}
	v.endpoints()
	if len(v.found) == 0 { // without its entities nothing else can be told
		v.fields()
		v.targets()
		v.keys()
		v.companies()
		v.companyLimit(companies)
		for i, side := range models.Sides {
			v.required(i)
			v.lookups(i)
			v.filter(side)
		}
	}
	slices.SortStableFunc(v.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.At, b.At))
	})
	return v.found
}

// blocking lists what keeps a map from running, in sentences.
func blocking(name string, findings []Finding) []string {
	var out []string
	for _, f := range findings {
		if f.Severity == Blocking {
			out = append(out, name+": "+f.Message+". "+f.Mend)
		}
	}
	return out
}

// validation is one Validate under way.
type validation struct {
	def     *models.Definition
	schemas [2]*connectors.Schema
	entity  [2]*connectors.EntitySchema
	mapped  []mapped
	found   []Finding
}

// mapped is a field mapping with what the schemas say of its two fields.
type mapped struct {
	models.FieldMapping
	own [2]*connectors.Field // the field of the entity itself, nil where there is none
	end [2]*connectors.Field // the field that the path ends in
}

// flows reports whether values reach a side's field.
func (m *mapped) flows(to int) bool { return m.end[to] != nil && m.Direction.Flows(models.Sides[to]) }

// path is the field's path on a side.
func (m *mapped) path(side int) string { return m.Path(models.Sides[side]) }

// through reports whether a side's path goes through a lookup.
func (m *mapped) through(side int) bool { return m.own[side] != m.end[side] }

// branching reports whether a path of either side goes through a lookup to records
// of several entities.
func (m *mapped) branching() bool {
	return slices.ContainsFunc(m.own[:], func(f *connectors.Field) bool { return f != nil && len(f.Targets) > 0 })
}

// has finds the first transform of a type.
func (m *mapped) has(t models.TransformType) (models.Transform, bool) {
	i := slices.IndexFunc(m.Transforms, func(x models.Transform) bool { return x.Type == t })
	if i < 0 {
		return models.Transform{}, false
	}
	return m.Transforms[i], true
}

func (v *validation) add(f Finding) { v.found = append(v.found, f) }

// about makes a finding about the map as a whole.
func (v *validation) about(s Severity, code string, side models.Side, message, mend string) {
	v.add(Finding{Code: code, Severity: s, Side: side, At: -1, Message: message, Mend: mend})
}

// endpoints finds the entities.
func (v *validation) endpoints() {
	for i, side := range models.Sides {
		name := v.def.Endpoint(side).Entity
		e, ok := v.schemas[i].Entity(name)
		if !ok {
			v.about(Blocking, "entity-unknown", side, "there is no entity "+name+" in the "+string(side)+" app", "Choose Refresh tables, or map another entity")
			continue
		}
		v.entity[i] = e
	}
}

// targets finds fields that two mappings write, and pairs that are there twice.
func (v *validation) targets() {
	pairs := map[[2]string]bool{}
	var written [2]map[string]int
	for i := range written {
		written[i] = map[string]int{}
	}
	for at := range v.mapped {
		m := &v.mapped[at]
		if pair := [2]string{m.Left, m.Right}; pairs[pair] {
			v.add(Finding{Code: "duplicate-mapping", Severity: Blocking, Field: cmp.Or(m.Left, m.Right), At: at,
				Message: cmp.Or(m.Left, "none") + " and " + cmp.Or(m.Right, "none") + " are mapped to each other twice", Mend: "Delete one of the two mappings"})
			continue
		} else {
			pairs[pair] = true
		}
		for i, side := range models.Sides {
			path := m.path(i)
			if !m.flows(i) {
				continue
			}
			if first, taken := written[i][path]; taken {
				v.add(Finding{Code: "duplicate-target", Severity: Blocking, Side: side, Field: path, At: at,
					Message: path + " is written by two mappings, from " + source(&v.mapped[first], i) + " and from " + source(m, i),
					Mend:    "Delete one of them, or turn it to the other direction"})
				continue
			}
			written[i][path] = at
		}
	}
}

// source names what a mapping writes to a side.
func source(m *mapped, to int) string {
	if p := m.path(1 - to); p != "" {
		return p
	}
	return "a default"
}

// companies checks that the legal entity stands on both sides or on neither,
// and is not a field like others.
func (v *validation) companies() {
	for i, side := range models.Sides {
		company := v.def.Endpoint(side).Company
		other := v.def.Endpoint(side.Other()).Company
		switch {
		case company == "" && other != "":
			v.about(Blocking, "company-one-side", side, v.entity[i].Name+" has no legal entity, but "+v.entity[1-i].Name+" has",
				"Name the field of the legal entity on both sides, or on neither")
		case company == "" && v.entity[i].Company != "":
			v.about(Advice, "company-left-out", side, v.entity[i].Name+" is kept by legal entity ("+v.entity[i].Company+"), but the map is not",
				"Name the field of the legal entity on both sides, unless all legal entities share these records")
		case company != "":
			if _, _, err := v.schemas[i].Resolve(v.entity[i].Name, company); err != nil {
				v.about(Blocking, "company-unknown", side, v.entity[i].Name+" has no field "+company+" for the legal entity", "Choose Refresh tables, or name another field")
			}
			v.companyMapped(i, company)
		}
	}
}

func (v *validation) companyMapped(i int, company string) {
	for at := range v.mapped {
		if strings.EqualFold(v.mapped[at].path(i), company) {
			v.add(Finding{Code: "company-mapped", Severity: Blocking, Side: models.Sides[i], Field: company, At: at,
				Message: company + " carries the legal entity and is mapped like a field too", Mend: "Delete this mapping; the legal entity is part of the key"})
		}
	}
}

// companyLimit checks that the legal entities that the map is limited to are among
// those of its environment.
func (v *validation) companyLimit(companies []string) {
	limit := v.def.Companies
	if len(limit) == 0 {
		return
	}
	if v.def.Left.Company == "" && v.def.Right.Company == "" {
		v.about(Blocking, "company-limit-global", "", "the map is limited to "+strings.Join(limit, ", ")+", but it is not per legal entity",
			"Take all legal entities, or name the field of the legal entity on both sides")
		return
	}
	if beyond := limit.Beyond(companies); len(beyond) > 0 {
		v.about(Blocking, "company-limit-unknown", "", "the map is limited to "+strings.Join(beyond, ", ")+", which its environment does not have",
			"Add what is missing to the environment, or choose other legal entities for the map")
	}
}
