package probe

import (
	"context"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqltest"
)

// Cut is a batch that is written again and again over a line that is cut each
// time at another message: it is stored as a whole or not at all, an error that
// says that nothing was stored is true, and a repeat stores nothing twice.
type Cut struct {
	Entity *Entity
	Feed   *Feed
	// Batch readies the app for a round and gives what is written in it. No two
	// rounds have a record in common.
	Batch func(round int) []connectors.Write
	// Held spells what the app holds of the records of a round: Before, and After
	// once the batch is stored.
	Held          func(round int) string
	Before, After string
	// First are the outcomes of a batch that is stored, Again of one that was
	// stored before.
	First, Again []connectors.Outcome
	// Tries is how often a repeat may be sent until it is answered, since broken
	// connections may be left in the pool.
	Tries int
	// Told is how many changes the feed tells of a round, the app's own too.
	Told int
}

// atMost is how long a write over a line that is cut may take.
const atMost = 20 * time.Second

// Everywhere cuts the first message of a batch, then the second and so on, on the
// way to the app and back, until a batch comes through whole.
func (c *Cut) Everywhere(t *testing.T, line *sqltest.Proxy) {
	t.Helper()
	round, unsure := 0, 0
	for _, way := range []sqltest.Direction{sqltest.ToServer, sqltest.ToClient} {
		for n, through := 0, false; !through; n++ {
			batch := c.Batch(round)
			if _, _, err := c.Entity.Count(t.Context()); err != nil { // there is a whole connection
				t.Fatal(err)
			}
			done := line.CutAtMessage(way, n)
			results, err := c.write(t, batch)
			line.Cut() // takes the order back too
			select {
			case <-done:
			default:
				through = true
			}
			if connectors.KindOf(err) == connectors.Transient {
				unsure++
			}
			stored := c.judge(t, round, results, err)
			c.repeat(t, round, batch, stored)
			round++
		}
	}
	if unsure == 0 {
		t.Error("no commit was cut: the test has lost its aim")
	}
	c.toldOnce(t, round)
}

func (c *Cut) write(t *testing.T, batch []connectors.Write) ([]connectors.Result, error) {
	ctx, cancel := context.WithTimeout(t.Context(), atMost)
	defer cancel()
	return c.Entity.Write(ctx, batch)
}

// judge holds what was answered against what the app holds, and says whether
// that is the batch.
func (c *Cut) judge(t *testing.T, round int, results []connectors.Result, err error) (stored bool) {
	t.Helper()
	held, kind := c.Held(round), connectors.KindOf(err)
	switch {
	case held != c.Before && held != c.After:
		t.Errorf("round %d: half of the batch is stored: %s", round, held)
	case err == nil && held != c.After:
		t.Errorf("round %d: said to be stored, but %s", round, held)
	case err == nil:
		c.outcomes(t, round, results, c.First)
	case kind == connectors.Unreachable && held != c.Before:
		t.Errorf("round %d: said that nothing is stored, but %s: %v", round, held, err)
	case kind != connectors.Unreachable && kind != connectors.Transient:
		t.Errorf("round %d: %v (%v)", round, err, kind)
	}
	return held == c.After
}

// repeat sends the batch once more until it is answered.
func (c *Cut) repeat(t *testing.T, round int, batch []connectors.Write, stored bool) {
	t.Helper()
	var results []connectors.Result
	var err error
	for range c.Tries {
		results, err = c.write(t, batch)
		if k := connectors.KindOf(err); err == nil || k != connectors.Unreachable && k != connectors.Transient {
			break
		}
	}
	if err != nil {
		t.Fatalf("round %d, once more: %v (%v)", round, err, connectors.KindOf(err))
	}
	want := c.First
	if stored {
		want = c.Again
	}
	c.outcomes(t, round, results, want)
	if held := c.Held(round); held != c.After {
		t.Fatalf("round %d: sent again, and the app holds %s", round, held)
	}
}

func (c *Cut) outcomes(t *testing.T, round int, results []connectors.Result, want []connectors.Outcome) {
	t.Helper()
	for i, r := range results {
		if r.Outcome != want[i] {
			t.Errorf("round %d: record %d has the outcome %d (%v), want %d", round, i, r.Outcome, r.Err, want[i])
		}
	}
}

func (c *Cut) toldOnce(t *testing.T, rounds int) {
	t.Helper()
	seen := map[string]bool{}
	for _, told := range c.Feed.Told() {
		if seen[told] {
			t.Errorf("told twice: %s", told)
		}
		seen[told] = true
	}
	if len(seen) != c.Told*rounds {
		t.Errorf("%d changes told of %d rounds, want %d", len(seen), rounds, c.Told*rounds)
	}
}
