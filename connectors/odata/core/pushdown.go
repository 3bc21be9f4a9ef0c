package core

import (
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/odata/wire"
)

// pushed is the part of a selection's filter and companies that the service
// evaluates: every record that passes also passes this. Exact: and no other.
type pushed struct {
	text  string
	exact bool
}

func (e *Entity) pushdown() pushed {
	out := e.pushExpr(e.sel.Filter)
	if len(e.sel.Companies) > 0 && e.sel.Company >= 0 {
		var names []string
		for _, c := range e.sel.Companies {
			names = append(names, e.equals(e.paths[e.sel.Company], connectors.TextValue(c), connectors.Fold{Case: true, Space: true})...)
		}
		companies := pushed{"(" + strings.Join(names, " or ") + ")", true}
		out = both(out, companies)
	}
	if len(wire.EscapeQuery(out.text)) > e.app.Dialect.URLMost {
		return pushed{}
	}
	return out
}

// both joins two conditions; one that cannot be pushed is left to us.
func both(l, r pushed) pushed {
	switch {
	case l.text == "":
		return pushed{r.text, l.exact && r.exact}
	case r.text == "":
		return pushed{l.text, l.exact && r.exact}
	}
	return pushed{l.text + " and " + r.text, l.exact && r.exact}
}

// pushExpr translates what a service is sure to evaluate as we do. A negation
// is not: services differ about fields without a value.
func (e *Entity) pushExpr(x filter.Expr) pushed {
	switch n := x.(type) {
	case nil:
		return pushed{exact: true}
	case filter.And:
		return both(e.pushExpr(n.Left), e.pushExpr(n.Right))
	case filter.Or:
		l, r := e.pushExpr(n.Left), e.pushExpr(n.Right)
		if l.text == "" || r.text == "" {
			return pushed{}
		}
		return pushed{"(" + l.text + " or " + r.text + ")", l.exact && r.exact}
	case filter.Compare:
		return e.pushCompare(n)
	}
	return pushed{}
}

func (e *Entity) pushCompare(n filter.Compare) pushed {
	p := e.path(n.Field)
	if p.Either != nil {
		return pushed{}
	}
	f := p.End()
	name := p.filterName()
	if n.Value.Kind == filter.NullLiteral {
		if f.nullable() && (n.Op == filter.Eq || n.Op == filter.Ne) && p.Plain() {
			return pushed{name + " " + string(n.Op) + " null", true}
		}
		return pushed{}
	}
	literal, ok := e.pushLiteral(f, n)
	if !ok {
		return pushed{}
	}
	if n.Op == filter.Ne {
		if !f.nullable() {
			return pushed{name + " ne " + literal, true}
		}
		return pushed{"(" + name + " ne " + literal + " or " + name + " eq null)", true}
	}
	return pushed{name + " " + string(n.Op) + " " + literal, true}
}

// pushLiteral is a literal that the service compares with a field as we do.
func (e *Entity) pushLiteral(f *Field, n filter.Compare) (string, bool) {
	lit := n.Value
	switch f.Type {
	case connectors.Int:
		k, err := strconv.ParseInt(lit.Text, 10, 64)
		inside := f.Low == 0 && f.High == 0 || k >= f.Low && k <= f.High
		return lit.Text, err == nil && inside && lit.Kind == filter.NumberLiteral
	case connectors.Decimal:
		v, err := connectors.DecimalValue(lit.Text)
		if err != nil || lit.Kind != filter.NumberLiteral {
			return "", false
		}
		fitted, refusal := f.Fit(v)
		return fitted.Text(), refusal == nil
	case connectors.Bool:
		b, ok := parseBool(lit.Text)
		return f.literal(connectors.BoolValue(b)), ok && n.Op == filter.Eq
	case connectors.GUID:
		return strings.ToLower(lit.Text), n.Op == filter.Eq && isGUID(lit.Text)
	case connectors.Date:
		return lit.Text, lit.Kind == filter.DateLiteral && f.nullable()
	case connectors.Text:
		if n.Op != filter.Eq || strings.TrimSpace(lit.Text) == "" || strings.ContainsAny(lit.Text, "*%") {
			return "", false
		}
		if f.Members != nil {
			i := slices.IndexFunc(f.Members, func(m string) bool { return strings.EqualFold(m, lit.Text) })
			if i < 0 {
				return "", false
			}
			return f.literal(connectors.TextValue(f.Members[i])), true
		}
		return wire.Quote(strings.TrimRight(lit.Text, " ")), e.own.Case && e.own.Space
	}
	return "", false
}

// path is the compiled path of a field that the selection or its filter names.
func (e *Entity) path(name string) *Path {
	return e.paths[slices.IndexFunc(e.paths, func(p *Path) bool { return p.Text == name })]
}

// equals are conditions of which one holds where a path's end equals a value
// under a fold: more records may pass than do equal it, none less.
func (e *Entity) equals(p *Path, v connectors.Value, fold connectors.Fold) []string {
	d, f, name := &e.app.Dialect, p.End(), p.filterName()
	if !v.IsSet() {
		terms := []string{name + " eq " + f.emptyLiteral()}
		if own := p.Own(); !p.Plain() && own.Wire != "" {
			terms = append(terms, own.Wire+" eq null")
		}
		return terms
	}
	exact := name + " eq " + f.literal(v)
	fold.Case, fold.Space = fold.Case && !e.own.Case, fold.Space && !e.own.Space
	switch {
	case f.Type != connectors.Text || f.Enum != "" || !fold.Case && !fold.Space:
		return []string{exact}
	case !d.Functions || e.bare.Load():
		return spellings(name, v.Text())
	}
	side, asked := name, []string{v.Text()}
	if fold.Space {
		side, asked[0] = "trim("+side+")", strings.TrimSpace(asked[0])
	}
	if fold.Case {
		side = "tolower(" + side + ")"
		asked = []string{connectors.Fold{Case: true}.Apply(connectors.TextValue(asked[0])).Text(), strings.ToLower(asked[0])}
	}
	terms := []string{side + " eq " + wire.Quote(asked[0])}
	if len(asked) > 1 && asked[1] != asked[0] { // services differ about letters beyond A to Z
		terms = append(terms, side+" eq "+wire.Quote(asked[1]))
	}
	return terms
}

// spellings ask a service that compares letter by letter and knows no functions
// for a text as it is and in either case alone: what else it may be cannot be
// asked for.
func spellings(name, text string) []string {
	var out []string
	for _, s := range [...]string{text, strings.ToUpper(text), strings.ToLower(text)} {
		if term := name + " eq " + wire.Quote(strings.TrimRight(s, " ")); !slices.Contains(out, term) {
			out = append(out, term)
		}
	}
	return out
}

// nullable reports whether the service writes no value as null.
func (f *Field) nullable() bool { return f.Empty == AsNull || f.Empty == AsNullText }
