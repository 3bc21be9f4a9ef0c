package cds

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"dualwrite/connectors/practice/service"
)

// object is a JSON object of a body. Numbers are json.Number.
type object map[string]any

func (c *call) object() (object, error) {
	d := json.NewDecoder(bytes.NewReader(c.Body))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil || o == nil {
		return nil, &wireError{http.StatusBadRequest, codePayload, "Error identified in Payload provided by the user: a JSON object is expected."}
	}
	return o, nil
}

// values reads the properties of a record. Lookups are resolved, and what only
// the app may set is passed over.
func (c *call) values(ctx context.Context, tx *service.Tx, e *service.Entity, o object) (service.Values, error) {
	out := service.Values{}
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if property, is := strings.CutSuffix(name, "@odata.bind"); is {
			if err := c.bind(ctx, tx, e, out, property, o[name]); err != nil {
				return nil, err
			}
			continue
		}
		if strings.Contains(name, "@") {
			continue
		}
		if lookup := e.Navigation(name); lookup != nil && !lookup.Computed {
			if err := c.nested(ctx, tx, out, lookup, o[name]); err != nil {
				return nil, err
			}
			continue
		}
		f := e.Field(name)
		if f == nil || f.Type == service.Lookup {
			return nil, &wireError{http.StatusBadRequest, codePayload, fmt.Sprintf(
				"Error identified in Payload provided by the user for Entity :'%s', InnerException: Microsoft.Crm.CrmException: Invalid property '%s' was found in entity 'Microsoft.Dynamics.CRM.%s'.", e.Set, name, e.Name)}
		}
		if f.Computed {
			continue
		}
		value, err := c.convert(f, o[name])
		if err != nil {
			return nil, ofEntity(err, e)
		}
		out[f] = value
	}
	return out, nil
}

// nested takes the value of a navigation property: null clears the lookup, and
// in a create an object makes the record that is looked up.
func (c *call) nested(ctx context.Context, tx *service.Tx, out service.Values, lookup *service.Field, value any) error {
	inner, isObject := value.(map[string]any)
	target := tx.Model.Entity(lookup.Target)
	switch {
	case value == nil:
		out[lookup] = nil
		return nil
	case !isObject || target == nil || c.Method != http.MethodPost:
		return &wireError{http.StatusBadRequest, codePayload, "Deep update of navigation properties is not allowed. " + lookup.Navigation + " takes null here."}
	}
	v, err := c.values(ctx, tx, target, inner)
	if err != nil {
		return err
	}
	id, err := c.insert(ctx, tx, target, v)
	out[lookup] = id
	return err
}

// bind resolves "navigation@odata.bind".
func (c *call) bind(ctx context.Context, tx *service.Tx, e *service.Entity, out service.Values, property string, reference any) error {
	lookup := e.Navigation(property)
	if lookup == nil || lookup.Computed {
		return &wireError{http.StatusBadRequest, codePayload, "An undeclared property '" + property + "' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values."}
	}
	for other := range out {
		if other.Name == lookup.Name {
			return &wireError{http.StatusBadRequest, codePayload, "The lookup '" + lookup.Name + "' is bound by " + other.Navigation + " and by " + property + "."}
		}
	}
	if reference == nil {
		out[lookup] = nil
		return nil
	}
	text, ok := reference.(string)
	if !ok {
		return &wireError{http.StatusBadRequest, codePayload, "The reference of " + property + " is not a text."}
	}
	id, err := c.bound(ctx, tx, lookup, text)
	out[lookup] = id
	return err
}

// convert takes a JSON value for a field. An empty text is no value.
func (c *call) convert(f *service.Field, v any) (any, error) {
	wrong := &service.Refusal{Kind: service.WrongType, Field: f, Value: fmt.Sprint(v)}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case json.Number:
		if f.Type == service.Text || f.Type == service.Date || f.Type == service.DateTime || f.Type == service.GUID || f.Type == service.Bool {
			return nil, wrong
		}
		return f.Convert(v.String())
	case bool:
		if f.Type != service.Bool {
			return nil, wrong
		}
		return f.Convert(fmt.Sprint(v))
	case string:
		switch f.Type {
		case service.Text:
			if v == "" {
				return nil, nil
			}
		case service.Decimal, service.Money, service.BigInt:
			if !strings.Contains(c.Header.Get("Content-Type"), "IEEE754Compatible=true") {
				return nil, wrong
			}
		case service.Int, service.Choice, service.Bool:
			return nil, wrong
		}
		return f.Convert(v)
	}
	return nil, wrong
}
