package service

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Values of records are held as the file keeps them: nil, string, or int64.
// A decimal is a string with all digits of its scale.

// Unset is how an app without nulls shows a date without a value.
const Unset = "1900-01-01"

// selected is the expression that reads a column in that form.
func (f *Field) selected(column string) string {
	switch f.Type {
	case Int, BigInt, Bool, Choice:
		return "CAST(" + column + " AS INTEGER)"
	case GUID, Lookup:
		return "lower(" + column + ")"
	default:
		return "CAST(" + column + " AS TEXT)"
	}
}

// scanned puts a value that was read by selected into its form.
func (f *Field) scanned(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case []byte:
		return f.scanned(string(v))
	case string:
		switch f.Type {
		case Decimal, Money:
			if units, _, _, ok := scaled(v, f.Scale); ok {
				return fixed(units, f.Scale)
			}
		case DateTime:
			return wholeSeconds(v)
		}
		return v
	}
	return v
}

// wholeSeconds cuts fractions off an instant, whatever its spelling; a text
// that is none stays.
func wholeSeconds(v string) string {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t.UTC().Format(time.RFC3339)
		}
	}
	return v
}

// comparable is the expression that compares and orders a field as the app
// does: texts by letter case and trailing blanks as the field says, decimals by
// their units, instants without the Z.
func (m *Model) comparable(f *Field, column string) string {
	switch f.Type {
	case Text, Enum:
		if m.EmptyForNull && f.Type == Text {
			column = "coalesce(" + column + ", '')"
		}
		if f.Exact {
			return column
		}
		return "rtrim(" + column + ", ' ') COLLATE NOCASE"
	case Int, BigInt:
		return m.zero(column)
	case Decimal, Money:
		if f.Textual {
			return m.zero("CAST(replace(" + column + ", '.', '') AS INTEGER)")
		}
		return m.zero("CAST(round(" + column + " * 1" + strings.Repeat("0", f.Scale) + ") AS INTEGER)")
	case GUID, Lookup:
		return column
	case Date:
		if m.EmptyForNull {
			return "coalesce(" + column + ", '" + Unset + "')"
		}
		return column
	case DateTime:
		if m.EmptyForNull {
			column = "coalesce(" + column + ", '" + Unset + "T00:00:00Z')"
		}
		return "rtrim(" + column + ", 'Z')"
	}
	return column
}

func (m *Model) zero(column string) string {
	if m.EmptyForNull {
		return "coalesce(" + column + ", 0)"
	}
	return column
}

// folded is a text as comparable compares it.
func (f *Field) folded(text string) string {
	if f.Exact {
		return text
	}
	return strings.TrimRight(text, " ")
}

// Convert gives a text as a field keeps it: what a key in an address or the
// literal of a filter holds. Fails with *Refusal.
func (f *Field) Convert(text string) (any, error) {
	wrong := &Refusal{Kind: WrongType, Field: f, Value: text}
	switch f.Type {
	case Int, BigInt, Choice, Decimal, Money:
		return f.convertNumber(text)
	case Bool:
		if value, ok := map[string]int64{"true": 1, "false": 0}[text]; ok {
			return value, nil
		}
		return nil, wrong
	case GUID, Lookup:
		id := strings.ToLower(strings.Trim(text, "{}"))
		if !IsGUID(id) {
			return nil, wrong
		}
		return id, nil
	case Date:
		return convertDate(text, wrong)
	case DateTime:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, wrong
		}
		return t.UTC().Format(time.RFC3339), nil
	case Enum:
		member := f.Enum.Member(text)
		if member == nil {
			return nil, wrong
		}
		return member.Stored, nil
	}
	return f.convertText(text)
}

// convertNumber takes a number. Digits beyond the scale of a decimal are
// rounded; those of a whole number must not be.
func (f *Field) convertNumber(text string) (any, error) {
	n, _, exact, ok := scaled(text, f.Scale)
	decimal := f.Type == Decimal || f.Type == Money
	switch {
	case !ok || !decimal && !exact:
		return nil, &Refusal{Kind: WrongType, Field: f, Value: text}
	case decimal && !fits(n, f.Digits),
		f.Type == Int && n != int64(int32(n)),
		f.Type == Choice && len(f.Options) > 0 && !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == n }):
		return nil, &Refusal{Kind: OutOfRange, Field: f, Value: text}
	case decimal:
		return fixed(n, f.Scale), nil
	}
	return n, nil
}

// convertDate takes a day, or an instant, of which the day in UTC counts.
func convertDate(text string, wrong error) (any, error) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UTC().Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return nil, wrong
	}
	return text, nil
}

func (f *Field) convertText(text string) (any, error) {
	if n := utf8.RuneCountInString(text); f.Length > 0 && n > f.Length {
		if !f.Cut {
			return nil, &Refusal{Kind: TooLong, Field: f, Value: text}
		}
		return string([]rune(text)[:f.Length]), nil
	}
	return text, nil
}

// IsGUID reports whether a text is 8-4-4-4-12 lower-case hexadecimal digits.
func IsGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen != (c == '-') || !hyphen && !strings.ContainsRune("0123456789abcdef", c) {
			return false
		}
	}
	return true
}

// MemberOf is how an enum shows what the file keeps; a label that is no member
// is shown as it is.
func (f *Field) MemberOf(stored string) string {
	if m := f.Enum.Member(stored); m != nil {
		return m.Name
	}
	return stored
}

func (f *Field) String() string { return fmt.Sprintf("%s (type %d)", f.Name, f.Type) }
