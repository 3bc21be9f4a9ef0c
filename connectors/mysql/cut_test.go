package mysql_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/sqltest"
)

// TestAConnectionCutAtAnyMessageDoublesNothing cuts a batch at every message that
// goes either way. The kind of the error must not claim that nothing was stored
// when it was, and sending the batch again must store the rest once.
func TestAConnectionCutAtAnyMessageDoublesNothing(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	proxy := sqltest.NewProxy(t, a.Database)
	c := connect(t, settings(proxy.Through(a.Database)))
	probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	for _, way := range []sqltest.Direction{sqltest.ToServer, sqltest.ToClient} {
		for n := 0; ; n++ {
			a.exec(t, "DELETE FROM items")
			a.exec(t, "INSERT INTO items (id) VALUES (1), (2)")
			batch := []connectors.Write{
				o.Creates(connectors.IntValue(10), connectors.IntValue(1)), o.Creates(connectors.IntValue(11), connectors.IntValue(1)),
				o.Updates("1", connectors.Value{}, connectors.IntValue(5)), {Op: connectors.Delete, ID: "2", Mark: "map1/1"},
			}
			if _, err := o.Get(t.Context(), []string{"1"}); err != nil { // a connection that stands
				t.Fatal(err)
			}
			done := proxy.CutAtMessage(way, n)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			_, err := o.Write(ctx, batch)
			cancel()
			cut := false
			select {
			case <-done:
				cut = true
			default:
				proxy.Cut()
			}
			held := a.text(t, "SELECT GROUP_CONCAT(CONCAT(id, ':', n) ORDER BY id) FROM items")
			const before, after = "1:0,2:0", "1:5,10:1,11:1"
			switch kind := connectors.KindOf(err); {
			case held != before && held != after:
				t.Errorf("cut at message %d one way: half of the batch is stored: %s", n, held)
			case err != nil && kind != connectors.Transient && kind != connectors.Unreachable:
				t.Errorf("cut at message %d: %v (%v)", n, err, kind)
			case err != nil && kind == connectors.Unreachable && held != before:
				t.Errorf("cut at message %d: said that nothing is stored, but %s", n, held)
			case err == nil && held != after:
				t.Errorf("cut at message %d: said to be stored, but %s", n, held)
			}
			if _, err := o.Write(t.Context(), batch); err != nil {
				t.Errorf("once more: %v", err)
			}
			if held := a.text(t, "SELECT GROUP_CONCAT(CONCAT(id, ':', n) ORDER BY id) FROM items"); held != after {
				t.Errorf("cut at message %d and sent again: %s", n, held)
			}
			if !cut {
				break
			}
		}
	}
}

func TestARestartInTheMiddleEndsCallsAndLosesNothing(t *testing.T) {
	own := sqltest.NewMariaDB()
	t.Cleanup(own.Close)
	a := &app{Database: own.Database(t)}
	a.db = a.session(t)
	a.exec(t, itemsTable)
	c := a.connect(t)
	s := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	a.exec(t, "INSERT INTO items (id) VALUES (1)")
	open := begin(t, a.session(t))
	in(t, open, "INSERT INTO items (id) VALUES (2)")
	o.Stored(o.Creates(connectors.IntValue(3), connectors.IntValue(0)))
	probe.Want(t, "before", s.Told(), "create 1", "create 3 map1/1")
	waiting := make(chan error, 1)
	go func() { waiting <- s.Wait(t.Context(), s.At) }()
	own.Stop(t)
	if err := <-waiting; err != nil {
		probe.Failed(t, err, connectors.Unreachable)
	}
	_, err := o.Write(t.Context(), []connectors.Write{o.Creates(connectors.IntValue(4), connectors.IntValue(0))})
	probe.Failed(t, err, connectors.Unreachable)
	own.Start(t)
	var results []connectors.Result
	for range 3 { // the pool finds out about its connections one by one
		if results, err = o.Write(t.Context(), []connectors.Write{o.Creates(connectors.IntValue(4), connectors.IntValue(0))}); err == nil {
			break
		}
	}
	if err != nil || results[0].Outcome != connectors.Stored {
		t.Fatalf("after the restart: %v, %v", results, err)
	}
	if fmt.Sprint(s.Told()) != "[create 4 map1/1]" {
		t.Error("after the restart the feed tells something else")
	}
	if rows := o.Rows(); len(rows) != 3 {
		t.Errorf("records %q", rows)
	}
}
