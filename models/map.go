package models

import "time"

// Side is one of the two linked apps of an environment.
type Side string

// The two sides. In the practice environment and in maps that come from the
// original product, Left is Finance and Operations and Right is Common Data Service.
const (
	Left  Side = "left"
	Right Side = "right"
)

// Other is the opposite side.
func (s Side) Other() Side {
	if s == Left {
		return Right
	}
	return Left
}

// Index is 0 for Left and 1 for Right.
func (s Side) Index() int {
	if s == Right {
		return 1
	}
	return 0
}

// Sides lists both, left first.
var Sides = [2]Side{Left, Right}

// Direction says which way a field mapping copies.
type Direction string

// The three directions.
const (
	Both        Direction = "both"
	LeftToRight Direction = "left to right"
	RightToLeft Direction = "right to left"
)

// Flows reports whether values may be copied to the given side.
func (d Direction) Flows(to Side) bool {
	return d == Both || d == LeftToRight && to == Right || d == RightToLeft && to == Left
}

// Definition is what a map does: which entities, which fields, how. It changes
// only while the map is not running.
type Definition struct {
	Left  Endpoint `json:"left"`
	Right Endpoint `json:"right"`
	// Key pairs the fields that identify the same record on both sides. The
	// legal entity is not among them: Endpoint.Company carries it.
	Key    []KeyPair      `json:"key"`
	Fields []FieldMapping `json:"fields"`
	// Companies limits a map that is per legal entity to some of its environment's.
	Companies CompanyLimit `json:"companies,omitempty"`
	// Needs names maps of the environment that this one needs first, besides those
	// that its lookups tell.
	Needs []string `json:"needs,omitempty"`
	// Revision counts changes; a link remembers the one it was made under.
	Revision int `json:"revision"`
	// NextSlot is the slot that the next new field mapping gets.
	NextSlot int `json:"nextSlot"`
}

// Endpoint is one side of a definition.
type Endpoint struct {
	Entity string `json:"entity"`
	Label  string `json:"label"`
	// Company is the path of the legal entity in the record, "" for a global
	// entity. Both sides have one or neither.
	Company string `json:"company,omitempty"`
	// Filter is the text of the record filter, in either notation; "" for all.
	Filter string `json:"filter,omitempty"`
}

// KeyPair maps one alternate key field of the left side to one of the right.
type KeyPair struct {
	Left  string `json:"left"`
	Right string `json:"right"`
}

// FieldMapping maps a field of the left side to one of the right. One of the
// two may be empty: then a Default transform gives the value.
type FieldMapping struct {
	// Slot is the position of this field's hash in every link of the map. It
	// never changes and is never given to another field.
	Slot int `json:"slot"`
	// Since is the revision in which the mapping last changed its meaning;
	// links from before it see the field for the first time.
	Since      int         `json:"since"`
	Left       string      `json:"left,omitempty"`
	Right      string      `json:"right,omitempty"`
	Direction  Direction   `json:"direction"`
	Transforms []Transform `json:"transforms,omitempty"`
}

// Path is the field's path on one side.
func (f FieldMapping) Path(s Side) string {
	if s == Right {
		return f.Right
	}
	return f.Left
}

// Transform is one step between the two values of a field mapping. Steps are
// applied in order from left to right, and undone in reverse order.
type Transform struct {
	Type TransformType `json:"type"`
	// Default: the value where the source has none.
	Default string `json:"default,omitempty"`
	// ValueMap: pairs of left and right value.
	Pairs []ValuePair `json:"pairs,omitempty"`
	// Truncate: most characters of the value on the side copied to.
	Length int `json:"length,omitempty"`
	// Expression: what the value becomes on the side copied to, in the language of
	// package expression. There is no way back.
	Expression string `json:"expression,omitempty"`
}

// ValuePair is one line of a value map.
type ValuePair struct {
	Left  string `json:"left"`
	Right string `json:"right"`
}

// TransformType names what a transform does.
type TransformType string

// The transforms.
const (
	Default    TransformType = "default"
	ValueMap   TransformType = "value map"
	Truncate   TransformType = "truncate"
	Expression TransformType = "expression"
)

// Endpoint gives one side of the definition.
func (d *Definition) Endpoint(s Side) *Endpoint {
	if s == Right {
		return &d.Right
	}
	return &d.Left
}

// KeyField gives the path of a key pair on one side.
func (k KeyPair) KeyField(s Side) string {
	if s == Right {
		return k.Right
	}
	return k.Left
}

// Map is an entity map: a definition, its place in an environment, and how it
// stands.
type Map struct {
	ID            int64  `gorm:"primaryKey"`
	EnvironmentID int64  // Environment.ID
	Name          string // "Customers V3 (contacts)": left label and right entity
	Description   string
	Publisher     string
	Version       string     // "1.0.0.0"
	Definition    Definition `gorm:"serializer:json"`
	LeftEntity    string     // Definition.Left.Entity, for the feeds to find their maps by
	RightEntity   string
	Master        Side // decides conflicts
	Status        Status
	Hold          Hold   // why a guard or an outage keeps the map from working; "" for none
	HoldReason    string // in people's words
	HoldSince     *time.Time
	Allowance     int64  // deletes that a person let through the guard
	ResumeMark    int64  // Resuming: changes up to this sequence belong to the catch-up
	LastIssue     string // the newest error or conflict in one line
	LastIssueAt   *time.Time
	LastChangeAt  *time.Time // when a record was last written
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Entity is the entity of one side.
func (m *Map) Entity(s Side) string {
	if s == Right {
		return m.RightEntity
	}
	return m.LeftEntity
}

// TableName is the table of Map.
func (Map) TableName() string { return "entity_maps" }

// Selected lists the paths that a side's records are read with, each once: the
// key, the legal entity, the mapped fields.
func (d *Definition) Selected(s Side) []string {
	var out []string
	seen := map[string]bool{}
	add := func(p string) {
		if p != "" && !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	for _, k := range d.Key {
		add(k.KeyField(s))
	}
	add(d.Endpoint(s).Company)
	for _, f := range d.Fields {
		add(f.Path(s))
	}
	return out
}
