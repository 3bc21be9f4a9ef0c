package sqlite

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
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
		text := p.Folded(k.row)
		if !ok || seen[text] {
			continue
		}
		seen[text] = true
		if p.Indexed() && !(k.hasNull && p.keyThroughLookup()) {
			indexed = append(indexed, k.args...)
		} else {
			scanned = append(scanned, k.args...)
		}
	}
	width := len(p.Sel.Key)
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
		if err = p.query(ctx, q, bound(p.Select(p.scanCondition(len(args)/width))), args, add); err != nil {
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
	if k.row, ok = p.Comparable(row); !ok {
		return k, false
	}
	for i, pos := range p.Sel.Key {
		arg, refusal := operand(p.Fields[pos].End(), k.row[i])
		if refusal != nil {
			return k, false
		}
		k.hasNull = k.hasNull || arg == nil
		k.args = append(k.args, arg)
	}
	return k, true
}

func (p *plan) keyThroughLookup() bool {
	return slices.ContainsFunc(p.Sel.Key, func(pos int) bool { return !p.Fields[pos].Plain() })
}

// indexCondition compares each key column with k, as the column compares and,
// where that is looser than asked, exactly. Lookups are followed as subqueries,
// which SQLite goes through from the parent's index.
func (p *plan) indexCondition() string {
	var all []string
	for i, pos := range p.Sel.Key {
		value := "k.v" + strconv.Itoa(i)
		f := p.Fields[pos]
		all = append(all, f.Leads(dialect{}, "t", value, dialect{}.Same, nil))
		if f.End().Type == connectors.Text && f.End().Fold != p.Sel.Fold {
			all = append(all, dialect{}.Same(dialect{}.Fold(f.End(), p.KeyEnds[i], p.Sel.Fold), value))
		}
	}
	return strings.Join(all, " AND ")
}

func (p *plan) scanCondition(n int) string {
	parts := make([]string, len(p.Sel.Key))
	for i, pos := range p.Sel.Key {
		// A collation within coalesce would count for nothing.
		expr, collation := fold(p.Fields[pos].End(), p.KeyEnds[i], p.Sel.Fold)
		parts[i] = "coalesce(" + expr + ", " + nothing + ")" + collation
	}
	if len(parts) == 1 {
		return parts[0] + " IN (VALUES " + sqlcore.Tuples(n, 1) + ")"
	}
	return "(" + strings.Join(parts, ", ") + ") IN (VALUES " + sqlcore.Tuples(n, len(parts)) + ")"
}
