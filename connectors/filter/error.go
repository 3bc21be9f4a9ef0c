package filter

import (
	"fmt"
	"unicode/utf8"
)

// Error says why a text is not a filter, to the person who wrote it.
type Error struct {
	Pos     int    // where, in characters, the first being 1
	Message string // what was found there, and what was expected
}

func (e *Error) Error() string { return fmt.Sprintf("at character %d: %s", e.Pos, e.Message) }

// errorAt makes an Error of a byte offset.
func errorAt(text string, offset int, format string, args ...any) *Error {
	return &Error{Pos: utf8.RuneCountInString(text[:offset]) + 1, Message: fmt.Sprintf(format, args...)}
}
