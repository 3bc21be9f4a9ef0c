package service

import (
	"slices"
	"strings"
)

// Type is what a field holds. The comment says how the SQLite file keeps it.
type Type uint8

// The types of fields.
const (
	Text     Type = iota + 1 // text
	Int                      // whole number of 32 bits
	BigInt                   // whole number of 64 bits
	Decimal                  // number, or text with exactly Scale digits after the point
	Money                    // as Decimal
	Bool                     // 0 or 1
	GUID                     // lower-case hyphenated text
	Date                     // text "2006-01-02"
	DateTime                 // text "2006-01-02T15:04:05Z", whole seconds in UTC
	Choice                   // code of an option, a whole number
	Enum                     // label of a member, as Member.Stored
	Lookup                   // native id of a record of Target
)

// Model is what a server offers over one SQLite file.
type Model struct {
	Entities []*Entity
	Enums    []*EnumType
	// EmptyForNull makes the app one without nulls: a text without a value is
	// empty, a number is zero, a date is 1900-01-01. Enums keep their nulls.
	EmptyForNull bool
	// Companies names the entity and field that list the legal entities; nil
	// where any company is taken.
	Companies *Companies
}

// Companies is where an app lists its legal entities.
type Companies struct {
	Set, Field string
}

// Entity is one table and how it is called.
type Entity struct {
	Name   string // of one record: "account"
	Set    string // of all records: "accounts"
	Table  string // of the file
	ID     string // column of the primary key
	Label  string
	Fields []*Field
	Keys   []Key
	// Company names the field that holds the legal entity; "" for a global entity.
	Company string
	// Bulk: the entity offers messages for many records at once.
	Bulk bool
	// Tracked: the entity offers change tracking.
	Tracked bool
}

// Key is a set of fields that are unique together.
type Key struct {
	Name   string
	Fields []string
	Status string // "Active", "Pending", "In Progress" or "Failed"; only an active key is enforced and addressable
}

// Active is the status of a key that can be used.
const Active = "Active"

// Field is one column and how it is called.
type Field struct {
	Name       string // on the wire
	Column     string // of the table
	Label      string
	Type       Type
	Length     int // Text: most characters, 0 for no limit
	Digits     int // Decimal, Money: most significant digits
	Scale      int // Decimal, Money: digits after the point
	Required   bool
	HasDefault bool // the app fills a required field that a create leaves out
	Computed   bool // given by the app
	Primary    bool // the native id
	Exact      bool // texts compare letter by letter, trailing blanks and all
	Cut        bool // a text that is too long is cut instead of refused
	Textual    bool // Decimal: kept as text
	Lower      bool // Text: shown in lower case
	Options    []Option
	Enum       *EnumType
	// Target is the entity set that a lookup refers to. A lookup to records of
	// several sets is one field for each, of one name and column; native ids of
	// two sets never meet.
	Target     string
	Navigation string // Lookup: name of the navigation property
	Sequence   string // number sequence that fills a field left out: "C-%06d"
	// Stamp makes the field one of what the server keeps about a record: an SQL
	// expression over practice_versions, as VersionStamp. It has no column.
	Stamp string
}

// The stamps.
const (
	VersionStamp = "version"
	TimeStamp    = "strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch')"
	WhoStamp     = "who"
)

// Option is one choice of an option set.
type Option struct {
	Value int64
	Label string
}

// EnumType is an enumeration with named members.
type EnumType struct {
	Name    string
	Members []Member
}

// Member is one name of an enumeration and how the file keeps it.
type Member struct {
	Name   string
	Stored string
}

// Entity finds an entity by its set's name, nil if there is none.
func (m *Model) Entity(set string) *Entity {
	i := slices.IndexFunc(m.Entities, func(e *Entity) bool { return e.Set == set })
	if i < 0 {
		return nil
	}
	return m.Entities[i]
}

// Named finds an entity by the name of one record, nil if there is none.
func (m *Model) Named(name string) *Entity {
	i := slices.IndexFunc(m.Entities, func(e *Entity) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return m.Entities[i]
}

// Field finds a field by its name, nil if there is none.
func (e *Entity) Field(name string) *Field {
	return e.find(func(f *Field) bool { return f.Name == name })
}

// Navigation finds a lookup by its navigation property, nil if there is none.
func (e *Entity) Navigation(name string) *Field {
	return e.find(func(f *Field) bool { return f.Type == Lookup && f.Navigation == name })
}

// Shared reports whether a lookup may refer to records of other sets too.
func (e *Entity) Shared(f *Field) bool {
	return f.Type == Lookup && e.find(func(o *Field) bool { return o != f && o.Name == f.Name }) != nil
}

// Columns are the fields without those that another of the same name stands for.
func (e *Entity) Columns() []*Field {
	return slices.DeleteFunc(slices.Clone(e.Fields), func(f *Field) bool { return e.Field(f.Name) != f })
}

// Property finds a field by the name under which its value is read: a lookup's
// value is _name_value. nil if there is none.
func (e *Entity) Property(name string) *Field {
	return e.find(func(f *Field) bool { return f.Property() == name })
}

// Property is the name under which a field's value is read.
func (f *Field) Property() string {
	if f.Type == Lookup {
		return "_" + f.Name + "_value"
	}
	return f.Name
}

// Primary is the field that shows the native id, nil where it is not shown.
func (e *Entity) Primary() *Field { return e.find(func(f *Field) bool { return f.Primary }) }

func (e *Entity) find(is func(*Field) bool) *Field {
	i := slices.IndexFunc(e.Fields, is)
	if i < 0 {
		return nil
	}
	return e.Fields[i]
}

// Key finds the key over exactly these fields in any order, nil if there is none.
func (e *Entity) Key(fields []string) *Key {
	for i, k := range e.Keys {
		if len(k.Fields) == len(fields) && !slices.ContainsFunc(k.Fields, func(f string) bool { return !slices.Contains(fields, f) }) {
			return &e.Keys[i]
		}
	}
	return nil
}

// Member finds a member by its name, or by what the file keeps, without letter
// case; nil if there is none.
func (t *EnumType) Member(name string) *Member {
	i := slices.IndexFunc(t.Members, func(m Member) bool { return strings.EqualFold(m.Name, name) || strings.EqualFold(m.Stored, name) })
	if i < 0 {
		return nil
	}
	return &t.Members[i]
}
