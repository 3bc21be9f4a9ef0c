package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"strconv"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// plan is a selection compiled against one catalog. Every statement reads the
// columns of the core's plan and, before them, the sequence of the record's
// newest log row.
type plan struct {
	*sqlcore.Plan
	cat *catalog
}

// beforeOwn is how many columns are read before the table's own: the sequence
// and the native id.
const beforeOwn = 2

func (c *catalog) compile(sel connectors.Selection) (*plan, error) {
	var extra []string
	if t, ok := c.Tables[sel.Entity]; ok && nullableKey(t) {
		for _, col := range t.IDColumns(dialect{}, "t.") {
			extra = append(extra, col+" IS NOT NULL")
		}
	}
	core, err := sqlcore.Compile(dialect{}, &c.Catalog, sel, extra...)
	if err != nil {
		return nil, err
	}
	sequence := "0"
	if _, on := c.installed[logName(sel.Entity)]; on && !core.Table.View {
		sequence = "(SELECT coalesce(max(l.seq), 0) FROM " + from(logName(sel.Entity)) + " AS l WHERE l.id = " + core.Table.IDSQL(dialect{}, "t.") + ")"
	}
	core.List = slices.Insert(core.List, 0, sequence)
	return &plan{Plan: core, cat: c}, nil
}

// lookup reads the records that meet a condition with one of n keys. The rows
// come first in a cross join, by which SQLite takes the keys one by one and
// looks each up in an index.
func (p *plan) lookup(n, width int, condition string) string {
	return bound(p.Lookup(n, width, condition))
}

func (p *plan) query(ctx context.Context, q querier, query string, args []any, found func(connectors.Record)) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return p.records(rows, found)
}

func (p *plan) records(rows *sql.Rows, found func(connectors.Record)) error {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	raw := make([]any, len(names))
	into := make([]any, len(names))
	for i := range raw {
		into[i] = &raw[i]
	}
	var room connectors.Row // of the rows to come
	together := 0
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if len(room) < len(p.Fields) {
			together = min(2*together+1, rowsTogether)
			room = make(connectors.Row, together*len(p.Fields))
		}
		found(p.record(raw, room[:len(p.Fields):len(p.Fields)]))
		room = room[len(p.Fields):]
	}
	return rows.Err()
}

// rowsTogether is how many rows share one allocation, at most.
const rowsTogether = 16

// record makes a record of what was read, with a row to fill.
func (p *plan) record(raw []any, row connectors.Row) connectors.Record {
	r := connectors.Record{Row: row}
	sequence, _ := raw[0].(int64)
	r.ID, _ = raw[1].(string)
	r.Version = p.version(sequence, raw[beforeOwn:beforeOwn+len(p.Table.Columns)])
	for i, f := range p.Fields {
		r.Row[i] = load(f.End(), raw[p.At[i]+1])
	}
	return r
}

// version is the token of a record whose newest log row has a sequence, and whose
// columns hold so much.
func (p *plan) version(sequence int64, own []any) string {
	token := strconv.AppendInt(make([]byte, 0, 32), sequence, 36)
	token = append(token, '-')
	return string(strconv.AppendUint(token, digest(own), 36))
}
