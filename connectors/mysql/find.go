package mysql

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// Find looks keys up in an index where the columns themselves already compare
// as the selection asks; else it goes through the table once for every chunk of
// keys. Collations take more for the same than Fold says, accents for instance:
// what the server finds is compared once more here.
func (e *entity) Find(ctx context.Context, keys []connectors.Row) (found []connectors.Record, err error) {
	err = e.planned(ctx, "find", func(ctx context.Context, l *link, p *plan) error {
		found = nil
		_, err := p.find(ctx, l, keys, func(r connectors.Record) { found = append(found, r) })
		return err
	})
	return found, err
}

// find answers each record once, and the keys that were looked for, folded. A
// key that no column could hold finds nothing.
func (p *plan) find(ctx context.Context, l *link, keys []connectors.Row, found func(connectors.Record)) (map[string]bool, error) {
	asked := map[string]bool{}
	var plain, nulls [][]any
	var texts []any
	indexed := p.Indexed()
	for _, key := range keys {
		key, ok := p.Comparable(key)
		if !ok || len(key) == 0 || asked[p.Folded(key)] {
			continue
		}
		asked[p.Folded(key)] = true
		switch args, hasNull := p.keyArgs(key); {
		case !indexed:
			texts = append(texts, p.spelled(key))
		case hasNull:
			nulls = append(nulls, args)
		default:
			plain = append(plain, args)
		}
	}
	seen := map[string]bool{}
	take := func(_ int, r connectors.Record) {
		key, ok := p.Comparable(p.KeyOf(r.Row))
		if ok && asked[p.Folded(key)] && !seen[r.ID] {
			seen[r.ID] = true
			found(r)
		}
	}
	if err := p.read(ctx, l, plain, p.keyEquals(" = "), take); err != nil {
		return nil, err
	}
	if err := p.read(ctx, l, nulls, p.keyEquals(" <=> "), take); err != nil {
		return nil, err
	}
	for part := range slices.Chunk(texts, chunk) {
		text := p.Select(p.spelling() + " IN (" + sqlcore.Marks(len(part)) + ")")
		if err := l.query(ctx, text, part, func(raw []any) error { take(0, p.record(raw)); return nil }); err != nil {
			return nil, err
		}
	}
	return asked, nil
}

func (p *plan) keyArgs(key connectors.Row) (args []any, hasNull bool) {
	for i, pos := range p.Sel.Key {
		args = append(args, bound(p.Fields[pos].End(), key[i]))
		hasNull = hasNull || !key[i].IsSet()
	}
	return args, hasNull
}

// keyEquals compares the alternate key with k, as the columns compare.
func (p *plan) keyEquals(equals string) string {
	var all []string
	for i, pos := range p.Sel.Key {
		all = append(all, p.KeyEnds[i]+equals+p.D.Operand(p.Fields[pos].End(), "k.v"+strconv.Itoa(i)))
	}
	return strings.Join(all, " AND ")
}

// spelling is the texts of the alternate key as one text, folded, in digits so
// that none runs into the next; a list of such is searched by bisection.
func (p *plan) spelling() string {
	var parts []string
	for i, pos := range p.Sel.Key {
		if c := p.Fields[pos].End(); c.Type == connectors.Text {
			parts = append(parts, "coalesce(HEX("+p.D.Fold(c, p.KeyEnds[i], p.Sel.Fold)+"), '-')")
		}
	}
	return "CONCAT_WS('|', " + strings.Join(parts, ", ") + ")"
}

func (p *plan) spelled(key connectors.Row) string {
	var parts []string
	for i, pos := range p.Sel.Key {
		if p.Fields[pos].End().Type != connectors.Text {
			continue
		}
		part := "-"
		if key[i].IsSet() {
			part = strings.ToUpper(hex.EncodeToString([]byte(key[i].Text())))
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "|")
}
