package postgres

import (
	"context"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/jackc/pgx/v5/pgconn"
)

// Find looks keys up by one statement, one more for those with a null in them.
func (e *entity) Find(ctx context.Context, keys []connectors.Row) (found []connectors.Record, err error) {
	err = e.read(ctx, "find", func(ctx context.Context, conn *pgconn.PgConn, p *plan) error {
		found = found[:0]
		return p.find(ctx, conn, keys, func(r connectors.Record) { found = append(found, r) })
	})
	return found, err
}

// find answers each record once. A key that no column could hold finds nothing.
func (p *plan) find(ctx context.Context, conn *pgconn.PgConn, keys []connectors.Row, found func(connectors.Record)) error {
	width := len(p.Sel.Key)
	if width == 0 {
		return nil
	}
	var columns [2][]texts // without and with nulls
	seen := map[string]bool{}
	for _, key := range keys {
		k, ok := p.Comparable(key)
		if !ok || seen[p.Folded(k)] {
			continue
		}
		seen[p.Folded(k)] = true
		spelled, nulls := p.spellKey(k)
		if columns[nulls] == nil {
			columns[nulls] = make([]texts, width)
		}
		for i, s := range spelled {
			columns[nulls][i] = append(columns[nulls][i], s)
		}
	}
	for nulls, list := range columns {
		if list == nil {
			continue
		}
		var args []any
		for _, c := range list {
			args = append(args, c)
		}
		sql := p.Lookup(0, width, p.KeyCondition("k.v", nulls == 1))
		// No index serves a comparison in which null equals null.
		if err := p.records(ctx, conn, p.Indexed() && nulls == 0, sql, args, found); err != nil {
			return err
		}
	}
	return nil
}

// spellKey spells a comparable key; nulls is 1 when one of its values is null.
func (p *plan) spellKey(key connectors.Row) (spelled []*string, nulls int) {
	for i, pos := range p.Sel.Key {
		s := store(p.Fields[pos].End(), key[i])
		if s == nil {
			nulls = 1
		} else if strings.Contains(*s, "\x00") {
			*s = strings.ReplaceAll(*s, "\x00", "\uFFFD") // no text holds a NUL, and nothing is found either way
		}
		spelled = append(spelled, s)
	}
	return spelled, nulls
}

// idParts gives the parts of a native id as texts that the server can cast;
// false when the text cannot be an id of this table.
func (p *plan) idParts(id string) ([]*string, bool) {
	if len(p.Table.Key) == 1 {
		part, ok := idPart(p.Table.IDColumn(0), id)
		if !ok {
			return nil, false
		}
		return []*string{&part}, true
	}
	parts, ok := p.Table.SplitID(id)
	if !ok {
		return nil, false
	}
	out := make([]*string, len(parts))
	for i, s := range parts {
		if s, ok = idPart(p.Table.IDColumn(i), s); !ok {
			return nil, false
		}
		out[i] = &s
	}
	return out, true
}

// idPart checks what would make the cast to the column's type fail.
func idPart(c *sqlcore.Column, s string) (string, bool) {
	if strings.Contains(s, "\x00") {
		return "", false
	}
	switch c.Storage {
	case asInt2, asInt4, asInt8:
		n, err := strconv.ParseInt(s, 10, 64)
		return s, err == nil && (c.Low == 0 && c.High == 0 || c.Low <= n && n <= c.High)
	case asNumeric:
		_, err := connectors.DecimalValue(s)
		return s, err == nil || s == "NaN" || s == "Infinity" || s == "-Infinity"
	case asFloat4, asFloat8:
		_, err := strconv.ParseFloat(s, 64)
		return s, err == nil
	case asBool:
		_, ok := sqlcore.ParseBool(s)
		return s, ok
	case asUUID:
		return s, sqlcore.IsGUID(s)
	case asDate, asTimestamp, asInstant:
		return instantPart(c, s)
	case asBytes:
		return `\x` + s, len(s)%2 == 0 && strings.Trim(s, "0123456789abcdef") == ""
	}
	return s, len(c.Members) == 0 || member(c, s)
}

func member(c *sqlcore.Column, s string) bool {
	_, refusal := c.Convert(connectors.TextValue(s))
	return refusal == nil && s != ""
}

// instantPart takes what to_json makes of a date or a time in UTC.
func instantPart(c *sqlcore.Column, s string) (string, bool) {
	if s == "infinity" || s == "-infinity" {
		return s, true
	}
	at, zone := strings.TrimSuffix(s, " BC"), ""
	digits := strings.IndexByte(at, '-')
	if digits < 4 || digits > 7 {
		return "", false
	}
	layout := "2006-01-02"
	if c.Storage != asDate {
		layout = "2006-01-02T15:04:05"
	}
	if c.Storage == asInstant {
		zone = "+00"
	}
	// Go knows years of four digits only; leap years repeat every 400.
	year, err := strconv.Atoi(at[:digits])
	if err != nil {
		return "", false
	}
	if strings.HasSuffix(s, " BC") {
		year = 1 - year
	}
	_, err = time.Parse(layout, strconv.Itoa(((year%400)+400)%400+2000)+at[digits:])
	return at + zone + strings.TrimPrefix(s, at), err == nil
}
