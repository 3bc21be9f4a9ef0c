package mysql

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"dualwrite/connectors/sqlcore"
)

// horizon tells how far the server's transactions have come. InnoDB gives ids to
// transactions in the order in which they first write, and lists the open ones
// in information_schema.innodb_trx. That list is a copy which the server renews
// only when nobody has read it for 0.1 seconds, so it proves nothing unless it
// shows, within a transaction of ours, the very statement that reads it.
type horizon struct {
	mu   sync.Mutex
	l    *link
	next time.Time
}

// resting is how long the list is left alone, at least and by chance up to twice
// that: others may read it as well.
const resting = 120 * time.Millisecond

// grace is how long a sequence may stay missing where the list may not be read:
// from giving it out to writing its row, which then shows even before its
// transaction commits.
const grace = 30 * time.Second

func (h *horizon) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop()
}

func (h *horizon) drop() {
	if h.l != nil {
		_ = h.l.conn.Raw(func(any) error { return driver.ErrBadConn })
		h.l.conn.Close()
		h.l = nil
	}
}

// view is how far transactions have come now, for a cursor that has gaps; false when the server's list is
// too old, or is not to be read yet.
func (c *connector) view(ctx context.Context, f *feed, since cursor) (view, bool, error) {
	h := &c.horizon
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Now().Before(h.next) || c.life.Err() != nil {
		return view{}, false, nil
	}
	h.next = time.Now().Add(resting + rand.N(resting))
	if h.l == nil {
		conn, err := c.db.Conn(ctx)
		if err != nil {
			return view{}, false, err
		}
		h.l = &link{conn: conn}
	}
	v, fresh, err := h.look(ctx, f)
	if number(err) == needsRight {
		v, err = h.byTime(ctx, f, since)
		return v, err == nil, err
	}
	if err != nil {
		h.drop()
	}
	return v, fresh, err
}

func (h *horizon) look(ctx context.Context, f *feed) (view, bool, error) {
	if err := h.l.begin(ctx); err != nil {
		return view{}, false, err
	}
	// Taken back: it is there for the transaction's id only.
	if _, err := h.l.exec(ctx, "UPDATE "+captureName+" SET checked = checked + 1 WHERE entity = "+sqlcore.Mark, f.table); err != nil {
		return view{}, false, err
	}
	var own int64
	var others []int64
	nonce := fmt.Sprintf("%016x", rand.Uint64())
	text := "SELECT trx_id, trx_mysql_thread_id = CONNECTION_ID() AND coalesce(trx_query, '') LIKE '%" + nonce + "%' FROM information_schema.innodb_trx WHERE trx_id <> 0"
	err := h.l.query(ctx, text, nil, func(raw []any) error {
		id := num(raw[0]) // MySQL spells it as text
		if num(raw[1]) == 1 {
			own = id
		} else {
			others = append(others, id)
		}
		return nil
	})
	if back := h.l.rollback(ctx); err == nil {
		err = back
	}
	if err != nil || own == 0 {
		return view{}, false, err
	}
	return view{stamp: own, ended: func(g gap) bool {
		for _, id := range others {
			if id < g.stamp {
				return false
			}
		}
		return true
	}}, true, nil
}

// byTime goes without the list of transactions: a row shows, uncommitted, as
// soon as it is written, and what has shown nothing for the time of grace is
// taken for rolled back.
func (h *horizon) byTime(ctx context.Context, f *feed, since cursor) (view, error) {
	if err := h.l.rollback(ctx); err != nil {
		return view{}, err
	}
	row, err := h.l.row(ctx, "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)")
	if err != nil {
		return view{}, err
	}
	now := num(row[0])
	var pending []int64
	if _, err = h.l.exec(ctx, "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED"); err != nil {
		return view{}, err
	}
	text := "SELECT seq FROM " + quote(logName(f.table)) + " WHERE seq BETWEEN " + sqlcore.Mark + " AND " + sqlcore.Mark
	err = h.l.query(ctx, text, []any{since.gaps[0].from, since.at}, func(raw []any) error {
		pending = append(pending, num(raw[0]))
		return nil
	})
	return view{stamp: -now, ended: func(g gap) bool {
		if now+g.stamp < grace.Milliseconds() {
			return false
		}
		for _, seq := range pending {
			if g.from <= seq && seq <= g.to {
				return false
			}
		}
		return true
	}}, err
}
