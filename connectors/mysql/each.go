package mysql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
)

// statementBytes bounds what one statement carries: servers take no packet
// beyond max_allowed_packet, by default 16 MB or more.
const statementBytes = 4 << 20

// valuesMost bounds the values that one statement binds: a statement that is
// prepared takes 65535.
const valuesMost = 60_000

// each runs a statement over items, for those together that set the same
// columns and carry the same mark. A statement that fails because of a record has
// changed nothing: InnoDB undoes it as a whole.
func (b *batch) each(ctx context.Context, items []*item, run func(context.Context, []*item) error) error {
	for len(items) > 0 {
		var group, rest []*item
		size := 0
		for _, it := range items {
			full := size > statementBytes || (len(group)+1)*(len(it.args)+len(it.id)+1) > valuesMost
			if len(group) > 0 && (full || it.alone() || group[0].alone() || it.w.Mark != group[0].w.Mark || !slices.Equal(it.columns, group[0].columns)) {
				rest = append(rest, it)
				continue
			}
			group = append(group, it)
			size += it.size()
		}
		if err := b.mark(ctx, group[0].w.Mark); err != nil {
			return err
		}
		if err := b.halve(ctx, group, run); err != nil {
			return err
		}
		items = rest
	}
	return nil
}

// alone reports whether the item's values need a statement for themselves.
func (it *item) alone() bool { return it.w.Op == connectors.Update && long(it.args) }

// size is about how many bytes the item adds to a statement.
func (it *item) size() int {
	n := 0
	for _, arg := range it.args {
		switch x := arg.(type) {
		case string:
			n += len(x)
		case []byte:
			n += 2 * len(x)
		default:
			n += 8
		}
	}
	return n
}

func (b *batch) halve(ctx context.Context, items []*item, run func(context.Context, []*item) error) error {
	err := run(ctx, items)
	switch {
	case err == nil:
		for _, it := range items {
			it.outcome = connectors.Stored
		}
		return nil
	case !ofRecord(err):
		return err
	case len(items) == 1:
		return b.refuse(ctx, items[0], err)
	case number(err) == noDefault: // it is the same for all that set these columns
		for _, it := range items {
			if err := b.refuse(ctx, it, err); err != nil {
				return err
			}
		}
		return nil
	}
	if err := b.halve(ctx, items[:len(items)/2], run); err != nil {
		return err
	}
	return b.halve(ctx, items[len(items)/2:], run)
}

// mark sets the origin that the triggers of this table note (I11). An app's
// trigger cannot change the table whose statement fired it, and what it changes in
// others does not read this variable.
func (b *batch) mark(ctx context.Context, origin string) error {
	if !b.p.cat.d.captured[b.p.Table.Name] {
		return nil
	}
	if origin == "" {
		return b.l.mark(ctx, "", "")
	}
	return b.l.mark(ctx, markName(b.p.Table.Name), origin)
}

// keepApart keeps others of our kind from creating the same keys at the same
// time, where no unique index of the app does. It cannot hold back the app's own
// users.
func (b *batch) keepApart(ctx context.Context) (unlock func(), err error) {
	creates := slices.ContainsFunc(b.items, func(it *item) bool { return it.w.Op == connectors.Create && it.key != "" })
	if !creates || b.p.guarded() {
		return func() {}, nil
	}
	sum := sha256.Sum256([]byte(strings.Join(b.p.KeyEnds, " ") + " " + b.p.Table.Name))
	lock := "SELECT GET_LOCK(CONCAT('dualwrite_', MD5(CONCAT(DATABASE(), '" + hex.EncodeToString(sum[:8]) + "'))), %d)"
	row, err := b.l.row(ctx, fmt.Sprintf(lock, lockSeconds))
	if err == nil && num(row[0]) != 1 {
		err = &connectors.Error{Kind: connectors.Transient, Message: "another of our own writers creates records of this table"}
	}
	return func() {
		release := "SELECT RELEASE_LOCK(CONCAT('dualwrite_', MD5(CONCAT(DATABASE(), '" + hex.EncodeToString(sum[:8]) + "'))))"
		_, _ = b.l.row(context.WithoutCancel(ctx), release) // a connection on which this fails has lost the lock
	}, err
}

// guarded reports whether a unique index of the app refuses two records with the
// same alternate key.
func (p *plan) guarded() bool {
	covers := func(columns []int) bool {
		return !slices.ContainsFunc(columns, func(pos int) bool {
			c := &p.Table.Columns[pos]
			i := slices.IndexFunc(p.Sel.Key, func(k int) bool { return p.Fields[k].Plain() && p.Fields[k].Own() == c })
			if i < 0 || !c.Required {
				return true
			}
			fold := p.Sel.Fold
			return c.Type == connectors.Text && (fold.Case && !c.Fold.Case || fold.Space && !c.Fold.Space)
		})
	}
	if len(p.Sel.Key) == 0 || covers(p.Table.Key) {
		return true
	}
	for _, u := range p.Table.Uniques {
		if covers(u.Columns) {
			return true
		}
	}
	return false
}
