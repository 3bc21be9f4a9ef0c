package cds

import (
	"strconv"
	"strings"

	"dualwrite/connectors/practice/service"
)

// etag is the entity tag of a row version.
func etag(version int64) string { return `W/"` + strconv.FormatInt(version, 10) + `"` }

// writer puts answers together. annotated adds what include-annotations asks for.
type writer struct {
	buf       []byte
	model     *service.Model
	annotated bool
}

func (w *writer) text(s string) {
	w.buf = service.AppendText(w.buf, s)
}

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

// record writes one record as an object; head is what comes first in it.
func (w *writer) record(sh *shape, r *service.Record, head string) {
	w.raw("{" + head + `"@odata.etag":`)
	w.text(etag(r.Version))
	for i, f := range sh.fields {
		w.raw(",")
		w.text(f.Property())
		w.raw(":")
		w.value(f, r.Values[i])
		if w.annotated && r.Values[i] != nil && !sh.entity.Shared(f) { // the column does not tell which set it refers to
			w.annotations(f, r.Values[i])
		}
	}
	for i, x := range sh.expand {
		w.raw(",")
		w.text(x.lookup.Navigation)
		w.raw(":")
		if r.Expanded[i] == nil {
			w.raw("null")
			continue
		}
		w.record(x.shape, r.Expanded[i], "")
	}
	w.raw("}")
}

// value writes one value. Numbers keep their scale.
func (w *writer) value(f *service.Field, v any) {
	switch v := v.(type) {
	case nil:
		w.raw("null")
	case int64:
		switch {
		case f.Type == service.Bool:
			w.raw(strconv.FormatBool(v != 0))
		default:
			w.buf = strconv.AppendInt(w.buf, v, 10)
		}
	case string:
		if f.Type == service.Decimal || f.Type == service.Money {
			w.raw(v)
			return
		}
		w.text(v)
	default:
		w.raw("null")
	}
}

// annotations writes the formatted value of a choice and what a lookup refers to.
func (w *writer) annotations(f *service.Field, v any) {
	add := func(name, value string) {
		w.raw(",")
		w.text(f.Property() + "@" + name)
		w.raw(":")
		w.text(value)
	}
	switch {
	case f.Type == service.Choice:
		for _, o := range f.Options {
			if o.Value == v {
				add("OData.Community.Display.V1.FormattedValue", o.Label)
			}
		}
	case f.Type == service.Lookup:
		if target := w.model.Entity(f.Target); target != nil {
			add("Microsoft.Dynamics.CRM.associatednavigationproperty", f.Navigation)
			add("Microsoft.Dynamics.CRM.lookuplogicalname", target.Name)
		}
	case f.Type == service.Bool:
		add("OData.Community.Display.V1.FormattedValue", map[any]string{int64(0): "No", int64(1): "Yes"}[v])
	}
}

// writer makes a writer for the answer to a call.
func (c *call) writer() *writer {
	wanted, _ := c.Preference("odata.include-annotations")
	return &writer{model: c.server.store.Model, annotated: wanted != "" && (wanted == "*" || strings.Contains(wanted, "Display") || strings.Contains(wanted, "CRM"))}
}
