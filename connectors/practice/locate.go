package practice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"dualwrite/connectors/practice/service"
)

// servedName is a column as clients of the servers know it: the right app's are
// the same on the wire.
func servedName(c Column) string {
	if strings.ToUpper(c.Name) != c.Name {
		return c.Name
	}
	return wireName(c.Name)
}

// Locate finds the id of the record that clients of an app's server know by a
// key: "dataAreaId='usmf',CustomerAccount='US-001'", or "'USD'" where the key is
// one field. Fails with ErrNoRecord, for what is no such key too.
func (b *Browser) Locate(ctx context.Context, side int, t *Table, key string) (string, error) {
	missing := fmt.Errorf("%s %s: %w", t.Name, key, ErrNoRecord)
	segment, err := service.ParseSegment(t.Name + "(" + key + ")")
	if err != nil || len(segment.Key) == 0 {
		return "", missing
	}
	var where []string
	var args []any
	for _, part := range segment.Key {
		column, value := t.keyColumn(part), part.Value.Text
		if column == "" {
			return "", missing
		}
		if column == t.company {
			value = strings.ToUpper(value) // which the server shows in lower case
		}
		where, args = append(where, "CAST("+quoted(column)+" AS TEXT) = ?"), append(args, value)
	}
	var id string
	query := "SELECT CAST(" + quoted(t.primary) + " AS TEXT) FROM " + quoted(t.Name) + " WHERE " + strings.Join(where, " AND ")
	err = b.apps[side].db.QueryRowContext(ctx, query, args...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", missing
	}
	return id, err
}

// keyColumn is the column that a part of a key speaks of, "" for none. A value
// without a name is the key that people know only if it is in quotes: others
// are the app's own ids.
func (t *Table) keyColumn(part service.KeyPart) string {
	if part.Name == "" {
		if part.Value.Kind == service.TextLiteral {
			return t.key
		}
		return ""
	}
	for _, c := range t.Columns {
		if c.Served == part.Name {
			return c.Name
		}
	}
	return ""
}
