package mysql_test

import (
	"fmt"
	"sync"
	"testing"

	"dualwrite/connectors"
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
	var work sync.WaitGroup
	for w := range writers {
		id := fmt.Sprint(1 + w%3)
		work.Go(func() {
			for done := 0; done < rounds; {
				found, err := o.Get(t.Context(), []string{id})
				if err != nil {
					t.Error(err)
					return
				}
				write := o.Updates(id, connectors.Value{}, connectors.IntValue(found[0].Row[1].Int()+1))
				write.If = found[0].Version
				results, err := o.Write(t.Context(), []connectors.Write{write})
				if err != nil {
					t.Error(err)
					return
				}
				if results[0].Outcome == connectors.Stored {
					done++
				}
			}
		})
	}
	users := a.session(t)
	users.SetMaxOpenConns(writers)
	for w := range writers {
		work.Go(func() {
			for range rounds {
				if _, err := users.Exec("UPDATE items SET n = n + 1 WHERE id = ?", 1+w%3); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
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
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			for n := range rounds {
				var batch []connectors.Write
				for i := range records {
					id := fmt.Sprint((i*(2*w+1) + n) % records)
					batch = append(batch, o.Updates(id, connectors.Value{}, connectors.IntValue(int64(n))))
				}
				results, err := o.Write(t.Context(), batch)
				if err != nil {
					t.Error(err)
					return
				}
				for i, r := range results {
					if r.Outcome != connectors.Stored || r.Record.ID != batch[i].ID {
						t.Errorf("record %s: %+v", batch[i].ID, r)
					}
				}
			}
		})
	}
	work.Wait()
}

// TestCreatesOfOneKeyWithoutAUniqueIndexStoreOne relies on the lock that keeps
// our own writers apart.
func TestCreatesOfOneKeyWithoutAUniqueIndexStoreOne(t *testing.T) {
	t.Parallel()
	a := newApp(t, "CREATE TABLE loose (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20)) ENGINE=InnoDB")
	one, two := probe.Open(t, a.connect(t), "loose", "name"), probe.Open(t, a.connect(t), "loose", "name")
	var work sync.WaitGroup
	for w := range 6 {
		o := []*probe.Entity{one, two}[w%2]
		work.Go(func() {
			for n := range 5 {
				if _, err := o.Write(t.Context(), []connectors.Write{o.Creates(text(fmt.Sprint("name ", n)))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	if n := a.text(t, "SELECT COUNT(*) FROM loose"); n != "5" {
		t.Errorf("%s records of 5 keys", n)
	}
}
