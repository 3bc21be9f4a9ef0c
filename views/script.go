package views

import "strings"

// passage is a part of a message: words for people, or a script that somebody
// else is to run.
type passage struct{ words, script string }

// passages parts a message. The lines of a script are its statements, each of
// which ends in a semicolon.
func passages(text string) []passage {
	var out []passage
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		isScript := strings.HasSuffix(line, ";")
		if last := len(out) - 1; last >= 0 && isScript == (out[last].script != "") {
			if isScript {
				out[last].script += "\n" + line
			} else {
				out[last].words += "\n" + line
			}
			continue
		}
		if isScript {
			out = append(out, passage{script: line})
		} else {
			out = append(out, passage{words: line})
		}
	}
	return out
}
