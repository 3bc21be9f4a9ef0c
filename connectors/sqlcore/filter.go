package sqlcore

import (
	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

// filterField is a field that a filter reads: the expression of its content and
// the column that this comes from.
type filterField struct {
	expr   string
	column *Column
}

// filterSQL translates a filter to a condition that is never null and that
// passes the same records as connectors.CompileFilter does, which has accepted
// the filter before.
func filterSQL(d Dialect, e filter.Expr, fields map[string]filterField) Fragment {
	switch n := e.(type) {
	case filter.And, filter.Or:
		return balanced(d, operands(e, e), e, fields)
	case filter.Not:
		// MariaDB takes NOT (… IS TRUE) for a condition that no null passes, and then
		// leaves out the records whose lookup leads nowhere.
		x := filterSQL(d, n.X, fields)
		return Fragment{"(" + x.SQL + ") IS NOT TRUE", x.Args}
	case filter.Compare:
		f := fields[n.Field]
		switch {
		case n.Value.Kind != filter.NullLiteral:
			return d.Compare(f.column, f.expr, n)
		case n.Op == filter.Eq:
			return Fragment{SQL: f.expr + " IS NULL"}
		case n.Op == filter.Ne:
			return Fragment{SQL: f.expr + " IS NOT NULL"}
		}
		return Never()
	case filter.Match:
		f := fields[n.Field]
		return d.Match(f.column, f.expr, n)
	}
	return Always()
}

// Never and Always are the conditions that no and every record passes, spelled
// so that every dialect understands them.
func Never() Fragment { return Fragment{SQL: "1 = 0"} }

// Always is the condition that every record passes.
func Always() Fragment { return Fragment{SQL: "1 = 1"} }

// operands lists what a chain of the same And or Or as like joins.
func operands(e, like filter.Expr) []filter.Expr {
	switch n := e.(type) {
	case filter.And:
		if _, same := like.(filter.And); same {
			return append(operands(n.Left, like), operands(n.Right, like)...)
		}
	case filter.Or:
		if _, same := like.(filter.Or); same {
			return append(operands(n.Left, like), operands(n.Right, like)...)
		}
	}
	return []filter.Expr{e}
}

// balanced joins a chain as a tree of little depth: databases limit how deeply
// an expression nests.
func balanced(d Dialect, chain []filter.Expr, like filter.Expr, fields map[string]filterField) Fragment {
	if len(chain) == 1 {
		return filterSQL(d, chain[0], fields)
	}
	op := " AND "
	if _, or := like.(filter.Or); or {
		op = " OR "
	}
	half := len(chain) / 2
	l, r := balanced(d, chain[:half], like, fields), balanced(d, chain[half:], like, fields)
	return Fragment{"(" + l.SQL + op + r.SQL + ")", append(l.Args, r.Args...)}
}

// compileFilter compiles the filter's fields, which need not be among the
// selected.
func (c *Catalog) compileFilter(d Dialect, t *Table, e filter.Expr, j *Joins) (Fragment, error) {
	names := filter.Fields(e)
	types := make([]connectors.Type, len(names))
	fields := map[string]filterField{}
	for i, name := range names {
		f, err := c.Resolve(t, name)
		if err != nil {
			return Fragment{}, err
		}
		fields[name], types[i] = filterField{j.Column(f), f.End()}, f.End().Type
	}
	if _, err := connectors.CompileFilter(e, names, types); err != nil {
		return Fragment{}, err
	}
	return filterSQL(d, e, fields), nil
}
