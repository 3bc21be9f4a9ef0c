package sqlcore

import "strings"

// Definition is what the text of a view says of one that shows the rows of a
// single table, each once.
type Definition struct {
	Schema  string // as the text names it, "" where it does not
	Table   string
	Columns []string // the table's column that each column shows, "" for an expression, "*" for all columns of the table
}

// ParseView reads the text of a view: all from "SELECT", or from "CREATE VIEW".
// False for every view that might show a row twice, or several as one, and for
// what is too involved to tell. With backslash, one escapes within strings.
func ParseView(text string, backslash bool) (Definition, bool) {
	words := lex(text, backslash)
	if len(words) > 0 && words[0].is("CREATE") {
		as := find(words, "AS")
		if as < 0 {
			return Definition{}, false
		}
		words = words[as+1:]
	}
	from := find(words, "FROM")
	if from < 2 || !words[0].is("SELECT") || words[1].is("DISTINCT") || find(words, "GROUP", "HAVING", "UNION", "INTERSECT", "EXCEPT") >= 0 {
		return Definition{}, false
	}
	d, tail := table(words[from+1:])
	if d.Table == "" || len(tail) > 0 && !tail[0].is("WHERE", "ORDER", "LIMIT") {
		return Definition{}, false
	}
	list := words[1:from]
	if list[0].is("ALL") {
		list = list[1:]
	}
	for len(list) > 0 {
		end := find(list, ",")
		if end < 0 {
			end = len(list)
		}
		d.Columns = append(d.Columns, shown(list[:end]))
		list = list[min(end+1, len(list)):]
	}
	return d, true
}

// table reads "schema.table AS alias", and gives what follows.
func table(words []word) (d Definition, tail []word) {
	if len(words) == 0 || !words[0].name {
		return d, words
	}
	d.Table, words = words[0].text, words[1:]
	if len(words) > 1 && words[0].is(".") && words[1].name {
		d.Schema, d.Table, words = d.Table, words[1].text, words[2:]
	}
	if len(words) > 1 && words[0].is("AS") {
		words = words[1:]
	}
	if len(words) > 0 && words[0].name && !words[0].is("WHERE", "ORDER", "LIMIT", "JOIN", "NATURAL", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "STRAIGHT_JOIN") {
		words = words[1:]
	}
	return d, words
}

// shown is the column that one entry of a SELECT's list shows.
func shown(words []word) string {
	if n := len(words); n > 2 && words[n-2].is("AS") {
		words = words[:n-2]
	} else if n > 1 && words[n-1].name && words[n-2].name {
		words = words[:n-1]
	}
	for i, w := range words {
		if i%2 == 0 && !w.name && !(w.is("*") && i == len(words)-1) || i%2 == 1 && !w.is(".") {
			return ""
		}
	}
	if len(words)%2 == 0 {
		return ""
	}
	return words[len(words)-1].text
}

// word is one word, name, string or sign of SQL.
type word struct {
	text   string
	name   bool // it may be a name
	quoted bool
	depth  int // of parentheses around it
}

func (w word) is(any ...string) bool {
	for _, s := range any {
		if !w.quoted && strings.EqualFold(w.text, s) {
			return true
		}
	}
	return false
}

// find is the place of the first of some words outside parentheses, -1 if there
// is none.
func find(words []word, any ...string) int {
	for i, w := range words {
		if w.depth == 0 && w.is(any...) {
			return i
		}
	}
	return -1
}

func lex(text string, backslash bool) (words []word) {
	depth := 0
	for text != "" {
		c := text[0]
		switch {
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text[2:], "*/")
		case strings.IndexByte(" \t\r\n\f", c) >= 0:
			text = text[1:]
		case strings.IndexByte("'\"`[", c) >= 0:
			var w word
			w, text = lexQuoted(text, backslash)
			w.depth = depth
			words = append(words, w)
		case inWord(c):
			n := 1
			for n < len(text) && inWord(text[n]) {
				n++
			}
			words = append(words, word{text: text[:n], name: true, depth: depth})
			text = text[n:]
		default:
			if c == ')' {
				depth--
			}
			words = append(words, word{text: text[:1], depth: depth})
			if c == '(' {
				depth++
			}
			text = text[1:]
		}
	}
	return words
}

func inWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// lexQuoted reads a string or a quoted name, in which the closing quote is
// written twice.
func lexQuoted(text string, backslash bool) (w word, rest string) {
	end := text[0]
	w = word{quoted: true, name: end != '\''}
	if end == '[' {
		end = ']'
	}
	var b strings.Builder
	i := 1
	for ; i < len(text); i++ {
		if text[i] == '\\' && backslash && end == '\'' && i+1 < len(text) {
			i++
		} else if text[i] == end {
			if end == ']' || i+1 >= len(text) || text[i+1] != end {
				break
			}
			i++
		}
		b.WriteByte(text[i])
	}
	w.text = b.String()
	return w, text[min(i+1, len(text)):]
}

// Shows makes a view of a table the columns that its definition says it shows,
// named as given; false when the names are not as many, or when no key of the
// table is among the columns. Columns that are expressions are as the caller has
// made them.
func (t *Table) Shows(base *Table, d Definition) bool {
	var of []*Column
	for _, name := range d.Columns {
		if name == "*" {
			for i := range base.Columns {
				of = append(of, &base.Columns[i])
			}
			continue
		}
		c, _ := base.FoldColumn(name)
		of = append(of, c)
	}
	if len(of) != len(t.Columns) {
		return false
	}
	at := map[int]int{} // position in the view of a column of the table
	for i, c := range of {
		if c == nil {
			t.Columns[i].Assigned = true
			continue
		}
		name := t.Columns[i].Name
		t.Columns[i] = *c
		t.Columns[i].Name, t.Columns[i].Pos = name, i
		if _, twice := at[c.Pos]; !twice {
			at[c.Pos] = i
		}
	}
	t.View = true
	t.takeKeys(base, at)
	return len(t.Key) > 0
}

// takeKeys takes over the keys of a view's table that the view shows whole. The
// native id is the table's, or else a unique key that is never null.
func (t *Table) takeKeys(base *Table, at map[int]int) {
	whole := func(columns []int) (own []int, required bool) {
		required = true
		for _, pos := range columns {
			i, there := at[pos]
			if !there {
				return nil, false
			}
			own = append(own, i)
			required = required && base.Columns[pos].Required
		}
		return own, required
	}
	t.Key, _ = whole(base.Key)
	for _, u := range base.Uniques {
		own, required := whole(u.Columns)
		if own == nil {
			continue
		}
		if len(t.Key) == 0 && required {
			t.Key = own
		}
		if !t.Surrogate(own) {
			t.Uniques = append(t.Uniques, Unique{Name: u.Name, Columns: own})
		}
	}
}
