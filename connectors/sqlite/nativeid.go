package sqlite

import (
	"encoding/hex"
	"strconv"
	"strings"

	"dualwrite/connectors/sqlcore"
)

// A part of a native id whose column leaves numbers, texts and bytes apart is
// written as an SQL literal, so that 1 and '1' stay two ids. A table without a
// primary key is known by its rowid.

// IDPart is null when the part is.
func (dialect) IDPart(c *sqlcore.Column, expr string) string {
	if literalPart(c) {
		return "CASE WHEN " + expr + " IS NOT NULL THEN quote(" + expr + ") END"
	}
	return "CAST(" + expr + " AS TEXT)"
}

func literalPart(c *sqlcore.Column) bool {
	return c != nil && (c.Storage == blobAffinity || c.Storage == realAffinity)
}

// parseID gives the values that the columns of a native id are compared with;
// false when the text cannot be an id of this table.
func parseID(t *sqlcore.Table, id string) ([]any, bool) {
	parts, ok := t.SplitID(id)
	if !ok {
		return nil, false
	}
	values := make([]any, len(parts))
	for i, p := range parts {
		ok := true
		c := t.IDColumn(i)
		switch {
		case literalPart(c):
			values[i], ok = parseLiteral(p)
		case c == nil || alias(t):
			values[i], ok = parseInt(p)
		default:
			values[i] = p
		}
		if !ok {
			return nil, false
		}
	}
	return values, true
}

func parseInt(s string) (any, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// parseLiteral reads what SQLite's quote() writes.
func parseLiteral(s string) (any, bool) {
	switch {
	case len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'':
		return strings.ReplaceAll(s[1:len(s)-1], "''", "'"), true
	case len(s) >= 3 && s[0] == 'X' && s[1] == '\'':
		b, err := hex.DecodeString(s[2 : len(s)-1])
		return b, err == nil
	}
	if n, ok := parseInt(s); ok {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
