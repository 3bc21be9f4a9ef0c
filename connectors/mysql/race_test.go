package mysql_test

import (
	"fmt"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/connectortest/probe"
)

// TestRacingWritersLoseNoUpdate lets a hundred writers, half of them users of the
// app, count up in the same few records. Ours write on condition of the version,
// so every success must have built on the one before, whoever's that was.
func TestRacingWritersLoseNoUpdate(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1), (2), (3)")
	c := a.connect(t)
	probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	const writers, rounds = 50, 4
	users := a.session(t)
	users.SetMaxOpenConns(writers)
	connectortest.Together(t, 2*writers, func(i int) error {
		id := fmt.Sprint(1 + i%3)
		if i < writers {
			return o.CountUp(t.Context(), rounds, id)
		}
		for range rounds {
			if _, err := users.Exec("UPDATE items SET n = n + 1 WHERE id = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
	if sum := a.text(t, "SELECT CAST(SUM(n) AS CHAR) FROM items"); sum != fmt.Sprint(2*writers*rounds) {
		t.Errorf("%d successful writes counted to %s", 2*writers*rounds, sum)
	}
}

// TestBatchesThatMeetInEveryOrderAllSucceed writes overlapping batches that name
// their records in different orders, beside users who lock them in others.
func TestBatchesThatMeetInEveryOrderAllSucceed(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	c := a.connect(t)
	probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	const records, writers, rounds = 20, 6, 10
	for i := range records {
		a.exec(t, "INSERT INTO items (id) VALUES (?)", i)
	}
	connectortest.Together(t, writers, func(w int) error {
		for n := range rounds {
			var batch []connectors.Write
			for i := range records {
				id := fmt.Sprint((i*(2*w+1) + n) % records)
				batch = append(batch, o.Updates(id, connectors.Value{}, connectors.IntValue(int64(n))))
			}
			results, err := o.Write(t.Context(), batch)
			if err != nil {
				return err
			}
			for i, r := range results {
				if r.Outcome != connectors.Stored || r.Record.ID != batch[i].ID {
					t.Errorf("record %s: %+v", batch[i].ID, r)
				}
			}
		}
		return nil
	})
}

// TestCreatesOfOneKeyWithoutAUniqueIndexStoreOne relies on the lock that keeps
// our own writers apart.
func TestCreatesOfOneKeyWithoutAUniqueIndexStoreOne(t *testing.T) {
	t.Parallel()
	a := newApp(t, "CREATE TABLE loose (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20)) ENGINE=InnoDB")
	one, two := probe.Open(t, a.connect(t), "loose", "name"), probe.Open(t, a.connect(t), "loose", "name")
	connectortest.Together(t, 6, func(w int) error {
		o := []*probe.Entity{one, two}[w%2]
		for n := range 5 {
			if _, err := o.Write(t.Context(), []connectors.Write{o.Creates(text(fmt.Sprint("name ", n)))}); err != nil {
				return err
			}
		}
		return nil
	})
	if n := a.text(t, "SELECT COUNT(*) FROM loose"); n != "5" {
		t.Errorf("%s records of 5 keys", n)
	}
}
