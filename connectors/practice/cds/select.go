package cds

import (
	"net/http"
	"slices"
	"strings"

	"dualwrite/connectors/practice/service"
)

// shape is which fields of a record an answer shows.
type shape struct {
	entity *service.Entity
	fields []*service.Field
	expand []expansion
	named  []string // as $select spells them, for the context; nil for all
}

type expansion struct {
	lookup *service.Field
	shape  *shape
}

// shapeOf reads $select and $expand. The native id is always shown, and beside
// an amount of money its currency.
func shapeOf(m *service.Model, e *service.Entity, selected, expand string) (*shape, error) {
	sh := &shape{entity: e, fields: e.Columns()}
	if selected != "" {
		sh.fields = []*service.Field{e.Primary()}
		for _, name := range strings.Split(selected, ",") {
			name = strings.TrimSpace(name)
			f := e.Property(name)
			if f == nil {
				return nil, &service.Refusal{Kind: service.UnknownField, Entity: e, Value: name}
			}
			sh.add(f)
			sh.named = append(sh.named, name)
			if currency := e.Field("transactioncurrencyid"); f.Type == service.Money && currency != nil {
				sh.add(currency)
			}
		}
	}
	for _, part := range splitTop(expand, ',') {
		x, err := expansionOf(m, e, part)
		if err != nil {
			return nil, err
		}
		sh.expand = append(sh.expand, x)
	}
	return sh, nil
}

func (sh *shape) add(f *service.Field) {
	if !slices.Contains(sh.fields, f) {
		sh.fields = append(sh.fields, f)
	}
}

// expansionOf reads "navigation($select=a,b;$expand=other)".
func expansionOf(m *service.Model, e *service.Entity, part string) (expansion, error) {
	name, rest, has := strings.Cut(strings.TrimSpace(part), "(")
	lookup := e.Navigation(name)
	if lookup == nil || m.Entity(lookup.Target) == nil {
		return expansion{}, &service.Refusal{Kind: service.UnknownField, Entity: e, Value: name}
	}
	options := map[string]string{}
	if has {
		inner, ok := strings.CutSuffix(rest, ")")
		if !ok {
			return expansion{}, &wireError{http.StatusBadRequest, codeGeneral, "Syntax error in $expand."}
		}
		for _, o := range splitTop(inner, ';') {
			key, value, _ := strings.Cut(strings.TrimSpace(o), "=")
			if key != "$select" && key != "$expand" {
				return expansion{}, &wireError{http.StatusBadRequest, codeGeneral, "The option " + key + " is not supported for a navigation property to one record."}
			}
			options[key] = value
		}
	}
	inner, err := shapeOf(m, m.Entity(lookup.Target), options["$select"], options["$expand"])
	return expansion{lookup, inner}, err
}

// splitTop cuts at a mark outside of parentheses and quotes.
func splitTop(text string, mark rune) []string {
	depth, quoted := 0, false
	return strings.FieldsFunc(text, func(r rune) bool {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
		case r == '(':
			depth++
		case r == ')':
			depth--
		}
		return r == mark && depth == 0 && !quoted
	})
}

// expands are the expansions as the store reads them.
func (sh *shape) expands() []service.Expand {
	var out []service.Expand
	for _, x := range sh.expand {
		out = append(out, service.Expand{Lookup: x.lookup, Fields: x.shape.fields, Expand: x.shape.expands()})
	}
	return out
}

// context is the shape as @odata.context spells it.
func (sh *shape) context() string {
	parts := slices.Clone(sh.named)
	for _, x := range sh.expand {
		parts = append(parts, x.lookup.Navigation+x.shape.contextOrEmpty())
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ",") + ")"
}

func (sh *shape) contextOrEmpty() string {
	if c := sh.context(); c != "" {
		return c
	}
	return "()"
}

// orderOf reads $orderby.
func orderOf(text string) ([]service.Order, error) {
	var out []service.Order
	for _, term := range splitTop(text, ',') {
		words := strings.Fields(term)
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "asc" && words[1] != "desc" {
			return nil, &wireError{http.StatusBadRequest, codeGeneral, "Syntax error in $orderby."}
		}
		out = append(out, service.Order{Path: strings.Split(words[0], "/"), Desc: len(words) == 2 && words[1] == "desc"})
	}
	return out, nil
}
