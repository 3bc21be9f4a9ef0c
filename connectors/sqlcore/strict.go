package sqlcore

import (
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

// Strict is what filters need of a database that holds every column to its
// type. StrictCompare and StrictMatch make a Dialect's Compare and Match of it.
type Strict interface {
	Dialect
	// Number is a number's exact value, null for what is none.
	Number(c *Column, expr string) string
	// Day is the day, in UTC, of a date or an instant.
	Day(c *Column, expr string) string
	// Instant is an instant as Cast makes one.
	Instant(c *Column, expr string) string
	// Text is the text of a unique identifier.
	Text(c *Column, expr string) string
	// Cast makes a bound text a Decimal, Date or DateTime.
	Cast(t connectors.Type, value string) string
}

var relations = map[filter.CompareOp]string{filter.Eq: "=", filter.Ne: "<>", filter.Gt: ">", filter.Ge: ">=", filter.Lt: "<", filter.Le: "<="}

// Relate compares an expression with bound text; only ne lets a null pass.
func Relate(expr string, op filter.CompareOp, value string, args ...any) Fragment {
	if op == filter.Ne {
		return Fragment{"(" + expr + " = " + value + ") IS NOT TRUE", args}
	}
	return Fragment{"(" + expr + " " + relations[op] + " " + value + ") IS TRUE", args}
}

// StrictCompare is Dialect.Compare by the column's type.
func StrictCompare(d Strict, c *Column, expr string, n filter.Compare) Fragment {
	switch c.Type {
	case connectors.Text:
		return strictText(d, c, expr, n)
	case connectors.Int, connectors.Decimal, connectors.Float:
		literal, err := connectors.DecimalValue(n.Value.Text)
		if err != nil {
			return Never()
		}
		return Relate(d.Number(c, expr), n.Op, d.Cast(connectors.Decimal, Mark), literal.Text())
	case connectors.Bool:
		word := "FALSE"
		switch strings.ToLower(n.Value.Text) {
		case "true", "yes", "1":
			word = "TRUE"
		}
		return Relate(expr, n.Op, word)
	case connectors.GUID:
		return Relate(d.Text(c, expr), n.Op, Mark, strings.ToLower(n.Value.Text))
	}
	return strictTime(d, c, expr, n)
}

// strictText compares without regard to the case of ASCII letters. A null equals
// the empty text, and eq and ne drop trailing spaces.
func strictText(d Strict, c *Column, expr string, n filter.Compare) Fragment {
	fold := connectors.Fold{Case: true, Space: n.Op == filter.Eq || n.Op == filter.Ne}
	literal := fold.Apply(connectors.TextValue(n.Value.Text)).Text()
	expr = d.Fold(c, expr, fold)
	if fold.Space {
		expr = "coalesce(" + expr + ", '')"
	}
	return Relate(expr, n.Op, Mark, literal)
}

// strictTime compares days where the field or the literal is a day, else
// instants.
func strictTime(d Strict, c *Column, expr string, n filter.Compare) Fragment {
	day, at := n.Value.Text, time.Time{}
	if n.Value.Kind == filter.DateTimeLiteral {
		at, _ = time.Parse(time.RFC3339Nano, n.Value.Text) // CompileFilter has parsed it before
		day = at.UTC().Format(time.DateOnly)
	}
	if c.Type == connectors.Date || n.Value.Kind == filter.DateLiteral {
		return Relate(d.Day(c, expr), n.Op, d.Cast(connectors.Date, Mark), day)
	}
	return Relate(d.Instant(c, expr), n.Op, d.Cast(connectors.DateTime, Mark), at.UTC().Format("2006-01-02 15:04:05.000000"))
}

// StrictMatch is Dialect.Match by LIKE over folded texts.
func StrictMatch(d Strict, c *Column, expr string, n filter.Match) Fragment {
	n.Text = connectors.Fold{Case: true}.Apply(connectors.TextValue(n.Text)).Text()
	return Fragment{"coalesce(" + d.Fold(c, expr, connectors.Fold{Case: true}) + ", '') LIKE " + Mark + " ESCAPE '!'", []any{Pattern(n)}}
}

// Pattern is a text test as a pattern of LIKE with "!" as the escape.
func Pattern(n filter.Match) string {
	pattern := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(n.Text)
	if n.Op != filter.StartsWith {
		pattern = "%" + pattern
	}
	if n.Op != filter.EndsWith {
		pattern += "%"
	}
	return pattern
}
