package connectortest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"
)

// bench is one test's app and its tools. It speaks of tables and columns by
// their standard names.
type bench struct {
	*testing.T
	Fixture
}

// values are the contents of a record by standard column name or path.
type values map[string]connectors.Value

func text(s string) connectors.Value { return connectors.TextValue(s) }

// another is the same app over a second connection.
func (b *bench) another() (*bench, bool) {
	if b.Another == nil {
		return nil, false
	}
	other := *b
	other.Connector = b.Another(b)
	b.Cleanup(func() { other.Connector.Close() })
	return &other, true
}

// spelled is the app's own name of "children", or its path for
// "children.parent.code".
func (b *bench) spelled(table, path string) string {
	if path == "" {
		if own, ok := b.Spelling[table]; ok {
			return own
		}
		return table
	}
	if own, ok := b.Spelling[table+"."+path]; ok {
		return own
	}
	head, rest := connectors.CutPath(path)
	if rest == "" {
		return path
	}
	return b.spelled(table, head) + "." + b.spelled(column(table, head).Parent, rest)
}

func standard(name string) Table {
	all := Tables()
	return all[slices.IndexFunc(all, func(t Table) bool { return t.Name == name })]
}

func column(table, name string) Column {
	columns := standard(table).Columns
	return columns[slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })]
}

// records is an open entity of a standard table.
type records struct {
	*bench
	connectors.Entity
	table  string
	fields []string // standard paths, in the order of rows
	sel    connectors.Selection
}

// everything is all columns of a table as fields, lookups by the parent's code.
func (b *bench) everything(table string) []string {
	var fields []string
	for _, c := range standard(table).Columns {
		switch {
		case c.Parent == "":
			fields = append(fields, c.Name)
		case !b.Lacks.Lookups:
			fields = append(fields, c.Name+".code")
		}
	}
	return fields
}

// open opens all fields of a table, with its alternate key and its company;
// narrow may change the selection first.
func (b *bench) open(table string, narrow func(*connectors.Selection)) *records {
	b.Helper()
	r := &records{bench: b, table: table, fields: b.everything(table)}
	r.sel = connectors.Selection{Entity: b.spelled(table, ""), Company: slices.Index(r.fields, "dataareaid")}
	for _, f := range r.fields {
		r.sel.Fields = append(r.sel.Fields, b.spelled(table, f))
	}
	for _, k := range standard(table).Unique[0] {
		r.sel.Key = append(r.sel.Key, slices.Index(r.fields, k))
	}
	if narrow != nil {
		narrow(&r.sel)
	}
	e, err := b.Connector.Open(b.Context(), r.sel)
	if err != nil {
		b.Fatalf("open %s: %v", table, err)
	}
	b.Cleanup(func() { e.Close() })
	r.Entity = e
	return r
}

// row spreads values over the selection; fields are the ones given.
func (r *records) row(v values) (row connectors.Row, fields []bool) {
	row, fields = make(connectors.Row, len(r.fields)), make([]bool, len(r.fields))
	for name, value := range v {
		i := slices.Index(r.fields, name)
		if i < 0 {
			r.Fatalf("%s has no field %s", r.table, name)
		}
		row[i], fields[i] = value, true
	}
	return row, fields
}

func (r *records) value(rec connectors.Record, field string) connectors.Value {
	return rec.Row[slices.Index(r.fields, field)]
}

func (r *records) write(batch ...connectors.Write) []connectors.Result {
	r.Helper()
	var all []connectors.Result
	for part := range slices.Chunk(batch, max(r.Capabilities().WriteMax, 1)) {
		results, err := r.Write(r.Context(), part)
		if err != nil {
			r.Fatalf("write: %v", err)
		}
		if len(results) != len(part) {
			r.Fatalf("%d results for %d writes", len(results), len(part))
		}
		all = append(all, results...)
	}
	return all
}

func (r *records) creates(v values) connectors.Write {
	row, fields := r.row(v)
	return connectors.Write{Op: connectors.Create, Row: row, Fields: fields}
}

func (r *records) updates(rec connectors.Record, v values) connectors.Write {
	row, fields := r.row(v)
	return connectors.Write{Op: connectors.Update, ID: rec.ID, If: rec.Version, Row: row, Fields: fields}
}

func deletes(rec connectors.Record) connectors.Write {
	return connectors.Write{Op: connectors.Delete, ID: rec.ID, If: rec.Version}
}

// stored writes one record that must be stored.
func (r *records) stored(w connectors.Write) connectors.Record {
	r.Helper()
	result := r.write(w)[0]
	if result.Outcome != connectors.Stored {
		r.Fatalf("%s was not stored: outcome %d, %v", w.Op, result.Outcome, result.Err)
	}
	return result.Record
}

// refused writes one record that must be refused with a kind.
func (r *records) refused(w connectors.Write, kind connectors.Kind) *connectors.Error {
	r.Helper()
	result := r.write(w)[0]
	if result.Outcome != connectors.Refused || result.Err == nil || result.Err.Kind != kind {
		r.Fatalf("%s: outcome %d, %v; want a refusal of the kind %v", w.Op, result.Outcome, result.Err, kind)
	}
	return result.Err
}

// moved writes one record whose condition must fail.
func (r *records) moved(w connectors.Write) {
	r.Helper()
	if result := r.write(w)[0]; result.Outcome != connectors.Moved {
		r.Fatalf("%s: outcome %d, %v; want moved", w.Op, result.Outcome, result.Err)
	}
}

func (r *records) get(ids ...string) []connectors.Record {
	r.Helper()
	found, err := r.Get(r.Context(), ids)
	if err != nil {
		r.Fatalf("get: %v", err)
	}
	return found
}

// now is a record as it stands; it must exist.
func (r *records) now(id string) connectors.Record {
	r.Helper()
	found := r.get(id)
	if len(found) != 1 {
		r.Fatalf("get %q found %d records", id, len(found))
	}
	return found[0]
}

// scan reads all pages; between is called after each.
func (r *records) scan(size int, between func(page int)) (all []connectors.Record) {
	r.Helper()
	var at connectors.Position
	for page := 0; ; page++ {
		found, next, err := r.Scan(r.Context(), at, size)
		if err != nil {
			r.Fatalf("scan: %v", err)
		}
		if len(found) > size {
			r.Fatalf("a page of %d records, asked for %d", len(found), size)
		}
		all = append(all, found...)
		if next == "" {
			return all
		}
		if at = next; page > 10_000 {
			r.Fatal("the scan does not end")
		}
		if between != nil {
			between(page)
		}
	}
}

// column lists one field of records, sorted.
func (r *records) column(all []connectors.Record, field string) []string {
	var out []string
	for _, rec := range all {
		out = append(out, r.value(rec, field).String())
	}
	slices.Sort(out)
	return out
}

func (r *records) find(keys ...connectors.Row) []connectors.Record {
	r.Helper()
	found, err := r.Find(r.Context(), keys)
	if err != nil {
		r.Fatalf("find: %v", err)
	}
	return found
}

// same compares two rows field by field.
func (r *records) same(got, want connectors.Row) {
	r.Helper()
	for i, f := range r.fields {
		if got[i] != want[i] {
			r.Errorf("%s is %q (state %d), want %q (state %d)", f, got[i], got[i].State(), want[i], want[i].State())
		}
	}
}

// child is the least that a record of children needs.
func child(company, number string) values {
	return values{"dataareaid": text(company), "number": text(number), "title": text("t")}
}

func parent(company, code string) values {
	return values{"dataareaid": text(company), "code": text(code), "name": text("n")}
}

// with adds to values.
func (v values) with(name string, value connectors.Value) values {
	out := values{name: value}
	for n, x := range v {
		if n != name {
			out[n] = x
		}
	}
	return out
}

func (b *bench) insert(table string, v values) string {
	b.Helper()
	return b.App.Insert(b, table, v)
}

func (b *bench) update(table, id string, v values) {
	b.Helper()
	b.App.Update(b, table, id, v)
}

// feed opens and starts the feed of a table.
func (b *bench) feed(table string) (connectors.Feed, connectors.Cursor) {
	b.Helper()
	f, err := b.Connector.Feed(b.Context(), b.spelled(table, ""))
	if err != nil {
		b.Fatalf("feed: %v", err)
	}
	at, err := f.Start(b.Context())
	if err != nil {
		b.Fatalf("start: %v", err)
	}
	return f, at
}

// capture starts the feed where there is one: version tokens may need it.
func (b *bench) capture(table string) {
	b.Helper()
	if !b.Lacks.Feed {
		b.feed(table)
	}
}

// changes reads a feed to its end in steps.
func (b *bench) changes(f connectors.Feed, since connectors.Cursor, step int) (all []connectors.Change, end connectors.Cursor) {
	b.Helper()
	for range 10_000 {
		batch, next, caughtUp, err := f.Changes(b.Context(), since, step)
		if err != nil {
			b.Fatalf("changes: %v", err)
		}
		if len(batch) > step {
			b.Fatalf("%d changes at once, asked for %d", len(batch), step)
		}
		all, since = append(all, batch...), next
		if caughtUp {
			return all, since
		}
	}
	b.Fatal("the feed never catches up")
	return nil, ""
}

// story spells changes as "create update update".
func story(changes []connectors.Change) string {
	var ops []string
	for _, c := range changes {
		ops = append(ops, string(c.Op))
	}
	return strings.Join(ops, " ")
}

// failed demands an error of a kind.
func (b *bench) failed(err error, kind connectors.Kind) *connectors.Error {
	b.Helper()
	e, ok := err.(*connectors.Error)
	if !ok || e.Kind != kind {
		b.Fatalf("error %v (%T); want one of the kind %v", err, err, kind)
	}
	return e
}

// cancelled is a context that has ended.
func (b *bench) cancelled() context.Context {
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	return ctx
}
