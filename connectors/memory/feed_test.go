package memory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
)

func start(t *testing.T, app *memory.App, entity string) (connectors.Feed, connectors.Cursor) {
	t.Helper()
	f, err := app.Feed(t.Context(), entity)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f, c
}

// changes reads up to most changes and gives them in short, and where to go on.
func changes(t *testing.T, f connectors.Feed, since connectors.Cursor, most int) (string, connectors.Cursor) {
	t.Helper()
	batch, next, caughtUp, err := f.Changes(t.Context(), since, most)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range batch {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s%s", c.Op, c.OldID, c.ID, c.Origin)))
	}
	if caughtUp {
		out = append(out, ".")
	}
	return strings.ReplaceAll(strings.Join(out, ", "), "  ", " "), next
}

func expectChanges(t *testing.T, f connectors.Feed, since connectors.Cursor, most int, want string) connectors.Cursor {
	t.Helper()
	got, next := changes(t, f, since, most)
	if got != want {
		t.Errorf("changes are %q, want %q", got, want)
	}
	return next
}

func TestFeedReportsEveryChangeInOrderAndMarksOnlyOurs(t *testing.T) {
	app, e := setup(t, memory.Options{Prefix: "R"})
	insert(t, app, "customers", values{"company.code": text("USMF"), "number": text("before")})
	f, c := start(t, app, "customers")
	expectChanges(t, f, c, 9, ".")
	id := insert(t, app, "customers", values{"company.code": text("USMF"), "number": text("C1")})
	write(t, e, connectors.Write{Op: connectors.Update, ID: id, Fields: only(5, 2), Row: customer("", "", "b"), Mark: "#m"})
	write(t, e, create(customer("USMF", "C1", "moved"), "#m"))
	if err := app.Edit("customers", id, values{"name": text("b")}); err != nil {
		t.Fatal(err)
	}
	if err := app.Remove("customers", id); err != nil {
		t.Fatal(err)
	}
	mid := expectChanges(t, f, c, 2, "create R2, update R2#m")
	end := expectChanges(t, f, mid, 2, "update R2, delete R2, .")
	expectChanges(t, f, end, 2, ".")
	if err := f.Confirm(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	expectChanges(t, f, mid, 1, "update R2")
	if again, err := f.Start(t.Context()); err != nil || again != end {
		t.Errorf("starting again: %q, %v", again, err)
	}
}

func TestLagHidesTheNewestUntilSettled(t *testing.T) {
	app, _ := setup(t, memory.Options{Lag: 2})
	f, c := start(t, app, "customers")
	numbered(t, app, "USMF", 1, 3)
	c = expectChanges(t, f, c, 9, "create L1, .")
	numbered(t, app, "USMF", 4, 4)
	app.Lie(func(o *memory.Options) { o.Lag = 4 })
	c = expectChanges(t, f, c, 9, ".")
	app.Settle()
	c = expectChanges(t, f, c, 9, "create L2, create L3, create L4, .")
	numbered(t, app, "USMF", 5, 5)
	expectChanges(t, f, c, 9, ".")
}

func TestKeyChangeChangesTheIDAndItsReferences(t *testing.T) {
	app, e := setup(t, memory.Options{KeyIsID: true})
	row := customer("USMF", "C1", "a")
	row[3] = text("G")
	rec := write(t, e, create(row, "")).Record
	if rec.ID != "C1|USMF" || e.Capabilities().StableID {
		t.Errorf("id %q, stable %v", rec.ID, e.Capabilities().StableID)
	}
	f, c := start(t, app, "customers")
	res := write(t, e, connectors.Write{Op: connectors.Update, ID: rec.ID, Fields: only(5, 1), Row: customer("", "C2", ""), Mark: "#m"})
	if res.Record.ID != "C2|USMF" {
		t.Errorf("%+v", res)
	}
	if err := app.Edit("groups", "G|USMF", values{"code": text("H|")}); err != nil {
		t.Fatal(err)
	}
	c = expectChanges(t, f, c, 9, "update C1|USMF C2|USMF#m, .")
	// The company is part of the key, so its own key change reaches down.
	if err := app.Edit("companies", "USMF", values{"code": text("USPI")}); err != nil {
		t.Fatal(err)
	}
	expectChanges(t, f, c, 9, "update C2|USMF C2|USPI, .")
	got, err := e.Get(t.Context(), []string{"C1|USMF", "C2|USMF", "C2|USPI"})
	if err != nil || len(got) != 1 || got[0].Row[3] != text("H|") || got[0].Row[0] != text("USPI") {
		t.Errorf("%+v, %v", got, err)
	}
	if _, ok := app.Read("groups", `H\||USPI`); !ok {
		t.Errorf("groups are %v", app.IDs("groups"))
	}
}

func TestStopForgetsAndExpiresCursors(t *testing.T) {
	app, _ := setup(t, memory.Options{})
	f, c := start(t, app, "customers")
	if err := f.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	numbered(t, app, "USMF", 1, 2)
	if _, _, _, err := f.Changes(t.Context(), c, 1); connectors.KindOf(err) != connectors.CursorExpired {
		t.Errorf("stopped: %v", err)
	}
	_, fresh := start(t, app, "customers")
	if _, _, _, err := f.Changes(t.Context(), c, 1); connectors.KindOf(err) != connectors.CursorExpired {
		t.Errorf("started anew: %v", err)
	}
	numbered(t, app, "USMF", 3, 3)
	after := expectChanges(t, f, fresh, 9, "create L3, .")
	if err := app.Expire("customers"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []connectors.Cursor{after, "", "x"} {
		if _, _, _, err := f.Changes(t.Context(), c, 1); connectors.KindOf(err) != connectors.CursorExpired {
			t.Errorf("cursor %q: %v", c, err)
		}
	}
}

func TestWaitWakesOnAChangeACloseAndItsContext(t *testing.T) {
	app, _ := setup(t, memory.Options{Lag: 1})
	f, c := start(t, app, "customers")
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan struct{}, 2)
	app.Lie(func(o *memory.Options) {
		o.Fault = func(call memory.Call) memory.Verdict {
			if call.Op != "wait" {
				return memory.Verdict{}
			}
			return memory.Verdict{Run: func() { waiting <- struct{}{} }}
		}
	})
	wait := func() (done chan error) {
		done = make(chan error, 1)
		go func() { done <- f.Wait(ctx, c) }()
		<-waiting
		return done
	}
	done := wait()
	numbered(t, app, "USMF", 1, 1) // hidden by the lag: the wait looks, and goes on
	<-waiting
	app.Settle()
	if err := <-done; err != nil {
		t.Errorf("after a change: %v", err)
	}
	<-waiting
	_, c = changes(t, f, c, 9)
	done = wait()
	if err := app.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("a closed connector waits without an error")
	}
	f, _ = start(t, app, "customers") // the app itself goes on
	done = wait()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
