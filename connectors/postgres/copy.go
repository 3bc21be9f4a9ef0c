package postgres

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// A batch of nothing but new records goes by COPY where what is stored is known
// without reading it back: every value is one that its column holds exactly, no
// trigger or rule of the app has a say, and the version is our transaction. Where
// a record is refused, the batch is stored the ordinary way.

// leastToCopy is how many records are worth the further round trip.
const leastToCopy = 20

// exact reports whether a column gives back what Fit made of a value, and
// whether that makes the text of a native id.
func exact(c *sqlcore.Column) (value, id bool) {
	switch c.Storage {
	case asText:
		value = c.Typed == "text" || c.Typed == "character varying" || c.Members != nil
		return value, value
	case asInt2, asInt4, asInt8, asUUID:
		return true, true
	case asNumeric:
		return c.Scale != 0, false // of a negative scale, which rounds, no more is known
	case asFloat8, asBool, asDate, asTimestamp, asInstant, asBytes:
		return true, false
	}
	return false, false
}

// copied is the columns that a COPY fills, by the fields that fill them.
type copied struct {
	columns []*sqlcore.Column
	fields  []int
	own     *sqlcore.Column // the native id that we make, if the app makes none
}

// copying tells how a batch can go by COPY, nil where it cannot.
func (b *batch) copying() *copied {
	p := b.p
	if len(b.items) < leastToCopy || !p.direct() || !p.guarded() || p.rel.rowSecurity {
		return nil
	}
	first := b.items[0]
	for _, it := range b.items {
		if it.kind() != kindCreate || it.wave > 0 || it.w.Mark != first.w.Mark || !slices.Equal(it.set, first.set) {
			return nil
		}
	}
	c := &copied{}
	for i, f := range p.Fields {
		column := f.Own()
		known, _ := exact(column)
		switch {
		case slices.Contains(c.columns, column):
			return nil
		case first.set[i] && known:
			c.columns, c.fields = append(c.columns, column), append(c.fields, i)
		case first.set[i], column.HasDefault, column.Assigned:
			return nil
		}
	}
	for part := range p.Table.Key {
		column := p.Table.IDColumn(part)
		_, known := exact(column)
		switch {
		case known && slices.Contains(c.columns, column):
		case known && p.rel.makeID && len(p.Table.Key) == 1:
			c.own = column
		default:
			return nil
		}
	}
	return c
}

// copy stores the batch. It is refused, and nothing is stored, with an error of
// a record or errMisplaced where the ordinary way must be taken.
func (b *batch) copy(ctx context.Context, c *copied) error {
	var xid string
	var begin pipeline
	begin.add("BEGIN", nil, nil)
	b.mark(&begin, b.items[0].w.Mark)
	b.listen(&begin)
	begin.add("SELECT mod(pg_current_xact_id()::text::numeric, 4294967296)::text", nil, func(r row) error { xid = r.text(0); return nil })
	if err := begin.run(ctx, b.conn); err != nil {
		return err
	}
	if !b.quiet {
		return errMisplaced
	}
	names := make([]string, 0, len(c.columns)+1)
	for _, column := range c.columns {
		names = append(names, quote(column.Name))
	}
	if c.own != nil {
		names = append(names, quote(c.own.Name))
	}
	sql := "COPY " + dialect{}.From(b.p.Table) + " (" + strings.Join(names, ", ") + ") FROM STDIN (ENCODING 'UTF8')"
	tag, err := b.conn.CopyFrom(ctx, bytes.NewReader(b.copyRows(c, xid)), sql)
	if err != nil {
		return err
	}
	if tag.RowsAffected() != int64(len(b.items)) {
		return errMisplaced
	}
	return b.finish(ctx)
}

// copyRows spells the batch in COPY's text format, and notes what will be
// stored.
func (b *batch) copyRows(c *copied, xid string) []byte {
	out := make([]byte, 0, 256*len(b.items))
	var own *string
	id := make([]string, len(b.p.Table.Key))
	for _, it := range b.items {
		rec := connectors.Record{Version: xid, Row: make(connectors.Row, len(b.p.Fields))}
		for i := range rec.Row {
			rec.Row[i] = connectors.NullValue()
		}
		for i, field := range c.fields {
			rec.Row[field] = it.values[field]
			out = appendCopied(out, store(c.columns[i], it.values[field]))
			out = append(out, '\t')
		}
		if c.own != nil {
			own = newID(it)
			out = append(appendCopied(out, own), '\t')
		}
		out[len(out)-1] = '\n'
		for part := range id {
			if column := b.p.Table.IDColumn(part); column == c.own {
				id[part] = *own
			} else {
				id[part] = rec.Row[c.fields[slices.Index(c.columns, column)]].String()
			}
		}
		rec.ID = b.p.Table.JoinID(id)
		it.stored, it.answered, it.storedID = true, true, rec.ID
		b.found[rec.ID] = rec
	}
	return out
}

// appendCopied spells one value.
func appendCopied(out []byte, s *string) []byte {
	if s == nil {
		return append(out, `\N`...)
	}
	rest := *s
	for {
		plain := strings.IndexAny(rest, "\\\t\n\r")
		if plain < 0 {
			return append(out, rest...)
		}
		out = append(append(out, rest[:plain]...), '\\', escapes[rest[plain]])
		rest = rest[plain+1:]
	}
}

// escapes are the letters of COPY's text format that stand for what would part
// values, rows and escapes.
var escapes = map[byte]byte{'\\': '\\', '\t': 't', '\n': 'n', '\r': 'r'}

// tryCopy stores the batch by COPY if it can; false means that nothing is stored
// and the ordinary way is to be taken.
func (b *batch) tryCopy(ctx context.Context) (stored bool, err error) {
	c := b.copying()
	if c == nil {
		return false, nil
	}
	if err = b.copy(ctx, c); err == nil || !b.p.ofRecord(err) {
		return err == nil, err
	}
	clear(b.found)
	for _, it := range b.items {
		it.reset()
	}
	return false, query(ctx, b.conn, "ROLLBACK", nil, nil)
}
