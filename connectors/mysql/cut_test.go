package mysql_test

import (
	"fmt"
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/sqltest"
)

func TestAConnectionCutAtAnyMessageDoublesNothing(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	proxy := sqltest.NewProxy(t, a.Database)
	c := connect(t, settings(proxy.Through(a.Database)))
	feed := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	const stored, moved = connectors.Stored, connectors.Moved
	cut := probe.Cut{
		Entity: o, Feed: feed,
		Batch: func(round int) []connectors.Write {
			at := int64(10 * round)
			a.exec(t, "INSERT INTO items (id) VALUES (?), (?)", at+1, at+2)
			held, err := o.Get(t.Context(), []string{fmt.Sprint(at + 1)})
			if err != nil {
				t.Fatal(err)
			}
			update := o.Updates(held[0].ID, connectors.Value{}, connectors.IntValue(5))
			update.If = held[0].Version
			return []connectors.Write{
				o.Creates(connectors.IntValue(at+3), connectors.IntValue(1)), o.Creates(connectors.IntValue(at+4), connectors.IntValue(1)),
				update, {Op: connectors.Delete, ID: fmt.Sprint(at + 2), Mark: "map1/1"},
			}
		},
		Held: func(round int) string {
			return a.text(t, "SELECT GROUP_CONCAT(CONCAT(id - ?, ':', n) ORDER BY id) FROM items WHERE id DIV 10 = ?", 10*round, round)
		},
		Before: "1:0,2:0", After: "1:5,3:1,4:1",
		First: []connectors.Outcome{stored, stored, stored, stored},
		Again: []connectors.Outcome{moved, moved, moved, stored},
		Tries: 1,
		Told:  2 + 4,
	}
	cut.Everywhere(t, proxy)
}

func TestABatchOfManyThatIsCutAtAnyMessageIsStoredAsAWholeOrNot(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	proxy := sqltest.NewProxy(t, a.Database)
	c := connect(t, settings(proxy.Through(a.Database)))
	feed := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	const many = 25
	cut := probe.Cut{
		Entity: o, Feed: feed,
		Batch: func(round int) (batch []connectors.Write) {
			for n := range many {
				batch = append(batch, o.Creates(connectors.IntValue(int64(100*round+n)), connectors.IntValue(1)))
			}
			return batch
		},
		Held:   func(round int) string { return a.text(t, "SELECT COUNT(*) FROM items WHERE id DIV 100 = ?", round) },
		Before: "0", After: fmt.Sprint(many),
		First: slices.Repeat([]connectors.Outcome{connectors.Stored}, many),
		Again: slices.Repeat([]connectors.Outcome{connectors.Moved}, many),
		Tries: 1,
		Told:  many,
	}
	cut.Everywhere(t, proxy)
	if a.text(t, "SELECT COUNT(*) FROM dualwrite_log_items WHERE ids IS NOT NULL") == "0" {
		t.Error("no batch was noted together: the test has lost its aim")
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
