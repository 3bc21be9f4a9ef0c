package core

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// item is one write of a batch on its way to its result.
type item struct {
	w       connectors.Write
	wave    int
	parents map[*Field]string // native id by lookup, "" to clear it
	body    map[string]any
	key     string // of a create, or of an update that changes it: the alternate key, folded
	done    bool
	result  connectors.Result

	stored  bool   // accepted; what is held now is to be read unless rec is full
	rec     found  // as the answer told it
	version string // after the write, where the answer told it
	id      string // where it is to be read
}

func (it *item) refuse(err *connectors.Error) {
	if !it.done {
		it.done, it.result = true, connectors.Result{Outcome: connectors.Refused, Err: err}
	}
}

func (it *item) settle(o connectors.Outcome) {
	it.done, it.stored, it.result = true, false, connectors.Result{Outcome: o}
}

// writes reports whether a position of the selection is written.
func (it *item) writes(i int) bool {
	return i < len(it.w.Fields) && it.w.Fields[i] && it.w.Row[i].State() != connectors.Absent
}

// compose makes the body of a write, or refuses it by the field at fault.
func (e *Entity) compose(it *item) {
	if it.done || it.w.Op == connectors.Delete {
		return
	}
	it.body = map[string]any{}
	for i, p := range e.paths[:len(e.sel.Fields)] {
		if !it.writes(i) || !p.Plain() {
			continue
		}
		if refusal := e.put(it, p.Own(), it.w.Row[i]); refusal != nil {
			refusal.Field = p.Text
			it.refuse(refusal)
			return
		}
	}
	if refusal := e.settleEither(it); refusal != nil {
		it.refuse(refusal)
		return
	}
	for f, id := range it.parents {
		if id == "" && f.Required {
			it.refuse(required(f.Name))
			return
		}
		if refusal := e.bind(it.body, f, id); refusal != nil {
			it.refuse(refusal)
			return
		}
	}
	if it.w.Op == connectors.Create {
		e.complete(it)
	}
}

// put writes one field of the record's own.
func (e *Entity) put(it *item, f *Field, v connectors.Value) *connectors.Error {
	if f.ReadOnly {
		return &connectors.Error{Kind: connectors.Invalid, Message: f.Name + " is assigned by the app"}
	}
	if len(f.Targets) > 0 {
		return &connectors.Error{Kind: connectors.Invalid, Message: f.Name + " refers to " + strings.Join(f.Targets, " or ") + ": a field to find the record by must be named"}
	}
	if f.Lookup != "" {
		return e.bind(it.body, f, v.Text())
	}
	fitted, refusal := f.Fit(v)
	if refusal != nil {
		return refusal
	}
	if f.Required && !fitted.IsSet() && f.Empty != AsZero && f.Empty != AsFalse {
		return required(f.Name)
	}
	if slices.Contains(e.set.ID, f) && it.w.Op == connectors.Update && e.set.holds(it.w.ID, f, fitted) {
		return nil // a key is named only to change it
	}
	it.body[f.Wire] = f.json(fitted)
	return nil
}

// holds reports whether a native id has a value in its key already.
func (s *Set) holds(id string, f *Field, v connectors.Value) bool {
	row, ok := s.parseID(id)
	return ok && row[slices.Index(s.ID, f)] == v
}

// complete refuses a create that leaves out what it must have.
func (e *Entity) complete(it *item) {
	for _, f := range e.set.Fields {
		if !f.Required || f.HasDefault || f.ReadOnly || e.app.Dialect.Sequences && f.Name != e.set.Company && slices.Contains(e.set.ID, f) {
			continue
		}
		_, set := it.body[f.Wire]
		if _, bound := it.body[f.Nav+"@odata.bind"]; !set && !bound {
			it.refuse(required(f.Name))
			return
		}
	}
}

func required(field string) *connectors.Error {
	return &connectors.Error{Kind: connectors.Invalid, Field: field, Message: fmt.Sprintf("%s must have a value", field)}
}

// operation is the request for a write.
func (e *Entity) operation(it *item) (wire.Operation, error) {
	d := &e.app.Dialect
	op := wire.Operation{Path: e.set.address(it.w.ID), Header: map[string]string{}}
	var q wire.Query
	q = append(q, d.Options...)
	switch it.w.Op {
	case connectors.Delete:
		op.Method = "DELETE"
	case connectors.Update:
		op.Method = "PATCH"
	default:
		op.Method, op.Path = "POST", e.set.Name
	}
	if it.w.Op != connectors.Create {
		op.Header["If-Match"] = "*"
		if it.w.If != "" {
			op.Header["If-Match"] = it.w.If
		}
	}
	body := it.body
	if it.w.Op == connectors.Create && d.ByKey != nil {
		if path, header, rest, ok := e.byKey(it); ok {
			op.Method, op.Path, op.Header, body = "PATCH", path, header, rest
		}
	}
	if it.w.Op != connectors.Delete {
		if d.Returns {
			op.Header["Prefer"] = "return=representation"
		}
		if d.Selects {
			q = append(q, e.read...)
		}
		var err error
		if op.Body, err = encode(body); err != nil {
			return op, err
		}
	}
	op.Path = q.On(op.Path)
	return op, nil
}

// byKey is the request that creates by alternate key: the key stands in the
// address and not in the body. ok is false where the service cannot do that.
func (e *Entity) byKey(it *item) (path string, header map[string]string, body map[string]any, ok bool) {
	for _, k := range e.set.Keys {
		if !k.Active || len(k.Fields) != len(e.sel.Key) {
			continue
		}
		parts, rest := make([]wire.KeyPart, 0, len(k.Fields)), maps.Clone(it.body)
		for _, at := range e.sel.Key {
			part, ok := e.keyPart(it, k, at, rest)
			if !ok {
				break
			}
			parts = append(parts, part)
		}
		if len(parts) != len(k.Fields) {
			continue
		}
		path, header, ok = e.app.Dialect.ByKey(e.set, parts)
		return path, header, rest, ok
	}
	return "", nil, nil, false
}

// keyPart is one field of an alternate key as an address names it; it is taken
// out of the body.
func (e *Entity) keyPart(it *item, k connectors.AlternateKey, at int, body map[string]any) (wire.KeyPart, bool) {
	p := e.paths[at]
	f := p.Own()
	if !slices.Contains(k.Fields, p.Text) {
		return wire.KeyPart{}, false
	}
	if !p.Plain() {
		delete(body, f.Nav+"@odata.bind")
		return wire.KeyPart{Name: f.Wire, Literal: it.parents[f]}, it.parents[f] != "" && !f.Dependent
	}
	v, refusal := f.Fit(it.w.Row[at])
	delete(body, f.Wire)
	return wire.KeyPart{Name: f.Wire, Literal: f.literal(v)}, refusal == nil && v.IsSet()
}

// guarded reports whether the service itself refuses a second holder of the
// selection's key, so that nobody need ask before a create.
func (e *Entity) guarded() bool {
	return slices.ContainsFunc(e.set.Keys, func(k connectors.AlternateKey) bool {
		if !k.Active || len(k.Fields) != len(e.sel.Key) {
			return false
		}
		for _, at := range e.sel.Key {
			if !slices.Contains(k.Fields, e.paths[at].Text) {
				return false
			}
		}
		return true
	})
}
