package fno

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"dualwrite/connectors/practice/service"
)

// etag is the entity tag of a record: version and id of its row, encoded as the
// service encodes them, with a second data source that has no row.
func etag(r *service.Record) string {
	return `W/"` + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "'%d,%s;0,0'", r.Version, r.ID)) + `"`
}

const (
	noDate    = service.Unset + "T12:00:00Z"
	noInstant = service.Unset + "T00:00:00Z"
	noGUID    = "00000000-0000-0000-0000-000000000000"
)

// writer puts answers together.
type writer struct{ buf []byte }

func (w *writer) text(s string) {
	w.buf = service.AppendText(w.buf, s)
}

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

// record writes one record as an object; head is what comes first in it.
func (w *writer) record(fields []*service.Field, r *service.Record, head string) {
	w.raw("{" + head + `"@odata.etag":`)
	w.text(etag(r))
	for i, f := range fields {
		w.raw(",")
		w.text(f.Name)
		w.raw(":")
		w.value(f, r.Values[i])
	}
	w.raw("}")
}

// value writes one value; what is not set has a value that means so.
func (w *writer) value(f *service.Field, v any) {
	text, _ := v.(string)
	switch f.Type {
	case service.Int, service.BigInt, service.Choice:
		n, _ := v.(int64)
		w.buf = strconv.AppendInt(w.buf, n, 10)
	case service.Decimal, service.Money:
		if text == "" {
			text = "0"
		}
		w.raw(service.Trimmed(text))
	case service.Bool:
		w.raw(strconv.FormatBool(v == int64(1)))
	case service.Enum:
		if v == nil {
			w.raw("null")
			return
		}
		w.text(f.MemberOf(text))
	case service.Date:
		if text = text + "T12:00:00Z"; v == nil {
			text = noDate
		}
		w.text(text)
	case service.DateTime:
		if v == nil {
			text = noInstant
		}
		w.text(text)
	case service.GUID:
		if v == nil {
			text = noGUID
		}
		w.text(text)
	default:
		if f.Lower {
			text = strings.ToLower(text)
		}
		w.text(text)
	}
}
