package mysql

import (
	"context"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// Check tells whether our account may do what Start and writing need.
func (f *feed) Check(ctx context.Context) error {
	return f.c.do(ctx, "check rights", f.table, func(ctx context.Context, l *link) error {
		cat, err := f.c.reread(ctx, l)
		if err != nil {
			return err
		}
		if _, err := cat.table(f.table); err != nil {
			return err
		}
		return f.refuseWithoutRights(ctx, l)
	})
}

// Start installs the capture. Triggers that are missing or no longer fit the
// table mean that changes went by unseen: cursors from before then expire. The
// server makes each trigger once every transaction that has touched the table has
// ended, so none that is open is missed.
func (f *feed) Start(ctx context.Context) (start connectors.Cursor, err error) {
	err = f.c.do(ctx, "start feed", f.table, func(ctx context.Context, l *link) error {
		cat, err := f.c.reread(ctx, l)
		if err != nil {
			return err
		}
		t, err := cat.table(f.table)
		if err != nil {
			return err
		}
		there := false
		if cat.d.captured[f.table] {
			if there, err = installed(ctx, l, cat.d, t); err != nil {
				return err
			}
		}
		if !there {
			if err = f.refuseWithoutRights(ctx, l); err != nil {
				return err
			}
			if cat.d.captured[f.table] { // a log that no longer fits would refuse what the app writes
				err = f.uninstall(ctx, l)
			}
			if err == nil {
				err = f.install(ctx, l, cat, t)
			}
			if err != nil {
				return f.explain(ctx, l, err)
			}
			if _, err = f.c.reread(ctx, l); err != nil {
				return err
			}
		}
		start, err = f.end(ctx, l)
		return err
	})
	return start, err
}

// install makes the log and the triggers; where that fails it takes back what it
// has made.
func (f *feed) install(ctx context.Context, l *link, cat *catalog, t *sqlcore.Table) (err error) {
	defer func() {
		if err != nil {
			_ = f.uninstall(context.WithoutCancel(ctx), l)
		}
	}()
	script := []string{captureTable, logTable(t)}
	if t.View {
		script = append(script, imageTable(t))
	} else {
		for _, tr := range triggers(cat.d, t) {
			script = append(script, tr.sql(t))
		}
	}
	for _, text := range script {
		if _, err = l.exec(ctx, text); err != nil {
			return err
		}
	}
	if t.View {
		if err = cat.compare(ctx, l, t.Name, true); err != nil {
			return err
		}
	}
	log := quote(logName(t.Name))
	begin := "INSERT INTO " + log + " (seq, op) SELECT greatest(" + sqlcore.Mark + ", coalesce(max(seq), 0) + 1), " + literal(opStart) + " FROM " + log
	if _, err = l.exec(ctx, begin, time.Now().UnixMicro()); err != nil {
		return err
	}
	note := "REPLACE INTO " + captureName + " (entity, shape, pruned, kept) SELECT " + sqlcore.Mark + ", " + sqlcore.Mark + ", max(seq), '' FROM " + log + " WHERE op = " + literal(opStart)
	_, err = l.exec(ctx, note, t.Name, shape(cat.d, t))
	return err
}

// end is the cursor of the present end: what was committed by now is passed,
// what is still open is not.
func (f *feed) end(ctx context.Context, l *link) (connectors.Cursor, error) {
	pruned, kept, _, err := f.kept(ctx, l)
	if err != nil {
		return "", err
	}
	c := cursor{at: pruned, gaps: kept}
	condition, args := c.beyond()
	var seqs []int64
	err = l.query(ctx, "SELECT seq FROM "+quote(logName(f.table))+" WHERE "+condition+" ORDER BY seq", args, func(raw []any) error {
		if seq := num(raw[0]); c.open(seq) {
			seqs = append(seqs, seq)
		}
		return nil
	})
	return connectors.Cursor(c.pass(seqs).String()), err
}

// Stop removes the capture, and the table that all captures share with the last
// of them. It works for a table that the app has dropped or renamed too.
func (f *feed) Stop(ctx context.Context) error {
	return f.c.do(ctx, "stop feed", f.table, func(ctx context.Context, l *link) error {
		if err := f.uninstall(ctx, l); err != nil {
			return f.explain(ctx, l, err)
		}
		f.c.watch.forget(f.table)
		f.c.watch.wake()
		_, err := f.c.reread(ctx, l)
		return err
	})
}

// uninstall asks for what is there first: a right that is not needed is not used.
func (f *feed) uninstall(ctx context.Context, l *link) error {
	there := map[string]bool{}
	const text = `SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND trigger_name LIKE 'dualwrite\\_%'
		UNION ALL SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'dualwrite\\_%'`
	err := l.query(ctx, text, nil, func(raw []any) error {
		there[str(raw[0])] = true
		return nil
	})
	if err != nil {
		return err
	}
	var script []string
	for _, op := range []connectors.Op{connectors.Create, connectors.Update, connectors.Delete} {
		if name := triggerName(op, f.table); there[name] {
			script = append(script, "DROP TRIGGER IF EXISTS "+quote(name))
		}
	}
	for _, table := range []string{logName(f.table), imageName(f.table)} {
		if there[table] {
			script = append(script, "DROP TABLE IF EXISTS "+quote(table))
		}
	}
	for _, text := range script {
		if _, err := l.exec(ctx, text); err != nil {
			return err
		}
	}
	if !there[captureName] {
		return nil
	}
	if _, err := l.exec(ctx, "DELETE FROM "+captureName+" WHERE entity = "+sqlcore.Mark, f.table); err != nil {
		return err
	}
	row, err := l.row(ctx, "SELECT count(*) FROM "+captureName)
	if err != nil || num(row[0]) > 0 {
		return err
	}
	_, err = l.exec(ctx, "DROP TABLE IF EXISTS "+captureName)
	return err
}

// explain puts into words what the server cannot know about our statements.
func (f *feed) explain(ctx context.Context, l *link, err error) error {
	e := &connectors.Error{Kind: kindOf(number(err)), Err: err}
	switch number(err) {
	case lockTimeout:
		e.Message = "a transaction that is open for long uses " + f.table + "; triggers can be changed when it has ended"
	case needsSuper:
		e.Message = "the server writes a binary log and lets only a superuser make triggers. Let a database administrator run:\n" + trustTriggers + "\n" + f.script(ctx, l)
	default:
		if e.Kind != connectors.Denied {
			return err
		}
		e.Message = "rights are missing. Let a database administrator run:\n" + f.script(ctx, l)
	}
	return e
}

// trustTriggers lets accounts that are no superusers make triggers while the
// server writes a binary log.
const trustTriggers = "SET GLOBAL log_bin_trust_function_creators = 1;"
