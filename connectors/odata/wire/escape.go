package wire

import "strings"

const hexDigits = "0123456789ABCDEF"

// The marks that stand for themselves besides letters, digits and "-._~". A
// slash inside a key predicate must not end the segment; a semicolon is
// understood by some servers as the end of an option; a plus as a space.
const (
	pathMarks  = "'(),=$:@*!"
	queryMarks = "'(),=$:@*!/"
)

// EscapePath writes one segment of a path, a key predicate included, so that no
// reader takes a part of a value for syntax.
func EscapePath(s string) string { return escape(s, pathMarks) }

// EscapeQuery writes the value of a query option. A space becomes %20, never a
// plus, which services refuse or take for a plus.
func EscapeQuery(s string) string { return escape(s, queryMarks) }

func escape(s, marks string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 || strings.IndexByte(marks, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}

// Quote is a text as a literal, before it is escaped: quotes doubled.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Query is the options of a request in the order they are written.
type Query []string

// With adds an option, unless its value is empty.
func (q Query) With(name, value string) Query {
	if value == "" {
		return q
	}
	return append(q[:len(q):len(q)], name+"="+EscapeQuery(value))
}

// On is a path with these options.
func (q Query) On(path string) string {
	if len(q) == 0 {
		return path
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + strings.Join(q, "&")
}
