package sqlcore

import "strings"

// A native id is the key as text. The parts of a composite key are joined by
// "|", with "|" and "\" in them escaped by "\".

// IDColumns are the columns of the native id, each with a prefix ("t.").
func (t *Table) IDColumns(d Dialect, prefix string) []string {
	if len(t.Key) == 0 {
		return []string{prefix + t.RowID}
	}
	names := make([]string, len(t.Key))
	for i, pos := range t.Key {
		names[i] = prefix + d.Quote(t.Columns[pos].Name)
	}
	return names
}

// IDColumn is the column of a part of the native id, nil for RowID.
func (t *Table) IDColumn(part int) *Column {
	if len(t.Key) == 0 {
		return nil
	}
	return &t.Columns[t.Key[part]]
}

// IDSQL is the expression of the native id; it is null when a part is.
func (t *Table) IDSQL(d Dialect, prefix string) string {
	parts := t.IDColumns(d, prefix)
	for i, p := range parts {
		parts[i] = d.IDPart(t.IDColumn(i), p)
		if len(parts) > 1 {
			parts[i] = escapePart(d, parts[i])
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	joined := parts[:1]
	for _, p := range parts[1:] {
		joined = append(joined[:len(joined):len(joined)], "'|'", p)
	}
	return d.Concat(joined)
}

func escapePart(d Dialect, part string) string {
	if e, ok := d.(Escaper); ok {
		return e.EscapePart(part)
	}
	return "replace(replace(" + part + ", " + d.Literal(`\`) + ", " + d.Literal(`\\`) + "), '|', " + d.Literal(`\|`) + ")"
}

// JoinID makes the native id of its parts, as IDSQL does.
func (t *Table) JoinID(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = escapeID.Replace(p)
	}
	return strings.Join(escaped, "|")
}

var escapeID = strings.NewReplacer(`\`, `\\`, "|", `\|`)

// SplitID gives the parts of a native id; false when it has another number of
// them than the table's.
func (t *Table) SplitID(id string) ([]string, bool) {
	if len(t.Key) < 2 {
		return []string{id}, true
	}
	parts := splitID(id)
	return parts, len(parts) == len(t.Key)
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

// KeySQL is the record's own key as people read it: of the first alternate key,
// what text gives for each column that can be told without following a lookup.
// It is the native id where there is none.
func (t *Table) KeySQL(d Dialect, prefix string, text func(c *Column, expr string) string) string {
	var parts []string
	for _, u := range t.Uniques[:min(len(t.Uniques), 1)] {
		for _, pos := range u.Columns {
			col := &t.Columns[pos]
			if s := text(col, prefix+d.Quote(col.Name)); s != "" && (col.Parent == nil || !col.Parent.Lookup) {
				if len(parts) > 0 {
					parts = append(parts, "' '")
				}
				parts = append(parts, "coalesce("+s+", '')")
			}
		}
	}
	switch len(parts) {
	case 0:
		return t.IDSQL(d, prefix)
	case 1:
		return parts[0]
	}
	return d.Concat(parts)
}
