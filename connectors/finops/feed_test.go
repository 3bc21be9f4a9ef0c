package finops_test

import (
	"fmt"
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/finops"
	"dualwrite/connectors/odata/wire"
)

func text(s string) connectors.Value { return connectors.TextValue(s) }

func child(number string) map[string]connectors.Value {
	return map[string]connectors.Value{"dataareaid": text("usmf"), "number": text(number), "title": text("t")}
}

// feed starts the feed of children.
func feed(t *testing.T, c connectors.Connector) (connectors.Feed, connectors.Cursor) {
	t.Helper()
	f, err := c.Feed(t.Context(), connectortest.Children)
	if err != nil {
		t.Fatal(err)
	}
	at, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f, at
}

// drain reads a feed to its end in steps and spells what it told.
func drain(t *testing.T, f connectors.Feed, at connectors.Cursor, step int) (story []string, end connectors.Cursor) {
	t.Helper()
	for range 1000 {
		batch, next, caughtUp, err := f.Changes(t.Context(), at, step)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) > step {
			t.Fatalf("%d changes, asked for %d", len(batch), step)
		}
		for _, c := range batch {
			story = append(story, string(c.Op)+" "+c.ID)
		}
		if at = next; caughtUp {
			return story, at
		}
	}
	t.Fatal("the feed has no end")
	return nil, ""
}

func TestFeedTellsWhatIsAnotherThanBefore(t *testing.T) {
	a := newApp(t)
	stays := a.Insert(t, connectortest.Children, child("stays"))
	goes := a.Insert(t, connectortest.Children, child("goes"))
	a.Insert(t, connectortest.Children, child("idle"))
	f, at := feed(t, a.connect(t))
	a.Update(t, connectortest.Children, stays, map[string]connectors.Value{"note": text("x")})
	a.Delete(t, connectortest.Children, goes)
	comes := a.Insert(t, connectortest.Children, child("comes"))
	want := []string{"delete " + goes, "create " + comes, "update " + stays}
	for _, step := range []int{1, 2, 100} {
		if got, _ := drain(t, f, at, step); !slices.Equal(got, want) {
			t.Errorf("in steps of %d: %q", step, got)
		}
	}
	_, end := drain(t, f, at, 100)
	if again, next := drain(t, f, end, 100); len(again) != 0 || next != end {
		t.Errorf("after the end: %q", again)
	}
	if err := f.Confirm(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	a.Update(t, connectortest.Children, stays, map[string]connectors.Value{"note": text("y")})
	if got, _ := drain(t, f, end, 100); !slices.Equal(got, []string{"update " + stays}) {
		t.Errorf("after all was confirmed: %q", got)
	}
}

func TestFeedOfASmallEntityLosesNothingByARestart(t *testing.T) {
	a := newApp(t)
	goes := a.Insert(t, connectortest.Children, child("goes"))
	a.Insert(t, connectortest.Children, child("idle"))
	first := a.connect(t)
	_, at := feed(t, first)
	first.Close()
	a.Delete(t, connectortest.Children, goes)
	comes := a.Insert(t, connectortest.Children, child("comes"))
	f, err := a.connect(t).Feed(t.Context(), connectortest.Children)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"delete " + goes, "create " + comes}
	for _, step := range []int{1, 100} {
		if got, _ := drain(t, f, at, step); !slices.Equal(got, want) {
			t.Errorf("in steps of %d: %q, want %q", step, got, want)
		}
	}
}

func TestFeedOfALargeEntityTellsEverythingAfterARestart(t *testing.T) {
	a := newApp(t)
	for i := range 5 {
		a.Insert(t, connectortest.Children, child(fmt.Sprint(i)))
	}
	f, at := feed(t, a.connect(t))
	_ = f
	bare := finops.WithoutLook(at)
	f, err := a.connect(t).Feed(t.Context(), connectortest.Children)
	if err != nil {
		t.Fatal(err)
	}
	story, end := drain(t, f, bare, 2)
	if len(story) != 5 {
		t.Errorf("told %q", story)
	}
	if again, _ := drain(t, f, end, 10); len(again) != 0 {
		t.Errorf("then told %q", again)
	}
}

func TestCursorsThatAreNoneAreExpired(t *testing.T) {
	a := newApp(t)
	f, at := feed(t, a.connect(t))
	for _, cursor := range []connectors.Cursor{"", "nonsense", "a:b:c"} {
		if _, _, _, err := f.Changes(t.Context(), cursor, 10); connectors.KindOf(err) != connectors.CursorExpired {
			t.Errorf("the cursor %q gives %v", cursor, err)
		}
	}
	for range 2 {
		if err := f.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := f.Changes(t.Context(), at, 10); connectors.KindOf(err) != connectors.CursorExpired {
		t.Errorf("a cursor from before the stop gives %v", err)
	}
}

func TestNotifyWakesWhoWaits(t *testing.T) {
	a := newApp(t)
	settings := a.settings()
	settings["interval"] = "3600"
	c, err := finops.OpenWith(t.Context(), settings, func(*wire.Options) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	f, at := feed(t, c)
	answer := make(chan error, 1)
	go func() { answer <- f.Wait(t.Context(), at) }()
	for {
		c.(interface{ Notify(string) }).Notify(connectortest.Children)
		select {
		case err := <-answer:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}
