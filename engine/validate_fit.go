package engine

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/models"
)

// Fit gives a definition that comes from elsewhere the names of the apps at
// hand: entities by name, label or fields, fields whatever the case of their
// letters. Where it has no legal entity or no key they are proposed from what
// the apps declare. It says in words what it changed; what it cannot find stays
// as it is, for Validate to tell.
func Fit(def *models.Definition, schemas [2]*connectors.Schema) (said []string) {
	f := &fitting{def: def, schemas: schemas}
	for i, side := range models.Sides {
		f.entity(i, side)
	}
	for i, side := range models.Sides {
		if f.found[i] == nil {
			continue
		}
		f.paths(i)
		f.filter(i, side)
		f.options(i, side)
	}
	if f.found[0] != nil && f.found[1] != nil {
		f.company()
		f.key()
	}
	return f.said
}

type fitting struct {
	def     *models.Definition
	schemas [2]*connectors.Schema
	found   [2]*connectors.EntitySchema
	said    []string
}

func (f *fitting) say(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

func (f *fitting) entity(i int, side models.Side) {
	end := f.def.Endpoint(side)
	e := named(f.schemas[i], end.Entity)
	if e == nil {
		if e = f.byFields(i); e != nil {
			f.say("the entity %s is taken for %s, the only one with all of its fields", end.Entity, e.Name)
		}
	}
	if e != nil {
		end.Entity, f.found[i] = e.Name, e
	}
}

// named finds an entity by its name or label: as it stands, then by letters and
// digits alone, then in the singular or plural. nil if there is none, or several.
func named(s *connectors.Schema, name string) *connectors.EntitySchema {
	if e, ok := s.Entity(name); ok {
		return e
	}
	for _, same := range []func(a, b string) bool{
		func(a, b string) bool { return bareName(a) == bareName(b) },
		func(a, b string) bool { return singular(a) == singular(b) },
		func(a, b string) bool {
			return strings.TrimSuffix(bareName(a), "entity") == strings.TrimSuffix(bareName(b), "entity")
		},
	} {
		var found []*connectors.EntitySchema
		for i := range s.Entities {
			if e := &s.Entities[i]; same(e.Name, name) || same(e.Label, name) {
				found = append(found, e)
			}
		}
		if len(found) == 1 {
			return found[0]
		}
	}
	return nil
}

// singular is a bare name without what makes it a plural.
func singular(name string) string {
	name = bareName(name)
	if one, ok := strings.CutSuffix(name, "ies"); ok {
		return one + "y"
	}
	return strings.TrimRight(name, "s")
}

// bareName is a name's letters and digits in lower case.
func bareName(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// byFields finds the one entity that has every mapped field of a side.
func (f *fitting) byFields(i int) *connectors.EntitySchema {
	var found *connectors.EntitySchema
	for j := range f.schemas[i].Entities {
		e := &f.schemas[i].Entities[j]
		all, any := true, false
		for _, m := range f.def.Fields {
			if path := m.Path(models.Sides[i]); path != "" {
				any = true
				_, ok := spelled(f.schemas[i], e, path)
				all = all && ok
			}
		}
		if all && any {
			if found != nil {
				return nil
			}
			found = e
		}
	}
	return found
}

// spelled is a path as the schema spells it, without regard to case in what is
// given.
func spelled(s *connectors.Schema, e *connectors.EntitySchema, path string) (string, bool) {
	head, rest := connectors.CutPath(path)
	own, ok := e.Field(head)
	if !ok {
		i := slices.IndexFunc(e.Fields, func(f connectors.Field) bool { return strings.EqualFold(f.Name, head) })
		if i < 0 {
			return path, false
		}
		own = &e.Fields[i]
	}
	if rest == "" {
		return own.Name, true
	}
	if len(own.Targets) > 0 {
		rest, ok = spelledBranches(s, own, rest)
		return own.Name + "." + rest, ok
	}
	parent, ok := s.Entity(own.Lookup)
	if !ok {
		return path, false
	}
	rest, ok = spelled(s, parent, rest)
	return own.Name + "." + rest, ok
}

// spelledBranches is spelled for what follows a lookup to records of several
// entities, which may be called by the name of one record.
func spelledBranches(s *connectors.Schema, own *connectors.Field, rest string) (string, bool) {
	branches := connectors.ReadBranches(rest)
	for i, b := range branches {
		parent := named(s, b.Entity)
		if parent == nil || !slices.Contains(own.Targets, parent.Name) {
			return rest, false
		}
		path, ok := spelled(s, parent, b.Path)
		if !ok {
			return rest, false
		}
		branches[i] = connectors.Branch{Entity: parent.Name, Path: path}
	}
	return connectors.WriteBranches(branches), len(branches) > 0
}

func (f *fitting) paths(i int) {
	fit := func(path *string) {
		if name, ok := spelled(f.schemas[i], f.found[i], *path); ok {
			*path = name
		}
	}
	for at := range f.def.Fields {
		fit([2]*string{&f.def.Fields[at].Left, &f.def.Fields[at].Right}[i])
	}
	for at := range f.def.Key {
		fit([2]*string{&f.def.Key[at].Left, &f.def.Key[at].Right}[i])
	}
	fit(&f.def.Endpoint(models.Sides[i]).Company)
}

// filter spells a filter's fields as the app does. The text stays otherwise as
// it was written.
func (f *fitting) filter(i int, side models.Side) {
	end := f.def.Endpoint(side)
	expr, err := filter.Parse(end.Filter)
	if err != nil {
		return
	}
	for _, path := range filter.Fields(expr) {
		if name, ok := spelled(f.schemas[i], f.found[i], path); ok && name != path {
			end.Filter = renameOutsideQuotes(end.Filter, path, name)
		}
	}
}

// renameOutsideQuotes replaces a whole word of a filter.
func renameOutsideQuotes(text, old, name string) string {
	var b strings.Builder
	var quote byte
	for at := 0; at < len(text); {
		c := text[at]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case strings.HasPrefix(text[at:], old) && (at == 0 || !wordByte(text[at-1])) && (at+len(old) == len(text) || !wordByte(text[at+len(old)])):
			b.WriteString(name)
			at += len(old)
			continue
		}
		b.WriteByte(c)
		at++
	}
	return b.String()
}

func wordByte(c byte) bool {
	return c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// options spells the values of defaults and value maps as the app spells its own:
// "non-Specific" is NonSpecific where that is one of its options.
func (f *fitting) options(i int, side models.Side) {
	for at := range f.def.Fields {
		m := &f.def.Fields[at]
		_, end, err := f.schemas[i].Resolve(f.found[i].Name, m.Path(side))
		if err != nil || end.Options == nil {
			continue
		}
		fit := func(value *string) {
			to := slices.IndexFunc(end.Options, func(o string) bool { return bareName(o) == bareName(*value) })
			if to < 0 || slices.Contains(end.Options, *value) {
				return
			}
			if !strings.EqualFold(end.Options[to], *value) {
				f.say("the value %s of %s is taken for %s", *value, m.Path(side), end.Options[to])
			}
			*value = end.Options[to]
		}
		for n := range m.Transforms {
			t := &m.Transforms[n]
			if t.Type == models.Default && m.Direction.Flows(side) {
				fit(&t.Default)
			}
			for p := range t.Pairs {
				fit([2]*string{&t.Pairs[p].Left, &t.Pairs[p].Right}[i])
			}
		}
	}
}

func (f *fitting) company() {
	if f.def.Left.Company != "" || f.def.Right.Company != "" || f.found[0].Company == "" || f.found[1].Company == "" {
		return
	}
	f.def.Left.Company, f.def.Right.Company = f.found[0].Company, f.found[1].Company
	f.say("the legal entity is in %s and %s", f.def.Left.Company, f.def.Right.Company)
}

// key proposes the first alternate key of the right side whose fields are mapped
// both ways to those of a key of the left; failing that, any of either side.
func (f *fitting) key() {
	if len(f.def.Key) > 0 {
		return
	}
	var second []models.KeyPair
	for _, side := range []int{1, 0} {
		for _, k := range f.found[side].Keys {
			pairs := f.pairs(side, k)
			if len(pairs) == 0 {
				continue
			}
			if f.unique(1-side, pairs) {
				f.propose(pairs)
				return
			}
			if second == nil {
				second = pairs
			}
		}
	}
	if second != nil {
		f.propose(second)
	}
}

func (f *fitting) propose(pairs []models.KeyPair) {
	f.def.Key = pairs
	var words []string
	for _, k := range pairs {
		words = append(words, k.Left+" = "+k.Right)
	}
	f.say("the key is %s, from the alternate keys of the apps", strings.Join(words, ", "))
}

// pairs are the mappings of an alternate key's fields, nil where one is not
// mapped both ways. The legal entity needs none.
func (f *fitting) pairs(side int, k connectors.AlternateKey) []models.KeyPair {
	company, _ := connectors.CutPath(f.def.Endpoint(models.Sides[side]).Company)
	var out []models.KeyPair
	for _, path := range k.Fields {
		own, _ := connectors.CutPath(path)
		if company != "" && own == company {
			continue
		}
		at := slices.IndexFunc(f.def.Fields, func(m models.FieldMapping) bool {
			mine := m.Path(models.Sides[side])
			head, _ := connectors.CutPath(mine)
			return m.Left != "" && m.Right != "" && m.Direction == models.Both && (mine == path || head == own)
		})
		if at < 0 || !k.Active {
			return nil
		}
		out = append(out, models.KeyPair{Left: f.def.Fields[at].Left, Right: f.def.Fields[at].Right})
	}
	return out
}

func (f *fitting) unique(side int, pairs []models.KeyPair) bool {
	var want []string
	for _, k := range pairs {
		want = append(want, k.KeyField(models.Sides[side]))
	}
	if company := f.def.Endpoint(models.Sides[side]).Company; company != "" {
		want = append(want, company)
	}
	return hasKey(f.found[side], want)
}
