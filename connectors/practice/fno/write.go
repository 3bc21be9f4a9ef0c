package fno

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"dualwrite/connectors/practice/service"
)

// values reads the properties of a record in the body.
func (c *call) values(e *service.Entity) (service.Values, error) {
	d := json.NewDecoder(bytes.NewReader(c.Body))
	d.UseNumber()
	var body map[string]any
	if err := d.Decode(&body); err != nil || body == nil {
		return nil, &problem{status: http.StatusBadRequest, inner: "The request payload is not a JSON object.", kind: kindOData}
	}
	names := make([]string, 0, len(body))
	for name := range body {
		names = append(names, name)
	}
	slices.Sort(names)
	out := service.Values{}
	for _, name := range names {
		if strings.Contains(name, "@") {
			continue
		}
		f := e.Field(name)
		if f == nil {
			return nil, &problem{status: http.StatusBadRequest, kind: kindOData,
				inner: fmt.Sprintf("The property '%s' does not exist on type 'Microsoft.Dynamics.DataEntities.%s'. Make sure to only use property names that are defined by the type.", name, e.Name)}
		}
		if f.Computed {
			continue
		}
		value, err := convert(f, body[name])
		if err != nil {
			return nil, ofEntity(err, e)
		}
		out[f] = value
	}
	return out, nil
}

// convert takes a JSON value for a field. The values that mean "not set" are
// kept as none.
func convert(f *service.Field, v any) (any, error) {
	wrong := &service.Refusal{Kind: service.WrongType, Field: f, Value: fmt.Sprint(v)}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case json.Number:
		if !slices.Contains([]service.Type{service.Int, service.BigInt, service.Choice, service.Decimal, service.Money}, f.Type) {
			return nil, wrong
		}
		return f.Convert(v.String())
	case bool:
		if f.Type != service.Bool {
			return nil, wrong
		}
		return f.Convert(fmt.Sprint(v))
	case string:
		return convertText(f, v, wrong)
	}
	return nil, wrong
}

func convertText(f *service.Field, v string, wrong error) (any, error) {
	switch f.Type {
	case service.Text:
		if v == "" {
			return nil, nil
		}
	case service.Date, service.DateTime:
		if strings.HasPrefix(v, service.Unset) && (f.Type == service.Date || v == noInstant) {
			return nil, nil
		}
	case service.GUID:
		if v == noGUID {
			return nil, nil
		}
	case service.Enum:
	default:
		return nil, wrong
	}
	return f.Convert(v)
}

// ofEntity names the entity in a refusal that only knows the field.
func ofEntity(err error, e *service.Entity) error {
	var r *service.Refusal
	if errors.As(err, &r) && r.Entity == nil {
		r.Entity = e
	}
	return err
}

// rejected is the refusal that a fault switch gives to writes of an entity.
func (c *call) rejected(e *service.Entity, v service.Values) error {
	faults := c.server.Faults()
	if message, refused := faults.Rejects(e.Set, v); refused {
		return &service.Refusal{Kind: service.Rule, Entity: e, Message: message}
	}
	return nil
}

// create answers POST of an entity set with the whole record as it is stored.
// Without a company it is one of the user's own.
func (c *call) create(ctx context.Context, e *service.Entity) (*service.Response, error) {
	v, err := c.values(e)
	if err != nil {
		return nil, err
	}
	if company := e.Field(e.Company); company != nil && v[company] == nil {
		v[company] = c.server.company
	}
	var stored *service.Record
	err = c.within(ctx, func(tx *service.Tx) error {
		if err := c.rejected(e, v); err != nil {
			return err
		}
		id, err := tx.Insert(ctx, e, v)
		if err != nil {
			return ofEntity(err, e)
		}
		stored, err = tx.ByID(ctx, e, id, e.Fields)
		return err
	})
	if err != nil {
		return nil, err
	}
	answer := c.one(http.StatusCreated, e, e.Fields, stored)
	answer.Header.Set("Location", c.base+c.address(e, stored))
	return answer, nil
}

// address is a record by its key: "CustomersV3(dataAreaId='usmf',CustomerAccount='US-001')".
func (c *call) address(e *service.Entity, r *service.Record) string {
	var parts []string
	for _, name := range e.Keys[0].Fields {
		i := slices.Index(e.Fields, e.Field(name))
		w := &writer{}
		w.value(e.Fields[i], r.Values[i])
		text := string(w.buf)
		var plain string
		if json.Unmarshal(w.buf, &plain) == nil {
			text = plain
			if e.Fields[i].Type == service.Text {
				text = "'" + strings.ReplaceAll(plain, "'", "''") + "'"
			}
		}
		parts = append(parts, name+"="+service.Escape(text))
	}
	return e.Set + "(" + strings.Join(parts, ",") + ")"
}

// change runs f on the record of a key. That it is not there, or in another
// company, is an error of the call.
func (c *call) change(ctx context.Context, e *service.Entity, at service.Segment, f func(*service.Tx, string) error) (*service.Response, error) {
	err := c.within(ctx, func(tx *service.Tx) error {
		found, err := c.locate(ctx, tx, e, at, nil)
		if err != nil {
			return err
		}
		if found == nil {
			return missing()
		}
		if match := c.Header.Get("If-Match"); match != "" && match != "*" && match != etag(found) {
			return &problem{status: http.StatusPreconditionFailed, inner: "The record was changed by another user: update conflict.", kind: kindExecution}
		}
		if err := c.rejected(e, nil); err != nil {
			return err
		}
		return f(tx, found.ID)
	})
	return service.Reply(http.StatusNoContent, nil), err
}

// patch answers PATCH: an update of what is there, never a create.
func (c *call) patch(ctx context.Context, e *service.Entity, at service.Segment) (*service.Response, error) {
	v, err := c.values(e)
	if err != nil {
		return nil, err
	}
	return c.change(ctx, e, at, func(tx *service.Tx, id string) error {
		_, err := tx.Update(ctx, e, id, v)
		return ofEntity(err, e)
	})
}

// delete answers DELETE of one record.
func (c *call) delete(ctx context.Context, e *service.Entity, at service.Segment) (*service.Response, error) {
	return c.change(ctx, e, at, func(tx *service.Tx, id string) error {
		_, err := tx.Delete(ctx, e, id)
		return ofEntity(err, e)
	})
}
