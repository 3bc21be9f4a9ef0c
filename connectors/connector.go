// Package connectors is the vocabulary in which the engine speaks to business
// apps: records, changes, writes, and the interfaces that one package per kind
// of app implements. It knows records, not entity maps.
package connectors

import (
	"context"
	"time"

	"dualwrite/connectors/filter"
)

// Connector is one app that can be read and written. Its methods are safe for
// concurrent use. Errors are *Error.
type Connector interface {
	// Describe reads the app's schema afresh.
	Describe(ctx context.Context) (*Schema, error)
	// Open prepares reading and writing of the selected fields. It fails with
	// NoEntity when the entity or one of the paths does not exist.
	Open(ctx context.Context, sel Selection) (Entity, error)
	// Feed gives the change feed of an entity; all maps on the entity share it.
	Feed(ctx context.Context, entity string) (Feed, error)
	// Health says who we are there and what is wrong, in words.
	Health(ctx context.Context) (Health, error)
	// Close frees what the connector holds. Running calls end with an error.
	Close() error
}

// Selection names what an Entity reads and writes.
type Selection struct {
	Entity string
	Fields []string // paths; the order of every Row
	Key    []int    // positions in Fields of the alternate key
	// Company is the position in Fields of the legal entity, -1 for a global
	// entity. Lookups resolve within the record's own company.
	Company   int
	Companies []string    // Scan and Count return records of these only; empty means all
	Filter    filter.Expr // Scan and Count return records that pass; nil means all
	Fold      Fold        // how Find compares keys
}

// Row is the selected fields of one record, in the order of the selection.
type Row []Value

// Record is one record as the app holds it.
type Record struct {
	ID      string // native id: stays when the alternate key changes
	Version string // opaque token that differs after every write; "" where the app has none
	Row     Row
}

// Position is where a scan goes on; "" is the beginning and, returned, the end.
type Position string

// Cursor is where a feed goes on. It is opaque to everyone but its connector.
type Cursor string

// Entity reads and writes the records of one selection.
type Entity interface {
	Capabilities() Capabilities
	// Count tells how many records Scan would return, and whether that is exact.
	Count(ctx context.Context) (n int64, exact bool, err error)
	// Scan returns at most size records after a position. Every record that
	// exists with the same native id throughout a whole scan appears exactly once.
	Scan(ctx context.Context, after Position, size int) (page []Record, next Position, err error)
	// Get reads records by native id, filter and company notwithstanding. What
	// does not exist is left out; the order is free.
	Get(ctx context.Context, ids []string) ([]Record, error)
	// Find reads all records that hold one of the alternate keys (values in the
	// order of Selection.Key), compared as Selection.Fold says. A key may have
	// several holders.
	Find(ctx context.Context, keys []Row) ([]Record, error)
	// Write stores a batch and answers one Result per write, in order. An error
	// of the call itself leaves the outcome of all of them unknown, unless its
	// kind is Unreachable, Denied or Throttled: then nothing was stored.
	Write(ctx context.Context, batch []Write) ([]Result, error)
	// Close frees prepared statements and the like.
	Close() error
}

// Capabilities says what the app promises; each thing it lacks lowers a
// promise that the map's page then states.
type Capabilities struct {
	Versions    bool // records carry a version token
	Conditional bool // writes honour Write.If
	Fold        Fold // how the app itself compares the selected key
	StableID    bool // the native id stays the same when the alternate key changes
	WriteMax    int  // most writes in one batch
	Parallel    int  // how many batches of different records are well written at the same time; less than 2 for one
}

// Op is what a change did or a write does to a record.
type Op string

// The operations.
const (
	Create Op = "create"
	Update Op = "update"
	Delete Op = "delete"
)

// Write is one record to store. If is the condition: for Update and Delete the
// version that must still be there ("" for none); a Create succeeds only while
// no record holds the alternate key.
type Write struct {
	Op     Op
	ID     string // Update, Delete: native id
	If     string
	Row    Row    // Create, Update: new values, in the order of the selection
	Fields []bool // which values of Row to store; the others stay as they are
	Mark   string // recorded as the origin of the changes that this write causes
}

// Outcome is what became of one write.
type Outcome uint8

// The three outcomes.
const (
	Stored  Outcome = iota + 1 // Result.Record is what the app holds now
	Moved                      // the condition failed: read again and decide anew
	Refused                    // Result.Err says why
)

// Result answers one Write. After a stored Delete the record is zero.
type Result struct {
	Outcome Outcome
	Record  Record
	Err     *Error
}

// Feed is the stream of changes of one entity.
type Feed interface {
	// Start begins capture, installing what it needs in the app, and returns the
	// cursor before which nothing is reported. Calling it again is harmless and
	// returns the present end.
	Start(ctx context.Context) (Cursor, error)
	// Stop ends capture and removes everything of ours from the app.
	Stop(ctx context.Context) error
	// Changes returns at most max changes after since, or those that one write of
	// ours has made if they are more, in the order in which
	// the changes of each record happened. caughtUp means there were no more.
	// Fails with CursorExpired when since is too old.
	Changes(ctx context.Context, since Cursor, max int) (batch []Change, next Cursor, caughtUp bool, err error)
	// Wait returns nil when there may be changes after since, or ctx's error.
	Wait(ctx context.Context, since Cursor) error
	// Confirm says that everything up to the cursor is stored on our side; the
	// app may forget it.
	Confirm(ctx context.Context, upTo Cursor) error
}

// Checker is a Feed that can tell, without touching anything, whether Start would
// be denied. The error is of kind Denied; its message names what is missing and
// ends with the script by which an administrator of the app mends that.
type Checker interface {
	Check(ctx context.Context) error
}

// Waker is a Connector that can be told that its app has something new. It only
// looks earlier than it would: what it is told is not taken for true.
type Waker interface {
	// Notify has the feed of an entity look now, by its name or that of one
	// record; of all entities when it is "" or not known. It does not block.
	Notify(entity string)
}

// Change says that a record was written. It carries no values: state is read
// when the change is worked on.
type Change struct {
	Op     Op
	ID     string    // native id after the change; of a delete, the id it had
	OldID  string    // native id before the change, where that differs
	Key    string    // the record's own key as a person reads it, where cheap to tell
	Origin string    // mark of the write that caused it; "" for anybody else's
	At     time.Time // when it happened, by the app's clock, or when it was seen
}

// Health is the answer to "who am I there, and what is missing".
type Health struct {
	Account string        // whom the app takes us for
	Product string        // name and version of the app
	Skew    time.Duration // the app's clock minus ours
	Latency time.Duration
	Missing []string // rights and settings that are missing, in words
	// Script is what an administrator of the app can run to give what is missing,
	// "" where nothing is or no script could.
	Script string
}

// Openers opens a connector by kind ("sqlite"). Only cmd fills it.
type Openers map[string]func(ctx context.Context, settings map[string]string) (Connector, error)
