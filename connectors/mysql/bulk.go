package mysql

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/cespare/xxhash/v2"
	mysql "github.com/go-sql-driver/mysql"
	"github.com/google/uuid"
)

// A batch of nothing but new records goes by LOAD DATA, or by one INSERT where the
// app makes the native ids or the server takes no LOAD DATA, if what is stored is
// known without reading it back: every value is one that its column holds exactly,
// no trigger of the app has a say, and what we have read of the table still
// holds. Our own trigger, which costs more than the record, leaves such records
// to one row of the log that tells of them all. Where a record is refused, the
// batch is stored the ordinary way.

// leastBulk is how many records are worth the further round trips.
const leastBulk = 20

// bulk is the columns that a batch fills, and by which fields.
type bulk struct {
	p       *plan
	columns []*sqlcore.Column
	fields  []int           // -1 for the native id that we make
	at      []int           // by the position of a column of the table, its place among columns; -1 for one that is left null
	counted *sqlcore.Column // the native id, if AUTO_INCREMENT makes it
	load    bool            // LOAD DATA can take the values
}

// bulking tells how a batch can go, nil where it cannot.
func (p *plan) bulking(writes []connectors.Write) *bulk {
	first := &writes[0]
	if len(writes) < leastBulk || first.Mark == "" || p.Table.View || !p.cat.d.captured[p.Table.Name] || p.rel.apart.Load() || !p.guarded() || len(p.Sel.Key) == 0 {
		return nil
	}
	for i := range writes {
		w := &writes[i]
		if w.Op != connectors.Create || w.Mark != first.Mark || len(w.Row) != len(p.Fields) || len(w.Fields) != len(p.Fields) {
			return nil
		}
	}
	k := &bulk{p: p, load: true}
	for i, f := range p.Fields {
		if !first.Fields[i] || first.Row[i].State() == connectors.Absent {
			continue
		}
		c := f.Own()
		if !f.Plain() || c.Assigned || p.rel.keeps[c.Pos] == keepsNone || slices.Contains(k.columns, c) {
			return nil
		}
		k.columns, k.fields = append(k.columns, c), append(k.fields, i)
		k.load = k.load && c.Type != connectors.Bytes
	}
	if key := p.Table.SingleKey(); key != nil && key.Type == connectors.GUID && !key.HasDefault && !slices.Contains(k.columns, key) {
		k.columns, k.fields = append(k.columns, key), append(k.fields, -1)
	}
	if !k.placed() || !k.knowsID() {
		return nil
	}
	return k
}

// placed notes where each column's value is; false where one that is not filled
// is more than null.
func (k *bulk) placed() bool {
	k.at = make([]int, len(k.p.Table.Columns))
	for i := range k.p.Table.Columns {
		c := &k.p.Table.Columns[i]
		switch k.at[i] = slices.Index(k.columns, c); {
		case k.at[i] >= 0:
		case c == k.p.rel.increments && slices.Contains(k.p.Table.Key, i) && c.Storage == asNumber:
			k.counted, k.load = c, false // LOAD DATA does not promise that numbers follow one another
		case c.Required, c.HasDefault, c.Assigned:
			return false
		}
	}
	return len(k.columns) > 0
}

// knowsID reports whether the text of the native id is that of the values.
func (k *bulk) knowsID() bool {
	for _, pos := range k.p.Table.Key {
		switch c := &k.p.Table.Columns[pos]; c.Storage {
		case asText, asNumber, asUnsigned, asDate, asDateTime, asGUID:
			if k.at[pos] < 0 && c != k.counted {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// bulkRecord is one record of the batch: what its columns are given, and the
// row that the selection reads then.
type bulkRecord struct {
	values []connectors.Value // in the order of the columns
	row    connectors.Row
}

// fit makes the values ones that their columns hold; false where the ordinary way
// has something to say.
func (k *bulk) fit(writes []connectors.Write) ([]bulkRecord, bool) {
	width := len(k.columns)
	records := make([]bulkRecord, len(writes))
	values := make([]connectors.Value, len(writes)*(width+len(k.p.Fields)))
	for n := range writes {
		w, r := &writes[n], &records[n]
		r.values, values = values[:width:width], values[width:]
		r.row, values = values[:len(k.p.Fields):len(k.p.Fields)], values[len(k.p.Fields):]
		set := 0
		for i := range r.row {
			r.row[i] = connectors.NullValue()
			if w.Fields[i] && w.Row[i].State() != connectors.Absent {
				set++
			}
		}
		for i, c := range k.columns {
			at := k.fields[i]
			if at < 0 {
				r.values[i] = connectors.GUIDValue(uuid.NewString())
				continue
			}
			if !w.Fields[at] || w.Row[at].State() == connectors.Absent {
				return nil, false
			}
			v, refusal := fit(c, w.Row[at])
			if refusal != nil || !v.IsSet() && c.Required || !k.p.rel.keeps[c.Pos].holds(c, v) {
				return nil, false
			}
			if !v.IsSet() {
				v = connectors.NullValue()
			}
			r.values[i], r.row[at] = v, v
			set--
		}
		if set != 0 {
			return nil, false
		}
	}
	return records, true
}

// errNotBulk says that the batch has to be stored the ordinary way after all.
var errNotBulk = errors.New("the batch cannot be stored by one statement")

// bulkInsert stores the batch in one transaction. nil without an error says that
// nothing is stored and the ordinary way is to be taken.
func (p *plan) bulkInsert(ctx context.Context, l *link, writes []connectors.Write) ([]connectors.Result, error) {
	k := p.bulking(writes)
	if k == nil {
		return nil, nil
	}
	records, ok := k.fit(writes)
	if !ok {
		return nil, nil
	}
	results, err := k.store(ctx, l, records, writes[0].Mark)
	if err == nil {
		return results, nil
	}
	if !errors.Is(err, errNotBulk) && !ofRecord(err) {
		return nil, err
	}
	return nil, l.rollback(ctx)
}

func (k *bulk) store(ctx context.Context, l *link, records []bulkRecord, mark string) ([]connectors.Result, error) {
	if err := l.beginHushed(ctx, manyName(k.p.Table.Name)); err != nil {
		return nil, err
	}
	first, err := k.send(ctx, l, records)
	if err != nil {
		return nil, err
	}
	// Until the transaction ends nobody can change the table.
	step, same, err := k.p.unchanged(ctx, l)
	if err != nil {
		return nil, err
	}
	if !same {
		k.p.rel.apart.Store(true)
		return nil, errNotBulk
	}
	ids := k.ids(records, first, step)
	hashes := make(chan []uint64, 1)
	go func() { hashes <- k.hashes(records, first, step) }() // while the server works
	seq, next, err := k.note(ctx, l, ids, mark, step)
	if err != nil {
		return nil, err
	}
	if err := l.commit(ctx); err != nil {
		return nil, err
	}
	results := make([]connectors.Result, len(records))
	for i, hash := range <-hashes {
		results[i].Outcome = connectors.Stored
		results[i].Record = connectors.Record{ID: ids[i], Version: version(seq+int64(i)*next, hash), Row: records[i].row}
	}
	return results, nil
}

// hashes are those of what the records' columns hold.
func (k *bulk) hashes(records []bulkRecord, first, step int64) []uint64 {
	hashes := make([]uint64, len(records))
	room := make([]byte, 0, 512)
	for i := range records {
		room = k.contents(room[:0], &records[i], first+int64(i)*step)
		hashes[i] = xxhash.Sum64(room)
	}
	return hashes
}

// send inserts the records and tells the native id of the first, where the app
// counts it up.
func (k *bulk) send(ctx context.Context, l *link, records []bulkRecord) (first int64, err error) {
	into := k.p.D.From(k.p.Table)
	names := make([]string, len(k.columns))
	for i, c := range k.columns {
		names[i] = quote(c.Name)
	}
	list := " (" + strings.Join(names, ", ") + ")"
	if k.load && !k.p.rel.loadless.Load() {
		return 0, k.loadData(ctx, l, records, into+" CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n'"+list)
	}
	text := make([]byte, 0, 256*len(records))
	text = append(text, "INSERT INTO "+into+list+" VALUES "...)
	for i := range records {
		text = k.appendTuple(text, records[i].values)
	}
	if len(text) > statementBytes {
		return 0, errNotBulk
	}
	done, err := l.conn.ExecContext(ctx, string(text[:len(text)-1]))
	if err != nil || k.counted == nil {
		return 0, err
	}
	return done.LastInsertId()
}

// loads numbers what is handed to the driver, which knows it by name.
var loads atomic.Int64

// loadData sends the records as lines. Without REPLACE the server would make
// warnings of errors and leave out whoever's key is held; as it is, it counts those
// twice, which are then taken back.
func (k *bulk) loadData(ctx context.Context, l *link, records []bulkRecord, into string) error {
	name := "dualwrite-" + strconv.FormatInt(loads.Add(1), 10)
	mysql.RegisterReaderHandler(name, func() io.Reader { return &lines{k: k, records: records} })
	defer mysql.DeregisterReaderHandler(name)
	done, err := l.conn.ExecContext(ctx, "LOAD DATA LOCAL INFILE 'Reader::"+name+"' REPLACE INTO TABLE "+into)
	if loadRefused(number(err)) || kindOf(number(err)) == connectors.Denied { // REPLACE asks for the right to delete
		k.p.rel.loadless.Store(true)
		return errNotBulk
	}
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != int64(len(records)) {
		return cmp.Or(err, errNotBulk)
	}
	return nil
}

// lines spells records as the server takes them.
type lines struct {
	k       *bulk
	records []bulkRecord
	text    []byte // spelled
	left    []byte // of text
}

// Read makes lines an io.Reader.
func (l *lines) Read(p []byte) (n int, err error) {
	if len(l.left) == 0 && len(l.records) == 0 {
		return 0, io.EOF
	}
	for len(p) > 0 && len(l.left)+len(l.records) > 0 {
		if len(l.left) == 0 {
			l.text = l.k.appendLine(l.text[:0], l.records[0].values)
			l.left, l.records = l.text, l.records[1:]
		}
		some := copy(p, l.left)
		p, l.left, n = p[some:], l.left[some:], n+some
	}
	return n, nil
}

// note writes what our trigger has left to us. It tells the sequence of the first
// record's log row, and by how much the next ones' are larger; 0 and 0 where they
// have none of their own. A record that the log may have told of before is given
// one, so that its version is not one that it has had.
func (k *bulk) note(ctx context.Context, l *link, ids []string, mark string, step int64) (seq, next int64, err error) {
	log := quote(logName(k.p.Table.Name))
	row, err := l.row(ctx, "SELECT EXISTS (SELECT 1 FROM "+log+" WHERE id BETWEEN "+sqlcore.Mark+" AND "+sqlcore.Mark+")", slices.Min(ids), slices.Max(ids))
	if err != nil {
		return 0, 0, err
	}
	if num(row[0]) != 0 {
		seq, err = noteEach(ctx, l, log, ids, mark)
		return seq, step, err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, 0, err
	}
	if len(list) > statementBytes {
		return 0, 0, errNotBulk
	}
	text := "INSERT INTO " + log + " (op, origin, at, n, ids) VALUES ('create', " + sqlcore.Mark + ", UTC_TIMESTAMP(3), " + sqlcore.Mark + ", " + sqlcore.Mark + ")"
	_, err = l.exec(ctx, text, cut(mark, originMax), len(ids), string(list))
	return 0, 0, err
}

// noteEach writes a row a record and tells the sequence of the first; the others
// follow it, since the server knows beforehand how many there are.
func noteEach(ctx context.Context, l *link, log string, ids []string, mark string) (int64, error) {
	text := make([]byte, 0, 96*len(ids))
	text = append(text, "INSERT INTO "+log+" (op, id, origin, at) VALUES "...)
	origin := appendLiteral(nil, cut(mark, originMax))
	for _, id := range ids {
		text = append(text, "('create',"...)
		text = append(appendLiteral(text, id), ',')
		text = append(append(text, origin...), ",UTC_TIMESTAMP(3)),"...)
	}
	if len(text) > statementBytes {
		return 0, errNotBulk
	}
	done, err := l.conn.ExecContext(ctx, string(text[:len(text)-1]))
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

// cut is the beginning of a text, of so many characters at most.
func cut(s string, most int) string {
	for i := range s {
		if most--; most < 0 {
			return s[:i]
		}
	}
	return s
}

// ids are the native ids of the records.
func (k *bulk) ids(records []bulkRecord, first, step int64) []string {
	ids := make([]string, len(records))
	parts := make([]string, len(k.p.Table.Key))
	for n := range records {
		for i, pos := range k.p.Table.Key {
			if c := &k.p.Table.Columns[pos]; c == k.counted {
				parts[i] = strconv.FormatInt(first+int64(n)*step, 10)
			} else if v := records[n].values[k.at[pos]]; c.Storage == asText || c.Storage == asGUID {
				parts[i] = v.Text()
			} else {
				parts[i] = string(appendSpelled(nil, c, v))
			}
		}
		ids[n] = k.p.Table.JoinID(parts)
	}
	return ids
}

// contents appends what a version is made of.
func (k *bulk) contents(b []byte, r *bulkRecord, counted int64) []byte {
	for i, at := range k.at {
		c := &k.p.Table.Columns[i]
		switch {
		case c == k.counted:
			b = appendPart(b, 'i', uint64(counted))
		case at < 0 || !r.values[at].IsSet():
			b = appendPart(b, 'n', 0)
		default:
			b = appendContent(b, c, r.values[at])
		}
	}
	return b
}

// appendLine spells a record as a line of LOAD DATA.
func (k *bulk) appendLine(b []byte, values []connectors.Value) []byte {
	for i, c := range k.columns {
		switch v := values[i]; {
		case !v.IsSet():
			b = append(b, `\N`...)
		case c.Storage == asText:
			b = appendEscaped(b, v.Text(), lineEscapes)
		default:
			b = appendSpelled(b, c, v)
		}
		b = append(b, '\t')
	}
	b[len(b)-1] = '\n'
	return b
}

// appendTuple spells a record as values of an INSERT.
func (k *bulk) appendTuple(b []byte, values []connectors.Value) []byte {
	b = append(b, '(')
	for i, c := range k.columns {
		switch v := values[i]; {
		case !v.IsSet():
			b = append(b, "NULL"...)
		case c.Type == connectors.Bytes:
			b = append(fmt.Appendf(append(b, "x'"...), "%x", v.Text()), '\'')
		case c.Type == connectors.Int, c.Type == connectors.Bool, c.Type == connectors.Decimal, c.Type == connectors.Float:
			b = appendSpelled(b, c, v)
		default:
			b = appendLiteral(b, string(appendSpelled(nil, c, v)))
		}
		b = append(b, ',')
	}
	b[len(b)-1] = ')'
	return append(b, ',')
}

// appendLiteral spells a text as a constant; our sessions read backslashes.
func appendLiteral(b []byte, s string) []byte {
	return append(appendEscaped(append(b, '\''), s, literalEscapes), '\'')
}

// lineEscapes and literalEscapes are the letters that stand for bytes that would
// end a value, or be taken for the beginning of an escape.
var (
	lineEscapes    = escapes{'\\': '\\', '\t': 't', '\n': 'n', 0: '0'}
	literalEscapes = escapes{'\\': '\\', '\'': '\'', 0: '0'}
)

type escapes [256]byte

func appendEscaped(b []byte, s string, by escapes) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		if letter := by[s[i]]; letter != 0 {
			b = append(append(b, s[from:i]...), '\\', letter)
			from = i + 1
		}
	}
	return append(b, s[from:]...)
}
