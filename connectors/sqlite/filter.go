package sqlite

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/sqlcore"
)

// Compare passes the same records as connectors.CompileFilter does, up to two
// differences: instants are compared to the millisecond, and decimals kept as
// text by their first 15 digits.
func (dialect) Compare(c *sqlcore.Column, expr string, n filter.Compare) sqlcore.Fragment {
	switch c.Type {
	case connectors.Text:
		return textSQL(n, asText(c, expr))
	case connectors.Int, connectors.Decimal, connectors.Float:
		return numberSQL(c, expr, n)
	case connectors.Bool:
		v, _ := sqlcore.ParseBool(n.Value.Text)
		return sqlcore.Relate(boolSQL(expr), n.Op, sqlcore.Mark, v.Int())
	case connectors.GUID:
		return sqlcore.Relate(expr+" COLLATE NOCASE", n.Op, sqlcore.Mark, n.Value.Text)
	}
	return timeSQL(c, expr, n)
}

// asText is a content as text; numbers in a column without text affinity read
// as texts too.
func asText(c *sqlcore.Column, expr string) string {
	if c.Storage == textAffinity {
		return expr
	}
	return "CAST(" + expr + " AS TEXT)"
}

// textSQL compares without regard to the case of ASCII letters. A null equals
// the empty text, and eq and ne drop trailing spaces.
func textSQL(n filter.Compare, expr string) sqlcore.Fragment {
	if n.Op == filter.Eq || n.Op == filter.Ne {
		return sqlcore.Relate("coalesce(rtrim("+expr+", ' '), '') COLLATE NOCASE", n.Op, sqlcore.Mark, strings.TrimRight(n.Value.Text, " "))
	}
	return sqlcore.Relate(expr+" COLLATE NOCASE", n.Op, sqlcore.Mark, n.Value.Text)
}

// numberSQL compares with the whole number, or with the floating point number
// that is nearest to the literal; the relation is moved to the exact side of it.
func numberSQL(c *sqlcore.Column, raw string, n filter.Compare) sqlcore.Fragment {
	expr := "CASE WHEN typeof(" + raw + ") IN ('integer', 'real') THEN " + raw + " END"
	if c.Storage == textAffinity || c.Storage == blobAffinity {
		expr = "CAST(" + raw + " AS NUMERIC)"
	}
	literal, err := connectors.DecimalValue(n.Value.Text)
	if err != nil {
		return sqlcore.Never()
	}
	if whole, err := strconv.ParseInt(literal.Text(), 10, 64); err == nil {
		return sqlcore.Relate(expr, n.Op, sqlcore.Mark, whole)
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

func relateNear(expr string, op filter.CompareOp, nearest float64, up int) sqlcore.Fragment {
	switch {
	case up == 0:
	case op == filter.Eq:
		return sqlcore.Never()
	case op == filter.Ne:
		return sqlcore.Always()
	case up > 0 && (op == filter.Gt || op == filter.Ge):
		op = filter.Ge
	case up > 0:
		op = filter.Lt
	case op == filter.Gt || op == filter.Ge:
		op = filter.Gt
	default:
		op = filter.Le
	}
	return sqlcore.Relate(expr, op, sqlcore.Mark, nearest)
}

// boolSQL is 1, 0 or null for the contents that load takes for yes, no
// and neither.
func boolSQL(expr string) string {
	return "CASE WHEN typeof(" + expr + ") = 'integer' THEN " + expr + " <> 0" +
		" WHEN lower(" + expr + ") IN ('true', 'yes', '1') THEN 1 WHEN lower(" + expr + ") IN ('false', 'no', '0') THEN 0 END"
}

const instantFormat = "'%Y-%m-%dT%H:%M:%f'"

// timeSQL compares days where the field or the literal is a day, else instants.
func timeSQL(c *sqlcore.Column, expr string, n filter.Compare) sqlcore.Fragment {
	text := "CASE WHEN typeof(" + expr + ") = 'text' THEN " + expr + " END"
	if c.Type == connectors.Date {
		text = "CASE WHEN strftime('%H:%M:%f', " + text + ") = '00:00:00.000' THEN " + text + " END"
	}
	day, at := n.Value.Text, time.Time{}
	if n.Value.Kind == filter.DateTimeLiteral {
		at, _ = time.Parse(time.RFC3339Nano, n.Value.Text)
		day = at.UTC().Format(time.DateOnly)
	}
	if c.Type == connectors.Date || n.Value.Kind == filter.DateLiteral {
		return sqlcore.Relate("date("+text+")", n.Op, sqlcore.Mark, day)
	}
	return sqlcore.Relate("strftime("+instantFormat+", "+text+")", n.Op, sqlcore.Mark, at.UTC().Format("2006-01-02T15:04:05.000"))
}

// Match uses LIKE, which in SQLite disregards the case of ASCII letters only.
func (dialect) Match(c *sqlcore.Column, expr string, n filter.Match) sqlcore.Fragment {
	return sqlcore.Fragment{SQL: "coalesce(" + asText(c, expr) + ", '') LIKE " + sqlcore.Mark + " ESCAPE '!'", Args: []any{sqlcore.Pattern(n)}}
}
