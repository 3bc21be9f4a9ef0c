package service

import (
	"fmt"
	"strings"
)

// Passes tells whether an object passes a filter: texts without letter case,
// everything else as it is spelled. A path is a name with slashes; a member that
// is an object with the one member Value stands for that.
func Passes(f Filter, object map[string]any) bool {
	switch n := f.(type) {
	case *Junction:
		for _, p := range n.Parts {
			if Passes(p, object) == n.Any {
				return n.Any
			}
		}
		return !n.Any
	case *Negation:
		return !Passes(n.Of, object)
	case *Comparison:
		value := member(object, n.Path)
		same := value == nil && n.Value.Kind == NullLiteral || value != nil && n.Value.Kind != NullLiteral && strings.EqualFold(fmt.Sprint(value), n.Value.Text)
		return same == (n.Op == "eq")
	case *TextTest:
		text, part := strings.ToLower(fmt.Sprint(member(object, n.Path))), strings.ToLower(n.Text)
		switch n.Func {
		case "startswith":
			return strings.HasPrefix(text, part)
		case "endswith":
			return strings.HasSuffix(text, part)
		}
		return strings.Contains(text, part)
	}
	return true
}

func member(object map[string]any, path []string) any {
	if v, ok := object[strings.Join(path, "/")]; ok {
		return v
	}
	inner, ok := object[path[0]].(map[string]any)
	if !ok || len(path) == 1 {
		return object[path[0]]
	}
	return member(inner, path[1:])
}
