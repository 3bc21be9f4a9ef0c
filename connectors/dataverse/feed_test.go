package dataverse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/odata/odatatest"
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

// drain reads a feed to its end in steps and spells what it told: "update 1".
func drain(t *testing.T, f connectors.Feed, at connectors.Cursor, step int) (all []connectors.Change, end connectors.Cursor) {
	t.Helper()
	for range 1000 {
		batch, next, caughtUp, err := f.Changes(t.Context(), at, step)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) > step {
			t.Fatalf("%d changes, asked for %d", len(batch), step)
		}
		if all, at = append(all, batch...), next; caughtUp {
			return all, at
		}
	}
	t.Fatal("the feed has no end")
	return nil, ""
}

func TestFeedTellsWhatChangedSinceTheStart(t *testing.T) {
	e := newEnvironment(t)
	c := e.connect(t)
	stays := e.Insert(t, connectortest.Children, child("stays"))
	goes := e.Insert(t, connectortest.Children, child("goes"))
	f, at := feed(t, c)
	e.Update(t, connectortest.Children, stays, map[string]connectors.Value{"note": text("x")})
	e.Delete(t, connectortest.Children, goes)
	comes := e.Insert(t, connectortest.Children, child("comes"))
	brief := e.Insert(t, connectortest.Children, child("brief"))
	e.Delete(t, connectortest.Children, brief)
	all, end := drain(t, f, at, 100)
	told := map[string]connectors.Op{}
	for _, c := range all {
		told[c.ID] = c.Op
		if c.Origin != "" || c.At.IsZero() || c.Op != connectors.Delete && !strings.Contains(c.Key, "usmf") {
			t.Errorf("told %+v", c)
		}
	}
	if told[stays] != connectors.Update || told[goes] != connectors.Delete || told[comes] != connectors.Update || told[brief] == connectors.Update {
		t.Errorf("told %v", told)
	}
	if again, next := drain(t, f, end, 100); len(again) != 0 || next != end {
		t.Errorf("after the end: %v, next %q", again, next)
	}
}

func TestFeedTellsTheSameInStepsOfAnySize(t *testing.T) {
	e := newEnvironment(t)
	f, at := feed(t, e.connect(t))
	var want []string
	for i := range 9 {
		want = append(want, e.Insert(t, connectortest.Children, child(fmt.Sprint(i))))
	}
	slices.Sort(want)
	for _, step := range []int{1, 2, 4, 9, 100} {
		all, _ := drain(t, f, at, step)
		var got []string
		for _, c := range all {
			got = append(got, c.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("in steps of %d: %v", step, got)
		}
	}
}

func TestFeedGoesOnAfterARestart(t *testing.T) {
	e := newEnvironment(t)
	first := e.connect(t)
	_, at := feed(t, first)
	first.Close()
	e.Insert(t, connectortest.Children, child("meanwhile"))
	f, err := e.connect(t).Feed(t.Context(), connectortest.Children)
	if err != nil {
		t.Fatal(err)
	}
	if all, _ := drain(t, f, at, 10); len(all) != 1 {
		t.Errorf("told %v", all)
	}
}

func TestScanAndFeedTogetherSeeEverything(t *testing.T) {
	e := newEnvironment(t)
	c := e.connect(t)
	var ids []string
	for i := range 12 {
		ids = append(ids, e.Insert(t, connectortest.Children, child(fmt.Sprint(i))))
	}
	f, at := feed(t, c)
	entity, err := c.Open(t.Context(), connectors.Selection{Entity: connectortest.Children, Fields: []string{"number"}, Key: []int{0}, Company: -1})
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]string{}
	for pos, page := connectors.Position(""), 0; ; page++ {
		records, next, err := entity.Scan(t.Context(), pos, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			state[r.ID] = r.Row[0].Text()
		}
		if page < 3 {
			e.Delete(t, connectortest.Children, ids[page*4])
			e.Update(t, connectortest.Children, ids[page*4+1], map[string]connectors.Value{"number": text(fmt.Sprint("moved ", page))})
			e.Insert(t, connectortest.Children, child(fmt.Sprint("new ", page)))
		}
		if pos = next; pos == "" {
			break
		}
	}
	all, _ := drain(t, f, at, 4)
	for _, c := range all {
		delete(state, c.ID)
		records, err := entity.Get(t.Context(), []string{c.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			state[r.ID] = r.Row[0].Text()
		}
	}
	if len(state) != 12 {
		t.Errorf("scan and feed give %d records: %v", len(state), state)
	}
}

func TestExpiredCursorIsNoticedAndAnnouncedBefore(t *testing.T) {
	e := newEnvironment(t)
	now := odatatest.NewClock()
	c := e.openWith(t, now.Give)
	f, at := feed(t, c)
	health := func() []string {
		h, err := c.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return h.Missing
	}
	if missing := health(); len(missing) != 0 {
		t.Errorf("a fresh cursor is announced: %v", missing)
	}
	now.Sleep(t.Context(), 6*24*time.Hour)
	if missing := health(); len(missing) != 1 || !strings.Contains(missing[0], connectortest.Children) {
		t.Errorf("a cursor of six days is announced by %v", missing)
	}
	_, at = drain(t, f, at, 10)
	if missing := health(); len(missing) != 0 {
		t.Errorf("a cursor that was just used is announced: %v", missing)
	}
	err := e.server.ExpireCursors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, _, _, err = f.Changes(t.Context(), at, 10)
	if connectors.KindOf(err) != connectors.CursorExpired {
		t.Errorf("an expired cursor gives %v", err)
	}
	for _, cursor := range []connectors.Cursor{"", "nonsense", `{"link":""}`} {
		if _, _, _, err := f.Changes(t.Context(), cursor, 10); connectors.KindOf(err) != connectors.CursorExpired {
			t.Errorf("the cursor %q gives %v", cursor, err)
		}
	}
}

func TestStopEndsTheCursorsGivenBefore(t *testing.T) {
	e := newEnvironment(t)
	c := e.connect(t)
	f, at := feed(t, c)
	for range 2 {
		if err := f.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := f.Changes(t.Context(), at, 10); connectors.KindOf(err) != connectors.CursorExpired {
		t.Errorf("a cursor from before the stop gives %v", err)
	}
	f, at = feed(t, c)
	e.Insert(t, connectortest.Children, child("seen"))
	if all, _ := drain(t, f, at, 10); len(all) != 1 {
		t.Errorf("after a new start: %v", all)
	}
}

func TestNotifyWakesWhoWaits(t *testing.T) {
	e := newEnvironment(t)
	c := e.slow(t)
	f, at := feed(t, c)
	_, at = drain(t, f, at, 10)
	answer := make(chan error, 1)
	go func() { answer <- f.Wait(t.Context(), at) }()
	for { // until the wait has begun and is woken
		c.(interface{ Notify(string) }).Notify("")
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

func TestCloseEndsWhoWaits(t *testing.T) {
	e := newEnvironment(t)
	c := e.slow(t)
	f, at := feed(t, c)
	_, at = drain(t, f, at, 10)
	answer := make(chan error, 1)
	go func() { answer <- f.Wait(t.Context(), at) }()
	c.Close()
	if err := <-answer; connectors.KindOf(err) != connectors.Unreachable {
		t.Errorf("wait answers %v", err)
	}
}
