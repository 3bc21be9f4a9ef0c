package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

// A batch of nothing but new records goes by COPY where what is stored is known
// without reading it back: every value is one that its column holds exactly, no
// trigger or rule of the app has a say, and the version is our transaction. Where
// a record is refused, be it for the key of another in the batch, the batch is
// stored the ordinary way.

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
	sql     string
	columns []*sqlcore.Column
	fields  []int
	own     bool  // the native id, which we make, follows
	id      []int // place among columns of each part of the native id, unless we make it
}

// copies is what a plan remembers for its COPYs.
type copies struct {
	ways    sync.Map    // *copied by the fields that are set, nil where they cannot be copied
	buffers sync.Pool   // *[]byte of what is copied
	good    atomic.Bool // the last COPY was
}

// copying tells how new records of these fields can go by COPY, nil where they
// cannot.
func (p *plan) copying(set []bool) *copied {
	if !p.direct() || !p.guarded() || p.rel.rowSecurity {
		return nil
	}
	c := &copied{}
	var names []string
	for i, f := range p.Fields {
		column := f.Own()
		known, _ := exact(column)
		switch {
		case slices.Contains(c.columns, column):
			return nil
		case set[i] && known && !column.Assigned:
			c.columns, c.fields, names = append(c.columns, column), append(c.fields, i), append(names, quote(column.Name))
		case set[i], column.HasDefault, column.Assigned:
			return nil
		}
	}
	for part := range p.Table.Key {
		column := p.Table.IDColumn(part)
		at := slices.Index(c.columns, column)
		_, known := exact(column)
		switch {
		case known && at >= 0:
			c.id = append(c.id, at)
		case known && p.rel.makeID && len(p.Table.Key) == 1 && column.Storage == asUUID:
			c.own, names = true, append(names, quote(column.Name))
		default:
			return nil
		}
	}
	if len(names) == 0 {
		return nil
	}
	c.sql = "COPY " + dialect{}.From(p.Table) + " (" + strings.Join(names, ", ") + ") FROM STDIN (FORMAT binary)"
	return c
}

// copyingFor gives the way to copy a batch whose records are of one shape.
func (p *plan) copyingFor(writes []connectors.Write) *copied {
	if len(writes) < leastToCopy {
		return nil
	}
	first := &writes[0]
	if len(first.Fields) != len(p.Fields) || len(first.Row) != len(p.Fields) {
		return nil
	}
	set, shape := make([]bool, len(p.Fields)), make([]byte, len(p.Fields))
	for i := range set {
		set[i] = first.Fields[i] && first.Row[i].State() != connectors.Absent
		if shape[i] = '-'; set[i] {
			shape[i] = '+'
		}
	}
	for i := range writes {
		w := &writes[i]
		if w.Op != connectors.Create || w.Mark != first.Mark || len(w.Fields) != len(set) || len(w.Row) != len(set) {
			return nil
		}
		for at, each := range set {
			if each != (w.Fields[at] && w.Row[at].State() != connectors.Absent) {
				return nil
			}
		}
	}
	known, ok := p.copies.ways.Load(string(shape))
	if !ok {
		known, _ = p.copies.ways.LoadOrStore(string(shape), p.copying(set))
	}
	return known.(*copied)
}

// sameQuery answers whether the columns are those of the catalog, so that each
// takes its binary form for what it is, and no other has got a default.
const sameQuery = "coalesce((" + formOf + " AND attrelid = $1::text::oid) = $2::text, false)"

// copyJob is a batch of new records on its way.
type copyJob struct {
	*copied
	p       *plan
	mark    string
	content []byte // of one COPY after the other, each up to the next of ends
	ends    []int
	results []connectors.Result
}

// tryCopy stores new records by COPY if they can go by it; nil results mean that
// nothing is stored and the ordinary way is to be taken.
func (p *plan) tryCopy(ctx context.Context, conn *pgconn.PgConn, writes []connectors.Write) ([]connectors.Result, error) {
	c := p.copyingFor(writes)
	if c == nil || conn.ParameterStatus("client_encoding") != "UTF8" {
		return nil, nil
	}
	buffer, kept := p.copies.buffers.Get().(*[]byte)
	if !kept {
		buffer = new([]byte)
	}
	defer p.copies.buffers.Put(buffer)
	j := &copyJob{copied: c, p: p, mark: writes[0].Mark, content: (*buffer)[:0], results: make([]connectors.Result, 0, len(writes))}
	fits := true
	for part := range slices.Chunk(writes, parts(len(writes))) {
		fits = fits && j.encode(part)
	}
	if *buffer = j.content; !fits {
		return nil, nil
	}
	err := j.run(ctx, conn)
	switch {
	case err == nil:
		return j.results, nil
	case !p.ofRecord(err):
		return nil, err
	}
	return nil, query(ctx, conn, "ROLLBACK", nil, nil)
}

// run fails with an error of a record where the ordinary way must be taken: a
// trigger or rule of the app or a cascade within the table has its say after it.
// Only the server can tell, and is asked behind the COPY, which keeps the table as
// it is: a division by zero ends the transaction where it is another. It is asked
// before, too, unless the last COPY was good.
func (j *copyJob) run(ctx context.Context, conn *pgconn.PgConn) error {
	p := j.p
	quiet, same := true, true
	asked := []any{p.rel.oid, p.rel.form}
	var begin pipeline
	begin.add("BEGIN", nil, nil)
	p.mark(&begin, j.mark)
	if !p.copies.good.Swap(false) {
		begin.add("SELECT ("+quietQuery+")::text, ("+sameQuery+")::text", asked, func(r row) error {
			quiet, same = r.text(0) == "true", r.text(1) == "true"
			return nil
		})
	}
	if err := begin.run(ctx, conn); err != nil {
		return err
	}
	switch {
	case !same:
		return errTypeChanged
	case !quiet:
		return errMisplaced
	}
	if err := j.copy(ctx, conn); err != nil {
		return err
	}
	var end pipeline
	end.add("SELECT mod(pg_current_xact_id()::text::numeric, 4294967296 / ("+quietQuery+" AND "+sameQuery+")::int)::text", asked, func(r row) error {
		xid := r.text(0)
		for i := range j.results {
			j.results[i].Record.Version = xid
		}
		return nil
	})
	err := p.commit(ctx, conn, &end, nil)
	p.copies.good.Store(err == nil)
	return err
}

func (j *copyJob) copy(ctx context.Context, conn *pgconn.PgConn) error {
	copied, from := int64(0), 0
	for _, to := range j.ends {
		tag, err := conn.CopyFrom(ctx, bytes.NewReader(j.content[from:to]), j.sql)
		if at := code(err); at == protocolViolation || at == invalidBinary {
			return errTypeChanged
		}
		if err != nil {
			return err
		}
		copied, from = copied+tag.RowsAffected(), to
	}
	if copied != int64(len(j.results)) {
		return errMisplaced
	}
	return nil
}

// mostDigits is how long a number may be whose binary form is simple.
const mostDigits = 10_000

// mostCopied is how many records one COPY should take. What the server does for
// those that it has buffered grows with the square of their number, to a half of
// the whole at a thousand.
const mostCopied = 400

// parts is how many records of a batch each of its COPYs takes.
func parts(records int) int {
	n := (records + mostCopied - 1) / mostCopied
	return (records + n - 1) / n
}

// encode appends a COPY of records, and tells what will be stored; false where a
// value does not fit its column.
func (j *copyJob) encode(writes []connectors.Write) (fits bool) {
	fields := len(j.columns)
	if j.own {
		fields++
	}
	rows := slab{width: len(j.p.Fields)}
	id := make([]string, len(j.p.Table.Key))
	b := append(j.content, copyHeader...)
	for i := range writes {
		row := rows.next()
		for at := range row {
			row[at] = connectors.NullValue()
		}
		b = binary.BigEndian.AppendUint16(b, uint16(fields))
		for at, column := range j.columns {
			field := j.fields[at]
			v, refusal := fit(column, writes[i].Row[field])
			if refusal != nil || len(v.Text()) > mostDigits && column.Storage == asNumeric {
				return false
			}
			row[field] = v
			b = appendBinary(b, column, v)
		}
		if j.own {
			made := uuid.New()
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(made))), made[:]...)
			id[0] = made.String()
		}
		for part, at := range j.id {
			id[part] = row[j.fields[at]].String()
		}
		j.results = append(j.results, connectors.Result{Outcome: connectors.Stored, Record: connectors.Record{ID: j.p.Table.JoinID(id), Row: row}})
	}
	j.content = binary.BigEndian.AppendUint16(b, 0xffff)
	j.ends = append(j.ends, len(j.content))
	return true
}
