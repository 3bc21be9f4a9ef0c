package engine

import (
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/engine/expression"
	"dualwrite/models"
)

// mapping is a definition made ready for use against the schemas of both apps.
type mapping struct {
	revision  int
	slots     int
	fields    []field
	selection [2]connectors.Selection
	key       [2][]int // positions of the match key in the selection, the legal entity last
	company   [2]int   // position of the legal entity, -1 for a global map
	limit     models.CompanyLimit
	companies []string // legal entities that are synchronised
	entity    [2]string
	passes    [2]connectors.Matcher
	// receives says whether records may be created and deleted on a side: only
	// where the whole key is copied to it.
	receives [2]bool
	// every names all fields of a side where the rows of both are laid out alike and
	// nothing but their values goes over; nil elsewhere.
	every []bool
}

// compile makes a definition ready for an environment of the given legal entities.
// Errors are of kind Invalid and name the field at fault.
func compile(def *models.Definition, schemas [2]*connectors.Schema, companies []string) (*mapping, error) {
	within, err := companiesWithin(def, companies)
	if err != nil {
		return nil, err
	}
	m := &mapping{revision: def.Revision, slots: def.NextSlot, limit: def.Companies, companies: within, receives: [2]bool{true, true}}
	for i, side := range models.Sides {
		if err := m.compileSide(i, def, side, schemas[i]); err != nil {
			return nil, err
		}
	}
	for _, fm := range def.Fields {
		f, err := m.compileField(fm, schemas)
		if err != nil {
			return nil, err
		}
		if f.key = slices.Contains(m.key[0], f.at[0]) && f.at[0] >= 0; f.key {
			for i := range m.receives {
				m.receives[i] = m.receives[i] && f.flows(i)
			}
		}
		m.fields = append(m.fields, f)
	}
	if m.alike() {
		m.every = slices.Repeat([]bool{true}, len(m.fields))
	}
	return m, nil
}

// alike reports whether the rows of both sides are laid out alike, and every value
// of one goes over to the other as it is, if it fits.
func (m *mapping) alike() bool {
	n := len(m.fields)
	if len(m.selection[0].Fields) != n || len(m.selection[1].Fields) != n || m.company != [2]int{-1, -1} {
		return false
	}
	seen := make([]bool, n)
	for i := range m.fields {
		f := &m.fields[i]
		if !f.plain || f.at[0] != f.at[1] || seen[f.at[0]] || !f.flows(0) || !f.flows(1) {
			return false
		}
		seen[f.at[0]] = true
	}
	return true
}

// asIs reports whether a new record of a side is the very row of the other.
func (m *mapping) asIs(side int, row connectors.Row) bool {
	if m.every == nil {
		return false
	}
	for i := range m.fields {
		f := &m.fields[i]
		if v, err := f.project(1-side, row); err != nil || v != row[f.at[side]] {
			return false
		}
	}
	return true
}

func (m *mapping) compileSide(i int, def *models.Definition, side models.Side, schema *connectors.Schema) error {
	end := def.Endpoint(side)
	m.entity[i] = end.Entity
	if _, ok := schema.Entity(end.Entity); !ok {
		return models.Errorf(models.Invalid, "the entity %s is not in the %s app; choose Refresh tables or map another one", end.Entity, side)
	}
	expr, err := filter.Parse(end.Filter)
	if err != nil {
		return models.Errorf(models.Invalid, "the filter of %s cannot be read: %v", end.Label, err)
	}
	paths := def.Selected(side)
	for _, p := range filter.Fields(expr) {
		if !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	for _, p := range reads(def, side) {
		if !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	types := make([]connectors.Type, len(paths))
	for j, p := range paths {
		_, f, err := schema.Resolve(end.Entity, p)
		if err != nil {
			return models.Errorf(models.Invalid, "%s has no field %s: %v", end.Entity, p, err)
		}
		types[j] = f.Type
	}
	sel := connectors.Selection{Entity: end.Entity, Fields: paths, Company: -1, Filter: expr}
	for _, k := range def.Key {
		sel.Key = append(sel.Key, slices.Index(paths, k.KeyField(side)))
	}
	if end.Company != "" {
		sel.Company = slices.Index(paths, end.Company)
		sel.Key = append(sel.Key, sel.Company)
	}
	if m.passes[i], err = connectors.CompileFilter(expr, paths, types); err != nil {
		return models.Errorf(models.Invalid, "the filter of %s: %v", end.Label, err)
	}
	m.key[i], m.company[i], m.selection[i] = sel.Key, sel.Company, sel
	return nil
}

func (m *mapping) compileField(fm models.FieldMapping, schemas [2]*connectors.Schema) (field, error) {
	f := field{slot: fm.Slot, since: fm.Since, direction: fm.Direction, path: [2]string{fm.Left, fm.Right}, at: [2]int{-1, -1}}
	for i := range f.path {
		if f.path[i] == "" {
			continue
		}
		own, end, err := schemas[i].Resolve(m.entity[i], f.path[i])
		if err != nil {
			return f, models.Errorf(models.Invalid, "%s has no field %s: %v", m.entity[i], f.path[i], err)
		}
		f.at[i], f.schema[i], f.lookup[i] = slices.Index(m.selection[i].Fields, f.path[i]), end, own != end
	}
	steps, err := compileSteps(fm.Transforms)
	if err != nil {
		return f, models.Errorf(models.Invalid, "%s: %v", f.name(), err)
	}
	f.steps = steps
	f.plain = len(steps) == 0 && !f.constant() && f.schema[0].Type == f.schema[1].Type
	return f, m.bind(&f)
}

// bind finds what the expressions of a field read in the records of its source.
func (m *mapping) bind(f *field) error {
	f.calculates = slices.ContainsFunc(f.steps, func(s step) bool { return s.expr != nil })
	from, ok := f.source()
	if !ok {
		return nil
	}
	if f.direction == models.Both {
		return models.Errorf(models.Invalid, "%s goes through an expression, which has no way back; copy it in one direction", f.name())
	}
	for i := range f.steps {
		s := &f.steps[i]
		if s.expr == nil {
			continue
		}
		s.from = from
		for _, p := range s.expr.Fields() {
			s.reads = append(s.reads, slices.Index(m.selection[from].Fields, p))
		}
	}
	return nil
}

// reads lists the paths of a side that expressions read besides the mapped fields.
func reads(def *models.Definition, side models.Side) (out []string) {
	for _, f := range def.Fields {
		if f.Direction.Flows(side) {
			continue
		}
		for _, t := range f.Transforms {
			if t.Type != models.Expression {
				continue
			}
			if e, err := expression.Parse(t.Expression); err == nil { // what is wrong with it is told where it is compiled
				out = append(out, e.Fields()...)
			}
		}
	}
	return out
}

// name is how pages call the field mapping.
func (f *field) name() string {
	if f.path[0] != "" {
		return f.path[0]
	}
	return f.path[1]
}

// recordKey is a key for people: the values joined, the legal entity last.
func (m *mapping) recordKey(side int, row connectors.Row) string {
	parts := make([]string, len(m.key[side]))
	for i, at := range m.key[side] {
		parts[i] = row[at].String()
	}
	return strings.Join(parts, " · ")
}

// keySeparator parts the values of a canonical key; inside them it is escaped.
const (
	keySeparator = "\x1f"
	keyEscape    = "\x1e\x1e"
)

// matchKey is the key that both sides' records are joined by: compared the way
// the looser of the two apps does. "" when a part of it is empty.
func (m *mapping) matchKey(side int, row connectors.Row, fold connectors.Fold) string {
	var b strings.Builder
	for i, at := range m.key[side] {
		v := row[at]
		if f := m.keyField(side, at); f != nil {
			v = f.canonical(side, row)
		}
		if v.IsEmpty() {
			return ""
		}
		text := fold.Apply(v).String()
		if v.Type() == connectors.Bool || v.Type() == connectors.Decimal || v.Type() == connectors.Int {
			text = numeric(v)
		}
		if i > 0 {
			b.WriteString(keySeparator)
		}
		b.WriteString(strings.ReplaceAll(text, keySeparator, keyEscape))
	}
	return b.String()
}

// keyField is the field mapping of a key position, nil for the legal entity.
func (m *mapping) keyField(side, at int) *field {
	for i := range m.fields {
		if f := &m.fields[i]; f.key && f.at[side] == at {
			return f
		}
	}
	return nil
}

// keyValues turns a match key back into the key of a side. The values are
// folded, so that they find their record only as loosely as keys are compared.
func (m *mapping) keyValues(side int, key string) (connectors.Row, bool) {
	parts := strings.Split(key, keySeparator)
	if len(parts) != len(m.key[0]) {
		return nil, false
	}
	row := make(connectors.Row, len(m.selection[0].Fields))
	for i, at := range m.key[0] {
		v := connectors.TextValue(strings.ReplaceAll(parts[i], keyEscape, keySeparator))
		if f := m.keyField(0, at); f != nil {
			v = f.norm(0, v)
		}
		row[at] = v
	}
	if side == 1 {
		out, err := m.keyFor(0, row)
		return out, err == nil
	}
	out := make(connectors.Row, len(m.key[0]))
	for i, at := range m.key[0] {
		out[i] = row[at]
	}
	return out, true
}

// keyFor carries the key of a record to the other side, to find its partner.
func (m *mapping) keyFor(from int, row connectors.Row) (connectors.Row, *fault) {
	to := 1 - from
	out := make(connectors.Row, len(m.key[to]))
	for i, at := range m.key[from] {
		out[i] = row[at]
		if f := m.keyField(from, at); f != nil {
			v, err := f.project(from, row)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
	}
	return out, nil
}

// inMap reports whether a record of a side belongs to the map: it passes the
// side's filter and its legal entity is synchronised.
func (m *mapping) inMap(side int, row connectors.Row) bool {
	if at := m.company[side]; at >= 0 && !containsFold(m.companies, row[at].String()) {
		return false
	}
	return m.passes[side](row)
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(c string) bool { return strings.EqualFold(c, s) })
}

// sums hashes the mapped values of a row, by slot.
func (m *mapping) sums(side int, row connectors.Row) models.Sums {
	return m.sumsBeside(side, row, nil, nil)
}

// sumsBeside is sums, told those of a row of the other side: values that are the
// same there have the same sums.
func (m *mapping) sumsBeside(side int, row, other connectors.Row, known models.Sums) models.Sums {
	differ := 0
	if known != nil {
		for differ < len(m.fields) && m.fields[differ].alike(side, row, other) {
			differ++
		}
		if differ == len(m.fields) {
			return known
		}
	}
	out := make(models.Sums, m.slots)
	var room [256]byte
	scratch := room[:0]
	for i := range m.fields {
		f := &m.fields[i]
		switch {
		case f.at[side] < 0 || f.constant():
		case i < differ, known != nil && f.alike(side, row, other):
			out[f.slot] = known.At(f.slot)
		default:
			scratch = f.canonical(side, row).AppendBinary(scratch[:0])
			out[f.slot] = models.Sum(xxhash.Sum64(scratch)) & models.SumMask
		}
	}
	return out
}

// empties lists the slots whose value a row does not have.
func (m *mapping) empties(side int, row connectors.Row) models.Slots {
	var out models.Slots
	for i := range m.fields {
		if f := &m.fields[i]; f.at[side] >= 0 && row[f.at[side]].IsEmpty() {
			out.Add(f.slot)
		}
	}
	return out
}

// names lists the field mappings of a set of slots.
func (m *mapping) names(slots models.Slots) []string {
	var out []string
	for i := range m.fields {
		if slots.Has(m.fields[i].slot) {
			out = append(out, m.fields[i].name())
		}
	}
	return out
}

// hasKey looks for an active alternate key on exactly the wanted paths; a key
// on a lookup column counts for a path through it.
func hasKey(e *connectors.EntitySchema, want []string) bool {
	return slices.ContainsFunc(e.Keys, func(k connectors.AlternateKey) bool {
		if !k.Active || len(k.Fields) != len(want) {
			return false
		}
		return !slices.ContainsFunc(want, func(w string) bool {
			head, _ := connectors.CutPath(w)
			return !slices.Contains(k.Fields, w) && !slices.Contains(k.Fields, head)
		})
	})
}
