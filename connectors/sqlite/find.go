package sqlite

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
)

// nothing stands for null where keys are compared by equality: an empty blob,
// which equals no text and no number.
const nothing = "x''"

// Find looks keys up in an index where the columns themselves already compare
// as the selection asks; else it goes through the table once for every chunk of
// keys.
func (e *entity) Find(ctx context.Context, keys []connectors.Row) (found []connectors.Record, err error) {
	err = e.read(ctx, "find", func(ctx context.Context, q querier, p *plan) error {
		found, err = p.find(ctx, q, keys)
		return err
	})
	return found, err
}

// find answers each record once. A key that no column could hold finds nothing.
func (p *plan) find(ctx context.Context, q querier, keys []connectors.Row) (found []connectors.Record, err error) {
	var indexed, scanned []any
	seen := map[string]bool{}
	for _, key := range keys {
		k, ok := p.comparable(key)
		text := p.folded(k.row)
		if !ok || seen[text] {
			continue
		}
		seen[text] = true
		if p.indexable() && !(k.hasNull && p.keyThroughLookup()) {
			indexed = append(indexed, k.args...)
		} else {
			scanned = append(scanned, k.args...)
		}
	}
	width := len(p.sel.Key)
	add := func(r connectors.Record) { found = append(found, r) }
	for args := range slices.Chunk(indexed, max(chunk*width, 1)) {
		if err = p.query(ctx, q, p.lookup(len(args)/width, width, p.indexCondition()), args, add); err != nil {
			return nil, err
		}
	}
	for args := range slices.Chunk(scanned, max(chunk*width, 1)) {
		for i := range args {
			if args[i] == nil {
				args[i] = []byte{}
			}
		}
		if err = p.query(ctx, q, p.statement(" WHERE "+p.scanCondition(len(args)/width)), args, add); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// key is an alternate key as its columns hold it.
type key struct {
	row     connectors.Row // as read back
	args    []any          // as compared with
	hasNull bool
}

// comparable converts a key to the types of its columns; false when one of them
// cannot hold it.
func (p *plan) comparable(row connectors.Row) (k key, ok bool) {
	if len(row) != len(p.sel.Key) {
		return k, false
	}
	for i, pos := range p.sel.Key {
		col := p.fields[pos].end()
		arg, err := col.operand(row[i])
		if err != nil {
			return k, false
		}
		k.row = append(k.row, col.load(arg))
		if s, ok := arg.(string); ok && col.typ == connectors.Text {
			arg = p.sel.Fold.Apply(connectors.TextValue(s)).Text()
		}
		k.hasNull = k.hasNull || arg == nil
		k.args = append(k.args, arg)
	}
	return k, true
}

// indexable reports whether every key column compares at least as loosely as
// asked, so that an index on it finds all that Find must.
func (p *plan) indexable() bool {
	for _, pos := range p.sel.Key {
		col := p.fields[pos].end()
		if col.typ == connectors.Text && (p.sel.Fold.Case && !col.fold.Case || p.sel.Fold.Space && !col.fold.Space) {
			return false
		}
	}
	return true
}

func (p *plan) keyThroughLookup() bool {
	return slices.ContainsFunc(p.sel.Key, func(pos int) bool { return !p.fields[pos].plain() })
}

// indexCondition compares each key column with k, as the column compares and,
// where that is looser than asked, exactly.
func (p *plan) indexCondition() string {
	var all []string
	for i, pos := range p.sel.Key {
		value := "k.v" + strconv.Itoa(i)
		f := p.fields[pos]
		all = append(all, f.equals("t", value))
		if f.end().typ == connectors.Text && f.end().fold != p.sel.Fold {
			expr, collation := p.foldSQL(i)
			all = append(all, expr+collation+" IS "+value)
		}
	}
	return strings.Join(all, " AND ")
}

// foldSQL is the content of a key column and the collation, if it is a text, in
// which it compares as the selection asks.
func (p *plan) foldSQL(i int) (expr, collation string) {
	expr = p.keyEnds[i]
	if p.fields[p.sel.Key[i]].end().typ != connectors.Text {
		return expr, ""
	}
	if p.sel.Fold.Space {
		expr = "rtrim(" + expr + ", ' ')"
	}
	if p.sel.Fold.Case {
		return expr, " COLLATE NOCASE"
	}
	return expr, " COLLATE BINARY"
}

func (p *plan) scanCondition(n int) string {
	parts := make([]string, len(p.sel.Key))
	for i := range parts {
		expr, collation := p.foldSQL(i)
		parts[i] = "coalesce(" + expr + ", " + nothing + ")" + collation
	}
	if len(parts) == 1 {
		return parts[0] + " IN (VALUES " + tuples(n, 1) + ")"
	}
	return "(" + strings.Join(parts, ", ") + ") IN (VALUES " + tuples(n, len(parts)) + ")"
}

// folded is a key as text that two keys share when the selection takes them for
// one.
func (p *plan) folded(key connectors.Row) string {
	var b []byte
	for _, v := range key {
		b = p.sel.Fold.Apply(v).AppendBinary(b)
	}
	return string(b)
}

// keyOf is the alternate key of a row.
func (p *plan) keyOf(row connectors.Row) connectors.Row {
	key := make(connectors.Row, len(p.sel.Key))
	for i, pos := range p.sel.Key {
		key[i] = row[pos]
	}
	return key
}
