package models

import "time"

// Fate is what became of a captured change. Every change has exactly one (I4).
type Fate string

// The fates. All but Queued and Errored are final.
const (
	Queued    Fate = "queued"    // not yet worked on
	Written   Fate = "written"   // led to a write on the other side
	Equal     Fate = "equal"     // the other side held the same already: an echo
	Folded    Fate = "folded"    // done together with a later change of the same record
	Lost      Fate = "lost"      // lost a conflict, which is recorded with both images
	Filtered  Fate = "filtered"  // the record is not in the map
	Discarded Fate = "discarded" // given up by a named person
	Errored   Fate = "error"     // could not be written; an open error waits for a person or a parent
)

// Fates lists all, in the order in which pages show them.
var Fates = []Fate{Written, Equal, Folded, Lost, Filtered, Discarded, Errored, Queued}

// Change is one captured change in the queue of a map. It carries no values:
// these are read when it is worked on.
type Change struct {
	Seq        int64 `gorm:"primaryKey"`
	MapID      int64
	Side       Side   // where it happened
	Op         string // "create", "update", "delete"
	NativeID   string // native id after the change
	OldID      string // native id before it, where that differs
	RecordKey  string // key as a person reads it, where known
	Origin     string // mark of our write that caused it, "" for anybody else's
	At         time.Time
	CapturedAt time.Time
	Fate       Fate
	FateAt     *time.Time
	ErrorID    *int64 // RecordError.ID while the fate is Errored
	FateBy     string // who discarded it
	// MadeBy is the map, and its side, whose own write caused the change and has
	// its outcome in a link: for that map there is nothing to look at.
	MadeBy Use `gorm:"-"`
}

// Tally is the kept sum of all fates of a map and a few sizes. Captured equals
// the sum of the fates; the store refuses anything else (I4).
type Tally struct {
	MapID      int64 `gorm:"primaryKey"`
	Captured   int64
	Queued     int64
	Written    int64
	Equal      int64
	Folded     int64
	Lost       int64
	Filtered   int64
	Discarded  int64
	Error      int64
	Linked     int64 // records in step: linked and present
	OpenErrors int64
	Conflicts  int64
}

// Of gives the number of changes with a fate.
func (t *Tally) Of(f Fate) int64 {
	return map[Fate]int64{Queued: t.Queued, Written: t.Written, Equal: t.Equal, Folded: t.Folded, Lost: t.Lost,
		Filtered: t.Filtered, Discarded: t.Discarded, Errored: t.Error}[f]
}

// Feed is how far the changes of one entity have been taken over.
type Feed struct {
	ID           int64 `gorm:"primaryKey"`
	ConnectionID int64
	Entity       string
	Cursor       string
	Expired      bool // the cursor was too old; a compare must find what was missed
	CheckedAt    *time.Time
}
