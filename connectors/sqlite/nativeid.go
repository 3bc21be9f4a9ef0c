package sqlite

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// A native id is the primary key as text. The parts of a composite key are
// joined by "|", with "|" and "\" in them escaped by "\". A part of a column
// whose affinity leaves numbers, texts and bytes apart is written as an SQL
// literal, so that 1 and '1' stay two ids. A table without a primary key is
// known by its rowid.
//
// The one encoder is SQL, because triggers need it too; the parts are parsed
// back here.

// idColumns are the columns of the native id, each with a prefix ("t.").
func (t *table) idColumns(prefix string) []string {
	if len(t.pk) == 0 {
		return []string{prefix + t.rowid}
	}
	names := make([]string, len(t.pk))
	for i, pos := range t.pk {
		names[i] = prefix + quote(t.columns[pos].name)
	}
	return names
}

// idSQL is the expression of the native id; it is null when a part is.
func (t *table) idSQL(prefix string) string {
	parts := t.idColumns(prefix)
	for i, p := range parts {
		if t.literalPart(i) {
			parts[i] = "CASE WHEN " + p + " IS NOT NULL THEN quote(" + p + ") END"
		} else {
			parts[i] = "CAST(" + p + " AS TEXT)"
		}
		if len(parts) > 1 {
			parts[i] = `replace(replace(` + parts[i] + `, '\', '\\'), '|', '\|')`
		}
	}
	return strings.Join(parts, " || '|' || ")
}

func (t *table) literalPart(i int) bool {
	if len(t.pk) == 0 {
		return false
	}
	a := t.columns[t.pk[i]].affinity
	return a == blobAffinity || a == realAffinity
}

// parseID gives the values that the columns of a native id are compared with;
// false when the text cannot be an id of this table.
func (t *table) parseID(id string) ([]any, bool) {
	parts := []string{id}
	if len(t.pk) > 1 {
		parts = splitID(id)
	}
	if len(parts) != len(t.idColumns("")) {
		return nil, false
	}
	values := make([]any, len(parts))
	for i, p := range parts {
		ok := true
		switch {
		case t.literalPart(i):
			values[i], ok = parseLiteral(p)
		case len(t.pk) == 0 || t.alias:
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

func splitID(id string) []string {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(id); i++ {
		switch {
		case id[i] == '\\' && i+1 < len(id):
			i++
			part.WriteByte(id[i])
		case id[i] == '|':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(id[i])
		}
	}
	return append(parts, part.String())
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
