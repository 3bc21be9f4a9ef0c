package practicetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// condition turns a filter of either notation into SQL. It knows what the
// practice maps use: equality, and, or, not, and parentheses. No value is the
// empty text here, and texts compare without letter case, as in both apps.
func condition(filter string, columns []string) (string, error) {
	words := map[string]string{
		"==": "=", "=": "=", "eq": "=", "!=": "<>", "ne": "<>", "&&": "AND", "and": "AND", "||": "OR", "or": "OR", "!": "NOT", "not": "NOT",
		"(": "(", ")": ")", "true": "1", "false": "0",
	}
	token := regexp.MustCompile(`^(?:"[^"]*"|'(?:[^']|'')*'|\w+|==|!=|&&|\|\||[=!()])`)
	number := regexp.MustCompile(`^\d+$`)
	var out []string
	for rest := strings.TrimSpace(filter); rest != ""; rest = strings.TrimSpace(rest) {
		word := token.FindString(rest)
		rest = rest[len(word):]
		known, isWord := words[word]
		switch {
		case isWord:
			out = append(out, known)
		case strings.HasPrefix(word, `"`):
			out = append(out, "'"+strings.ReplaceAll(strings.Trim(word, `"`), "'", "''")+"' COLLATE NOCASE")
		case strings.HasPrefix(word, "'"):
			out = append(out, word+" COLLATE NOCASE")
		case number.MatchString(word):
			out = append(out, word)
		case slices.Contains(columns, word):
			out = append(out, "coalesce(t."+word+", '')")
		default:
			return "", fmt.Errorf("filter %s: cannot read on from %q", filter, word+rest)
		}
	}
	if len(out) == 0 {
		return "1", nil
	}
	return strings.Join(out, " "), nil
}
