package views

import (
	"slices"
	"testing"
)

func TestAMessageIsPartedIntoWordsAndScripts(t *testing.T) {
	for text, want := range map[string][]passage{
		"":                 nil,
		"one line":         {{words: "one line"}},
		"two\nlines":       {{words: "two\nlines"}},
		"run:\nA;\n B;\n":  {{words: "run:"}, {script: "A;\nB;"}},
		"x:\nA;\ny:\nB;":   {{words: "x:"}, {script: "A;"}, {words: "y:"}, {script: "B;"}},
		"A;\nthen go on":   {{script: "A;"}, {words: "then go on"}},
		"first; then this": {{words: "first; then this"}},
	} {
		if got := passages(text); !slices.Equal(got, want) {
			t.Errorf("%q is parted into %+v", text, got)
		}
	}
}
