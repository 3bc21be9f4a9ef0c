package postgres

import (
	"slices"
	"strings"

	"dualwrite/connectors/sqlcore"
)

// settled is the dialect of triggers: it names every function, operator, type
// and collation with its schema. A trigger's function that does so runs with the
// search path of the app's users and no object of theirs can take the place of
// one of the server's, while a search path of its own would be set and put back
// at every call, which costs more than noting a change does.
type settled struct{ dialect }

func (settled) Concat(parts []string) string { return strings.Join(parts, " OPERATOR(pg_catalog.||) ") }

// IDPart spells the same text as that of dialect.
func (settled) IDPart(c *sqlcore.Column, expr string) string {
	switch c.Storage {
	case asDate, asTimestamp:
		return "(pg_catalog.to_json(" + expr + ") OPERATOR(pg_catalog.#>>) '{}')"
	case asInstant:
		return "(pg_catalog.to_json(" + expr + " AT TIME ZONE 'UTC') OPERATOR(pg_catalog.#>>) '{}')"
	case asBytes:
		return "pg_catalog.encode(" + expr + ", 'hex')"
	}
	if expr += "::pg_catalog.text"; c.Collation != "" {
		return "(" + expr + ` COLLATE pg_catalog."C")`
	}
	return expr
}

func (d settled) EscapePart(expr string) string {
	return "pg_catalog.replace(pg_catalog.replace(" + expr + ", " + d.Literal(`\`) + ", " + d.Literal(`\\`) + "), '|', " + d.Literal(`\|`) + ")"
}

// plain reports whether no setting of a session has a say in how the native id
// is spelled, nor code of the app's. Of a floating point number the digits depend
// on one; of other types that are cast to text, who knows.
func plain(t *sqlcore.Table) bool {
	return !slices.ContainsFunc(t.Key, func(pos int) bool {
		switch t.Columns[pos].Storage {
		case viaText, asFloat4, asFloat8:
			return true
		}
		return false
	})
}
