package cds

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"dualwrite/connectors/practice/service"
)

// address is a record as a path names it.
type address struct {
	id     string         // native id; "" while no record has the key
	values service.Values // what the alternate key says of a record that is to be made
	exists bool
}

// locate finds the record of a segment with a key. That there is none is no
// error.
func locate(ctx context.Context, tx *service.Tx, e *service.Entity, at service.Segment) (*address, error) {
	if len(at.Key) == 1 {
		only := at.Key[0]
		if only.Name == "" || only.Name == e.Primary().Name {
			return locateID(ctx, tx, e, only.Value)
		}
	}
	a := &address{values: service.Values{}}
	var names []string
	var parts []service.Filter
	for _, p := range at.Key {
		f := e.Property(p.Name)
		if f == nil {
			return nil, wrongKey(e)
		}
		if f.Type == service.Text && strings.ContainsAny(p.Value.Text, `/<>*%&:\?+`) {
			return nil, &wireError{http.StatusBadRequest, codeGeneral, "Bad Request - Error in query syntax."}
		}
		value, err := f.Convert(p.Value.Text)
		if err != nil {
			return nil, ofEntity(err, e)
		}
		names, a.values[f] = append(names, f.Name), value
		parts = append(parts, &service.Comparison{Path: []string{p.Name}, Op: "eq", Value: p.Value})
	}
	if k := e.Key(names); k == nil || k.Status != service.Active {
		return nil, wrongKey(e)
	}
	found, err := tx.Select(ctx, &service.Select{Entity: e, Filter: service.And(parts...), Limit: 1})
	if err != nil || len(found) == 0 {
		return a, err
	}
	a.id, a.exists = found[0].ID, true
	return a, nil
}

func locateID(ctx context.Context, tx *service.Tx, e *service.Entity, value service.Literal) (*address, error) {
	a := &address{id: strings.ToLower(value.Text)}
	if value.Kind != service.GUIDLiteral {
		return nil, wrongKey(e)
	}
	found, err := tx.Select(ctx, &service.Select{Entity: e, Filter: service.Equals(e.Primary().Name, service.GUIDLiteral, a.id), Limit: 1})
	a.exists = len(found) > 0
	a.values = service.Values{e.Primary(): a.id}
	return a, err
}

// there is locate for a record that must be there.
func there(ctx context.Context, tx *service.Tx, e *service.Entity, at service.Segment) (*address, error) {
	a, err := locate(ctx, tx, e, at)
	if err == nil && !a.exists {
		err = missing(e, a)
	}
	return a, err
}

// missing is the answer to a call for a record that is not there.
func missing(e *service.Entity, a *address) error {
	if a.id != "" {
		return notThere(e, a.id)
	}
	return &wireError{http.StatusNotFound, codeNoKeyRecord, "A record with the specified key values does not exist in " + e.Name + " entity"}
}

func wrongKey(e *service.Entity) error {
	return &wireError{http.StatusBadRequest, codeGeneral, "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM." + e.Name + "'. Ensure that the names and number of key properties match the declared key properties for the resource 'Microsoft.Dynamics.CRM." + e.Name + "'."}
}

// bound finds the record that an @odata.bind refers to.
func (c *call) bound(ctx context.Context, tx *service.Tx, lookup *service.Field, reference string) (string, error) {
	target := tx.Model.Entity(lookup.Target)
	if target == nil {
		return "", &wireError{http.StatusBadRequest, codePayload, "The target of " + lookup.Navigation + " is not known."}
	}
	at, err := c.referred(reference)
	if err != nil {
		return "", err
	}
	if at.Name != target.Set || at.Key == nil {
		return "", &wireError{http.StatusBadRequest, codePayload, "The reference '" + reference + "' of " + lookup.Navigation + " does not name a record of " + target.Set + "."}
	}
	a, err := there(ctx, tx, target, at)
	if err != nil {
		return "", err
	}
	return a.id, nil
}

// referred reads an address in a body: relative, from the root, whole, or the
// Content-ID of a request before.
func (c *call) referred(reference string) (service.Segment, error) {
	if known, ok := c.References[reference]; ok {
		reference = known
	}
	if i := strings.Index(reference, Root); i >= 0 {
		_, reference, _ = strings.Cut(reference[i+len(Root):], "/")
	}
	text, err := url.PathUnescape(strings.TrimPrefix(reference, "/"))
	if err != nil {
		return service.Segment{}, &wireError{http.StatusBadRequest, codePayload, "The reference '" + reference + "' is not a valid address."}
	}
	return service.ParseSegment(text)
}

// ofEntity names the entity in a refusal that only knows the field.
func ofEntity(err error, e *service.Entity) error {
	var r *service.Refusal
	if errors.As(err, &r) && r.Entity == nil {
		r.Entity = e
	}
	return err
}
