package postgres

import (
	"bytes"

	"dualwrite/connectors"
)

// A reader makes records of a statement's rows. The texts of a record share one
// allocation, apart from its native id, which others keep longer than its content.
type reader struct {
	*plan
	rows    slab
	version string // of the record before; a transaction writes many
	content []byte
	spans   []span
}

// span is a field whose text stands in content.
type span struct {
	field, from, to int
	typ             connectors.Type
}

func (p *plan) reader() *reader {
	return &reader{plan: p, rows: slab{width: len(p.Fields)}}
}

func (d *reader) each(found func(connectors.Record)) func(row) error {
	return func(r row) error {
		rec, err := d.record(r)
		if err == nil {
			found(rec)
		}
		return err
	}
}

func (d *reader) record(r row) (connectors.Record, error) {
	if string(r[1]) != d.version {
		d.version = string(r[1])
	}
	rec := connectors.Record{ID: string(r[0]), Version: d.version, Row: d.rows.next()}
	d.content, d.spans = d.content[:0], d.spans[:0]
	for i, f := range d.Fields {
		raw := r[d.At[i]]
		typ, err := connectors.Type(0), error(nil)
		from := len(d.content)
		switch storage := f.End().Storage; {
		case raw == nil:
			rec.Row[i] = connectors.NullValue()
			continue
		case (storage == asText || storage == viaText) && bytes.Equal(raw, r[0]):
			rec.Row[i] = connectors.TextValue(rec.ID)
			continue
		case storage == asText || storage == viaText:
			typ, d.content = connectors.Text, append(d.content, raw...)
		case storage == asBytes:
			rec.Row[i] = connectors.BytesValue(raw)
		case storage == asUUID:
			typ, d.content = connectors.GUID, appendHyphenated(d.content, raw)
		case storage == asNumeric:
			number := false
			d.content, number, err = appendDigits(d.content, raw)
			if typ = connectors.Text; number {
				typ = connectors.Decimal
			}
		default:
			rec.Row[i], err = load(f.End(), raw)
		}
		if err != nil {
			return rec, err
		}
		if typ != 0 {
			d.spans = append(d.spans, span{i, from, len(d.content), typ})
		}
	}
	return rec, d.fill(rec.Row)
}

// fill gives the fields their texts.
func (d *reader) fill(row connectors.Row) (err error) {
	texts := string(d.content)
	for _, s := range d.spans {
		text := texts[s.from:s.to]
		switch s.typ {
		case connectors.Text:
			row[s.field] = connectors.TextValue(text)
		case connectors.GUID:
			row[s.field] = connectors.GUIDValue(text)
		default:
			if row[s.field], err = connectors.DecimalValue(text); err != nil {
				return err
			}
		}
	}
	return nil
}

// slab gives rows, of which some share one allocation, the more the more there are:
// all are kept as long as one of them is.
type slab struct {
	width, rows int
	free        []connectors.Value
}

// slabRows and slabValues bound how many rows share one.
const slabRows, slabValues = 64, 1000

func (s *slab) next() connectors.Row {
	if len(s.free) < s.width {
		s.rows = max(1, min(2*s.rows, slabRows, slabValues/s.width))
		s.free = make([]connectors.Value, s.width*s.rows)
	}
	row := connectors.Row(s.free[:s.width:s.width])
	s.free = s.free[s.width:]
	return row
}
