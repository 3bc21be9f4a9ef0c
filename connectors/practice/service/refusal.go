package service

import "fmt"

// Kind says why an app does not take a call or a record.
type Kind uint8

// The kinds of refusal. The comment names the fields of Refusal that are set.
const (
	WrongType    Kind = iota + 1 // Field, Value
	TooLong                      // Field, Value
	OutOfRange                   // Field, Value
	Missing                      // Field: required and without a value
	Duplicate                    // Entity, Key: another record holds these values
	NoTarget                     // Field, Entity, Value: the record looked up is not there
	InUse                        // Entity: other records refer to it
	Rule                         // Entity, Message: a rule of the app, in its own words
	NotFound                     // Entity, Value: there is no such record
	BadFilter                    // Message: the query cannot be
	UnknownField                 // Entity, Value: there is no such field
	NoCompany                    // Value: there is no such legal entity
)

// Refusal is what a store answers when a record or a query cannot be taken. The
// dialects put it into their own words and codes.
type Refusal struct {
	Kind    Kind
	Entity  *Entity
	Field   *Field
	Key     *Key
	Value   string
	Message string
}

func (r *Refusal) Error() string {
	name := ""
	if r.Field != nil {
		name = r.Field.Name
	}
	return fmt.Sprintf("refused (%d): %s %q %s", r.Kind, name, r.Value, r.Message)
}
