package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/google/uuid"
)

// statement is the text that writes all items of one shape: the same operation,
// the same fields, the same lookups to resolve. Its bound rows are known as c;
// each that something was done for or found out about answers with its number, whether another record holds its key, how many
// parents each lookup found (null where none was asked for), and the native id
// of the record as stored, null where nothing was. A direct statement goes on
// with what else a plan reads of the record.
type statement struct {
	sql     string
	direct  bool
	fill    []func(*item) *string // the arrays, in order
	lookups []int                 // for each lookup, the first field that leads through it
}

// shaper builds a statement.
type shaper struct {
	*plan
	op      connectors.Op
	item    *item // one of the shape
	names   []string
	fill    []func(*item) *string
	columns []string // written
	values  []string // what to
	joins   string   // that resolve the lookups
	lookups []int
	from    string // what values are read from
	company bool   // the rows of c carry the company
}

// direct reports whether a statement that writes records can answer what it has
// stored: the server tells no version of rows that it puts into a partition, and
// what lookups lead to is not in the row.
func (p *plan) direct() bool {
	return p.rel.kind == "r" && !slices.ContainsFunc(p.Fields, func(f *sqlcore.Path) bool { return !f.Plain() })
}

// returning is what a written row answers, and what a statement selects of it
// from the part that wrote it.
func (s *shaper) returning(part string) (list, selected string) {
	list = s.Table.IDSQL(dialect{}, "t.") + " AS id"
	if !s.direct() {
		return list, ""
	}
	for i, expr := range s.List[1:] {
		list += fmt.Sprintf(", %s AS x%d", expr, i)
		selected += fmt.Sprintf(", %s.x%d", part, i)
	}
	return list, selected
}

// shape appends what tells which items one statement can write.
func (p *plan) shape(b []byte, it *item) []byte {
	b = append(b, it.kind()[0])
	for i := range p.Fields {
		switch {
		case !it.set[i]:
			b = append(b, '-')
		case p.Fields[i].Plain():
			b = append(b, 's')
		case it.values[i].IsEmpty():
			b = append(b, 'e')
		default:
			b = append(b, 'l')
		}
	}
	if it.companyGiven {
		b = append(b, 'c')
	}
	switch {
	case it.heldKey == nil:
	case it.keyNull:
		b = append(b, 'n')
	default:
		b = append(b, 'h')
	}
	return b
}

// statementFor gives the statement for items like this one.
func (p *plan) statementFor(it *item) *statement {
	shape := string(p.shape(nil, it))
	if s, ok := p.shapes.Load(shape); ok {
		return s.(*statement)
	}
	s := &shaper{plan: p, op: it.w.Op, item: it, from: "r."}
	if it.kind() == kindCreate {
		s.from = "o."
	}
	built := &statement{sql: numbered(s.build(it.kind())), direct: p.direct() && (s.from == "o." || it.kind() == kindUpdate), fill: s.fill, lookups: s.lookups}
	p.shapes.Store(shape, built)
	return built
}

// bind adds a column to the rows of c.
func (s *shaper) bind(name string, fill func(*item) *string) {
	s.names, s.fill = append(s.names, name), append(s.fill, fill)
}

func (s *shaper) build(kind string) string {
	s.bind("n", func(it *item) *string { n := strconv.Itoa(it.at); return &n })
	if s.op == connectors.Create {
		for i := range s.item.heldKey {
			s.bind("h"+strconv.Itoa(i), func(it *item) *string { return it.heldKey[i] })
		}
	} else {
		for i := range s.Table.Key {
			s.bind("k"+strconv.Itoa(i), func(it *item) *string { return it.id[i] })
		}
		s.bind("ver", func(it *item) *string { return &it.w.If })
	}
	s.assign()
	switch {
	case kind == kindDelete:
		return s.remove()
	case kind == kindUpdate && len(s.lookups) == 0:
		return s.updatePlain()
	}
	c := "WITH c(" + strings.Join(s.names, ", ") + ") AS (" + dialect{}.Rows(0, len(s.names)) + ")"
	switch kind {
	case kindUpdate:
		return c + s.resolved("") + s.update()
	case kindCreate:
		return c + s.held() + s.resolved(", h.n IS NOT NULL AS held") + s.create()
	}
	return c + s.resolved("") + " SELECT r.n, 'false', " + s.found() + ", NULL FROM r"
}

// assign goes through the fields to write, each lookup once.
func (s *shaper) assign() {
	done := map[*sqlcore.Column]bool{}
	for _, plain := range []bool{false, true} {
		for i, f := range s.Fields {
			own := f.Own()
			if !s.item.set[i] || f.Plain() != plain || done[own] || s.op == connectors.Delete {
				continue
			}
			done[own] = true
			s.columns = append(s.columns, quote(own.Name))
			if plain {
				name := "v" + strconv.Itoa(i)
				s.bind(name, func(it *item) *string { return store(own, it.values[i]) })
				s.values = append(s.values, dialect{}.Operand(own, s.from+name))
			} else {
				s.values = append(s.values, s.lookup(own))
			}
		}
	}
	if key := s.Table.SingleKey(); s.op == connectors.Create && s.rel.makeID && !done[key] {
		s.bind("own", newID)
		s.columns, s.values = append(s.columns, quote(key.Name)), append(s.values, dialect{}.Operand(key, s.from+"own"))
	}
}

// newID makes a native id for tables whose key is a unique identifier that
// nobody else gives.
func newID(*item) *string {
	id := uuid.NewString()
	return &id
}

// lookup resolves one lookup from all selected fields through it that have a
// value; without any it is cleared.
func (s *shaper) lookup(own *sqlcore.Column) string {
	var conditions []string
	var parent *sqlcore.Table
	first := -1
	for i, f := range s.Fields {
		if f.Own() != own || f.Plain() || !s.item.set[i] || s.item.values[i].IsEmpty() {
			continue
		}
		if first < 0 {
			first = i
		}
		name := "v" + strconv.Itoa(i)
		s.bind(name, func(it *item) *string { return store(f.End(), it.values[i]) })
		parent = f.Steps[1].Table
		conditions = append(conditions, f.Rest().Leads(dialect{}, "p", dialect{}.Operand(f.End(), "c."+name), equal, s.within))
	}
	if first < 0 {
		return "NULL"
	}
	s.lookups = append(s.lookups, first)
	alias := "l" + strconv.Itoa(len(s.lookups))
	s.joins += fmt.Sprintf(" CROSS JOIN LATERAL (SELECT (array_agg(x.id))[1] AS id, count(*) AS found FROM (SELECT p.%s AS id FROM %s AS p WHERE %s LIMIT 2) AS x) AS %s",
		quote(parent.SingleKey().Name), dialect{}.From(parent), strings.Join(conditions, " AND "), alias)
	return s.from + alias + "::" + own.Typed
}

func equal(a, b string) string { return a + " = " + b }

// within keeps a lookup to the record's own company: the one it is to have, else
// the one it has. Records that belong to no company are found from all.
func (s *shaper) within(t *sqlcore.Table, alias string) string {
	if s.Sel.Company < 0 {
		return ""
	}
	path, err := s.Catalog.Resolve(t, s.Sel.Fields[s.Sel.Company])
	if err != nil {
		return ""
	}
	value := "c.co"
	switch {
	case !s.item.companyGiven:
		j := &sqlcore.Joins{D: dialect{}, Alias: "t"}
		value = j.Column(s.Fields[s.Sel.Company])
	case !s.company:
		s.company = true
		s.bind("co", func(it *item) *string { return it.company })
	}
	return path.Leads(dialect{}, alias, dialect{}.Operand(path.End(), value), equal, nil)
}

// held finds out which keys other records hold.
func (s *shaper) held() string {
	if len(s.item.heldKey) == 0 {
		return ", h AS (SELECT c.n FROM c WHERE false)"
	}
	return ", h AS (SELECT DISTINCT c.n FROM c CROSS JOIN " + s.Source + " WHERE " + s.KeyCondition("c.h", s.item.keyNull) + ")"
}

// resolved is the rows with their parents.
func (s *shaper) resolved(more string) string {
	from := " FROM c"
	if more != "" {
		from += " LEFT JOIN h ON h.n = c.n"
	} else if s.op == connectors.Update && len(s.lookups) > 0 && s.Sel.Company >= 0 && !s.item.companyGiven {
		from += " LEFT JOIN (" + s.Source + ") ON " + s.Table.IDEquals(dialect{}, "t.", "c.k")
	}
	list := "c.*" + more
	for i := range s.lookups {
		list += fmt.Sprintf(", l%d.id AS l%d, l%d.found AS f%d", i+1, i+1, i+1, i+1)
	}
	return ", r AS MATERIALIZED (SELECT " + list + from + s.joins + ")"
}

// found is the numbers of parents as an array's text.
func (s *shaper) found() string {
	if len(s.lookups) == 0 {
		return "''"
	}
	var counts []string
	for i := range s.lookups {
		counts = append(counts, fmt.Sprintf("r.f%d", i+1))
	}
	return "concat_ws(' ', " + strings.Join(counts, ", ") + ")"
}

// alone is the condition that each lookup has found its one parent.
func (s *shaper) alone() string {
	all := ""
	for i := range s.lookups {
		all += fmt.Sprintf(" AND r.f%d = 1", i+1)
	}
	return all
}

func (s *shaper) create() string {
	list, selected := s.returning("z")
	into := ""
	if len(s.columns) > 0 {
		into = " (" + strings.Join(s.columns, ", ") + ")"
	}
	return ", o AS (SELECT r.*, row_number() OVER (ORDER BY r.n::int) AS place FROM r WHERE NOT r.held" + s.alone() + ")" +
		", i AS (INSERT INTO " + dialect{}.From(s.Table) + " AS t" + into + " SELECT " + strings.Join(s.values, ", ") + " FROM o ORDER BY o.place RETURNING " + list + ")" +
		", z AS (SELECT i.*, row_number() OVER () AS place FROM i)" +
		" SELECT r.n, r.held::text, " + s.found() + ", z.id" + selected + " FROM r LEFT JOIN o ON o.n = r.n LEFT JOIN z ON z.place = o.place"
}

func (s *shaper) update() string {
	list, selected := s.returning("u")
	set := make([]string, len(s.columns))
	for i := range set {
		set[i] = s.columns[i] + " = " + s.values[i]
	}
	return ", u AS (UPDATE " + dialect{}.From(s.Table) + " AS t SET " + strings.Join(set, ", ") + " FROM r WHERE " + s.unmoved("r.") + s.alone() +
		" RETURNING r.n, " + list + ")" +
		" SELECT r.n, 'false', " + s.found() + ", u.id" + selected + " FROM r LEFT JOIN u ON u.n = r.n"
}

// rows is the bound rows under a name, as a statement reads them that needs them
// once only.
func (s *shaper) rows(name string) string {
	return "(" + dialect{}.Rows(0, len(s.names)) + ") AS " + name + "(" + strings.Join(s.names, ", ") + ")"
}

// updatePlain looks nothing up, and so needs no part to remember what was found: it
// answers what it has written, and nothing for what has moved, for half the price.
func (s *shaper) updatePlain() string {
	list := s.Table.IDSQL(dialect{}, "t.")
	if s.direct() {
		list = strings.Join(s.List, ", ")
	}
	set := make([]string, len(s.columns))
	for i := range set {
		set[i] = s.columns[i] + " = " + s.values[i]
	}
	return "UPDATE " + dialect{}.From(s.Table) + " AS t SET " + strings.Join(set, ", ") + " FROM " + s.rows("r") + " WHERE " + s.unmoved("r.") +
		" RETURNING r.n, 'false', '', " + list
}

func (s *shaper) remove() string {
	return "DELETE FROM " + dialect{}.From(s.Table) + " AS t USING " + s.rows("c") + " WHERE " + s.unmoved("c.") + " RETURNING c.n, 'false', '', " + s.Table.IDSQL(dialect{}, "t.")
}

// unmoved is the condition that the record is there, at the version asked for.
// When another transaction has just written the row, the server checks it again
// against what that one has left.
func (s *shaper) unmoved(prefix string) string {
	return s.Table.IDEquals(dialect{}, "t.", prefix+"k") + " AND (" + prefix + "ver = '' OR " + version(s.Table, "t") + " = " + prefix + "ver)"
}
