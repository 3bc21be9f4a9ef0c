package models

import (
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Kind says what an error of the store or of a command means to the person who
// caused it.
type Kind uint8

// The kinds of error.
const (
	Internal Kind = iota // not the person's doing: detail goes to the log
	NotFound             // there is no such thing
	Invalid              // the request breaks a rule; Message says which and how to mend it
	Conflict             // the state moved meanwhile: look again
	Busy                 // another program holds the data folder
	Fenced               // the lease is no longer ours (I10)
)

// Error is an error with its kind. Message is for people.
type Error struct {
	Kind    Kind
	Message string
	Err     error
}

func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Message
	case e.Message == "":
		return e.Err.Error()
	default:
		return e.Message + ": " + e.Err.Error()
	}
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error of a kind with a message for people.
func Errorf(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// KindOf is the kind of the first Error in err's chain, Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// MessageOf is what a person may read of err: the message of an Error, nothing
// of any other.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Kind != Internal {
		return e.Message
	}
	return "Something went wrong on the server. The log holds the detail."
}

// storeError gives an error of the database its kind.
func storeError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrRecordNotFound):
		return &Error{Kind: NotFound, Message: "not found", Err: err}
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return &Error{Kind: Conflict, Message: "this exists already", Err: err}
	default:
		return err
	}
}
