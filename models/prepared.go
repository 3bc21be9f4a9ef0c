package models

import (
	"context"
	"database/sql/driver"
)

// preparing opens connections that keep the statements they have prepared: the
// store runs a few hundred texts over and over, and SQLite takes longer to
// compile most of them than to run them.
type preparing struct{ driver.Connector }

// Connect opens one connection.
func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &preparedConn{sqliteConn: c.(sqliteConn), kept: map[string]*keptStatement{}}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// statementsKept bounds what a connection keeps. Texts differ without end only
// by the length of their lists.
const statementsKept = 500

// preparedConn is one connection with its statements. database/sql lets nobody
// else use it meanwhile, so nothing here is locked.
type preparedConn struct {
	sqliteConn
	kept map[string]*keptStatement
}

// keptStatement is used by one caller at a time: its rows belong to the
// statement, which a second run would begin again.
type keptStatement struct {
	statement
	busy bool
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// take gives the kept statement of a text, nil if it is in use.
func (c *preparedConn) take(ctx context.Context, query string) (*keptStatement, error) {
	if k := c.kept[query]; k != nil {
		if k.busy {
			return nil, nil
		}
		return k, nil
	}
	if len(c.kept) >= statementsKept {
		c.forget()
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	k := &keptStatement{statement: s.(statement)}
	c.kept[query] = k
	return k, nil
}

// forget closes every statement that nobody is using.
func (c *preparedConn) forget() {
	for query, k := range c.kept {
		if !k.busy {
			_ = k.Close() // repeats the error of its last run
			delete(c.kept, query)
		}
	}
}

// ExecContext runs a statement. One without arguments is not kept: it is a
// migration, or a text that is run once.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	k, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return k.ExecContext(ctx, args)
}

// QueryContext runs a query.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	k, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := k.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	k.busy = true
	return &keptRows{rows.(sqliteRows), k}, nil
}

// Close closes the statements with the connection.
func (c *preparedConn) Close() error {
	for _, k := range c.kept {
		_ = k.Close() // repeats the error of its last run
	}
	clear(c.kept)
	return c.sqliteConn.Close()
}

// sqliteRows is what the driver's rows can do.
type sqliteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// keptRows gives its statement free when it is closed.
type keptRows struct {
	sqliteRows
	of *keptStatement
}

// Close ends the query.
func (r *keptRows) Close() error {
	r.of.busy = false
	return r.sqliteRows.Close()
}
