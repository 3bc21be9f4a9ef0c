package practice

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// values is one record by column name. A column that is missing is null.
type values map[string]any

const leftToRight, rightToLeft = "left to right", "right to left"

// withDefaults fills the columns of the left app that no field of the right app
// gives.
func (m *mapping) withDefaults(v values) values {
	for _, f := range m.Fields {
		if f.Right == "" && len(f.Transforms) > 0 && v[f.Left] == nil {
			v[f.Left] = *f.Transforms[0].Default
		}
	}
	return v
}

// withoutOneWay empties the columns whose values never come from the right app.
func (m *mapping) withoutOneWay(v values) values {
	for _, f := range m.Fields {
		if f.Direction == leftToRight {
			delete(v, f.Left)
		}
	}
	return v
}

// translate gives a record of the left app as the right app would hold it.
// target names the entity that a lookup column of the right entity refers to.
func (m *mapping) translate(v values, company string, target func(column string) (*mapping, error)) (values, error) {
	out := values{}
	for _, f := range m.Fields {
		if f.Right == "" || f.Direction == rightToLeft {
			continue
		}
		value, err := f.transform(v[f.Left])
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", m.name, f.Left, err)
		}
		column, _, lookup := strings.Cut(f.Right, ".")
		if lookup && value != nil {
			parent, err := target(column)
			if err != nil {
				return nil, err
			}
			value = parent.nativeID(company, value)
		}
		out[column] = value
	}
	return out, nil
}

// transform applies a field's transforms from left to right. The apps hold no
// text "true" or "false", so such a result is a yes/no value.
func (f *fieldMapping) transform(value any) (any, error) {
	for _, t := range f.Transforms {
		switch {
		case t.Default != nil && value == nil:
			value = *t.Default
		case t.Pairs != nil && value != nil:
			mapped := any(nil)
			for _, p := range t.Pairs {
				if p.Left == value {
					mapped = p.Right
				}
			}
			if mapped == nil {
				return nil, fmt.Errorf("the value map has no pair for %q", value)
			}
			value = mapped
		}
	}
	switch value {
	case "true":
		return 1, nil
	case "false":
		return 0, nil
	}
	return value, nil
}

// keyOf gives the values of the key fields.
func (m *mapping) keyOf(v values) []any {
	var key []any
	for _, k := range m.Key {
		key = append(key, v[k.Left])
	}
	return key
}

// nativeID is the GUID of the right app's record with this key: made from the
// key, so that lookups can be written before the record they refer to.
func (m *mapping) nativeID(company string, key ...any) string {
	if m.Right.Company == "" {
		company = ""
	}
	name := m.Right.Entity + "\x00" + company
	for _, k := range key {
		name += "\x00" + strings.ToLower(fmt.Sprint(k))
	}
	h := sha256.Sum256([]byte(name))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80 // RFC 9562, version 8
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
