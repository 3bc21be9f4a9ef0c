package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// querier is what reading needs; a reader's transaction and the writer's
// session both are one.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// statementsKept bounds the cache of a session; its texts differ by the set of
// fields written, of which a map has few.
const statementsKept = 200

// session is the writer connection and its prepared statements. Who holds it
// has it alone. Inside a transaction statements run without the call's context,
// which the driver would watch with a goroutine per statement; the batch looks at
// it between records.
type session struct {
	pool  *pool
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func (s *session) connect(ctx context.Context) (err error) {
	if s.conn == nil {
		s.conn, err = s.pool.writers.Conn(ctx)
		s.stmts = map[string]*sql.Stmt{}
	}
	return unreachable(err)
}

// disconnect gives the connection up.
func (s *session) disconnect() {
	s.forget()
	if s.conn != nil {
		s.conn.Close() // one that does not close cleanly is given up all the same
	}
	s.conn = nil
}

func (s *session) forget() {
	for _, stmt := range s.stmts {
		stmt.Close()
	}
	clear(s.stmts)
}

// prepared gives the statement for a text. SQLite itself prepares it anew when
// the schema has changed.
func (s *session) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := s.stmts[query]; ok {
		return stmt, nil
	}
	if len(s.stmts) >= statementsKept {
		s.forget()
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	s.stmts[query] = stmt
	return stmt, nil
}

func (s *session) exec(query string, args ...any) (sql.Result, error) {
	stmt, err := s.prepared(query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(context.Background(), args...)
}

// QueryContext makes a session a querier.
func (s *session) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, query, args...)
}

// QueryRowContext makes a session a querier.
func (s *session) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.conn.QueryRowContext(ctx, query, args...)
}

// rows runs a prepared query.
func (s *session) rows(query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.prepared(query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(context.Background(), args...)
}

// read runs f in one snapshot of the database, with the catalog of that
// snapshot.
func (c *connector) read(ctx context.Context, op, entity string, f func(context.Context, querier, *catalog) error) error {
	ctx, leave, err := c.enter(ctx)
	if err != nil {
		return c.fault(op, entity, err)
	}
	defer leave()
	return c.fault(op, entity, func() error {
		p, err := c.current(ctx)
		if err != nil {
			return err
		}
		tx, err := p.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			return unreachable(err)
		}
		defer tx.Rollback() // it only read
		cat, err := c.catalogIn(ctx, p, tx)
		if err != nil {
			return err
		}
		return f(ctx, tx, cat)
	}())
}

// write runs f in one immediate transaction and commits it unless f fails.
func (c *connector) write(ctx context.Context, op, entity string, f func(context.Context, *session, *catalog) error) error {
	ctx, leave, err := c.enter(ctx)
	if err != nil {
		return c.fault(op, entity, err)
	}
	defer leave()
	p, err := c.current(ctx)
	if err != nil {
		return c.fault(op, entity, err)
	}
	var s *session
	select {
	case s = <-p.writer:
	case <-ctx.Done():
		return c.fault(op, entity, ctx.Err())
	}
	defer func() { p.writer <- s }()
	return c.fault(op, entity, c.transaction(ctx, p, s, f))
}

func (c *connector) transaction(ctx context.Context, p *pool, s *session, f func(context.Context, *session, *catalog) error) (err error) {
	if err = s.connect(ctx); err != nil {
		return err
	}
	if _, err = s.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		s.rollback()
		return err
	}
	committed := false
	defer func() {
		if !committed {
			s.rollback()
		}
	}()
	cat, err := c.catalogIn(ctx, p, s)
	if err != nil {
		return err
	}
	if err = f(ctx, s, cat); err != nil {
		return err
	}
	if err = ctx.Err(); err != nil {
		return err
	}
	if _, err = s.exec("COMMIT"); err != nil {
		return &commitError{err}
	}
	committed = true
	c.watch.wake()
	return nil
}

// commitError tells a failed COMMIT, where deferred constraints speak up, from
// a failed statement.
type commitError struct{ err error }

func (e *commitError) Error() string { return e.err.Error() }
func (e *commitError) Unwrap() error { return e.err }

// rollback leaves the connection without a transaction. SQLite may have rolled
// back by itself, which makes the statement fail and is as good; a connection
// that is broken is given up.
func (s *session) rollback() {
	if _, err := s.exec("ROLLBACK"); err != nil && !isSQLite(err) {
		s.disconnect()
	}
}

// enter joins a call's context with the connector's life.
func (c *connector) enter(ctx context.Context) (context.Context, func(), error) {
	if c.life.Err() != nil {
		return nil, nil, errClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.life, cancel)
	return ctx, func() { stop(); cancel() }, nil
}

var errClosed = errors.New("the connector is closed")
