package service

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// Introspect makes a model from the tables of an SQLite file, each with a
// primary key of one column. Entities and fields are named as the tables and
// columns are, and a foreign key becomes a lookup. The declared types are
// understood as VARCHAR(length), TEXT, INTEGER, BIGINT, BOOLEAN, GUID, DATE,
// DATETIME, DECIMAL(digits,scale), and DECTEXT(digits,scale) for decimals that
// are kept as text.
func Introspect(ctx context.Context, path string, tables ...string) (*Model, error) {
	db, err := openFile(path, "mode=ro")
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	m := &Model{}
	for _, table := range tables {
		e := &Entity{Name: table, Set: table, Table: table, Label: table, Bulk: true, Tracked: true}
		if err := e.readColumns(ctx, db); err != nil {
			return nil, fmt.Errorf("read the columns of %s: %w", table, err)
		}
		if err := e.readKeys(ctx, db); err != nil {
			return nil, fmt.Errorf("read the keys of %s: %w", table, err)
		}
		m.Entities = append(m.Entities, e)
	}
	return m, nil
}

func (e *Entity) readColumns(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT c.name, c.type, c."notnull", c.dflt_value IS NOT NULL, c.pk, coalesce(f."table", '')
		FROM pragma_table_info(?1) c LEFT JOIN pragma_foreign_key_list(?1) f ON f."from" = c.name ORDER BY c.cid`, e.Table)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		f := &Field{}
		var declared string
		if err := rows.Scan(&f.Column, &declared, &f.Required, &f.HasDefault, &f.Primary, &f.Target); err != nil {
			return err
		}
		f.Name, f.Label = f.Column, f.Column
		f.declare(declared)
		if f.Target != "" {
			f.Type, f.Navigation = Lookup, f.Name
		}
		if f.Primary {
			e.ID = f.Column
		}
		e.Fields = append(e.Fields, f)
	}
	if e.ID == "" {
		return fmt.Errorf("there is no primary key of one column")
	}
	return rows.Err()
}

// declare reads a declared type.
func (f *Field) declare(declared string) {
	kind, rest, _ := strings.Cut(strings.ToUpper(declared), "(")
	first, second, _ := strings.Cut(strings.TrimSuffix(rest, ")"), ",")
	one, _ := strconv.Atoi(strings.TrimSpace(first)) // no number is no limit
	two, _ := strconv.Atoi(strings.TrimSpace(second))
	switch kind {
	case "INTEGER":
		f.Type = Int
	case "BIGINT":
		f.Type = BigInt
	case "BOOLEAN":
		f.Type = Bool
	case "GUID":
		f.Type = GUID
	case "DATE":
		f.Type = Date
	case "DATETIME":
		f.Type = DateTime
	case "DECIMAL", "DECTEXT":
		f.Type, f.Digits, f.Scale, f.Textual = Decimal, one, two, kind == "DECTEXT"
	default:
		f.Type, f.Length = Text, one
	}
}

func (e *Entity) readKeys(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT i.name, x.name FROM pragma_index_list(?) i JOIN pragma_index_info(i.name) x
		WHERE i."unique" = 1 AND i.origin = 'u' ORDER BY i.seq DESC, x.seqno`, e.Table)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	last := ""
	for rows.Next() {
		var index, column string
		if err := rows.Scan(&index, &column); err != nil {
			return err
		}
		if index != last {
			e.Keys, last = append(e.Keys, Key{Name: e.Name + "_" + column, Status: Active}), index
		}
		k := &e.Keys[len(e.Keys)-1]
		k.Fields = append(k.Fields, column)
	}
	return rows.Err()
}
