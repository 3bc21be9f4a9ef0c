package postgres

import (
	"strconv"
	"strings"
)

func words(s string) []string { return strings.Fields(s) }

func lines(s string) []string { return strings.Split(s, "\n") }

// number reads a number that the server wrote.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
