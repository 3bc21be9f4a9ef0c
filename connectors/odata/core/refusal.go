package core

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// rule settles a refused write by the refusal alone. It reports false where the
// app's records have to be looked at.
func (e *Entity) rule(it *item, f *wire.Failure) bool {
	verdict := e.app.Dialect.judge(f)
	switch {
	case verdict == Gone && strings.ContainsAny(it.w.ID, unsafe):
		return false // perhaps only its address is not understood
	case verdict == Gone && it.w.Op == connectors.Delete:
		it.settle(connectors.Stored)
	case verdict == Gone && it.w.Op == connectors.Update:
		it.settle(connectors.Moved)
	case verdict == Busy:
		it.refuse(&connectors.Error{Kind: connectors.Transient, Message: e.app.Dialect.words(f), Err: f})
	case f.Status == http.StatusTooManyRequests:
		it.refuse(&connectors.Error{Kind: connectors.Throttled, RetryAfter: f.After, Message: e.app.Dialect.words(f), Err: f})
	case f.Status == http.StatusUnauthorized:
		it.refuse(&connectors.Error{Kind: connectors.Denied, Message: e.app.Dialect.words(f), Err: f})
	case f.Status == http.StatusRequestEntityTooLarge:
		it.refuse(&connectors.Error{Kind: connectors.TooLarge, Limit: "records of a size that the service takes", Message: e.app.Dialect.words(f), Err: f})
	case f.Status == http.StatusForbidden:
		it.refuse(e.refusal(it, f))
	default:
		return false
	}
	return true
}

// unsafe are letters of a key that web servers on the way may not let pass in an
// address, however they are escaped.
const unsafe = "/\\%+#?&<>*:"

// refusal is a failure as the error of a record, in the app's own words.
func (e *Entity) refusal(it *item, f *wire.Failure) *connectors.Error {
	out := &connectors.Error{Kind: connectors.Invalid, Message: e.app.Dialect.words(f), Err: f}
	if f.Status == http.StatusInternalServerError {
		out.Kind = connectors.Internal
	}
	longest := ""
	for i, p := range e.paths[:len(e.sel.Fields)] {
		for _, name := range [...]string{p.Own().Wire, p.Own().Label} {
			if it.writes(i) && len(name) > len(longest) && mentions(out.Message, name) {
				longest, out.Field, out.Value = name, p.Text, shown(it.w.Row[i])
			}
		}
	}
	return out
}

// mentions reports whether a text holds a name as a whole word.
func mentions(text, name string) bool {
	text, name = strings.ToLower(text), strings.ToLower(name)
	for from := 0; name != ""; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(name)
		if (at == 0 || !partOfWord(text[at-1])) && (end == len(text) || !partOfWord(text[end])) {
			return true
		}
		from = at + 1
	}
	return false
}

func partOfWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80
}

// solve looks at the app's records to tell what refusals meant: a create whose
// key is held, an update or delete whose version is another by now, a value that
// another record holds. What is none of these stays the app's refusal.
func (b *batch) solve(ctx context.Context, puzzles []*item) error {
	if len(puzzles) == 0 {
		return nil
	}
	var ids []string
	var keys []connectors.Row
	for _, it := range puzzles {
		if it.w.Op != connectors.Create {
			ids = append(ids, it.w.ID)
		} else if len(b.e.sel.Key) > 0 {
			keys = append(keys, b.e.keyOf(it.w.Row))
		}
	}
	byID, byKey, err := b.e.both(ctx, ids, keys)
	if err != nil {
		return err
	}
	for _, it := range puzzles {
		now, there := byID[it.w.ID]
		_, held := byKey[it.key]
		switch {
		case it.w.Op == connectors.Create && held:
			it.settle(connectors.Moved)
		case it.w.Op == connectors.Delete && !there:
			it.settle(connectors.Stored)
		case it.w.Op == connectors.Update && !there:
			it.settle(connectors.Moved)
		case it.w.Op != connectors.Create && it.w.If != "" && now.Version != it.w.If:
			it.settle(connectors.Moved)
		default:
			if err := b.blame(ctx, it, now.Row); err != nil {
				return err
			}
		}
	}
	return nil
}

// blame finds the unique key that another record holds, if that is why a write
// was refused.
func (b *batch) blame(ctx context.Context, it *item, stored connectors.Row) error {
	e, refusal := b.e, it.result.Err
	var f *wire.Failure
	if refusal != nil {
		f, _ = refusal.Err.(*wire.Failure)
	}
	for _, k := range e.set.Keys {
		if it.w.Op == connectors.Delete || !k.Active {
			continue
		}
		row, at := e.uniqueRow(it, k, stored)
		if at == nil {
			continue
		}
		paths := make([]*Path, len(at))
		for i, pos := range at {
			paths[i] = e.paths[pos]
		}
		held := false
		err := e.search(ctx, paths, []connectors.Row{row}, e.own, func(r found) { held = held || r.ID != it.w.ID })
		if err != nil {
			return err
		}
		if held {
			culprit := at[max(0, slices.IndexFunc(at, it.writes))]
			it.refuse(&connectors.Error{Kind: connectors.Duplicate, Field: e.paths[culprit].Text, Value: shown(it.w.Row[culprit]), Message: refusal.Message, Err: refusal.Err})
			return nil
		}
	}
	if f != nil && e.app.Dialect.judge(f) == Duplicate {
		refusal.Kind = connectors.Duplicate
	}
	it.refuse(refusal)
	return nil
}

// uniqueRow is what the fields of a unique key hold after a write, with their
// positions in the selection; nil where the write does not
// touch the key or where it is not all selected.
func (e *Entity) uniqueRow(it *item, k connectors.AlternateKey, stored connectors.Row) (row connectors.Row, at []int) {
	touched := false
	for _, name := range k.Fields {
		pos := slices.IndexFunc(e.paths[:len(e.sel.Fields)], func(p *Path) bool { return p.Text == name })
		if pos < 0 {
			return nil, nil
		}
		v := connectors.NullValue()
		switch {
		case it.writes(pos):
			touched, v = true, it.w.Row[pos]
		case stored != nil:
			v = stored[pos]
		}
		v, refusal := e.paths[pos].End().Convert(v)
		if refusal != nil || v.IsEmpty() {
			return nil, nil
		}
		row, at = append(row, v), append(at, pos)
	}
	if !touched {
		return nil, nil
	}
	return row, at
}
