package memory_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
)

func TestVersionsDifferAfterEveryWrite(t *testing.T) {
	app, e := setup(t, memory.Options{})
	id := insert(t, app, "customers", values{"company.code": text("USMF"), "number": text("C1")})
	seen := map[string]bool{}
	for i := range 20 {
		if err := app.Edit("customers", id, values{"name": text(fmt.Sprint(i % 2))}); err != nil {
			t.Fatal(err)
		}
		got, err := e.Get(t.Context(), []string{id})
		if err != nil || seen[got[0].Version] {
			t.Fatalf("%v, %v", got, err)
		}
		seen[got[0].Version] = true
	}
}

func TestWithoutVersionsWritesAreUnconditional(t *testing.T) {
	_, e := setup(t, memory.Options{NoVersions: true})
	rec := write(t, e, create(customer("USMF", "C1", "a"), "")).Record
	if rec.Version != "" || e.Capabilities().Versions || e.Capabilities().Conditional {
		t.Errorf("%+v, %+v", rec, e.Capabilities())
	}
	w := connectors.Write{Op: connectors.Update, ID: rec.ID, If: "anything", Fields: only(5, 2), Row: customer("", "", "b")}
	if res := write(t, e, w); res.Outcome != connectors.Stored {
		t.Errorf("%+v", res)
	}
	if res := write(t, e, create(customer("USMF", "C1", "b"), "")); res.Outcome != connectors.Moved {
		t.Errorf("a create on a held key: %+v", res)
	}
}

func TestNormaliseChangesWhatEverybodyStores(t *testing.T) {
	app, e := setup(t, memory.Options{Normalise: func(entity, field string, v connectors.Value) connectors.Value {
		if entity == "customers" && v.IsSet() && v.Type() == connectors.Text {
			return text(strings.ToUpper(strings.TrimSpace(v.Text())))
		}
		return v
	}})
	res := write(t, e, create(customer("USMF", " c1 ", "fits when it is cut     "), ""))
	if res.Outcome != connectors.Stored || res.Record.Row[1] != text("C1") || res.Record.Row[2] != text("FITS WHEN IT IS CUT") {
		t.Errorf("%+v, %v", res, res.Err)
	}
	if err := app.Edit("customers", app.IDs("customers")[0], values{"name": text("x ")}); err != nil {
		t.Fatal(err)
	}
	if held, _ := app.Read("customers", "L1"); held["name"] != text("X") || held["number"] != text("C1") {
		t.Errorf("%v", held)
	}
}

func TestFaultsBeforeAndAfterTheCall(t *testing.T) {
	app, e := setup(t, memory.Options{})
	var verdict memory.Verdict
	var calls []memory.Call
	app.Lie(func(o *memory.Options) {
		o.Fault = func(c memory.Call) memory.Verdict {
			calls = append(calls, c)
			return verdict
		}
	})
	batch := []connectors.Write{create(customer("USMF", "C1", "a"), ""), create(customer("USMF", "C2", "a"), ""), create(customer("USMF", "C3", "a"), "")}
	for _, c := range []struct {
		verdict memory.Verdict
		kind    connectors.Kind
		stored  int
	}{
		{memory.Verdict{Before: &connectors.Error{Kind: connectors.Throttled}}, connectors.Throttled, 0},
		{memory.Verdict{StopAfter: 1}, connectors.Transient, 1},
		{memory.Verdict{LoseReply: true}, connectors.Transient, 3},
	} {
		verdict = c.verdict
		if _, err := e.Write(t.Context(), batch); err == nil || connectors.KindOf(err) != c.kind {
			t.Errorf("%+v: %v", c.verdict, err)
		}
		if n := len(app.IDs("customers")); n != c.stored {
			t.Errorf("%+v: %d stored, want %d", c.verdict, n, c.stored)
		}
	}
	if want := (memory.Call{Op: "write", Entity: "customers", Items: 3}); len(calls) != 3 || calls[0] != want {
		t.Errorf("calls %+v", calls)
	}
	verdict = memory.Verdict{LoseReply: true}
	if _, err := e.Get(t.Context(), nil); connectors.KindOf(err) != connectors.Transient {
		t.Errorf("get: %v", err)
	}
}

func TestAnEditMayComeBetweenReadAndAnswer(t *testing.T) {
	app, e := setup(t, memory.Options{})
	rec := write(t, e, create(customer("USMF", "C1", "a"), "")).Record
	edit := func() {
		if err := app.Edit("customers", rec.ID, values{"name": text("raced")}); err != nil {
			t.Error(err)
		}
	}
	app.Lie(func(o *memory.Options) {
		o.Fault = func(c memory.Call) memory.Verdict {
			if c.Op == "get" {
				return memory.Verdict{Run: edit}
			}
			return memory.Verdict{}
		}
	})
	got, err := e.Get(t.Context(), []string{rec.ID})
	if err != nil || got[0].Row[2] != text("a") {
		t.Fatalf("%v, %v", got, err)
	}
	w := connectors.Write{Op: connectors.Update, ID: rec.ID, If: got[0].Version, Fields: only(5, 2), Row: customer("", "", "b")}
	if res := write(t, e, w); res.Outcome != connectors.Moved {
		t.Errorf("%+v", res)
	}
}

func TestACrashLeavesTheAppUnlocked(t *testing.T) {
	app, e := setup(t, memory.Options{Fault: func(c memory.Call) memory.Verdict {
		return memory.Verdict{Run: func() {
			if c.Op == "write" {
				panic("crash")
			}
		}}
	}})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the crash did not come through")
			}
		}()
		_, _ = e.Write(t.Context(), []connectors.Write{create(customer("USMF", "C1", "a"), "")})
	}()
	if n := len(app.IDs("customers")); n != 1 {
		t.Errorf("%d records", n)
	}
}

func TestOneRecordIsRefusedAndEveryStoreObserved(t *testing.T) {
	var seen []string
	name := func(m values) string {
		if m == nil {
			return "-"
		}
		return m["name"].Text()
	}
	app, e := setup(t, memory.Options{})
	app.Lie(func(o *memory.Options) {
		o.OnStore = func(entity, id string, before, after map[string]connectors.Value, mark string) {
			seen = append(seen, fmt.Sprint(entity, id, " ", name(before), ">", name(after), " ", mark, len(app.IDs(entity))))
		}
		o.BeforeWrite = func(_ string, w connectors.Write) *connectors.Error {
			if w.Op == connectors.Create && w.Row[1] == text("BAD") {
				return &connectors.Error{Kind: connectors.Invalid, Message: "refused"}
			}
			return nil
		}
	})
	results, err := e.Write(t.Context(), []connectors.Write{create(customer("USMF", "BAD", "x"), "m"), create(customer("USMF", "C1", "a"), "m"),
		{Op: connectors.Update, ID: "L1", Fields: only(5, 2), Row: customer("", "", "b"), Mark: "n"}, {Op: connectors.Delete, ID: "L1"},
		{Op: connectors.Delete, ID: "L1"}})
	if err != nil || results[0].Outcome != connectors.Refused || results[1].Outcome != connectors.Stored {
		t.Fatalf("%+v, %v", results, err)
	}
	if got := strings.Join(seen, "; "); got != "customersL1 ->a m1; customersL1 a>b n1; customersL1 b>- 0" {
		t.Error(got)
	}
}

func TestUsersMeetTheSameRules(t *testing.T) {
	app, _ := setup(t, memory.Options{})
	id := insert(t, app, "customers", values{"company.code": text("USMF"), "number": text("C1"), "group.code": text("G"), "score": connectors.IntValue(9)})
	for kind, err := range map[connectors.Kind]error{
		connectors.Duplicate:     second(app.Insert("customers", values{"company.code": text("USMF"), "number": text("C1")})),
		connectors.Invalid:       second(app.Insert("customers", values{"company.code": text("USMF")})),
		connectors.TooLarge:      app.Edit("customers", id, values{"number": text("longer than ten")}),
		connectors.MissingParent: app.Edit("customers", id, values{"group": text("L9")}),
		connectors.NoEntity:      app.Edit("customers", "gone", values{"name": text("x")}),
	} {
		if err == nil || connectors.KindOf(err) != kind {
			t.Errorf("%v, want %v", err, kind)
		}
	}
	if err := app.Remove("groups", "L1"); connectors.KindOf(err) != connectors.Invalid || err == nil {
		t.Errorf("removing a group in use: %v", err)
	}
	if err := app.Remove("customers", "gone"); connectors.KindOf(err) != connectors.NoEntity {
		t.Errorf("removing nothing: %v", err)
	}
	if _, ok := app.Read("customers", "gone"); ok {
		t.Error("a record that is not there was read")
	}
}

func second[T any](_ T, err error) error { return err }

// history plays random edits and writes and gives everything that can be seen.
func history(t *testing.T, seed uint64, edits int) string {
	r := rand.New(rand.NewPCG(seed, 0))
	app, e := setup(t, memory.Options{KeyIsID: seed%2 == 0, Lag: int(seed % 3)})
	f, c := start(t, app, "customers")
	var out strings.Builder
	for range edits {
		number := text(fmt.Sprint("C", r.IntN(4)))
		ids := append(app.IDs("customers"), "gone")
		id := ids[r.IntN(len(ids))]
		switch r.IntN(4) {
		case 0:
			id, err := app.Insert("customers", values{"company.code": text("USMF"), "number": number, "group.code": text("G")})
			fmt.Fprintln(&out, id, err)
		case 1:
			fmt.Fprintln(&out, app.Edit("customers", id, values{"number": number}))
		case 2:
			fmt.Fprintln(&out, app.Remove("customers", id))
		case 3:
			row := customer("USMF", number.Text(), "n")
			fmt.Fprintln(&out, write(t, e, create(row, "m")))
		}
		var s string
		s, c = changes(t, f, c, 3)
		fmt.Fprintln(&out, s)
	}
	page, _, err := e.Scan(t.Context(), "", 100)
	fmt.Fprintln(&out, page, err)
	return out.String()
}

func TestTheSameHistoryLooksTheSame(t *testing.T) {
	for seed := range uint64(20) {
		if a, b := history(t, seed, 40), history(t, seed, 40); a != b {
			t.Fatalf("seed %d:\n%s\n%s", seed, a, b)
		}
	}
}

func TestManyMayUseTheAppAtOnce(t *testing.T) {
	app, e := setup(t, memory.Options{})
	stored := make([]int, 4)
	var wg sync.WaitGroup
	for w := range stored {
		wg.Go(func() {
			for i := range 50 {
				res, err := e.Write(t.Context(), []connectors.Write{create(customer("USMF", fmt.Sprint(i), "a"), "")})
				if err == nil && res[0].Outcome == connectors.Stored {
					stored[w]++
				}
			}
		})
	}
	wg.Wait()
	if sum := stored[0] + stored[1] + stored[2] + stored[3]; sum != 50 || app.Writes() != 50 {
		t.Errorf("%d creates of 50 keys succeeded, %d writes", sum, app.Writes())
	}
}

func BenchmarkHistory(b *testing.B) {
	for b.Loop() {
		app := memory.New(contoso(), memory.Options{})
		_, _ = app.Insert("companies", values{"code": text("USMF")})
		e, err := app.Open(b.Context(), customers())
		if err != nil {
			b.Fatal(err)
		}
		for i := range 20 {
			res, err := e.Write(b.Context(), []connectors.Write{create(customer("USMF", fmt.Sprint(i), "a"), "")})
			if err != nil || res[0].Outcome != connectors.Stored {
				b.Fatal(res, err)
			}
			if _, err := e.Get(b.Context(), []string{res[0].Record.ID}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
