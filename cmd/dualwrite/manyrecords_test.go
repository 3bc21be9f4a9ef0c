package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"dualwrite/models"
)

// manyRecords are enough for batches that go the way of many records.
const manyRecords = 30_000

func (h *host) many(side int) {
	h.t.Helper()
	h.exec("CREATE TABLE [items] ([code] varchar(40) NOT NULL PRIMARY KEY, [a] varchar(40), [b] varchar(40))")
	if side == 1 {
		return
	}
	for i := 0; i < manyRecords; i += 500 {
		var rows []string
		for n := range 500 {
			rows = append(rows, fmt.Sprintf("('I%05d', 'a', 'b')", i+n))
		}
		h.exec("INSERT INTO [items] VALUES " + strings.Join(rows, ", "))
	}
}

// TestKillsInAnInitialWriteOfManyRecords kills the real program at random moments
// of an initial write whose batches are stored together, while users of both apps
// edit records that were copied and that were not, add some and delete a few. What
// a user changes in a record before the program knows that it has written it may
// lose to the master, but is told.
func TestKillsInAnInitialWriteOfManyRecords(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			p := newPairOf(t, [2]string{kind, kind}, (*host).many, []models.Map{codeMap("Items", "items", "a", "b")})
			p.begin(func() {})
			stop := make(chan struct{})
			last := p.useMany(stop)
			rounds := 0
			for running := false; rounds < 12 && !running; rounds++ {
				program := serve(t, p.dir)
				time.Sleep(time.Duration(rand.IntN(600)) * time.Millisecond)
				program.kill()
				running = p.storeText("SELECT status FROM entity_maps") == string(models.Running)
			}
			close(stop)
			want := last()
			program := serve(t, p.dir)
			p.rest()
			program.terminate()
			t.Logf("killed %d times", rounds)
			told := "\n" + strings.Join(p.storeList("SELECT record_key || ' ' || left_image || right_image FROM conflicts"), "\n")
			var lists [2][]string
			for side, h := range p.hosts {
				lists[side] = (&app{t: t, db: h.db}).list(h.q("SELECT concat([code], ' ', [a], ' ', [b]) FROM [items] ORDER BY [code]"))
				held := map[string]string{}
				for _, line := range lists[side] {
					code, rest, _ := strings.Cut(line, " ")
					held[code] = rest
				}
				for code, value := range want {
					edit := strings.TrimSuffix(value, " b")
					if held[code] != value && !regexp.MustCompile(`(?i)\n`+code+` .*\b`+edit+`\b`).MatchString(told) {
						t.Errorf("the last edit of %s, which one side alone edits, was %q; side %d holds %q", code, value, side, held[code])
					}
				}
			}
			if left, right := strings.Join(lists[0], "\n"), strings.Join(lists[1], "\n"); left != right || len(lists[0]) < manyRecords {
				t.Errorf("the left holds %d records, the right %d, and they differ", len(lists[0]), len(lists[1]))
			}
			if n := p.storeText("SELECT sum(open_errors) FROM tallies"); n != "0" {
				t.Errorf("%s errors are open", n)
			}
		})
	}
}

// useMany has users of both sides write until stop is closed. What it returns waits
// for their end and gives the last value of every record that a user has written,
// each of which one side alone does; "" for one that is deleted.
func (p *pair) useMany(stop chan struct{}) (last func() map[string]string) {
	var wait sync.WaitGroup
	var mu sync.Mutex
	values := map[string]string{}
	for side, h := range p.hosts {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(uint64(side), 2))
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(2 * time.Millisecond):
				}
				code, value := fmt.Sprintf("I%05d", 2*r.IntN(manyRecords/2)+side), fmt.Sprintf("%d-%d", side, n)
				statement := "UPDATE [items] SET [a] = '" + value + "' WHERE [code] = '" + code + "'"
				switch {
				case n%20 == 0:
					code = fmt.Sprintf("N%d-%d", side, n)
					statement = "INSERT INTO [items] VALUES ('" + code + "', '" + value + "', 'b')"
				case n%200 == 33:
					statement = "DELETE FROM [items] WHERE [code] = '" + code + "'"
				}
				result, err := h.db.Exec(h.q(statement))
				if touched(result, err) == 0 { // not copied yet, deleted, or the database was busy
					continue
				}
				mu.Lock()
				if values[code] = value + " b"; strings.HasPrefix(statement, "DELETE") {
					values[code] = ""
				}
				mu.Unlock()
			}
		})
	}
	return func() map[string]string {
		wait.Wait()
		return values
	}
}

func touched(result sql.Result, err error) int64 {
	if err != nil {
		return 0
	}
	n, _ := result.RowsAffected()
	return n
}
