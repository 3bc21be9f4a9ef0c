package sqlite

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

// fragment is a piece of SQL and the values bound in it, in order.
type fragment struct {
	sql  string
	args []any
}

// filterField is a field that a filter reads: the expression of its raw content
// and the column that this comes from.
type filterField struct {
	expr   string
	column *column
}

// filterSQL translates a filter to a condition that is 0 or 1, never null, and
// that passes the same records as connectors.CompileFilter does, which has
// accepted the filter before. Two differences remain: instants are compared to
// the millisecond, and decimals kept as text by their first 15 digits.
func filterSQL(e filter.Expr, fields map[string]filterField) fragment {
	switch n := e.(type) {
	case filter.And, filter.Or:
		return balanced(operands(e, e), e, fields)
	case filter.Not:
		x := filterSQL(n.X, fields)
		return fragment{"NOT (" + x.sql + ")", x.args}
	case filter.Compare:
		return compareSQL(n, fields[n.Field])
	case filter.Match:
		return matchSQL(n, fields[n.Field])
	}
	return fragment{sql: "1"}
}

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

// balanced joins a long chain by halves: SQLite limits how deep an expression
// may be nested, not how long it is.
func balanced(chain []filter.Expr, like filter.Expr, fields map[string]filterField) fragment {
	if len(chain) == 1 {
		return filterSQL(chain[0], fields)
	}
	op := " AND "
	if _, or := like.(filter.Or); or {
		op = " OR "
	}
	half := len(chain) / 2
	l, r := balanced(chain[:half], like, fields), balanced(chain[half:], like, fields)
	return fragment{"(" + l.sql + op + r.sql + ")", append(l.args, r.args...)}
}

var relations = map[filter.CompareOp]string{filter.Eq: "=", filter.Ne: "<>", filter.Gt: ">", filter.Ge: ">=", filter.Lt: "<", filter.Le: "<="}

func compareSQL(n filter.Compare, f filterField) fragment {
	switch {
	case n.Value.Kind != filter.NullLiteral:
	case n.Op == filter.Eq:
		return fragment{sql: f.expr + " IS NULL"}
	case n.Op == filter.Ne:
		return fragment{sql: f.expr + " IS NOT NULL"}
	default:
		return fragment{sql: "0"}
	}
	switch f.column.typ {
	case connectors.Text:
		return textSQL(n, f.text())
	case connectors.Int, connectors.Decimal, connectors.Float:
		return numberSQL(n, f)
	case connectors.Bool:
		v, _ := parseBool(n.Value.Text)
		return relate(boolSQL(f.expr), n.Op, v.Int())
	case connectors.GUID:
		return relate(f.expr+" COLLATE NOCASE", n.Op, n.Value.Text)
	}
	return timeSQL(n, f)
}

// relate is a relation that only ne lets a null pass.
func relate(expr string, op filter.CompareOp, value any) fragment {
	if op == filter.Ne {
		return fragment{"(" + expr + " = ?) IS NOT 1", []any{value}}
	}
	return fragment{"(" + expr + " " + relations[op] + " ?) IS 1", []any{value}}
}

// text is the field as text; numbers in a column without text affinity read as
// texts too.
func (f filterField) text() string {
	if f.column.affinity == textAffinity {
		return f.expr
	}
	return "CAST(" + f.expr + " AS TEXT)"
}

// textSQL compares without regard to the case of ASCII letters. A null equals
// the empty text, and eq and ne drop trailing spaces.
func textSQL(n filter.Compare, expr string) fragment {
	if n.Op == filter.Eq || n.Op == filter.Ne {
		return fragment{"coalesce(rtrim(" + expr + ", ' '), '') " + relations[n.Op] + " ? COLLATE NOCASE", []any{strings.TrimRight(n.Value.Text, " ")}}
	}
	return relate(expr+" COLLATE NOCASE", n.Op, n.Value.Text)
}

// numberSQL compares with the whole number, or with the floating point number
// that is nearest to the literal; the relation is moved to the exact side of it.
func numberSQL(n filter.Compare, f filterField) fragment {
	expr := "CASE WHEN typeof(" + f.expr + ") IN ('integer', 'real') THEN " + f.expr + " END"
	if f.column.affinity == textAffinity || f.column.affinity == blobAffinity {
		expr = "CAST(" + f.expr + " AS NUMERIC)"
	}
	literal, err := connectors.DecimalValue(n.Value.Text)
	if err != nil {
		return fragment{sql: "0"}
	}
	if whole, err := strconv.ParseInt(literal.Text(), 10, 64); err == nil {
		return relate(expr, n.Op, whole)
	}
	nearest, _ := strconv.ParseFloat(literal.Text(), 64)
	return relateNear(expr, n.Op, nearest, roundedUp(nearest, literal))
}

// roundedUp is the sign of a floating point number, by its shortest digits,
// minus the literal that it is nearest to.
func roundedUp(nearest float64, literal connectors.Value) int {
	if math.IsInf(nearest, 0) {
		return int(math.Copysign(1, nearest))
	}
	shortest, _ := loadDecimal(nearest)
	a, _ := new(big.Rat).SetString(shortest.Text())
	b, _ := new(big.Rat).SetString(literal.Text())
	return a.Cmp(b)
}

func relateNear(expr string, op filter.CompareOp, nearest float64, up int) fragment {
	switch {
	case up == 0:
	case op == filter.Eq:
		return fragment{sql: "0"}
	case op == filter.Ne:
		return fragment{sql: "1"}
	case up > 0 && (op == filter.Gt || op == filter.Ge):
		op = filter.Ge
	case up > 0:
		op = filter.Lt
	case op == filter.Gt || op == filter.Ge:
		op = filter.Gt
	default:
		op = filter.Le
	}
	return relate(expr, op, nearest)
}

// boolSQL is 1, 0 or null for the contents that column.load takes for yes, no
// and neither.
func boolSQL(expr string) string {
	return "CASE WHEN typeof(" + expr + ") = 'integer' THEN " + expr + " <> 0" +
		" WHEN lower(" + expr + ") IN ('true', 'yes', '1') THEN 1 WHEN lower(" + expr + ") IN ('false', 'no', '0') THEN 0 END"
}

const instantFormat = "'%Y-%m-%dT%H:%M:%f'"

// timeSQL compares days where the field or the literal is a day, else instants.
func timeSQL(n filter.Compare, f filterField) fragment {
	text := "CASE WHEN typeof(" + f.expr + ") = 'text' THEN " + f.expr + " END"
	if f.column.typ == connectors.Date {
		text = "CASE WHEN strftime('%H:%M:%f', " + text + ") = '00:00:00.000' THEN " + text + " END"
	}
	day, at := n.Value.Text, time.Time{}
	if n.Value.Kind == filter.DateTimeLiteral {
		at, _ = time.Parse(time.RFC3339Nano, n.Value.Text)
		day = at.UTC().Format(time.DateOnly)
	}
	if f.column.typ == connectors.Date || n.Value.Kind == filter.DateLiteral {
		return relate("date("+text+")", n.Op, day)
	}
	return relate("strftime("+instantFormat+", "+text+")", n.Op, at.UTC().Format("2006-01-02T15:04:05.000"))
}

// matchSQL uses LIKE, which in SQLite disregards the case of ASCII letters only.
func matchSQL(n filter.Match, f filterField) fragment {
	pattern := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(n.Text)
	if n.Op != filter.StartsWith {
		pattern = "%" + pattern
	}
	if n.Op != filter.EndsWith {
		pattern += "%"
	}
	return fragment{"coalesce(" + f.text() + `, '') LIKE ? ESCAPE '\'`, []any{pattern}}
}
