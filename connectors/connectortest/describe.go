package connectortest

import (
	"slices"

	"dualwrite/connectors"
)

var describeTests = []test{
	{promise: "schema tells tables, fields, lookups and keys", run: describesTables},
	{promise: "unknown entity and field are named", run: namesUnknown},
	{promise: "health tells the product and that nothing is missing", run: tellsHealth},
	{promise: "a cancelled call fails and stores nothing", run: heedsContext},
}

func describesTables(b *bench) {
	s, err := b.Connector.Describe(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, want := range Tables() {
		e, ok := s.Entity(b.spelled(want.Name, ""))
		if !ok {
			b.Errorf("%s is not described", want.Name)
			continue
		}
		for _, c := range want.Columns {
			describesColumn(b, s, e, want.Name, c)
		}
		for _, columns := range want.Unique {
			describesKey(b, e, want.Name, columns)
		}
		if slices.ContainsFunc(want.Columns, func(c Column) bool { return c.Name == "dataareaid" }) && e.Company != b.spelled(want.Name, "dataareaid") {
			b.Errorf("the company of %s is %q", want.Name, e.Company)
		}
	}
}

func describesColumn(b *bench, s *connectors.Schema, e *connectors.EntitySchema, table string, c Column) {
	if c.Parent != "" && b.Lacks.Lookups {
		return
	}
	own, f, err := s.Resolve(e.Name, b.spelled(table, c.Name))
	switch {
	case err != nil:
		b.Errorf("%s.%s: %v", table, c.Name, err)
	case c.Parent != "":
		if own.Lookup != b.spelled(c.Parent, "") {
			b.Errorf("%s.%s looks up %q", table, c.Name, own.Lookup)
		}
	case f.Type != c.Type || f.Length != c.Length || f.Digits != c.Digits || c.Digits > 0 && f.Scale != c.Scale || f.Required != c.Required:
		b.Errorf("%s.%s is described as %+v, want %+v", table, c.Name, *f, c)
	}
}

func describesKey(b *bench, e *connectors.EntitySchema, table string, columns []string) {
	if b.Lacks.Unique && columns[0] == "badge" {
		return
	}
	var want []string
	for _, c := range columns {
		want = append(want, b.spelled(table, c))
	}
	slices.Sort(want)
	if !slices.ContainsFunc(e.Keys, func(k connectors.AlternateKey) bool {
		got := slices.Clone(k.Fields)
		slices.Sort(got)
		return k.Active && slices.Equal(got, want)
	}) {
		b.Errorf("%s has no active key over %v, only %v", table, want, e.Keys)
	}
}

func namesUnknown(b *bench) {
	_, err := b.Connector.Open(b.Context(), connectors.Selection{Entity: "no such table", Fields: []string{"x"}, Company: -1})
	if e := b.failed(err, connectors.NoEntity); e.Entity != "no such table" {
		b.Errorf("the error names the entity %q", e.Entity)
	}
	entity := b.spelled(Parents, "")
	for _, path := range []string{"no_such_field", b.spelled(Parents, "code") + ".code"} {
		_, err = b.Connector.Open(b.Context(), connectors.Selection{Entity: entity, Fields: []string{path}, Company: -1})
		if e := b.failed(err, connectors.NoEntity); e.Entity != entity || e.Field == "" {
			b.Errorf("the error for %s names entity %q and field %q", path, e.Entity, e.Field)
		}
	}
}

func tellsHealth(b *bench) {
	h, err := b.Connector.Health(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if h.Product == "" || len(h.Missing) > 0 {
		b.Errorf("health is %+v", h)
	}
}

func heedsContext(b *bench) {
	r := b.open(Parents, nil)
	row, fields := r.row(parent("usmf", "a"))
	if _, err := r.Write(b.cancelled(), []connectors.Write{{Op: connectors.Create, Row: row, Fields: fields}}); err == nil {
		b.Error("a write with a cancelled context succeeds")
	}
	if _, _, err := r.Scan(b.cancelled(), "", 10); err == nil {
		b.Error("a scan with a cancelled context succeeds")
	}
	if n := len(r.scan(10, nil)); n != 0 {
		b.Errorf("%d records are stored", n)
	}
}
