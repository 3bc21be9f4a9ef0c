package engine

import (
	"fmt"
	"strings"

	"dualwrite/connectors"
	"dualwrite/engine/expression"
	"dualwrite/models"
)

// transforms checks what the steps of a mapping make of values that go to a side.
func (v *validation) transforms(at, to int) {
	m := &v.mapped[at]
	for _, t := range m.Transforms {
		switch t.Type {
		case models.Default:
			if m.flows(to) {
				v.defaulted(at, to, t)
			}
		case models.Truncate:
			if to == 1 {
				v.truncated(at, t)
			}
		case models.ValueMap:
			v.valueMap(at, to, t)
		case models.Expression:
			if to == 1 { // once
				v.expression(at, t)
			}
		default:
			if to == 0 {
				v.fieldFinding(Blocking, "transform-unknown", at, to, fmt.Sprintf("there is no transform %q", t.Type), "Delete it, or choose default, value map, truncate or expression")
			}
		}
	}
}

// defaulted checks that a default can be kept. A value map after it gets to see
// it first.
func (v *validation) defaulted(at, to int, t models.Transform) {
	m := &v.mapped[at]
	if i := v.after(m, models.Default, to); i >= 0 {
		if _, ok := compiledPairs(m.Transforms[i])[1-to][strings.ToLower(t.Default)]; !ok {
			v.fieldFinding(Blocking, "default-unmapped", at, to, fmt.Sprintf("the default %q is not in the value map that follows it", t.Default), "Add a line for it, or change the default")
		}
		return
	}
	if _, ok := m.has(models.Expression); ok {
		return // what becomes of it is not known before it is calculated
	}
	if why := misfit(t.Default, m.end[to]); why != "" {
		v.fieldFinding(Blocking, "default-misfit", at, to, fmt.Sprintf("the default %q does not fit %s: %s", t.Default, m.path(to), why), "Change the default")
	}
}

// after finds a value map that values going to a side pass after a transform of
// a type, -1 if there is none.
func (v *validation) after(m *mapped, t models.TransformType, to int) int {
	seen := false
	for n := range m.Transforms {
		i := n
		if to == 0 {
			i = len(m.Transforms) - 1 - n
		}
		seen = seen || m.Transforms[i].Type == t
		if seen && m.Transforms[i].Type == models.ValueMap {
			return i
		}
	}
	return -1
}

func compiledPairs(t models.Transform) [2]map[string]string {
	steps, err := compileSteps([]models.Transform{t})
	if err != nil || len(steps) == 0 {
		return [2]map[string]string{}
	}
	return steps[0].pairs
}

// misfit says why a text cannot be kept in a field, "" if it can.
func misfit(text string, f *connectors.Field) string {
	if f == nil {
		return ""
	}
	if _, err := convert(connectors.TextValue(text), f, f.Name); err != nil {
		if c, ok := recast(connectors.TextValue(text), f.Type); ok {
			return "it holds " + breaks(c, f)
		}
		return "it is a " + f.Type.String()
	}
	if f.Options != nil && text != "" && !containsFold(f.Options, text) {
		return "it takes " + strings.Join(f.Options, ", ")
	}
	return ""
}

func (v *validation) truncated(at int, t models.Transform) {
	m := &v.mapped[at]
	if t.Length < 1 {
		v.fieldFinding(Blocking, "truncate-length", at, 1, "a truncate keeps no character", "Give the most characters, 1 or more")
		return
	}
	if m.end[0] != nil && m.end[0].Type != connectors.Text {
		v.fieldFinding(Advice, "truncate-type", at, 1, fmt.Sprintf("%s is a %s: only texts can be truncated", m.Left, m.end[0].Type), "Delete the truncate")
		return
	}
	if m.Direction == models.Both {
		v.fieldFinding(Advice, "truncate-both-ways", at, 1, fmt.Sprintf("what is truncated to %d characters and then edited in the right app comes back short", t.Length),
			"Copy it left to right only, if the whole text must stay")
	}
}

// expression checks that an expression can be read, goes one way, and asks for
// fields of the record that it starts from.
func (v *validation) expression(at int, t models.Transform) {
	m := &v.mapped[at]
	from := 0
	if m.Direction == models.RightToLeft {
		from = 1
	}
	e, err := expression.Parse(t.Expression)
	if err != nil {
		v.fieldFinding(Blocking, "expression-syntax", at, from, "the expression of "+m.path(from)+" cannot be read: "+err.Error(), "Mend the expression")
		return
	}
	if m.Direction == models.Both {
		v.fieldFinding(Blocking, "expression-both-ways", at, from, m.path(from)+" goes through an expression, which has no way back", "Copy it in one direction")
		return
	}
	for _, path := range e.Fields() {
		if _, _, err := v.schemas[from].Resolve(v.entity[from].Name, path); err != nil {
			v.fieldFinding(Blocking, "expression-field", at, from, "the expression of "+m.path(from)+" asks for "+path+", which "+v.entity[from].Name+" does not have",
				"Name a field of the entity as the app spells it, value for the field itself, and texts in quotes")
			return
		}
	}
}

// valueMap checks that each value has one counterpart, and that it fits.
func (v *validation) valueMap(at, to int, t models.Transform) {
	m := &v.mapped[at]
	if !m.flows(to) {
		return
	}
	if len(t.Pairs) == 0 {
		v.fieldFinding(Blocking, "value-map-empty", at, to, "the value map has no lines, so every value would be an error", "Add the pairs, or delete the value map")
		return
	}
	seen := map[string]string{}
	for _, p := range t.Pairs {
		source, target := p.Left, p.Right
		if to == 0 {
			source, target = p.Right, p.Left
		}
		if other, dup := seen[strings.ToLower(source)]; dup && other != target {
			v.ambiguous(at, to, source, other, target)
		} else {
			seen[strings.ToLower(source)] = target
		}
		if why := misfit(target, m.end[to]); why != "" && v.last(m, to, t) {
			v.fieldFinding(Blocking, "value-misfit", at, to, fmt.Sprintf("the value map gives %q, which does not fit %s: %s", target, m.path(to), why), "Change this line of the value map")
		}
	}
}

// last reports whether a value map is the last step on the way to a side.
func (v *validation) last(m *mapped, to int, t models.Transform) bool {
	last := m.Transforms[len(m.Transforms)-1]
	if to == 0 {
		last = m.Transforms[0]
	}
	return last.Type == t.Type && len(last.Pairs) == len(t.Pairs)
}

// ambiguous tells of a value with two counterparts. Both ways, the way back takes
// the first line, which changes what it came from; a key must not do that.
func (v *validation) ambiguous(at, to int, source, one, two string) {
	m := &v.mapped[at]
	message := fmt.Sprintf("%q of %s stands for %q and for %q", source, m.path(1-to), one, two)
	switch {
	case isKeyPair(v.def, m.FieldMapping):
		v.fieldFinding(Blocking, "value-map-key", at, to, message+", so records could not be told apart by their key", "Give each value its own counterpart")
	case m.Direction == models.Both && to == 0:
		v.fieldFinding(Advice, "value-map-irreversible", at, to, message+": on the way back the first is taken", "Give each value its own counterpart, or copy left to right only")
	default:
		v.fieldFinding(Blocking, "value-map-duplicate", at, to, message, "Keep one of the lines")
	}
}

func isKeyPair(d *models.Definition, f models.FieldMapping) bool {
	for _, k := range d.Key {
		if k.Left == f.Left && k.Right == f.Right {
			return true
		}
	}
	return false
}

// shortens reports whether a mapping may make one value of two.
func (m *mapped) shortens() bool {
	t, ok := m.has(models.Truncate)
	return ok && (m.end[0] == nil || m.end[0].Length == 0 || m.end[0].Length > t.Length)
}
