package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"dualwrite/engine"
	"dualwrite/models"
)

// The table that users press on: some records are edited on the left alone, some
// on the right alone, and a few on both at once. A trigger of the right app writes
// the groups that are mapped too, and groups take their items with them.
const (
	pressedItems = 60
	pressers     = 100 // who write at the same time, half of them on each side
)

func (h *host) pressed(side int) {
	h.t.Helper()
	text, number := "varchar(40)", "integer"
	h.exec("CREATE TABLE [groups] ([code] " + text + " PRIMARY KEY, [name] " + text + ", [edits] " + number + " NOT NULL DEFAULT 0)")
	h.exec("CREATE TABLE [items] ([code] " + text + " PRIMARY KEY, [a] " + text + ", [b] " + text + ", [grp] " + text + ", FOREIGN KEY ([grp]) REFERENCES [groups] ([code]) ON DELETE CASCADE)")
	switch h.kind {
	case "postgres":
		h.exec(`CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE "groups" SET edits = edits + 1 WHERE code = NEW.grp; RETURN NULL; END $$`)
		if side == 1 {
			h.exec(`CREATE TRIGGER app_counts AFTER UPDATE OF a ON items FOR EACH ROW WHEN (OLD.a IS DISTINCT FROM NEW.a) EXECUTE FUNCTION counted()`)
		}
	case "mysql":
		if side == 1 {
			h.exec("CREATE TRIGGER app_counts AFTER UPDATE ON [items] FOR EACH ROW UPDATE [groups] SET [edits] = [edits] + 1 WHERE [code] = NEW.[grp] AND NOT (OLD.[a] <=> NEW.[a])")
		}
	}
	if side == 1 {
		return
	}
	for g := range 3 {
		h.exec(fmt.Sprintf("INSERT INTO [groups] ([code], [name]) VALUES ('G%d', 'group %d')", g, g))
	}
	for i := range pressedItems {
		h.exec(fmt.Sprintf("INSERT INTO [items] VALUES ('I%02d', 'a', 'b', 'G%d')", i, i%2)) // G2 is deleted, with items of its own
	}
	for i := range 5 {
		h.exec(fmt.Sprintf("INSERT INTO [items] VALUES ('X%02d', 'a', 'b', 'G2')", i))
	}
}

func pressedMaps() []models.Map {
	return []models.Map{codeMap("Groups", "groups", "name", "edits"), codeMap("Items", "items", "a", "grp"), codeMap("Items, the rest", "items", "b", "grp")}
}

// codeMap maps a table to one of the same name, by code.
func codeMap(name, entity string, fields ...string) models.Map {
	side := models.Endpoint{Entity: entity, Label: entity}
	m := models.Map{Name: name, Master: models.Left, Definition: models.Definition{Left: side, Right: side, Key: []models.KeyPair{{Left: "code", Right: "code"}}}}
	for _, f := range append([]string{"code"}, fields...) {
		m.Definition.Fields = append(m.Definition.Fields, models.FieldMapping{Left: f, Right: f, Direction: models.Both})
	}
	return m
}

// begin runs all maps, with what the left has where both have a record, and does
// something before the program ends again.
func (p *pair) begin(before func()) {
	p.t.Helper()
	p.start()
	var steps []engine.RunStep
	for _, id := range p.ids(p.names...) {
		steps = append(steps, engine.RunStep{MapID: id, InitialSync: true, Master: models.Left})
	}
	p.check(p.engine.Run(p.t.Context(), who, steps))
	before()
	p.check(p.stop())
	p.reader = openStore(p.t, p.dir)
	p.t.Cleanup(p.tell)
}

func newPressed(t *testing.T, left, right string) *pair {
	t.Helper()
	p := newPairOf(t, [2]string{left, right}, (*host).pressed, pressedMaps())
	p.begin(func() {
		p.filled(p.names...)
		p.rest()
	})
	return p
}

// write does one edit as a user, who tries again when the database is away or
// gives the edit up; false when it never came through.
func (h *host) write(query string) bool {
	for range 100 {
		if _, err := h.db.Exec(h.q(query)); err == nil {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

func TestNothingIsLostUnderPressure(t *testing.T) {
	for _, kinds := range [][2]string{{"postgres", "mysql"}, {"mysql", "postgres"}, {"postgres", "postgres"}} {
		t.Run(kinds[0]+" and "+kinds[1], func(t *testing.T) {
			p := newPressed(t, kinds[0], kinds[1])
			last := p.press()
			program := serve(t, p.dir)
			p.rest()
			p.alike()
			for key, value := range last {
				for side, h := range p.hosts {
					if got := h.text("SELECT [a] FROM [items] WHERE [code] = '" + key + "'"); got != value {
						t.Errorf("the last edit of %s, which one side alone edits, was %s; side %d holds %s", key, value, side, got)
					}
				}
			}
			before := p.storeText("SELECT sum(captured) FROM tallies")
			time.Sleep(2 * time.Second) // ten idle cycles
			if after := p.storeText("SELECT sum(captured) FROM tallies"); after != before {
				t.Errorf("an echo is left running: %s changes captured, then %s", before, after)
			}
			program.terminate()
		})
	}
}

// press has users write for some seconds, one of them in a long transaction,
// while the program is killed again and again and a server is restarted. It
// returns the last value of every record that one side alone edits.
func (p *pair) press() map[string]string {
	p.t.Helper()
	var wait sync.WaitGroup
	var mu sync.Mutex
	last := map[string]string{}
	stop := make(chan struct{})
	for i := range pressers {
		wait.Go(func() {
			side, h := i%2, p.hosts[i%2]
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				value := fmt.Sprintf("%s-%d-%d", [2]string{"left", "right"}[side], i, n)
				if i < 40 { // each has a record of its own
					key := fmt.Sprintf("I%02d", i)
					if h.write("UPDATE [items] SET [a] = '" + value + "' WHERE [code] = '" + key + "'") {
						mu.Lock()
						last[key] = value
						mu.Unlock()
					}
				} else {
					h.write(fmt.Sprintf("UPDATE [items] SET [%s] = '%s' WHERE [code] = 'I%02d'", [2]string{"a", "b"}[r.IntN(2)], value, 40+r.IntN(20)))
				}
				time.Sleep(time.Duration(50+r.IntN(100)) * time.Millisecond)
			}
		})
	}
	wait.Go(func() { // a long transaction on the left
		tx, err := p.hosts[0].db.Begin()
		if err != nil {
			return
		}
		_, err = tx.Exec(p.hosts[0].q("UPDATE [groups] SET [name] = 'written long ago' WHERE [code] = 'G0'"))
		time.Sleep(3 * time.Second)
		if err == nil {
			_ = tx.Commit() // a server that is restarted undoes it, which is fine too
		}
	})
	for round := range 5 {
		program := serve(p.t, p.dir)
		time.Sleep(time.Duration(700+rand.IntN(600)) * time.Millisecond)
		switch round {
		case 1:
			p.hosts[1].database.Server().Restart(p.t)
		case 3:
			p.hosts[0].write("DELETE FROM [groups] WHERE [code] = 'G2'") // its items go with it
		}
		program.kill()
	}
	close(stop)
	wait.Wait()
	return last
}

// alike fails unless both databases hold the same, by their own reading.
func (p *pair) alike() {
	p.t.Helper()
	for _, query := range []string{"SELECT concat([code], ' ', [name], ' ', [edits]) FROM [groups] ORDER BY [code]", "SELECT concat([code], ' ', [a], ' ', [b], ' ', [grp]) FROM [items] ORDER BY [code]"} {
		var lists [2][]string
		for side, h := range p.hosts {
			lists[side] = (&app{t: p.t, db: h.db}).list(h.q(query))
		}
		if left, right := strings.Join(lists[0], "\n"), strings.Join(lists[1], "\n"); left != right {
			p.t.Errorf("%s gives\n%s\n\nand\n%s", query, left, right)
		}
	}
	if n := p.hosts[0].text("SELECT count(*) FROM [items]"); n != fmt.Sprint(pressedItems) {
		p.t.Errorf("there are %s items, want %d", n, pressedItems)
	}
}
