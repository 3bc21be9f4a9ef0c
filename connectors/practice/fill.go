package practice

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// firstRecordID is where the left app's record ids begin: beyond 32 bits, as in
// an app that has been in use for a while.
const firstRecordID = 5637144576

// fillLeft inserts the left app's records.
func (d *dataset) fillLeft(ctx context.Context, tx *sql.Tx) error {
	id := int64(firstRecordID)
	for _, c := range d.collections {
		columns := leftColumns(c.mapping)
		insert, err := newInserter(ctx, tx, c.mapping.Left.Entity, columns)
		if err != nil {
			return err
		}
		for _, r := range c.records {
			if r.left == nil {
				continue
			}
			row := maps.Clone(r.left)
			row["RECID"], row["DATAAREAID"], row["CREATEDDATETIME"] = id, r.company, stamp(r.created)
			if c.mapping.Left.Company == "" {
				delete(row, "DATAAREAID")
			}
			if err := insert.row(ctx, row); err != nil {
				return err
			}
			id++
		}
	}
	return nil
}

// fillRight inserts the right app's records: what the maps make of the values
// that were generated for that side.
func (d *dataset) fillRight(ctx context.Context, tx *sql.Tx) error {
	schema, err := readSchema(ctx, tx)
	if err != nil {
		return err
	}
	company := d.byEntity("cdm_companies")
	for _, c := range d.collections {
		table := c.mapping.Right.Entity
		insert, err := newInserter(ctx, tx, table, schema.columns[table])
		if err != nil {
			return err
		}
		target := func(column string) (*mapping, error) {
			parent := d.byEntity(schema.lookups[table+"."+column])
			if parent == nil {
				return nil, fmt.Errorf("%s: %s.%s is no lookup", c.mapping.name, table, column)
			}
			return parent, nil
		}
		for _, r := range c.records {
			if r.right == nil {
				continue
			}
			row, err := c.mapping.translate(r.right, r.company, target)
			if err != nil {
				return err
			}
			row[schema.primaryKeys[table]], row["createdon"] = c.nativeID(r), stamp(r.created)
			if r.company != "" {
				row["msdyn_company"] = company.nativeID("", r.company)
			}
			if err := insert.row(ctx, row); err != nil {
				return err
			}
		}
	}
	return checkLookups(ctx, tx)
}

// leftColumns lists the columns of the left table that a map's records fill.
func leftColumns(m *mapping) []string {
	columns := map[string]bool{"RECID": true, "CREATEDDATETIME": true}
	if m.Left.Company != "" {
		columns[m.Left.Company] = true
	}
	for _, f := range m.Fields {
		if f.Left != "" {
			columns[f.Left] = true
		}
	}
	return slices.Sorted(maps.Keys(columns))
}

// stamp is a date and time as both apps write it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// inserter is a prepared insert into one table.
type inserter struct {
	table   string
	columns []string
	stmt    *sql.Stmt
}

func newInserter(ctx context.Context, tx *sql.Tx, table string, columns []string) (*inserter, error) {
	places := strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",")
	stmt, err := tx.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ","), places))
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", table, err)
	}
	return &inserter{table, columns, stmt}, nil
}

// row inserts one record and refuses values for columns that it does not know.
func (i *inserter) row(ctx context.Context, v values) error {
	args := make([]any, len(i.columns))
	known := 0
	for n, column := range i.columns {
		value, ok := v[column]
		if ok {
			known++
		}
		args[n] = value
	}
	if known != len(v) {
		return fmt.Errorf("a record of %s holds a value for an unknown column: %v", i.table, v)
	}
	if _, err := i.stmt.ExecContext(ctx, args...); err != nil {
		return fmt.Errorf("insert %v into %s: %w", v, i.table, err)
	}
	return nil
}
