package practice

import (
	"context"
	"database/sql"
	"fmt"
)

// schema is what filling the right app needs to know of its tables.
type schema struct {
	columns     map[string][]string // of a table
	primaryKeys map[string]string   // of a table
	lookups     map[string]string   // "table.column" to the table referred to
}

func readSchema(ctx context.Context, tx *sql.Tx) (*schema, error) {
	s := &schema{columns: map[string][]string{}, primaryKeys: map[string]string{}, lookups: map[string]string{}}
	err := each(ctx, tx, `SELECT t.name, c.name, c.pk, coalesce(f."table", '') FROM sqlite_schema t JOIN pragma_table_info(t.name) c
		LEFT JOIN pragma_foreign_key_list(t.name) f ON f."from" = c.name WHERE t.type = 'table' ORDER BY t.name, c.cid`,
		func(scan func(...any) error) error {
			var table, column, parent string
			var primary int
			if err := scan(&table, &column, &primary, &parent); err != nil {
				return err
			}
			s.columns[table] = append(s.columns[table], column)
			if primary > 0 {
				s.primaryKeys[table] = column
			}
			if parent != "" {
				s.lookups[table+"."+column] = parent
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read the tables: %w", err)
	}
	return s, nil
}

// checkLookups fails when a lookup refers to a record that is not there.
func checkLookups(ctx context.Context, tx *sql.Tx) error {
	return each(ctx, tx, `SELECT "table", parent FROM pragma_foreign_key_check`, func(scan func(...any) error) error {
		var table, parent string
		if err := scan(&table, &parent); err != nil {
			return err
		}
		return fmt.Errorf("a record of %s looks up a record of %s that is missing", table, parent)
	})
}

// each calls read for every row of a query.
func each(ctx context.Context, tx *sql.Tx, query string, read func(scan func(...any) error) error) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
