package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// outcomes spells the results of a batch.
func outcomes(results []connectors.Result) (all []string) {
	for _, r := range results {
		switch r.Outcome {
		case connectors.Stored:
			all = append(all, "stored")
		case connectors.Moved:
			all = append(all, "moved")
		default:
			all = append(all, r.Err.Kind.String())
		}
	}
	return all
}

func TestTheAppsOwnRulesRefuseOneRecordOnly(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT UNIQUE, n INT CHECK (n > 0), m INT NOT NULL ON CONFLICT FAIL DEFAULT 1)`,
		`CREATE TRIGGER abort BEFORE INSERT ON x WHEN NEW.v = 'abort' BEGIN SELECT RAISE(ABORT, 'no such thing here'); END`,
		`CREATE TRIGGER rollback AFTER INSERT ON x WHEN NEW.v LIKE 'rollback%' BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END`,
		`CREATE TRIGGER fail AFTER INSERT ON x WHEN NEW.v = 'fail' BEGIN SELECT RAISE(FAIL, 'half of it'); END`,
		`CREATE TRIGGER ignore BEFORE INSERT ON x WHEN NEW.v = 'ignore' BEGIN SELECT RAISE(IGNORE); END`,
		`CREATE TRIGGER keep BEFORE DELETE ON x WHEN OLD.v = 'kept' BEGIN SELECT RAISE(IGNORE); END`,
		`CREATE TRIGGER unknown AFTER INSERT ON x WHEN NEW.v = 'unknown' BEGIN INSERT INTO x (v) VALUES (NULL), ('made by a trigger'), ('a'); END`)
	c := a.connect(t)
	feed := probe.Start(t, c, "x")
	o := probe.Open(t, c, "x", "v", "n", "m")
	create := func(v string) connectors.Write { return o.Creates(text(v), connectors.Value{}, connectors.Value{}) }
	results := o.Results(create("a"), create("rollback 1"), create("abort"), create("b"), create("fail"), create("ignore"), create("rollback 2"),
		o.Creates(text("c"), connectors.IntValue(0), connectors.Value{}), create("unknown"), create("kept"), o.Creates(text("d"), connectors.Value{}, connectors.NullValue()))
	probe.Want(t, "outcomes", outcomes(results), "stored", "invalid", "invalid", "stored", "invalid", "invalid", "invalid", "invalid", "duplicate", "stored", "invalid")
	probe.Want(t, "rows", o.Rows(), "1: a  1", "2: b  1", "3: kept  1")
	probe.Want(t, "changes", feed.Told(), "create 1 map1/1", "create 2 map1/1", "create 3 map1/1")
	probe.Want(t, "the app's words", []string{results[2].Err.Message, results[7].Err.Message}, "no such thing here", "CHECK constraint failed: n > 0")
	if e := results[10].Err; e.Field != "m" {
		t.Errorf("the error names %q", e.Field)
	}
	o.Refused(connectors.Write{Op: connectors.Delete, ID: "3"}, connectors.Invalid)
}

func TestADeferredForeignKeyRefusesOneRecordOnly(t *testing.T) {
	a := newApp(t, `CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE)`,
		`CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT UNIQUE, p TEXT REFERENCES p (code) DEFERRABLE INITIALLY DEFERRED)`,
		`INSERT INTO p VALUES (1, 'there')`)
	o := probe.Open(t, a.connect(t), "x", "v", "p")
	results := o.Results(o.Creates(text("1"), text("there")), o.Creates(text("2"), text("nowhere")), o.Creates(text("3"), text("there")))
	probe.Want(t, "outcomes", outcomes(results), "stored", "missing parent", "stored")
	if e := results[1].Err; e.Field != "p" || e.ParentKey != "nowhere" {
		t.Errorf("%+v", e)
	}
	if n := a.text(t, "SELECT count(*) FROM x"); n != "2" {
		t.Errorf("%s rows", n)
	}
}

func TestAWriteWaitsForTheAppsUsersOnlyAsLongAsItsContext(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT)`)
	o := probe.Open(t, a.connect(t), "x", "v")
	a.exec(t, "BEGIN IMMEDIATE")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := o.Write(ctx, []connectors.Write{o.Creates(text("a"))})
	probe.Failed(t, err, connectors.Transient)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the cause is %v", err)
	}
	a.exec(t, "ROLLBACK")
	o.Stored(o.Creates(text("a")))
	probe.Want(t, "rows", o.Rows(), "1: a")
}

func TestReadOnlyFieldsAreNotWritten(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT, w TEXT AS (v || '!'))`)
	o := probe.Open(t, a.connect(t), "x", "v", "id", "w")
	for i := range 3 {
		row := []connectors.Value{text("a"), {}, {}}
		switch i {
		case 1:
			row[1] = connectors.IntValue(5)
		case 2:
			row[2] = text("x")
		}
		if r := o.Results(o.Creates(row...))[0]; (r.Outcome == connectors.Stored) != (i == 0) {
			t.Errorf("%v: %s", row, fmt.Sprint(outcomes([]connectors.Result{r})))
		}
	}
	probe.Want(t, "rows", o.Rows(), "1: a 1 a!")
}
