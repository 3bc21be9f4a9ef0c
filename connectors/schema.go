package connectors

// Schema is what an app offers to be mapped.
type Schema struct {
	Entities []EntitySchema
}

// Entity finds an entity by name.
func (s *Schema) Entity(name string) (*EntitySchema, bool) {
	for i := range s.Entities {
		if s.Entities[i].Name == name {
			return &s.Entities[i], true
		}
	}
	return nil, false
}

// EntitySchema describes one entity: a table, a view, an entity set.
type EntitySchema struct {
	Name    string // as the app spells it, used in a Selection
	Label   string // as people call it
	Fields  []Field
	Keys    []AlternateKey // unique keys other than the native id
	Company string         // path of the field that carries the legal entity; "" for a global entity
	// Blind lists, in words, changes that capture cannot see ("rows changed by a cascade").
	Blind []string
}

// Field finds a field by its own name. A path through a lookup is resolved by
// Schema.Resolve.
func (e *EntitySchema) Field(name string) (*Field, bool) {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return &e.Fields[i], true
		}
	}
	return nil, false
}

// Field describes one field of an entity.
type Field struct {
	Name     string
	Label    string
	Type     Type
	Length   int // Text: most characters, 0 for no limit
	Digits   int // Decimal: most significant digits, 0 for no limit
	Scale    int // Decimal: most digits after the point; DateTime: digits of a second
	Required bool
	ReadOnly bool // computed or assigned by the app
	// HasDefault: the app fills a required field that a create leaves out.
	HasDefault bool
	// BlankIsZero: the app keeps zero, or false, where it is given no value, and
	// nobody can tell whether a person meant it.
	BlankIsZero bool
	// Lookup names the entity this field refers to; "" for an ordinary field.
	// Its value is then the parent's native id, and a selection reads and
	// writes it as a path: "msdyn_customergroupid.msdyn_groupid".
	Lookup string
	// Targets lists the entities, more than one, that a lookup may refer to
	// records of; Lookup is then "". A path through it names the field to read of
	// each, and the first that has a record of that value is written:
	// "customerid.accounts(accountnumber).contacts(emailaddress1)".
	Targets []string
	// Options lists, of a Text, the only values that the app takes; nil for any.
	Options []string
	// References names the entity and field that a plain field's value must
	// exist in, where the app enforces it (a foreign key by value).
	References string
}

// AlternateKey is a unique key, its fields as paths.
type AlternateKey struct {
	Name   string
	Fields []string
	Active bool // false while the app still builds it, or failed to
}

// Fold says how an app compares keys. The looser of two apps decides for a map.
type Fold struct {
	Case  bool // "abc" equals "ABC"
	Space bool // trailing spaces do not count
}
