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
	// Lookup names the entity this field refers to; "" for an ordinary field.
	// Its value is then the parent's native id, and a selection reads and
	// writes it as a path: "msdyn_customergroupid.msdyn_groupid".
	Lookup string
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

// Resolve finds the field that a path ends in, following lookups one name at a
// time, and the field of the entity itself that the path starts with.
func (s *Schema) Resolve(entity, path string) (own, end *Field, err error) {
	e, ok := s.Entity(entity)
	if !ok {
		return nil, nil, &Error{Kind: NoEntity, Op: "resolve", Entity: entity, Message: "there is no entity " + entity}
	}
	head, rest := CutPath(path)
	own, ok = e.Field(head)
	if !ok {
		return nil, nil, &Error{Kind: NoEntity, Op: "resolve", Entity: entity, Field: path, Message: "there is no field " + head + " in " + entity}
	}
	if rest == "" {
		return own, own, nil
	}
	if own.Lookup == "" {
		return nil, nil, &Error{Kind: NoEntity, Op: "resolve", Entity: entity, Field: path, Message: head + " of " + entity + " is not a lookup"}
	}
	_, end, err = s.Resolve(own.Lookup, rest)
	return own, end, err
}

// CutPath splits a path at its first step: "a.b.c" gives "a" and "b.c".
func CutPath(path string) (head, rest string) {
	for i := 0; i < len(path); i++ {
		if path[i] == '.' {
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}
