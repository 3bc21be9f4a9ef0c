package postgres

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/jackc/pgx/v5/pgconn"
)

// batch is one try to store writes in one transaction.
type batch struct {
	p     *plan
	conn  *pgconn.PgConn
	items []*item
	// found is what the app holds after the writes, by native id.
	found map[string]connectors.Record
	quiet bool // nothing of the app's changes a record after our statement has
}

// touched is what a write changes, so that those that change the same go one after
// the other.
type touched struct {
	op  connectors.Op // Create, or "" for a record that is there
	key string
}

func newBatch(p *plan, conn *pgconn.PgConn, writes []connectors.Write) *batch {
	b := &batch{p: p, conn: conn, items: make([]*item, len(writes)), found: make(map[string]connectors.Record, len(writes))}
	waves := make(map[touched]int, len(writes)) // the next wave by what an item touches
	items, rows, sets := make([]item, len(writes)), slab{width: len(p.Fields)}, make([]bool, len(writes)*len(p.Fields))
	for i, w := range writes {
		it := &items[i]
		it.set, it.values = sets[i*len(p.Fields):(i+1)*len(p.Fields):(i+1)*len(p.Fields)], rows.next()
		p.prepare(it, i, w)
		touches := touched{key: w.ID}
		if w.Op == connectors.Create {
			touches = touched{connectors.Create, it.folded}
		}
		if b.items[i] = it; w.Op == connectors.Create && it.folded == "" {
			continue // it has no key that another could share
		}
		it.wave = waves[touches]
		waves[touches]++
	}
	return b
}

// errMisplaced says that the app has left out some of the records created
// together, so that the native ids of the others cannot be told apart.
var errMisplaced = errors.New("the app does not keep every record")

// whole stores all items by one round trip, and reads them back and commits by
// another.
func (b *batch) whole(ctx context.Context) error {
	var p pipeline
	p.add("BEGIN", nil, nil)
	p.byIndex()
	b.lock(&p)
	b.write(&p, b.items)
	b.listen(&p)
	if err := p.run(ctx, b.conn); err != nil {
		return err
	}
	if err := b.settle(ctx, b.items); err != nil {
		return err
	}
	return b.finish(ctx)
}

// listen asks whether what the statements answered may be relied on: no trigger
// or rule of the app and no cascade within the table has had its say after them. The
// catalog that was read before cannot tell.
func (b *batch) listen(p *pipeline) {
	p.add("SELECT ("+quietQuery+")::text", []any{b.p.rel.oid}, func(r row) error {
		b.quiet = r.text(0) == "true"
		return nil
	})
}

const quietQuery = "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = $1::text::oid AND NOT tgisinternal AND tgname NOT IN " + triggerNames + ")" +
	" AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite WHERE ev_class = $1::text::oid)" +
	" AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conrelid = $1::text::oid AND confrelid = $1::text::oid)"

// settle checks what the statements did, and sends the records again whose
// parents are among those that were created meanwhile.
func (b *batch) settle(ctx context.Context, items []*item) error {
	for {
		var again []*item
		progress := false
		for _, it := range items {
			if it.kind() == kindCreate && !it.stored && !it.held && it.absent < 0 {
				return errMisplaced
			}
			progress = progress || it.stored && it.w.Op != connectors.Delete
			if it.absent >= 0 && it.impossible < 0 && !it.held && b.p.Fields[it.absent].Steps[1].Table == b.p.Table {
				again = append(again, it)
			}
		}
		if !progress || len(again) == 0 {
			return nil
		}
		var p pipeline
		b.write(&p, again)
		if err := p.run(ctx, b.conn); err != nil {
			return err
		}
		items = again
	}
}

// finish reads back what the statements leave, and commits.
func (b *batch) finish(ctx context.Context) error {
	return b.p.commit(ctx, b.conn, &pipeline{}, func(p *pipeline) { b.read(p, b.items) })
}

// commit lets deferred constraints and triggers speak, has read queue what is to
// be read after them, and commits.
func (p *plan) commit(ctx context.Context, conn *pgconn.PgConn, end *pipeline, read func(*pipeline)) error {
	p.mark(end, "")
	end.add("SET CONSTRAINTS ALL IMMEDIATE", nil, nil)
	if read != nil {
		read(end)
	}
	end.add("COMMIT", nil, nil)
	if err := ctx.Err(); err != nil {
		return err
	}
	// From here on the commit is on its way. What pgconn says about whether an
	// error is safe to retry does not hold in the middle of a pipeline.
	err := end.run(ctx, conn)
	var pg *pgconn.PgError
	if err == nil || errors.As(err, &pg) && pg.SeverityUnlocalized == "ERROR" {
		return err
	}
	return &unsureError{err}
}

// read queues the statement that reads what became of items.
func (b *batch) read(p *pipeline, items []*item) {
	var ids []string
	for _, it := range items {
		switch {
		case it.stored && it.w.Op != connectors.Delete && b.quiet && it.answered:
		case it.stored && it.w.Op != connectors.Delete:
			ids = append(ids, it.storedID)
		case it.id != nil && !it.stored:
			ids = append(ids, it.w.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	if sql, args, ok := b.p.byIDs(ids); ok {
		p.addRead(b.p, sql, args, func(r connectors.Record) { b.found[r.ID] = r })
	}
}

// write queues the statements of items: by wave, deletes first and creates last,
// since what is removed or renamed frees its key.
func (b *batch) write(p *pipeline, items []*item) {
	last := 0
	for _, it := range items {
		it.reset()
		last = max(last, it.wave)
	}
	for wave := range last + 1 {
		for _, kind := range []string{kindDelete, kindUpdate, kindCreate, kindProbe} {
			b.writeKind(p, items, wave, kind)
		}
	}
}

func (b *batch) writeKind(p *pipeline, items []*item, wave int, kind string) {
	type group struct {
		*statement
		shape string
		mark  string
		items []*item
	}
	var groups []*group
	var shape []byte
	for _, it := range items {
		if it.wave != wave || it.kind() != kind || it.idle() {
			continue
		}
		shape = b.p.shape(shape[:0], it)
		i := slices.IndexFunc(groups, func(g *group) bool { return g.shape == string(shape) && g.mark == it.w.Mark })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{statement: b.p.statementFor(it), shape: string(shape), mark: it.w.Mark})
		}
		groups[i].items = append(groups[i].items, it)
	}
	for _, g := range groups {
		b.p.mark(p, g.mark)
		b.send(p, g.statement, g.items)
	}
}

// mark sets the origin that the trigger notes on the rows of the statements
// that follow, of this table only (I11).
func (p *plan) mark(to *pipeline, mark string) {
	if mark != "" {
		mark = p.rel.oid + ":" + mark
	}
	to.add("SELECT set_config('dualwrite.mark', $1::text, true)", []any{mark}, nil)
}

// answerColumns is how many columns of a statement's answer come before the
// record's own native id and content.
const answerColumns = 3

func (b *batch) send(p *pipeline, s *statement, items []*item) {
	args := make([]any, len(s.fill))
	for i, fill := range s.fill {
		column := make(texts, len(items))
		for j, it := range items {
			column[j] = fill(it)
		}
		args[i] = column
	}
	if s.direct {
		p.expect(b.p, answerColumns)
	}
	reader := b.p.reader()
	p.add(s.sql, args, func(r row) error {
		it := b.items[number(r.text(0))]
		it.take(s, r)
		if it.answered = s.direct && it.stored; !it.answered {
			return nil
		}
		rec, err := reader.record(r[answerColumns:])
		b.found[rec.ID] = rec
		return err
	})
}

// buckets is how many locks stand for the keys of one table: a batch of any size
// takes no more of the server's lock table.
const buckets = 64

// lock keeps others of our kind from creating the same keys at the same time,
// where no unique constraint of the app does. It cannot hold back the app's own
// users.
func (b *batch) lock(p *pipeline) {
	if b.p.guarded() {
		return
	}
	locks := map[uint64]bool{}
	for _, it := range b.items {
		if it.kind() == kindCreate && it.heldKey != nil {
			h := fnv.New64a()
			h.Write([]byte(it.folded))
			locks[h.Sum64()%buckets] = true
		}
	}
	var list texts
	for n := range uint64(buckets) {
		if locks[n] {
			h := fnv.New64a()
			h.Write([]byte("dualwrite key " + b.p.rel.oid + " " + strconv.FormatUint(n, 10)))
			s := strconv.FormatInt(int64(h.Sum64()), 10)
			list = append(list, &s)
		}
	}
	if len(list) > 0 {
		p.add("SELECT count(pg_advisory_xact_lock(x::int8)) FROM unnest($1::text[]) AS u(x)", []any{list}, nil)
	}
}

// guarded reports whether a unique constraint of the app refuses two records
// with the same alternate key.
func (p *plan) guarded() bool {
	covers := func(columns []int) bool {
		return !slices.ContainsFunc(columns, func(pos int) bool {
			c := &p.Table.Columns[pos]
			i := slices.IndexFunc(p.Sel.Key, func(k int) bool { return p.Fields[k].Own() == c })
			return i < 0 || !c.Required || !p.strict(p.Fields[p.Sel.Key[i]])
		})
	}
	return len(p.Sel.Key) == 0 || covers(p.Table.Key) ||
		slices.ContainsFunc(p.Table.Uniques, func(u sqlcore.Unique) bool { return covers(u.Columns) })
}

// strict reports whether a column takes any two values for the same that the
// selection does.
func (p *plan) strict(f *sqlcore.Path) bool {
	c, fold := f.End(), p.Sel.Fold
	return f.Plain() && (c.Type != connectors.Text || !c.Opaque && (!fold.Case || c.Fold.Case) && (!fold.Space || c.Fold.Space))
}
