package odatatest

import (
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
)

// hard are texts that addresses, filters and batches must carry unharmed.
func hard() []string {
	return []string{"O'Brien/A&B+1", "Söhne", `"`, "%2F", "a/b", "100% & more", "#1?x=y", "a;b,c", "(x)", "eq 'x'", "a\\b", "+", "$batch", "日本語", "--b\"--", "a=b", "<x>:*"}
}

func decimal(t *testing.T, s string) connectors.Value {
	t.Helper()
	v, err := connectors.DecimalValue(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// HardKeys writes, finds, reads and deletes records with awkward keys.
func HardKeys(t *testing.T, a App) {
	entity := a.open(t, connectortest.Children, "dataareaid", "number", "title")
	all := []bool{true, true, true}
	var creates []connectors.Write
	for _, s := range hard() {
		creates = append(creates, connectors.Write{Op: connectors.Create, Row: connectors.Row{text("usmf"), text(s), text(s)}, Fields: all})
	}
	results, err := entity.Write(t.Context(), creates)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range hard() {
		if results[i].Outcome != connectors.Stored {
			t.Errorf("create %q: %+v", s, results[i])
			continue
		}
		rec := results[i].Record
		if rec.Row[1] != text(s) || rec.Row[2] != text(s) {
			t.Errorf("%q is stored as %v", s, rec.Row)
		}
		if found, err := entity.Find(t.Context(), []connectors.Row{{text("usmf"), text(s)}}); err != nil || len(found) != 1 || found[0].ID != rec.ID {
			t.Errorf("find %q: %v, %v", s, found, err)
		}
		if got, err := entity.Get(t.Context(), []string{rec.ID}); err != nil || len(got) != 1 || got[0].Version != rec.Version {
			t.Errorf("get %q: %v, %v", s, got, err)
		}
		again := []connectors.Write{
			{Op: connectors.Create, Row: rec.Row, Fields: all},
			{Op: connectors.Update, ID: rec.ID, If: rec.Version, Row: connectors.Row{{}, {}, text("new")}, Fields: []bool{false, false, true}},
			{Op: connectors.Delete, ID: rec.ID},
		}
		outcomes, err := entity.Write(t.Context(), again)
		if err != nil || outcomes[0].Outcome != connectors.Moved || outcomes[1].Outcome != connectors.Stored || outcomes[2].Outcome != connectors.Stored {
			t.Errorf("%q created again, updated, deleted: %v, %v", s, outcomes, err)
		}
	}
	if rest, _, err := entity.Scan(t.Context(), "", 100); err != nil || len(rest) != 0 {
		t.Errorf("left over: %v, %v", rest, err)
	}
}

// Values writes values of every type and reads them back as they were.
func Values(t *testing.T, a App) {
	fields := []string{"dataareaid", "number", "title", "quantity", "amount", "born", "seen", "note"}
	entity := a.open(t, connectortest.Children, fields...)
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	for i, c := range []struct {
		at int
		v  connectors.Value
	}{
		{3, connectors.IntValue(1<<53 + 1)}, {3, connectors.IntValue(-(1<<53 + 1))},
		{4, decimal(t, "0.1")}, {4, decimal(t, "123456789012.25")}, {4, decimal(t, "-0.0001")},
		{5, connectors.DateValue(day(2024, 2, 29))}, {5, connectors.DateValue(day(1900, 1, 2))},
		{6, connectors.DateTimeValue(day(2024, 7, 1).Add(13*time.Hour + 5*time.Second))},
		{7, connectors.NullValue()}, {7, text("line one\r\nline two")},
	} {
		row := connectors.Row{text("usmf"), text(string(rune('a' + i))), text("t"), {}, {}, {}, {}, {}}
		row[c.at] = c.v
		results, err := entity.Write(t.Context(), []connectors.Write{{Op: connectors.Create, Row: row, Fields: []bool{true, true, true, true, true, true, true, true}}})
		if err != nil || results[0].Outcome != connectors.Stored || results[0].Record.Row[c.at] != c.v {
			t.Errorf("%s = %q: %+v, %v", fields[c.at], c.v, results, err)
			continue
		}
		got, err := entity.Get(t.Context(), []string{results[0].Record.ID})
		if err != nil || len(got) != 1 || got[0].Row[c.at] != c.v {
			t.Errorf("%s = %q is read as %v, %v", fields[c.at], c.v, got, err)
		}
	}
}
