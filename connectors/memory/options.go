package memory

import "dualwrite/connectors"

// Options are the app's ways, its lies and its faults. The zero Options are an
// honest app with stable ids, version tokens and conditional writes.
type Options struct {
	// Prefix of the native ids that the app assigns; "" means "L": L1, L2, ….
	Prefix string
	// KeyIsID: the native id is the first active alternate key itself, its
	// values joined with "|". A key change then changes the id, also in the
	// lookups that refer to it, and the feed reports OldID.
	KeyIsID bool
	// Fold is how the app compares keys: for uniqueness and for lookups.
	Fold connectors.Fold
	// NoVersions: records carry no token, and writes heed no version.
	NoVersions bool
	// Normalise gives what the app stores in place of a value, for the engine's
	// writes and for users' alike. The field is the entity's own; lookups are
	// left alone. It must not call the app.
	Normalise func(entity, field string, v connectors.Value) connectors.Value
	// Lag is how many of the newest changes of each entity its feed hides. What
	// was visible once stays visible.
	Lag int
	// WriteMax is the most writes in one batch; 0 means 100.
	WriteMax int
	// Fault is asked at every call of Connector, Entity and Feed but Close and
	// Capabilities. It may call the app.
	Fault func(Call) Verdict
	// BeforeWrite may refuse one record of a batch. It may call the app: what it
	// edits then happens before the write's own condition is looked at.
	BeforeWrite func(entity string, w connectors.Write) *connectors.Error
	// OnStore sees every record that Write stored, right after it was stored and
	// before the next of its batch: before is nil for a created record, after
	// for a deleted one. The maps are as Read gives them. It may call the app.
	OnStore func(entity, id string, before, after map[string]connectors.Value, mark string)
}

// Call is what Options.Fault is asked about.
type Call struct {
	// Op is describe, health, open, feed, count, scan, get, find, write, start,
	// stop, changes, wait or confirm.
	Op     string
	Entity string // "" for describe and health
	// Items is the number of ids, keys or writes given, or the most records or
	// changes asked for.
	Items int
}

// Verdict says how a call goes wrong. The zero Verdict is a call that succeeds.
type Verdict struct {
	Before    *connectors.Error // the call fails with this, nothing is done
	LoseReply bool              // the call is done, and answers a Transient error
	StopAfter int               // write: the first so many are done, then as LoseReply; 0 for no such fault
	// Run is called when the call is done, before it returns. It may call the
	// app, and it may panic.
	Run func()
}

func (o *Options) writeMax() int {
	if o.WriteMax > 0 {
		return o.WriteMax
	}
	return 100
}
