package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/connectortest/probe"

	"github.com/jackc/pgx/v5"
)

// Users and we count up in the same few records: users by their own statements,
// we by reading, adding and writing on condition. Every count that somebody was
// told is stored must be there at the end.
func TestNoCountIsLostAmongAHundredWriters(t *testing.T) {
	const records, users, ours, rounds = 4, 50, 50, 3
	a := newApp(t, `CREATE TABLE x (id bigint PRIMARY KEY, n bigint NOT NULL)`, fmt.Sprintf("INSERT INTO x SELECT i, 0 FROM generate_series(1, %d) i", records))
	c, c2 := a.connect(t), a.connect(t)
	feed := probe.Start(t, c, "x")
	entities := []*probe.Entity{probe.Open(t, c, "x", "id", "n"), probe.Open(t, c2, "x", "id", "n")}
	var ids []string
	for i := range records {
		ids = append(ids, strconv.Itoa(i+1))
	}
	var sessions []*pgx.Conn
	for range users {
		sessions = append(sessions, a.session(t))
	}
	connectortest.Together(t, users+ours, func(i int) error {
		if i < users {
			return countAsUser(t, sessions[i], i, rounds, records)
		}
		return entities[i%2].CountUp(t.Context(), rounds, ids...)
	})
	if sum := a.text(t, "SELECT sum(n) FROM x"); sum != strconv.Itoa(rounds*records*(users+ours)) {
		t.Errorf("counted to %s of %d", sum, rounds*records*(users+ours))
	}
	told := 0
	for {
		batch, next, caughtUp, err := feed.Changes(t.Context(), feed.At, 100)
		if err != nil {
			t.Fatal(err)
		}
		told, feed.At = told+len(batch), next
		if caughtUp {
			break
		}
	}
	if told != rounds*records*(users+ours) {
		t.Errorf("%d changes told of %d", told, rounds*records*(users+ours))
	}
}

func countAsUser(t *testing.T, conn *pgx.Conn, seed, rounds, records int) error {
	order := rand.New(rand.NewPCG(uint64(seed), 1))
	for range rounds {
		for _, i := range order.Perm(records) {
			if _, err := conn.Exec(t.Context(), "UPDATE x SET n = n + 1 WHERE id = $1", i+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// Without a unique constraint the promise holds among us.
func TestNoTwoOfUsCreateOneKeyThatNothingElseGuards(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text, v text)`)
	c, c2 := a.connect(t), a.connect(t)
	const writers, keys = 8, 30
	sel := connectors.Selection{Entity: "x", Fields: []string{"code", "v"}, Key: []int{0}, Company: -1, Fold: connectors.Fold{Case: true}}
	var entities []*probe.Entity
	for i := range writers {
		entities = append(entities, probe.OpenWith(t, []connectors.Connector{c, c2}[i%2], sel))
	}
	connectortest.Together(t, writers, func(i int) error {
		o := entities[i]
		var batch []connectors.Write
		for k := range keys {
			code := fmt.Sprintf("k%d", k)
			if i%2 == 0 {
				code = fmt.Sprintf("K%d", k)
			}
			batch = append(batch, o.Creates(text(code), text("v")))
		}
		_, err := o.Write(t.Context(), batch)
		return err
	})
	if n := a.text(t, "SELECT count(*) FROM x"); n != strconv.Itoa(keys) {
		t.Errorf("%s records of %d keys", n, keys)
	}
}

func TestARecordThatAUserKeepsLockedHoldsUpOnlyItself(t *testing.T) {
	a := newApp(t, plain, `INSERT INTO x SELECT i, 'old' FROM generate_series(1, 40) i`)
	o := probe.Open(t, a.connect(t), "x", "id", "v")
	user := a.session(t)
	run(t, user, "BEGIN")
	run(t, user, "UPDATE x SET v = 'theirs' WHERE id = 17")
	var batch []connectors.Write
	for i := range 40 {
		batch = append(batch, o.Updates(strconv.Itoa(i+1), connectors.Value{}, text("ours")))
	}
	for i, r := range o.Results(batch...) {
		if i == 16 {
			if r.Outcome != connectors.Refused || r.Err.Kind != connectors.Transient {
				t.Errorf("the locked record: %+v", r)
			}
		} else if r.Outcome != connectors.Stored {
			t.Errorf("record %d: %+v", i+1, r)
		}
	}
	run(t, user, "COMMIT")
	o.Stored(batch[16])
}
