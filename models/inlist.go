package models

import "strings"

// mostParameters is how many values one list binds at most.
const mostParameters = 512

// inLists hands values on in lists of bounded length, each with its marks for an
// IN of a statement. A list is filled up to a power of two by its last value: the
// texts of statements, which are kept prepared, then differ by few lengths.
func inLists[T any](values []T, f func(in string, list []any) error) error {
	for len(values) > 0 {
		n := min(len(values), mostParameters)
		width := 1
		for width < n {
			width *= 2
		}
		list := make([]any, width)
		for i := range list {
			list[i] = values[min(i, n-1)]
		}
		if err := f(" IN (?"+strings.Repeat(", ?", width-1)+")", list); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}
