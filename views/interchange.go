package views

import "dualwrite/models"

// ImportPage takes maps from a file.
type ImportPage struct {
	Page
	Environments []models.Environment
	Environment  int64
	Megabytes    int // largest file that is read
	Paste        string
	Read         bool         // the file was read; Notes, Would and Ready say what came of it
	Notes        []ImportNote // what was taken, what not, why
	Would        []string     // what importing changes
	Ready        string       // the maps, to be imported by the next form
	Errors       Errors
}

// ImportNote is one line of an import's report.
type ImportNote struct{ Map, Fate, Where, Why string }

// left counts what was not taken.
func (v ImportPage) left() int {
	n := 0
	for _, note := range v.Notes {
		if note.Fate == "left out" {
			n++
		}
	}
	return n
}

// RelatedPage shows which maps need which.
type RelatedPage struct {
	Page
	Title string
	Rows  []RelatedRow
	Boxes []RelatedBox
	Lines []RelatedLine
	// Width and Height are of the picture.
	Width, Height int
	Cycles        [][]string
}

// RelatedRow is one map with those that it needs.
type RelatedRow struct {
	Map    models.Summary
	Needs  []string
	Cyclic bool
}

// RelatedBox is a map in the picture.
type RelatedBox struct {
	ID            int64
	Name          string
	X, Y          int
	Cyclic, Given bool
}

// RelatedLine leads from a map to one that it needs.
type RelatedLine struct {
	X1, Y1, X2, Y2 int
	Cyclic         bool
}

// Size of a box in the picture.
const (
	RelatedWidth  = 240
	RelatedHeight = 44
)

// cut shortens a name to what a box can hold.
func cut(name string) string {
	const most = 30
	if r := []rune(name); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return name
}
