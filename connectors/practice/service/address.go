package service

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Segment is one step of a path: a name and, in parentheses, a key.
type Segment struct {
	Name string
	Key  []KeyPart // nil without parentheses
}

// KeyPart is one value of a key; Name is "" for the only value of a simple key.
type KeyPart struct {
	Name  string
	Value Literal
}

// ParsePath reads an escaped path. A slash within quotes does not end a
// segment. Fails with *Refusal.
func ParsePath(escaped string) ([]Segment, error) {
	var out []Segment
	for _, raw := range splitPath(escaped) {
		text, err := url.PathUnescape(raw)
		if err != nil {
			return nil, &Refusal{Kind: BadFilter, Message: "The address is not a valid one."}
		}
		s, err := ParseSegment(text)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func splitPath(escaped string) []string {
	var out []string
	inside, start := false, 0
	cut := func(end int) {
		if end > start {
			out = append(out, escaped[start:end])
		}
	}
	for i := 0; i < len(escaped); i++ {
		switch {
		case escaped[i] == '\'' || strings.HasPrefix(escaped[i:], "%27"):
			inside = !inside
		case escaped[i] == '/' && !inside:
			cut(i)
			start = i + 1
		}
	}
	cut(len(escaped))
	return out
}

// ParseSegment reads "accounts", "accounts(<guid>)", "accounts(a='x',b=1)" or
// "WhoAmI()". Fails with *Refusal.
func ParseSegment(text string) (Segment, error) {
	name, rest, has := strings.Cut(text, "(")
	s := Segment{Name: name}
	if !has {
		return s, nil
	}
	inner, ok := strings.CutSuffix(rest, ")")
	if !ok {
		return s, &Refusal{Kind: BadFilter, Message: "Bad Request - Error in query syntax."}
	}
	s.Key = []KeyPart{}
	l := &lexer{in: inner}
	for strings.TrimSpace(inner[l.at:]) != "" {
		part := KeyPart{}
		if name := nameForm.FindString(inner[l.at:]); name != "" && strings.HasPrefix(inner[l.at+len(name):], "=") {
			part.Name = name
			l.at += len(name) + 1
		}
		t, err := l.next()
		if err != nil {
			return s, err
		}
		if t.kind != literalToken {
			return s, &Refusal{Kind: BadFilter, Message: "Bad Request - Error in query syntax."}
		}
		part.Value = Literal{Kind: l.kind, Text: t.text, Type: t.typ}
		s.Key = append(s.Key, part)
		if t, err = l.next(); err != nil {
			return s, err
		}
		if t.kind != commaToken && t.kind != endToken {
			return s, &Refusal{Kind: BadFilter, Message: "Bad Request - Error in query syntax."}
		}
	}
	return s, nil
}

// Options are the query options of a call, with their $ and their @.
type Options map[string]string

// ParseOptions reads a raw query, in which a plus means a space. Fails with
// *Refusal.
func ParseOptions(raw string) (Options, error) {
	out := Options{}
	for _, part := range strings.Split(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, &Refusal{Kind: BadFilter, Message: "The query is not a valid one."}
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, &Refusal{Kind: BadFilter, Message: "The query is not a valid one."}
		}
		if _, twice := out[name]; twice {
			return nil, &Refusal{Kind: BadFilter, Message: "Query option '" + name + "' was specified more than once, but it must be specified at most once."}
		}
		out[name] = value
	}
	return out, nil
}

// Aliases are the parameters among the options.
func (o Options) Aliases() map[string]string {
	out := map[string]string{}
	for name, value := range o {
		if strings.HasPrefix(name, "@") {
			out[name] = value
		}
	}
	return out
}

// Escape writes a text for a query: everything but letters, digits and a few
// marks as percent codes.
func Escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
