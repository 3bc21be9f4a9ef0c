package service

import "time"

// Faults are troubles that a server makes when it is told to. The zero value
// makes none. Calls are counted from one since the faults were set; calls for
// tokens do not count. Of several faults that fall on one call, only the first
// happens, in the order in which they stand here.
type Faults struct {
	MostAtOnce       int           // calls beyond so many that are being answered are refused with 429; 0 is no limit
	ThrottleEvery    int           // every n-th call is refused with 429
	RetryAfter       time.Duration // what a 429 or 503 asks for, whole seconds; 0 is one second
	UnavailableEvery int           // every n-th call is refused with 503
	DropEvery        int           // every n-th call is executed, but its connection is cut instead of an answer
	// Reject gives, by entity set, the app's own message with which it refuses
	// every write of a record.
	Reject map[string]string
	// RejectOnly leaves all of them be but creates of records that hold this
	// text in one of their fields; "" rejects all.
	RejectOnly string
	Lag        time.Duration // change tracking tells nothing younger than this
	TokenLife  time.Duration // how long tokens live; 0 is one hour
	BodyLimit  int64         // bytes of the largest body that is taken; 0 is 100 MB
	Down       bool          // every connection is cut at once
}

// Calls counts what a server was asked since it started.
type Calls struct {
	All         int64 // without calls for tokens
	Tokens      int64
	Throttled   int64
	Unavailable int64
	Dropped     int64
	Denied      int64 // without a token that is valid
	Early       int64 // while a 429 had asked to stay away, and was known to have
}

// underWay is how long after a 429 calls may still come in that were sent before
// the caller knew of it.
const underWay = 250 * time.Millisecond

const defaultBodyLimit = 100 << 20

func (f *Faults) retryAfter() time.Duration {
	if f.RetryAfter <= 0 {
		return time.Second
	}
	return f.RetryAfter.Round(time.Second)
}

// Rejects tells whether a write of a record is refused, and with which message;
// v is what a create stores, nil for other writes.
func (f *Faults) Rejects(set string, v Values) (message string, refused bool) {
	message, refused = f.Reject[set]
	if f.RejectOnly == "" || !refused {
		return message, refused
	}
	for _, value := range v {
		if value == f.RejectOnly {
			return message, true
		}
	}
	return "", false
}

func every(n int, call int64) bool { return n > 0 && call%int64(n) == 0 }
