package connectors

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what an error means for the record and for the traffic of the
// connection. The engine chooses by kind alone, never by text.
type Kind uint8

// The kinds of error a connector answers with.
const (
	Internal      Kind = iota // not understood: shown to the operator, retried with back-off
	Transient                 // a passing fault (lock, time-out, 5xx): retry with back-off; what was sent may have been stored
	Throttled                 // the app asks for fewer calls; RetryAfter says when to come back
	Unreachable               // the app does not answer at all: hold the connection's traffic and probe
	Denied                    // credentials or rights are missing: hold the connection's traffic and probe
	Invalid                   // the app's own rules refuse the record: permanent until somebody mends it
	TooLarge                  // a value does not fit the field; Value and Limit say what and why
	Duplicate                 // another record already holds a key that must be unique
	MissingParent             // a looked-up record does not exist on that side; Field, Parent and ParentKey name it
	CursorExpired             // the change cursor is too old to go on from
	NoEntity                  // the entity, or a field of the selection, is not there (any more)
)

var kindNames = [...]string{"internal", "transient", "throttled", "unreachable", "denied", "invalid", "too large", "duplicate",
	"missing parent", "cursor expired", "no entity"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Error is what every connector returns when a call or one record of a batch
// fails. Only the fields that the kind names are set.
type Error struct {
	Kind       Kind
	Op         string        // what was attempted: "scan", "write"
	Entity     string        // the entity it was attempted on
	Field      string        // the field at fault, as the selection spells it
	Value      string        // the value at fault
	Limit      string        // the limit it breaks: "at most 20 characters"
	Parent     string        // entity of the record that is missing
	Others     []string      // further entities that have no such record either, where the lookup may refer to several
	ParentKey  string        // key of the record that is missing
	RetryAfter time.Duration // Throttled: how long to stay away
	Message    string        // the app's own words, or ours where it has none
	Err        error         // cause, for errors.Is and the log
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		fmt.Fprintf(&b, "%s ", e.Op)
	}
	if e.Entity != "" {
		fmt.Fprintf(&b, "%s: ", e.Entity)
	}
	switch {
	case e.Message != "":
		b.WriteString(e.Message)
	case e.Err != nil:
		b.WriteString(e.Err.Error())
	default:
		b.WriteString(e.Kind.String())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the first Error in err's chain, Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
