package connectortest

import (
	"fmt"
	"slices"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

var filterTests = []test{
	{promise: "scan passes the records that the filter passes", run: filters},
	{promise: "random filters pass the records that the evaluator passes", run: filtersAtRandom},
	{promise: "a filter reads fields that are not selected, and through lookups", lacks: func(l Lacks) bool { return l.Lookups }, run: filtersBeyondSelection},
	{promise: "a filter that cannot be is refused when it is opened", run: refusesFilter},
	{promise: "a filter of a thousand terms works", run: filtersLong},
}

func compare(field string, op filter.CompareOp, kind filter.LiteralKind, literal string) filter.Expr {
	return filter.Compare{Field: field, Op: op, Value: filter.Literal{Kind: kind, Text: literal}}
}

// literals are constants worth comparing each column with.
func literals() map[string][]filter.Literal {
	of := func(kind filter.LiteralKind, texts ...string) (out []filter.Literal) {
		for _, t := range texts {
			out = append(out, filter.Literal{Kind: kind, Text: t})
		}
		return append(out, filter.Literal{Kind: filter.NullLiteral})
	}
	return map[string][]filter.Literal{
		"note":     of(filter.TextLiteral, "", " ", "abc", "ABC  ", "b_d", "100%", "ärger"),
		"number":   of(filter.TextLiteral, "N3", "n3 "),
		"quantity": of(filter.NumberLiteral, "0", "-5", "7", "7.5", "9223372036854775807", "99999999999999999999"),
		"amount":   of(filter.NumberLiteral, "0", "12.5", "0.1", "-0.0001", "0.10000000000000000001", "1e3"),
		"active":   of(filter.BoolLiteral, "true", "false"),
		"born":     append(of(filter.DateLiteral, "2020-02-29", "0001-01-01", "9999-12-31"), of(filter.DateTimeLiteral, "2020-02-29T10:00:00Z")...),
		"seen":     append(of(filter.DateLiteral, "2020-02-29"), of(filter.DateTimeLiteral, "2020-02-29T10:00:00Z", "2020-02-29T10:00:00.5Z")...),
		"token":    of(filter.TextLiteral, "0f8fad5b-d9cb-469f-a165-70867728950e", "0F8FAD5B-D9CB-469F-A165-70867728950E"),
	}
}

// contents are records whose columns take each of these in turn.
func contents(lacks Lacks) map[string][]connectors.Value {
	out := map[string][]connectors.Value{
		"note":     {text("abc"), text("ABC"), text("abc "), text("abd"), text("b_d"), text("bxd"), text("100% sure"), text("Ärger"), text("zebra")},
		"quantity": {connectors.IntValue(0), connectors.IntValue(-5), connectors.IntValue(7), connectors.IntValue(8)},
		"amount":   {amount("0"), amount("12.5"), amount("0.1"), amount("-0.0001"), amount("1000")},
		"active":   {connectors.BoolValue(true), connectors.BoolValue(false)},
		"born":     {connectors.DateValue(day(2020, 2, 29)), connectors.DateValue(day(2020, 3, 1)), connectors.DateValue(day(1999, 1, 1))},
		"seen": {connectors.DateTimeValue(day(2020, 2, 29)), connectors.DateTimeValue(day(2020, 2, 29).Add(10 * time.Hour)),
			connectors.DateTimeValue(day(2020, 2, 29).Add(10*time.Hour + 500*time.Millisecond)), connectors.DateTimeValue(day(2020, 3, 1))},
		"token": {connectors.GUIDValue("0f8fad5b-d9cb-469f-a165-70867728950e"), connectors.GUIDValue("7c9e6679-7425-40de-944b-e07fc1f90ae7")},
	}
	if !lacks.EmptyText {
		out["note"] = append(out["note"], text(""))
	}
	return out
}

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func amount(digits string) connectors.Value {
	v, err := connectors.DecimalValue(digits)
	if err != nil {
		panic(err)
	}
	return v
}

// expressions are comparisons of every column with its literals, text tests,
// and a few of them joined.
func expressions() (all []filter.Expr) {
	for field, list := range literals() {
		ops := []filter.CompareOp{filter.Eq, filter.Ne, filter.Gt, filter.Ge, filter.Lt, filter.Le}
		if field == "active" || field == "token" {
			ops = ops[:2]
		}
		for _, literal := range list {
			for _, op := range ops {
				all = append(all, filter.Compare{Field: field, Op: op, Value: literal})
			}
		}
	}
	for _, op := range []filter.MatchOp{filter.StartsWith, filter.EndsWith, filter.Contains} {
		for _, part := range []string{"", "A", "b", "_", "%", `\`, "RGER"} {
			all = append(all, filter.Match{Field: "note", Op: op, Text: part})
		}
	}
	n := len(all)
	for i := range n {
		x, y := all[i], all[(i*7+3)%n]
		if i%3 == 0 {
			all = append(all, filter.Not{X: x})
		}
		if i%5 == 0 {
			all = append(all, filter.And{Left: x, Right: filter.Not{X: y}}, filter.Or{Left: x, Right: y})
		}
	}
	return all
}

// filters holds every expression against connectors.CompileFilter.
func filters(b *bench) {
	n := 0
	for column, list := range contents(b.Lacks) {
		for _, v := range list {
			b.insert(Children, child("usmf", fmt.Sprintf("N%d", n)).with(column, v))
			n++
		}
	}
	r := b.open(Children, nil)
	all := r.scan(100, nil)
	types := make([]connectors.Type, len(r.fields))
	for i, f := range r.fields {
		if types[i] = connectors.Text; f != "parent.code" {
			types[i] = column(Children, f).Type
		}
	}
	for _, e := range expressions() {
		passes, err := connectors.CompileFilter(e, r.fields, types)
		if err != nil {
			b.Fatalf("%+v: %v", e, err)
		}
		var want []connectors.Record
		for _, rec := range all {
			if passes(rec.Row) {
				want = append(want, rec)
			}
		}
		narrow := b.open(Children, func(s *connectors.Selection) { s.Filter = b.respelled(e) })
		if got, want := r.column(narrow.scan(100, nil), "number"), r.column(want, "number"); !slices.Equal(got, want) {
			b.Errorf("%+v passes %v, want %v", e, got, want)
		}
	}
}

// respelled puts the app's own paths into a filter over children.
func (b *bench) respelled(e filter.Expr) filter.Expr {
	switch n := e.(type) {
	case filter.And:
		return filter.And{Left: b.respelled(n.Left), Right: b.respelled(n.Right)}
	case filter.Or:
		return filter.Or{Left: b.respelled(n.Left), Right: b.respelled(n.Right)}
	case filter.Not:
		return filter.Not{X: b.respelled(n.X)}
	case filter.Compare:
		n.Field = b.spelled(Children, n.Field)
		return n
	case filter.Match:
		n.Field = b.spelled(Children, n.Field)
		return n
	}
	return e
}

func filtersBeyondSelection(b *bench) {
	id := b.insert(Parents, parent("usmf", "big"))
	b.insert(Children, child("usmf", "1").with("parent", text(id)))
	b.insert(Children, child("usmf", "2"))
	b.insert(Children, child("usmf", "3").with("note", text("keep")))
	e := filter.Or{Left: compare("parent.code", filter.Eq, filter.TextLiteral, "BIG"), Right: compare("note", filter.Eq, filter.TextLiteral, "keep")}
	sel := connectors.Selection{Entity: b.spelled(Children, ""), Fields: []string{b.spelled(Children, "number")}, Key: []int{0}, Company: -1, Filter: b.respelled(e)}
	entity, err := b.Connector.Open(b.Context(), sel)
	if err != nil {
		b.Fatal(err)
	}
	r := &records{bench: b, Entity: entity, table: Children, fields: []string{"number"}}
	if got := r.column(r.scan(10, nil), "number"); !slices.Equal(got, []string{"1", "3"}) {
		b.Errorf("passes %v", got)
	}
	if n, exact, err := r.Count(b.Context()); err != nil || exact && n != 2 {
		b.Errorf("count is %d (exact: %v), %v", n, exact, err)
	}
}

func refusesFilter(b *bench) {
	sel := b.open(Children, nil).sel
	sel.Filter = compare("no_such_field", filter.Eq, filter.TextLiteral, "x")
	_, err := b.Connector.Open(b.Context(), sel)
	if e := b.failed(err, connectors.NoEntity); e.Field != "no_such_field" {
		b.Errorf("the error names the field %q", e.Field)
	}
	sel.Filter = compare(b.spelled(Children, "quantity"), filter.Eq, filter.TextLiteral, "x")
	_, err = b.Connector.Open(b.Context(), sel)
	b.failed(err, connectors.Invalid)
}

func filtersLong(b *bench) {
	b.insert(Children, child("usmf", "1"))
	b.insert(Children, child("usmf", "N999"))
	e := compare("number", filter.Eq, filter.TextLiteral, "N0")
	for i := range 1000 {
		e = filter.Or{Left: e, Right: compare("number", filter.Eq, filter.TextLiteral, fmt.Sprintf("N%d", i))}
	}
	r := b.open(Children, func(s *connectors.Selection) { s.Filter = b.respelled(e) })
	if got := r.column(r.scan(10, nil), "number"); !slices.Equal(got, []string{"N999"}) {
		b.Errorf("passes %v", got)
	}
}
