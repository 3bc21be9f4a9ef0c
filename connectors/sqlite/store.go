package sqlite

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// store makes what SQLite is given for a value: exactly that value, or an error
// that names the value and what it breaks, TooLarge or Invalid. Field and Entity
// of the error are the caller's to fill in.
func store(c *sqlcore.Column, v connectors.Value) (any, *connectors.Error) {
	fitted, refusal := c.Fit(v)
	if refusal != nil {
		return nil, refusal
	}
	return spell(c, v, fitted)
}

// operand is what the content of the column is compared with: as store, but of
// any length.
func operand(c *sqlcore.Column, v connectors.Value) (any, *connectors.Error) {
	fitted, refusal := c.Convert(v)
	if refusal != nil {
		return nil, refusal
	}
	return spell(c, v, fitted)
}

// spell makes of a value of the column's type what the driver is given; v is
// the value as it came, for errors.
func spell(c *sqlcore.Column, v, fitted connectors.Value) (any, *connectors.Error) {
	if !fitted.IsSet() {
		return nil, nil
	}
	switch c.Type {
	case connectors.Int, connectors.Bool:
		return fitted.Int(), nil
	case connectors.Decimal:
		return spellDecimal(c, v, fitted)
	case connectors.Float:
		if math.IsNaN(fitted.Float()) { // SQLite would keep a null
			return nil, sqlcore.Unfit(v, c.Type)
		}
		return fitted.Float(), nil
	case connectors.Bytes:
		return []byte(fitted.Text()), nil
	}
	return fitted.String(), nil
}

// spellDecimal gives an integer or a floating point number to a column of
// numeric affinity, which would make one of a text all the same; any other
// column keeps the digits as text.
func spellDecimal(c *sqlcore.Column, v, d connectors.Value) (any, *connectors.Error) {
	if c.Storage == textAffinity || c.Storage == blobAffinity {
		return d.Text(), nil
	}
	if n, err := strconv.ParseInt(d.Text(), 10, 64); err == nil {
		return n, nil
	}
	if significant(d.Text()) > numericDigits {
		return nil, sqlcore.TooLarge(v, fmt.Sprintf("at most %d significant digits", numericDigits))
	}
	f, err := strconv.ParseFloat(d.Text(), 64)
	if err != nil {
		return nil, sqlcore.TooLarge(v, "within the range of a floating point number")
	}
	return f, nil
}

// significant counts the digits of a canonical decimal without the zeros at
// both ends.
func significant(decimal string) int {
	before, after, _ := strings.Cut(strings.TrimPrefix(decimal, "-"), ".")
	return len(strings.Trim(strings.TrimLeft(before, "0")+after, "0"))
}
