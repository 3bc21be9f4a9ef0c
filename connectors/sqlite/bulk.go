package sqlite

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/google/uuid"
)

// A batch of nothing but new records goes by a few statements of many rows where
// what is stored is known without reading it back: every value is one that its
// column keeps as it is given, no trigger of the app has a say, and the log can
// only have grown by these records, since we hold the write lock. Where a record
// is refused, the batch is stored the ordinary way.

const (
	// leastBulk is how many records are worth it.
	leastBulk = 20
	// bulkRows is how many records one statement inserts, of bulkValues values at
	// most: the cost of a statement is spread over them, and it is kept prepared.
	bulkRows   = 160
	bulkValues = 2000
)

// keeps reports whether a column holds just what store makes of a value: no
// affinity of its makes another of it.
func keeps(c *sqlcore.Column) bool {
	switch c.Type {
	case connectors.Text:
		return c.Storage == textAffinity || c.Storage == blobAffinity
	case connectors.Int, connectors.Bool:
		return c.Storage != textAffinity && c.Storage != realAffinity
	case connectors.Float:
		return c.Storage == realAffinity
	case connectors.Decimal:
		return c.Storage != realAffinity
	}
	return true // texts that look like no number, and bytes
}

// bulk is the columns that a batch fills, and by which fields.
type bulk struct {
	p       *plan
	columns []*sqlcore.Column
	fields  []int           // -1 for the native id that we make
	counted *sqlcore.Column // the native id that SQLite counts up, nil for a hidden one
	counts  bool            // SQLite makes the native ids
	unique  []int           // fields that a unique index of the app covers, nil for none
}

// bulking tells how a batch can be inserted by few statements, nil where it
// cannot.
func (p *plan) bulking(writes []connectors.Write) *bulk {
	first := &writes[0]
	if len(writes) < leastBulk || p.Table.View || p.cat.triggered[strings.ToLower(p.Table.Name)] || p.logged() && !p.cat.current(p.Table) {
		return nil
	}
	for i := range writes {
		w := &writes[i]
		if w.Op != connectors.Create || w.Mark != first.Mark || len(w.Row) != len(p.Fields) || len(w.Fields) != len(p.Fields) {
			return nil
		}
	}
	k := &bulk{p: p}
	for i, f := range p.Fields {
		if set := first.Fields[i] && first.Row[i].State() != connectors.Absent; !set {
			continue
		}
		if column := f.Own(); f.Plain() && !column.Assigned && keeps(column) && !slices.Contains(k.columns, column) {
			k.columns, k.fields = append(k.columns, column), append(k.fields, i)
			continue
		}
		return nil
	}
	if key := p.Table.SingleKey(); p.cat.makesID[p.Table] && !slices.Contains(k.columns, key) {
		k.columns, k.fields = append(k.columns, key), append(k.fields, -1)
	}
	if len(k.columns) == 0 || !k.leavesNull() || !k.knowsID() {
		return nil
	}
	k.unique = p.uniqueFields()
	return k
}

// leavesNull reports whether every column that is not filled is null then, but
// for the native id that SQLite counts up.
func (k *bulk) leavesNull() bool {
	for i := range k.p.Table.Columns {
		c := &k.p.Table.Columns[i]
		switch {
		case slices.Contains(k.columns, c):
		case alias(k.p.Table) && c == k.p.Table.SingleKey():
			k.counted, k.counts = c, true
		case c.HasDefault, c.Assigned:
			return false
		}
	}
	return true
}

// knowsID reports whether the native ids are those that we give or that SQLite
// counts up.
func (k *bulk) knowsID() bool {
	k.counts = k.counts || len(k.p.Table.Key) == 0
	for part := range k.p.Table.Key {
		if c := k.p.Table.IDColumn(part); !k.counts && (!slices.Contains(k.columns, c) || literalPart(c)) {
			return false
		}
	}
	return true
}

// logged reports whether the entity's feed is on.
func (p *plan) logged() bool {
	_, on := p.cat.installed[logName(p.Table.Name)]
	return on
}

// uniqueFields is the fields of the alternate key by which a unique index of the
// app, as it compares, refuses a second holder; nil where none does.
func (p *plan) uniqueFields() []int {
	for _, u := range p.Table.Uniques {
		var fields []int
		for _, pos := range u.Columns {
			i := slices.IndexFunc(p.Sel.Key, func(f int) bool { return p.Fields[f].Plain() && p.Fields[f].Own().Pos == pos })
			if i < 0 {
				break
			}
			fields = append(fields, p.Sel.Key[i])
		}
		fold := p.cat.folds[u.Name]
		if len(fields) == len(u.Columns) && (fold.Case || !p.Sel.Fold.Case) && (fold.Space || !p.Sel.Fold.Space) {
			return fields
		}
	}
	return nil
}

// bulkInsert stores a batch by few statements. nil without an error says that
// nothing is stored and the ordinary way is to be taken.
func (p *plan) bulkInsert(ctx context.Context, s *session, writes []connectors.Write) ([]connectors.Result, error) {
	k := p.bulking(writes)
	if k == nil {
		return nil, nil
	}
	if k.unique == nil {
		free, err := k.free(ctx, s, writes)
		if err != nil || !free {
			return nil, err
		}
	}
	if _, err := s.exec("SAVEPOINT dualwrite_bulk"); err != nil {
		return nil, err
	}
	results, err := k.insert(ctx, s, writes)
	if err != nil && (!isSQLite(err) || !ofRecord(code(err))) {
		return nil, err
	}
	if err != nil || results == nil {
		results = nil
		if _, err := s.exec("ROLLBACK TO dualwrite_bulk"); err != nil {
			return nil, err
		}
	}
	_, err = s.exec("RELEASE dualwrite_bulk")
	return results, err
}

// free reports whether nobody holds any of the keys, and no two records of the
// batch hold one.
func (k *bulk) free(ctx context.Context, s *session, writes []connectors.Write) (bool, error) {
	if len(k.p.Sel.Key) == 0 {
		return true, nil
	}
	keys := make([]connectors.Row, len(writes))
	seen := make(map[string]bool, len(writes))
	for i := range writes {
		keys[i] = k.p.KeyOf(writes[i].Row)
		key, ok := k.p.comparable(keys[i])
		if text := k.p.Folded(key.row); !ok || seen[text] {
			return false, nil
		} else {
			seen[text] = true
		}
	}
	held, err := k.p.find(ctx, s, keys)
	return len(held) == 0, err
}

// insert gives no results where something is not as it must be for them to be
// known; what it has stored is then taken back.
func (k *bulk) insert(ctx context.Context, s *session, writes []connectors.Write) ([]connectors.Result, error) {
	before, end, err := k.ends(s)
	if err != nil {
		return nil, err
	}
	results := make([]connectors.Result, len(writes))
	values := make(connectors.Row, len(writes)*len(k.p.Fields))
	raw := make([]any, len(k.p.Table.Columns))
	most := max(1, min(bulkRows, bulkValues/len(k.columns)))
	args := make([]any, 0, most*len(k.columns))
	last := int64(0)
	for at := 0; at < len(writes); at += most {
		part := writes[at:min(at+most, len(writes))]
		args = args[:0]
		for i := range part {
			row := values[(at+i)*len(k.p.Fields):][:len(k.p.Fields):len(k.p.Fields)]
			var ok bool
			if args, ok = k.row(&part[i], row, args); !ok {
				return nil, nil
			}
			r := &results[at+i]
			r.Outcome, r.Record.Row = connectors.Stored, row
			k.place(raw, args[len(args)-len(k.columns):], before+1+int64(at+i))
			r.Record.ID = k.id(raw, before+1+int64(at+i))
			r.Record.Version = k.p.version(end+1+int64(at+i), raw)
			if end == 0 {
				r.Record.Version = k.p.version(0, raw)
			}
		}
		done, err := s.exec(k.statement(len(part)), args...)
		if err != nil {
			return nil, err
		}
		if last, err = done.LastInsertId(); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	grown := int64(len(writes))
	if k.counts && last != before+grown {
		return nil, nil
	}
	if end == 0 {
		return results, nil
	}
	if _, now, err := k.ends(s); err != nil || now != end+grown {
		return nil, err
	}
	if mark := writes[0].Mark; mark != "" {
		_, err = s.exec("UPDATE "+from(logName(k.p.Table.Name))+" SET origin = ? WHERE seq > ?", mark, end)
	}
	return results, err
}

// ends tells the highest native id so far, where SQLite counts it up, and the
// sequence of the newest log row, 0 while the feed is off.
func (k *bulk) ends(s *session) (id, seq int64, err error) {
	ask := func(sql string, into *int64) {
		if err == nil {
			stmt, failed := s.prepared(sql)
			if err = failed; err == nil {
				err = stmt.QueryRow().Scan(into)
			}
		}
	}
	if k.counts {
		ask("SELECT coalesce(max("+k.p.Table.IDColumns(dialect{}, "")[0]+"), 0) FROM "+from(k.p.Table.Name), &id)
	}
	if k.p.logged() {
		ask("SELECT coalesce(max(seq), 0) FROM "+from(logName(k.p.Table.Name)), &seq)
	}
	return id, seq, err
}

// row appends what the driver is given for a record, and fills in what is stored
// then; false where the ordinary way has something to say.
func (k *bulk) row(w *connectors.Write, stored connectors.Row, args []any) ([]any, bool) {
	set := 0
	for i := range stored {
		stored[i] = connectors.NullValue()
		if w.Fields[i] && w.Row[i].State() != connectors.Absent {
			set++
		}
	}
	for i, c := range k.columns {
		at := k.fields[i]
		if at < 0 {
			args = append(args, uuid.NewString())
			continue
		}
		if !w.Fields[at] || w.Row[at].State() == connectors.Absent {
			return args, false
		}
		set--
		fitted, refusal := c.Fit(w.Row[at])
		if refusal != nil {
			return args, false
		}
		arg, refusal := spell(c, w.Row[at], fitted)
		if refusal != nil || arg == nil && (slices.Contains(k.unique, at) || slices.Contains(k.p.Table.Key, c.Pos)) {
			return args, false
		}
		stored[at] = fitted
		if arg == nil {
			stored[at] = connectors.NullValue()
		}
		args = append(args, arg)
	}
	return args, set == 0
}

// place puts what a record is given where its columns are, and the id that is
// counted up.
func (k *bulk) place(raw, args []any, id int64) {
	for i, c := range k.columns {
		raw[c.Pos] = args[i]
	}
	if k.counted != nil {
		raw[k.counted.Pos] = id
	}
}

// id is the native id of a record whose columns hold what they are given.
func (k *bulk) id(raw []any, counted int64) string {
	if k.counts {
		return strconv.FormatInt(counted, 10)
	}
	spelled := func(part int) string {
		if n, whole := raw[k.p.Table.Key[part]].(int64); whole {
			return strconv.FormatInt(n, 10)
		}
		text, _ := raw[k.p.Table.Key[part]].(string)
		return text
	}
	if len(k.p.Table.Key) == 1 {
		return spelled(0)
	}
	parts := make([]string, len(k.p.Table.Key))
	for i := range parts {
		parts[i] = spelled(i)
	}
	return k.p.Table.JoinID(parts)
}

// statement inserts n records. Whatever a unique index says about its violation,
// here it is an error.
func (k *bulk) statement(n int) string {
	names := make([]string, len(k.columns))
	for i, c := range k.columns {
		names[i] = quote(c.Name)
	}
	return "INSERT OR ABORT INTO " + from(k.p.Table.Name) + " (" + strings.Join(names, ", ") + ") VALUES " + bound(sqlcore.Tuples(n, len(names)))
}
