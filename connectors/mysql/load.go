package mysql

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/cespare/xxhash/v2"
)

// The texts of dates and times in literals and answers.
const (
	dateLayout = "2006-01-02"
	timeLayout = "2006-01-02 15:04:05.999999"
)

// load makes the canonical value of what a column holds. What does not fit the
// column's canonical type, such as 5 in a TINYINT(1), is passed on as it is, so
// that nothing is lost and the field that cannot be mapped shows. The date
// 0000-00-00, which stands for none, is null.
func load(c *sqlcore.Column, raw any) connectors.Value {
	switch x := raw.(type) {
	case nil:
		return connectors.NullValue()
	case int64:
		return loadInt(c, x)
	case uint64:
		if c.Type == connectors.Decimal || x > math.MaxInt64 {
			return decimal(strconv.FormatUint(x, 10))
		}
		return loadInt(c, int64(x))
	case float64:
		if c.Storage == asSingle {
			x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', -1, 32), 64)
		}
		return connectors.FloatValue(x)
	case []byte:
		return loadText(c, string(x))
	}
	return connectors.TextValue("")
}

func loadInt(c *sqlcore.Column, n int64) connectors.Value {
	switch {
	case c.Type == connectors.Bool && (n == 0 || n == 1):
		return connectors.BoolValue(n == 1)
	case c.Type == connectors.Decimal:
		return decimal(strconv.FormatInt(n, 10))
	case c.Type == connectors.Text:
		return connectors.TextValue(strconv.FormatInt(n, 10))
	}
	return connectors.IntValue(n)
}

func decimal(digits string) connectors.Value {
	v, err := connectors.DecimalValue(digits)
	if err != nil {
		return connectors.TextValue(digits)
	}
	return v
}

func loadText(c *sqlcore.Column, s string) connectors.Value {
	switch c.Type {
	case connectors.Decimal:
		return decimal(s)
	case connectors.Date, connectors.DateTime:
		return loadTime(c, s)
	case connectors.GUID:
		return connectors.GUIDValue(s)
	case connectors.Bytes:
		return connectors.BytesValue([]byte(s))
	}
	return connectors.TextValue(s)
}

func loadTime(c *sqlcore.Column, s string) connectors.Value {
	if strings.HasPrefix(s, "0000-00-00") {
		return connectors.NullValue()
	}
	t, err := time.Parse(timeLayout[:min(len(s), len("2006-01-02 15:04:05"))], s)
	switch {
	case err != nil: // a part is zero, as in 2024-00-00
		return connectors.TextValue(s)
	case c.Type == connectors.Date:
		return connectors.DateValue(t)
	}
	return connectors.DateTimeValue(t)
}

// fit makes a value one that the column holds exactly, or says what it breaks.
func fit(c *sqlcore.Column, v connectors.Value) (connectors.Value, *connectors.Error) {
	out, refusal := c.Fit(v)
	if refusal != nil || !out.IsSet() {
		return out, refusal
	}
	switch c.Storage {
	case asFloat, asSingle:
		f := out.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return out, sqlcore.TooLarge(v, "a finite number")
		}
		if c.Storage == asSingle && strconv.FormatFloat(f, 'e', -1, 32) != strconv.FormatFloat(f, 'e', -1, 64) {
			return out, sqlcore.TooLarge(v, "as many digits as a FLOAT holds")
		}
	case asUnsigned:
		if _, err := strconv.ParseUint(out.Text(), 10, 64); err != nil {
			return out, sqlcore.TooLarge(v, "between 0 and 18446744073709551615")
		}
	}
	return out, nil
}

// bound is a value of the column's type as it is bound in a statement.
func bound(c *sqlcore.Column, v connectors.Value) any {
	if !v.IsSet() {
		return nil
	}
	switch v.Type() {
	case connectors.Int, connectors.Bool:
		return v.Int()
	case connectors.Float:
		f := v.Float()
		if c.Storage == asSingle { // its shortest digits may lie beyond the largest FLOAT
			f = float64(float32(f))
		}
		return strconv.FormatFloat(f, 'e', -1, 64)
	case connectors.Date:
		return v.Time().Format(dateLayout)
	case connectors.DateTime:
		return v.Time().Format(timeLayout)
	case connectors.Bytes:
		return []byte(v.Text())
	case connectors.Decimal:
		if n, err := strconv.ParseUint(v.Text(), 10, 64); err == nil && (c.Storage == asUnsigned || c.Storage == asBits) {
			return n
		}
	}
	return v.Text()
}

// digest is a hash over the contents of a row.
func digest(raw []any) uint64 {
	var room [512]byte
	return xxhash.Sum64(appendRaw(room[:0], raw))
}

// appendRaw appends the contents of a row. Each is preceded by its type and size,
// so no two different rows run together into the same bytes.
func appendRaw(b []byte, raw []any) []byte {
	for _, v := range raw {
		switch x := v.(type) {
		case nil:
			b = appendPart(b, 'n', 0)
		case int64:
			b = appendPart(b, 'i', uint64(x))
		case uint64:
			b = appendPart(b, 'i', x)
		case float64:
			b = appendPart(b, 'f', math.Float64bits(x))
		case []byte:
			b = append(appendPart(b, 't', uint64(len(x))), x...)
		}
	}
	return b
}

// appendPart appends the head of one content: its type and its size, or itself.
func appendPart(b []byte, kind byte, n uint64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, kind), n)
}

// version is the token of a record whose newest log row has a sequence, 0 where it
// has no row of its own, and whose contents have a hash.
func version(sequence int64, contents uint64) string {
	token := strconv.AppendInt(make([]byte, 0, 32), sequence, 36)
	return string(strconv.AppendUint(append(token, '-'), contents, 36))
}
