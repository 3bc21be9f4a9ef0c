package postgres

import (
	"context"
	"encoding/binary"
	"errors"

	"dualwrite/connectors"

	"github.com/jackc/pgx/v5/pgconn"
)

// texts is a parameter of the type text[]. A nil element is null.
type texts []*string

// encode is the binary form of a one-dimensional text array.
func (t texts) encode() []byte {
	const textOID = 25
	size, nulls := 20, uint32(0)
	for _, s := range t {
		size += 4
		if s == nil {
			nulls = 1
		} else {
			size += len(*s)
		}
	}
	b := make([]byte, 0, size)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint32(b, nulls)
	b = binary.BigEndian.AppendUint32(b, textOID)
	b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
	b = binary.BigEndian.AppendUint32(b, 1)
	for _, s := range t {
		if s == nil {
			b = append(b, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		b = binary.BigEndian.AppendUint32(b, uint32(len(*s)))
		b = append(b, *s...)
	}
	return b
}

// arrayHeader is how many bytes of the binary form of a one-dimensional array come
// before its elements, the last but four of them their number.
const arrayHeader = 20

// textsIn is how many texts an array says that it has.
func textsIn(array []byte) int {
	if len(array) < arrayHeader { // an array of nothing has no dimension
		return 0
	}
	return min(int(binary.BigEndian.Uint32(array[arrayHeader-8:])), len(array)/4)
}

// eachText goes through the binary form of a one-dimensional text array without
// nulls. The texts share one piece of memory.
func eachText(array []byte, f func(string)) error {
	if len(array) < arrayHeader {
		return nil
	}
	whole := string(array[arrayHeader:])
	for at := 0; at < len(whole); {
		if len(whole)-at < 4 {
			return errArray
		}
		n := int(int32(binary.BigEndian.Uint32(array[arrayHeader+at:])))
		if at += 4; n < 0 || n > len(whole)-at {
			return errArray
		}
		f(whole[at : at+n])
		at += n
	}
	return nil
}

var errArray = errors.New("an array of texts ends too early, or holds a null")

// row is one row of an answer, each value in binary form, nil for null. It is
// valid until the next one.
type row [][]byte

// text is a value of a text type.
func (r row) text(i int) string { return string(r[i]) }

// pipeline is statements that go to the server together, and what is done with
// the rows that each answers.
type pipeline struct {
	batch pgconn.Batch
	takes []func(row) error
	// typed are the statements whose columns are held against a plan's types.
	typed map[int]typed
}

// typed says that a plan's columns stand in an answer from a position on.
type typed struct {
	*plan
	from int
}

var binaryResults = []int16{1}

// add queues a statement. Arguments are texts, whose type the statement says,
// or arrays of texts, or nil for null.
func (p *pipeline) add(sql string, args []any, take func(row) error) {
	values, formats := make([][]byte, len(args)), make([]int16, len(args))
	for i, a := range args {
		switch x := a.(type) {
		case nil:
		case string:
			values[i] = []byte(x)
		case texts:
			values[i], formats[i] = x.encode(), 1
		}
	}
	p.batch.ExecParams(sql, values, nil, formats, binaryResults)
	p.takes = append(p.takes, take)
}

// byIndex makes the statements that follow in the transaction, or in the pipeline
// where there is none, use an index however little the server knows of a table
// that is just being filled; they go through the table only where no index fits.
// Statements that may well go through a whole table are sent without it.
func (p *pipeline) byIndex() {
	p.add("SELECT set_config('enable_seqscan', 'off', true)", nil, nil)
}

// addRead queues a statement that reads a plan's columns.
func (p *pipeline) addRead(of *plan, sql string, args []any, found func(connectors.Record)) {
	p.expect(of, 0)
	p.add(numbered(sql), args, of.reader().each(found))
}

// expect holds the answer of the statement that is added next against a plan.
func (p *pipeline) expect(of *plan, from int) {
	if p.typed == nil {
		p.typed = map[int]typed{}
	}
	p.typed[len(p.takes)] = typed{of, from}
}

// run sends the statements and goes through their answers. The statements after
// one that fails are not run.
func (p *pipeline) run(ctx context.Context, conn *pgconn.PgConn) (err error) {
	answers := conn.ExecBatch(ctx, &p.batch)
	for i := 0; answers.NextResult(); i++ {
		r := answers.ResultReader()
		if of := p.typed[i]; of.plan != nil && err == nil {
			err = of.check(r.FieldDescriptions(), of.from)
		}
		for r.NextRow() {
			if p.takes[i] == nil || err != nil {
				continue
			}
			err = p.takes[i](r.Values())
		}
		if _, closing := r.Close(); closing != nil && err == nil {
			err = closing
		}
	}
	if closing := answers.Close(); closing != nil && code(err) == "" {
		err = closing
	}
	return err
}

// query runs one statement by itself.
func query(ctx context.Context, conn *pgconn.PgConn, sql string, args []any, take func(row) error) error {
	var p pipeline
	p.add(sql, args, take)
	return p.run(ctx, conn)
}

// do runs f on a connection of the pool.
func (c *connector) do(ctx context.Context, op, entity string, f func(context.Context, *pgconn.PgConn) error) error {
	ctx, leave, err := c.enter(ctx)
	if err != nil {
		return c.fault(op, entity, err)
	}
	defer leave()
	return c.fault(op, entity, c.on(ctx, f))
}

func (c *connector) on(ctx context.Context, f func(context.Context, *pgconn.PgConn) error) error {
	conn, err := c.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // the pool closes one that is within a transaction, so a failed call need not clean up
	return f(ctx, conn.Conn().PgConn())
}

// enter joins a call's context with the connector's life.
func (c *connector) enter(ctx context.Context) (context.Context, func(), error) {
	if c.life.Err() != nil {
		return nil, nil, errClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.life, cancel)
	return ctx, func() { stop(); cancel() }, nil
}
