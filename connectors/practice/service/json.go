package service

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// AppendText appends a text as JSON, with characters of HTML as they are.
func AppendText(b []byte, s string) []byte {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return append(b, `""`...) // texts always encode
	}
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}
