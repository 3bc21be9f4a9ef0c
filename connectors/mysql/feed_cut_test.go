package mysql_test

import (
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/sqltest"
)

// TestAFeedCutAtAnyMessageCanBeStartedFollowedAndStoppedAgain cuts each call of a
// feed at messages all along its way, and does it once more.
func TestAFeedCutAtAnyMessageCanBeStartedFollowedAndStoppedAgain(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	proxy := sqltest.NewProxy(t, a.Database)
	c := connect(t, settings(proxy.Through(a.Database)))
	f, err := c.Feed(t.Context(), "items")
	if err != nil {
		t.Fatal(err)
	}
	twice := func(n int, call func() error) {
		t.Helper()
		proxy.CutAtMessage(sqltest.ToServer, n)
		if err := call(); err != nil {
			if kind := connectors.KindOf(err); kind != connectors.Unreachable && kind != connectors.Transient {
				t.Errorf("cut at message %d: %v (%v)", n, err, kind)
			}
		}
		proxy.Cut()
		if err := call(); err != nil {
			t.Errorf("cut at message %d, once more: %v", n, err)
		}
	}
	for n := 0; n < 40; n += 3 {
		var at connectors.Cursor
		twice(n, func() (err error) { at, err = f.Start(t.Context()); return err })
		a.exec(t, "DELETE FROM items")
		a.exec(t, "INSERT INTO items (id) VALUES (1)")
		var batch []connectors.Change
		var next connectors.Cursor
		twice(n%6, func() (err error) { batch, next, _, err = f.Changes(t.Context(), at, 10); return err })
		if i := slices.IndexFunc(batch, func(c connectors.Change) bool { return c.Op == connectors.Create && c.ID == "1" }); i < 0 {
			t.Errorf("cut at message %d: told %v", n, batch)
		}
		twice(n%10, func() error { return f.Confirm(t.Context(), next) })
		twice(n, func() error { return f.Stop(t.Context()) })
		if left := a.Leftovers(t); len(left) > 0 {
			t.Fatalf("cut at message %d: left over %q", n, left)
		}
	}
}
