package models

import "time"

// Stage says which work an error came up in.
type Stage string

// The stages.
const (
	StageInitial Stage = "initial"
	StageLive    Stage = "live"
	StageCatchUp Stage = "catch-up"
)

// ErrorState says whether an error still needs somebody.
type ErrorState string

// The states of an error.
const (
	ErrorOpen      ErrorState = "open"
	ErrorResolved  ErrorState = "resolved"  // the record is in step now
	ErrorDiscarded ErrorState = "discarded" // given up by a named person
)

// RecordError is one record that could not be written. A record has at most
// one open error; it blocks that record only.
type RecordError struct {
	ID          int64 `gorm:"primaryKey"`
	MapID       int64
	ExecutionID *int64 // the initial write it came up in
	Stage       Stage
	Side        Side // the side that could not be written, or that holds the fault
	Company     string
	RecordKey   string // as a person reads it
	LeftID      string // native ids, "" where the record does not exist
	RightID     string
	Field       string   // path of the field at fault, "" where none is
	Kind        string   // connectors.Kind, or "duplicate key", "unmapped value", "held back"
	Message     string   // what happened, in people's words
	Parent      string   // entity of the missing parent
	Others      []string `gorm:"-"` // further entities that it may be of; written, not read
	ParentKey   string
	ParentConn  int64  // connection on which the parent is missing
	LeftImage   string // JSON object of the left record, "" where absent
	RightImage  string
	Attempts    int
	FirstAt     time.Time
	LastAt      time.Time
	RetryAt     *time.Time // when it is tried again by itself or because somebody asked; nil = waits
	State       ErrorState
	ClosedAt    *time.Time
	ClosedBy    string
	// SeenAt is when the engine began the try that failed, not stored: a retry
	// that somebody asked for later than that still stands.
	SeenAt time.Time `gorm:"-"`
}

// ConflictKind names what collided.
type ConflictKind string

// The kinds of conflict. Each keeps both images.
const (
	InitialDiffers ConflictKind = "initial_differs" // both sides existed before the first sight and differed
	BothCreated    ConflictKind = "both_created"    // both sides created the same key
	BothEdited     ConflictKind = "both_edited"     // both sides changed the same field
	EditVsDelete   ConflictKind = "edit_vs_delete"  // the left edited, the right deleted
	DeleteVsEdit   ConflictKind = "delete_vs_edit"  // the left deleted, the right edited
	CopiedBack     ConflictKind = "copied_back"     // gone on one side while the map was stopped; an initial write never deletes
	UnsureOwner    ConflictKind = "unsure_owner"    // after a lost answer it cannot be told whose value this is
	TargetEdited   ConflictKind = "target_edited"   // the target of a one-way field was edited, then overwritten
)

// ConflictRecord is one conflict: what both sides held when it was decided, and who won.
type ConflictRecord struct {
	ID          int64 `gorm:"primaryKey"`
	MapID       int64
	ExecutionID *int64
	Kind        ConflictKind
	RecordKey   string
	LeftID      string
	RightID     string
	Fields      []string `gorm:"serializer:json"` // left paths, or right ones where there is no left
	Winner      Side
	LeftImage   string // JSON object, "" for absent
	RightImage  string
	At          time.Time
	ReviewedAt  *time.Time
	ReviewedBy  string
}

// TableName is the table of ConflictRecord.
func (ConflictRecord) TableName() string { return "conflicts" }
