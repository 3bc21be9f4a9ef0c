package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"slices"
	"strings"

	"dualwrite/connectors/sqlcore"
)

// link is one connection, held for one call. It has a transaction while open.
type link struct {
	conn *sql.Conn
	open bool
	// marked is the user variable that holds the origin of our writes.
	marked string
	// hushed is the user variable that keeps a trigger of ours from noting.
	hushed string
}

// placed replaces the marks of a statement by what the driver binds values to.
func placed(text string) string { return strings.ReplaceAll(text, sqlcore.Mark, "?") }

// query hands each row on: nil, int64, uint64, float64 or []byte, which hold until
// the next row. It asks the driver itself: the way through database/sql copies
// every value twice.
func (l *link) query(ctx context.Context, text string, args []any, each func(raw []any) error) error {
	text = placed(text)
	skipped := false
	err := l.conn.Raw(func(conn any) error {
		bound, err := named(conn, args)
		if err != nil {
			return err
		}
		rows, err := conn.(driver.QueryerContext).QueryContext(ctx, text, bound)
		if skipped = errors.Is(err, driver.ErrSkip); skipped {
			return nil
		}
		if err != nil {
			return err
		}
		return drain(rows, each)
	})
	if skipped {
		return l.prepared(ctx, text, args, each)
	}
	return err
}

// named are values as the driver takes them.
func named(conn any, args []any) ([]driver.NamedValue, error) {
	bound := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		bound[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
		if err := conn.(driver.NamedValueChecker).CheckNamedValue(&bound[i]); err != nil {
			return nil, err
		}
	}
	return bound, nil
}

func drain(rows driver.Rows, each func(raw []any) error) (err error) {
	defer func() {
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	dest := make([]driver.Value, len(rows.Columns()))
	raw := make([]any, len(dest))
	for {
		if err := rows.Next(dest); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		for i, v := range dest {
			raw[i] = v
		}
		if err := each(raw); err != nil {
			return err
		}
	}
}

// prepared is query for a statement that the driver does not put the values into
// by itself, such as one that would be larger than the server takes.
func (l *link) prepared(ctx context.Context, text string, args []any, each func(raw []any) error) error {
	rows, err := l.conn.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	raw, pointers := make([]any, len(columns)), make([]any, len(columns))
	for i := range raw {
		pointers[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(pointers...); err != nil {
			return err
		}
		if err := each(raw); err != nil {
			return err
		}
	}
	return rows.Err()
}

// row gives the only row of a query, nil when there is none.
func (l *link) row(ctx context.Context, text string, args ...any) (row []any, err error) {
	err = l.query(ctx, text, args, func(raw []any) error {
		row = slices.Clone(raw)
		for i, v := range row {
			if b, ok := v.([]byte); ok {
				row[i] = slices.Clone(b)
			}
		}
		return nil
	})
	return row, err
}

func (l *link) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return l.conn.ExecContext(ctx, placed(text), args...)
}

func (l *link) begin(ctx context.Context) error {
	_, err := l.exec(ctx, "START TRANSACTION")
	l.open = err == nil
	return err
}

// commit tells, by unsureError, when nobody knows whether it was done.
func (l *link) commit(ctx context.Context) error {
	if l.hushed != "" {
		l.open = false
		if err := l.plain(ctx); err != nil {
			return &unsureError{err}
		}
		return nil
	}
	if err := l.mark(ctx, "", ""); err != nil {
		return err
	}
	l.open = false
	if _, err := l.exec(ctx, "COMMIT"); err != nil {
		return &unsureError{err}
	}
	return nil
}

// mark sets the origin that the triggers of one table note, or takes it back.
func (l *link) mark(ctx context.Context, variable, origin string) error {
	if l.marked != "" && l.marked != variable {
		if _, err := l.exec(ctx, "SET @"+quote(l.marked)+" = NULL"); err != nil {
			return err
		}
		l.marked = ""
	}
	if variable == "" {
		return nil
	}
	l.marked = variable
	_, err := l.exec(ctx, "SET @"+quote(variable)+" = "+sqlcore.Mark, origin)
	return err
}

// beginHushed begins a transaction in which the trigger that looks at a variable
// notes nothing.
func (l *link) beginHushed(ctx context.Context, variable string) error {
	l.hushed, l.open = variable, true
	_, err := l.exec(ctx, "SET autocommit = 0, @"+quote(variable)+" = 1")
	return err
}

// plain takes back what mark and beginHushed have set. A transaction that is
// hushed is committed by that.
func (l *link) plain(ctx context.Context) error {
	if l.hushed != "" {
		if _, err := l.exec(ctx, "SET @"+quote(l.hushed)+" = NULL, autocommit = 1"); err != nil {
			return err
		}
		l.hushed = ""
	}
	return l.mark(ctx, "", "")
}

// rollback leaves the connection without a transaction and as it was.
func (l *link) rollback(ctx context.Context) error {
	if l.open {
		l.open = false
		if _, err := l.exec(ctx, "ROLLBACK"); err != nil {
			return err
		}
	}
	return l.plain(ctx)
}

// release gives the connection back, or up when it cannot be cleaned.
func (l *link) release(ctx context.Context) {
	if (l.open || l.marked != "" || l.hushed != "") && l.rollback(context.WithoutCancel(ctx)) != nil {
		_ = l.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	l.conn.Close()
}

// do runs f on a connection of its own and makes its error one of a connector.
func (c *connector) do(ctx context.Context, op, entity string, f func(ctx context.Context, l *link) error) error {
	if !c.enter() {
		return c.fault(op, entity, errClosed)
	}
	defer c.calls.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return c.fault(op, entity, err)
	}
	l := &link{conn: conn}
	defer l.release(ctx)
	return c.fault(op, entity, f(ctx, l))
}

// enter counts a call; false when the connector is closed.
func (c *connector) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.calls.Add(1)
	return true
}
