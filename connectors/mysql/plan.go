package mysql

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// plan is a selection compiled against one catalog. Every record that it reads
// is the native id, the sequence of its newest log row, all its own columns,
// and what is read through lookups.
type plan struct {
	*sqlcore.Plan
	cat *catalog
	rel *rel
	// inserted is our trigger that notes new records.
	inserted trigger
}

func (c *catalog) compile(sel connectors.Selection) (*plan, error) {
	if _, err := c.table(sel.Entity); err != nil {
		return nil, err
	}
	p, err := sqlcore.Compile(c.d, c.Catalog, sel)
	if err != nil {
		return nil, err
	}
	return &plan{Plan: p, cat: c, rel: c.rels[p.Table.Name], inserted: triggers(c.d, p.Table)[0]}, nil
}

// ownColumns is where the table's own columns begin among those that are read.
const ownColumns = 2

func (p *plan) record(raw []any) connectors.Record {
	own := digest(raw[ownColumns : ownColumns+len(p.Table.Columns)])
	r := connectors.Record{ID: str(raw[0]), Version: version(num(raw[1]), own), Row: make(connectors.Row, len(p.Fields))}
	for i, f := range p.Fields {
		r.Row[i] = load(f.End(), raw[p.At[i]])
	}
	return r
}

// numbered is the statement that reads, for each of n rows of values, bound as k
// with their number first, the records that meet a condition. The rows come
// first and each is looked up in an index, whatever the server's statistics say.
func (p *plan) numbered(n, width int, condition string) string {
	return "WITH " + p.rows(n, width) + " SELECT STRAIGHT_JOIN k.n, " + strings.Join(p.List, ", ") + " FROM " + boundRows + " AS k JOIN " + p.Source + " WHERE " + condition
}

// boundRows names the table expression of bound rows. It would hide a table of
// the app with that name, and no entity's begins like this.
const boundRows = "dualwrite_k"

// rows is a table expression of n rows: their number and so many values.
func (p *plan) rows(n, width int) string {
	names := []string{"n"}
	for i := range width {
		names = append(names, "v"+strconv.Itoa(i))
	}
	return boundRows + "(" + strings.Join(names, ", ") + ") AS (" + p.D.Rows(n, width+1) + ")"
}

// derived is the same as a table that can be joined in a write.
func (p *plan) derived(n, width int) string {
	return "(WITH " + p.rows(n, width) + " SELECT * FROM " + boundRows + ") AS k"
}

// target is the table as a statement changes it, through the index of the native
// id: to go through a small table instead, as the server would, is to wait for
// locks of other records.
func (p *plan) target() string {
	if p.Table.View {
		return p.D.From(p.Table) + " AS t"
	}
	return p.D.From(p.Table) + " AS t FORCE INDEX (" + quote(p.rel.key) + ")"
}

// byID compares the native id with the values of k.
func (p *plan) byID() string { return p.Table.IDEquals(p.D, "t.", "k.v") }

// read hands on the records that rows of values lead to, with the number of the
// row. Each row has the number of values that a condition compares with.
func (p *plan) read(ctx context.Context, l *link, rows [][]any, condition string, found func(n int, r connectors.Record)) error {
	for base, part := range portions(rows) {
		err := l.query(ctx, p.numbered(len(part), len(part[0]), condition), bind(part, base), func(raw []any) error {
			found(int(num(raw[0])), p.record(raw[1:]))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// longest is how many bytes a value of one of several rows may have: MariaDB
// keeps two bytes of its length, and silently cuts what is longer.
const longest = 1<<16 - 1

// long reports whether one of the values has to be in a row alone.
func long(values []any) bool {
	return slices.ContainsFunc(values, func(v any) bool {
		switch v := v.(type) {
		case string:
			return len(v) > longest
		case []byte:
			return len(v) > longest
		}
		return false
	})
}

// portions are the rows that one statement takes each, by the number of their
// first.
func portions(rows [][]any) iter.Seq2[int, [][]any] {
	return func(yield func(int, [][]any) bool) {
		for base := 0; base < len(rows); {
			n := 1
			for !long(rows[base]) && n < chunk && base+n < len(rows) && !long(rows[base+n]) {
				n++
			}
			if !yield(base, rows[base:base+n]) {
				return
			}
			base += n
		}
	}
}

// bind lists the values of rows, each after its number.
func bind(rows [][]any, base int) []any {
	var args []any
	for i, row := range rows {
		args = append(append(args, base+i), row...)
	}
	return args
}

// chunk is how many keys or ids one statement looks up.
const chunk = 1000

// idArgs are the parts of a native id as values of their columns; false when it
// cannot be the id of a record.
func (p *plan) idArgs(id string) ([]any, bool) {
	parts, ok := p.Table.SplitID(id)
	if !ok {
		return nil, false
	}
	args := make([]any, len(parts))
	for i, part := range parts {
		if args[i], ok = idArg(p.Table.IDColumn(i), part); !ok {
			return nil, false
		}
	}
	return args, true
}

func idArg(c *sqlcore.Column, part string) (any, bool) {
	switch c.Storage {
	case asNumber, asUnsigned, asBits:
		v, err := connectors.DecimalValue(part)
		if n, whole := wholeNumber(v.Text()); whole {
			return n, err == nil
		}
		return v.Text(), err == nil && c.Type == connectors.Decimal
	case asFloat, asSingle:
		f, err := strconv.ParseFloat(part, 64)
		return strconv.FormatFloat(f, 'e', -1, 64), err == nil
	case asBytes:
		return unhex(part)
	case asTimestamp:
		whole, fraction, _ := strings.Cut(part, ".")
		seconds, err := strconv.ParseInt(whole, 10, 64)
		micros, _ := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
		return time.Unix(seconds, micros*1000).UTC().Format(timeLayout), err == nil
	}
	return part, true
}

// get reads records by native id. A collation takes more ids for one than are:
// only those that are spelled alike count.
func (p *plan) get(ctx context.Context, l *link, ids []string, found func(connectors.Record)) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var rows [][]any
	var asked []string
	for _, id := range ids {
		if args, ok := p.idArgs(id); ok {
			rows, asked = append(rows, args), append(asked, id)
		}
	}
	return p.read(ctx, l, rows, p.byID(), func(n int, r connectors.Record) {
		if r.ID == asked[n] {
			found(r)
		}
	})
}
