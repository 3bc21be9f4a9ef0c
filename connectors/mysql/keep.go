package mysql

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/cespare/xxhash/v2"
)

// keeping is which of the values that fit a column the server gives back, and
// spells, just as they were given.
type keeping uint8

const (
	keepsNone   keeping = iota
	keepsAll            // all of them
	keepsSolid          // CHAR, which loses its trailing spaces
	keepsFilled         // BINARY, which is filled up
)

// keeps tells it of a column.
func (ct columnType) keeps() keeping {
	if strings.Contains(ct.full, "zerofill") {
		return keepsNone
	}
	switch ct.name {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "date", "datetime", "timestamp", "uuid",
		"varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return keepsAll
	case "char":
		return keepsSolid
	case "binary":
		return keepsFilled
	}
	return keepsNone
}

// holds tells it of a value of the column's type.
func (k keeping) holds(c *sqlcore.Column, v connectors.Value) bool {
	switch {
	case k == keepsSolid:
		return !strings.HasSuffix(v.Text(), " ")
	case k == keepsFilled:
		return !v.IsSet() || len(v.Text()) == c.Bytes
	}
	return k == keepsAll
}

// appendContent appends to what digest hashes the content of a column that is not
// null, as the server gives it back.
func appendContent(b []byte, c *sqlcore.Column, v connectors.Value) []byte {
	switch {
	case c.Type == connectors.Int, c.Type == connectors.Bool:
		return appendPart(b, 'i', uint64(v.Int()))
	case c.Type == connectors.Float:
		return appendPart(b, 'f', math.Float64bits(v.Float()))
	case c.Storage == asUnsigned:
		n, _ := strconv.ParseUint(v.Text(), 10, 64)
		return appendPart(b, 'i', n)
	case c.Storage == asText, c.Storage == asGUID, c.Storage == asBytes:
		return append(appendPart(b, 't', uint64(len(v.Text()))), v.Text()...)
	}
	var room [96]byte
	text := appendSpelled(room[:0], c, v)
	return append(appendPart(b, 't', uint64(len(text))), text...)
}

// appendSpelled spells a value as the server spells the content of its column.
func appendSpelled(b []byte, c *sqlcore.Column, v connectors.Value) []byte {
	switch v.Type() {
	case connectors.Int, connectors.Bool:
		return strconv.AppendInt(b, v.Int(), 10)
	case connectors.Float:
		return strconv.AppendFloat(b, v.Float(), 'e', -1, 64)
	case connectors.Date:
		return v.Time().AppendFormat(b, dateLayout)
	case connectors.DateTime:
		b = v.Time().AppendFormat(b, timeLayout[:len("2006-01-02 15:04:05")])
		if c.Scale > 0 {
			micros := strconv.AppendInt(nil, int64(1_000_000+v.Time().Nanosecond()/1000), 10)
			b = append(append(b, '.'), micros[1:1+c.Scale]...)
		}
		return b
	case connectors.Decimal:
		b = append(b, v.Text()...)
		if c.Storage != asNumber || c.Scale <= 0 {
			return b
		}
		_, fraction, some := strings.Cut(v.Text(), ".")
		if !some {
			b = append(b, '.')
		}
		for range c.Scale - len(fraction) {
			b = append(b, '0')
		}
		return b
	}
	return append(b, v.Text()...)
}

// form is the texts that tell one form of a table from another.
type form struct{ columns, indexes uint64 }

// mix adds a row of the server's schema to a form.
func mix(form *uint64, raw []any) { *form = *form*31 + digest(raw) }

// unchanged reports whether a table is as the catalog knows it, and no trigger has
// a say when a record is inserted but ours, as it is to be; one that sees deletes has
// REPLACE count whatever it replaces. What has been found
// right once is looked at again by what costs the server little. It tells by how
// much AUTO_INCREMENT counts up, too.
func (p *plan) unchanged(ctx context.Context, l *link) (step int64, same bool, err error) {
	row, err := l.row(ctx, "SHOW CREATE TABLE "+p.D.From(p.Table))
	if err != nil {
		return 0, false, err
	}
	glance := xxhash.NewWithSeed(1)
	glance.Write(counter.ReplaceAll(row[1].([]byte), nil))
	const text = "SELECT trigger_name, created, event_manipulation, @@auto_increment_increment FROM information_schema.triggers" +
		" WHERE event_object_schema = DATABASE() AND event_object_table = " + sqlcore.Mark
	inserts, deletes := 0, 0
	err = l.query(ctx, text, []any{p.Table.Name}, func(raw []any) error {
		switch step = num(raw[3]); str(raw[2]) {
		case "INSERT":
			inserts++
		case "DELETE":
			deletes++
		}
		glance.Write(appendRaw(nil, raw))
		return nil
	})
	if only := inserts == 1 && deletes > 0; err != nil || !only || p.rel.seen.Load() == glance.Sum64() {
		return step, only, err
	}
	if same, err = p.lookedAt(ctx, l); same {
		p.rel.seen.Store(glance.Sum64())
	}
	return step, same, err
}

// counter is where the text of a table says what AUTO_INCREMENT has come to.
var counter = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

// lookedAt is unchanged by all that it depends on.
func (p *plan) lookedAt(ctx context.Context, l *link) (same bool, err error) {
	var now form
	for _, part := range []struct {
		text string
		into *uint64
	}{{columnsText, &now.columns}, {indexesText, &now.indexes}} {
		err := l.query(ctx, fmt.Sprintf(part.text, "AND table_name = "+sqlcore.Mark), []any{p.Table.Name}, func(raw []any) error {
			mix(part.into, raw)
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	there, err := triggersThere(ctx, l, p.Table.Name)
	return now == p.rel.form && p.inserted.is(there[p.inserted.name]), err
}
