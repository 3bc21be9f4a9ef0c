package connectortest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

// How much the random filters are tried on.
const (
	randomRecords = 60
	randomFilters = 250
)

// chance makes records and filters of a bench's children.
type chance struct {
	*rand.Rand
	*bench
}

func (c chance) pick(list ...string) string { return list[c.IntN(len(list))] }

// text is a text of few letters, so that two are often alike, some of which mean
// something to one query language or another.
func (c chance) text() string {
	if c.IntN(12) == 0 {
		return c.pick(`'; DROP TABLE children; --`, `' or 1 eq 1 or note eq '`, `") OR 1=1 --`, `%27%20or%201%20eq%201`)
	}
	var b strings.Builder
	for range c.IntN(5) {
		b.WriteString(c.pick("a", "A", "b", "B", "a", "z", " ", "ä", "Ä", "ß", "ı", "é", "😀", "%", "_", `\`, "'", `"`, "*", "?", "/", "+", "&", "#", "0", "7"))
	}
	return b.String()
}

func (c chance) moment() time.Time {
	return day(2020, 2, 28).Add(time.Duration(c.IntN(4))*12*time.Hour + time.Duration(c.IntN(3))*time.Second)
}

func (c chance) digits() string {
	return c.pick("", "-") + c.pick("0", "1", "7", "12") + c.pick("", "", ".5", ".05", ".0001")
}

func (c chance) guid() string {
	return c.pick("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7")
}

// record is a child whose columns hold something or nothing.
func (c chance) record(n int, parents []string) values {
	v := child("usmf", fmt.Sprintf("N%d", n))
	v["title"] = text(c.pick("a", "A", "b", "Ab ", "x_y", "100%", "O'Brien"))
	for _, column := range []struct {
		name  string
		value connectors.Value
	}{{"note", text(c.text())}, {"quantity", connectors.IntValue(int64(c.IntN(5) - 2))}, {"amount", amount(c.digits())}, {"active", connectors.BoolValue(c.IntN(2) == 0)},
		{"born", connectors.DateValue(c.moment())}, {"seen", connectors.DateTimeValue(c.moment())}, {"token", connectors.GUIDValue(c.guid())}} {
		if c.IntN(4) > 0 && !(column.value.IsEmpty() && c.Lacks.EmptyText) {
			v[column.name] = column.value
		}
	}
	if len(parents) > 0 && c.IntN(3) > 0 {
		v["parent"] = text(parents[c.IntN(len(parents))])
	}
	return v
}

// condition is a comparison or a text test of one column.
func (c chance) condition() filter.Expr {
	fields := []string{"note", "note", "title", "number", "quantity", "amount", "active", "born", "seen", "token", "parent.code"}
	if c.Lacks.Lookups {
		fields = fields[:len(fields)-1]
	}
	field := c.pick(fields...)
	ops := []filter.CompareOp{filter.Eq, filter.Ne, filter.Gt, filter.Ge, filter.Lt, filter.Le}
	lit := filter.Literal{Kind: filter.NullLiteral, Text: "null"}
	switch {
	case c.IntN(8) == 0:
		ops = ops[:2]
	case field == "quantity" || field == "amount":
		lit = filter.Literal{Kind: filter.NumberLiteral, Text: c.pick(c.digits(), c.digits(), "2e0", "99999999999999999999", "0.00000001")}
	case field == "active":
		lit, ops = filter.Literal{Kind: filter.BoolLiteral, Text: c.pick("true", "false")}, ops[:2]
	case field == "token":
		lit, ops = filter.Literal{Kind: filter.TextLiteral, Text: c.guid()}, ops[:2]
	case field == "born" || field == "seen":
		lit = filter.Literal{Kind: filter.DateLiteral, Text: c.moment().Format(time.DateOnly)}
		if c.IntN(2) == 0 {
			lit = filter.Literal{Kind: filter.DateTimeLiteral, Text: c.moment().Format(time.RFC3339Nano)}
		}
	case c.IntN(3) == 0:
		return filter.Match{Field: field, Op: []filter.MatchOp{filter.StartsWith, filter.EndsWith, filter.Contains}[c.IntN(3)], Text: c.text()}
	default:
		lit = filter.Literal{Kind: filter.TextLiteral, Text: c.pick(c.text(), "a", "A ", "x_y", "N3", "big")}
	}
	return filter.Compare{Field: field, Op: ops[c.IntN(len(ops))], Value: lit}
}

func (c chance) expression(depth int) filter.Expr {
	if depth == 0 {
		return c.condition()
	}
	switch c.IntN(5) {
	case 0, 1:
		return filter.And{Left: c.expression(depth - 1), Right: c.expression(depth - 1)}
	case 2:
		return filter.Or{Left: c.expression(depth - 1), Right: c.expression(depth - 1)}
	case 3:
		return filter.Not{X: c.expression(depth - 1)}
	}
	return c.condition()
}

// filtersAtRandom holds what the app makes of filters against what
// connectors.CompileFilter does with the records that the app holds. Each filter
// goes the way of one that a person writes: as text.
func filtersAtRandom(b *bench) {
	c := chance{rand.New(rand.NewPCG(20200229, 1)), b}
	var parents []string
	if !b.Lacks.Lookups {
		for _, code := range []string{"big", "BIG one", "ä"} {
			parents = append(parents, b.insert(Parents, parent("usmf", code)))
		}
	}
	for n := range randomRecords {
		b.insert(Children, c.record(n, parents))
	}
	r := b.open(Children, nil)
	all := r.scan(100, nil)
	types := make([]connectors.Type, len(r.fields))
	for i, f := range r.fields {
		if types[i] = connectors.Text; f != "parent.code" {
			types[i] = column(Children, f).Type
		}
	}
	telling := 0 // filters that pass some records and not all
	for range randomFilters {
		e, err := filter.Parse(filter.String(c.expression(c.IntN(4))))
		if err != nil {
			b.Fatal(err)
		}
		passes, err := connectors.CompileFilter(e, r.fields, types)
		if err != nil {
			b.Fatalf("%s: %v", filter.String(e), err)
		}
		want := slices.DeleteFunc(slices.Clone(all), func(rec connectors.Record) bool { return !passes(rec.Row) })
		if len(want) > 0 && len(want) < len(all) {
			telling++
		}
		narrow := b.open(Children, func(s *connectors.Selection) { s.Filter = b.respelled(e) })
		if got, want := r.column(narrow.scan(100, nil), "number"), r.column(want, "number"); !slices.Equal(got, want) {
			b.Errorf("%s passes %v, want %v", filter.String(e), got, want)
		}
		if n, exact, err := narrow.Count(b.Context()); err != nil || exact && n != int64(len(want)) {
			b.Errorf("%s counts %d, want %d: %v", filter.String(e), n, len(want), err)
		}
		if err := narrow.Close(); err != nil {
			b.Error(err)
		}
	}
	if telling < randomFilters/3 {
		b.Errorf("only %d filters of %d tell records apart", telling, randomFilters)
	}
	if n := len(r.scan(100, nil)); n != randomRecords {
		b.Errorf("%d records are left of %d", n, randomRecords)
	}
}
