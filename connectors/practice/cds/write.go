package cds

import (
	"context"
	"net/http"

	"dualwrite/connectors/practice/service"
)

// rejected is the refusal that a fault switch gives to writes of an entity.
func (c *call) rejected(e *service.Entity, v service.Values) error {
	faults := c.server.Faults()
	if message, refused := faults.Rejects(e.Set, v); refused {
		return &service.Refusal{Kind: service.Rule, Entity: e, Message: message}
	}
	return nil
}

func (c *call) insert(ctx context.Context, tx *service.Tx, e *service.Entity, v service.Values) (string, error) {
	if err := c.rejected(e, v); err != nil {
		return "", err
	}
	id, err := tx.Insert(ctx, e, v)
	return id, ofEntity(err, e)
}

func (c *call) update(ctx context.Context, tx *service.Tx, e *service.Entity, id string, v service.Values) error {
	if err := c.rejected(e, nil); err != nil {
		return err
	}
	there, err := tx.Update(ctx, e, id, v)
	if err == nil && !there {
		return notThere(e, id)
	}
	return ofEntity(err, e)
}

// create answers POST of an entity set.
func (c *call) create(ctx context.Context, e *service.Entity) (*service.Response, error) {
	o, err := c.object()
	if err != nil {
		return nil, err
	}
	var answer *service.Response
	err = c.within(ctx, func(tx *service.Tx) error {
		v, err := c.values(ctx, tx, e, o)
		if err != nil {
			return err
		}
		id, err := c.insert(ctx, tx, e, v)
		if err != nil {
			return err
		}
		answer, err = c.written(ctx, tx, e, id, http.StatusCreated)
		return err
	})
	return answer, err
}

// written answers a write that succeeded: with nothing, or with the record as
// it is stored and a status that tells whether it is new.
func (c *call) written(ctx context.Context, tx *service.Tx, e *service.Entity, id string, status int) (*service.Response, error) {
	if wanted, _ := c.Preference("return"); wanted != "representation" {
		return service.Reply(http.StatusNoContent, nil, "OData-EntityId", c.base+e.Set+"("+id+")"), nil
	}
	sh, err := shapeOf(tx.Model, e, c.options["$select"], c.options["$expand"])
	if err != nil {
		return nil, err
	}
	stored, err := one(ctx, tx, sh, id)
	if err != nil {
		return nil, err
	}
	answer, err := c.oneRecord(status, sh, stored)
	answer.Header.Set("Preference-Applied", "return=representation")
	return answer, err
}

// patch answers PATCH: an update, or without a condition that forbids it a
// create of what is not there.
func (c *call) patch(ctx context.Context, e *service.Entity, at service.Segment) (*service.Response, error) {
	o, err := c.object()
	if err != nil {
		return nil, err
	}
	var answer *service.Response
	err = c.within(ctx, func(tx *service.Tx) error {
		a, err := locate(ctx, tx, e, at)
		if err != nil {
			return err
		}
		if err := c.conditions(ctx, tx, e, a); err != nil {
			return err
		}
		v, err := c.values(ctx, tx, e, o)
		if err != nil {
			return err
		}
		id, created, err := c.upsert(ctx, tx, e, a, v)
		if err != nil {
			return err
		}
		status := http.StatusOK
		if created {
			status = http.StatusCreated
		}
		answer, err = c.written(ctx, tx, e, id, status)
		return err
	})
	return answer, err
}

// upsert stores values at an address. Of an update the key columns in the body
// are dropped; of a create they win over the address.
func (c *call) upsert(ctx context.Context, tx *service.Tx, e *service.Entity, a *address, v service.Values) (id string, created bool, err error) {
	if a.exists {
		for f := range a.values {
			delete(v, f)
		}
		return a.id, false, c.update(ctx, tx, e, a.id, v)
	}
	for f, value := range a.values {
		if _, given := v[f]; !given {
			v[f] = value
		}
	}
	id, err = c.insert(ctx, tx, e, v)
	return id, true, err
}

// conditions holds If-Match and If-None-Match against a record.
func (c *call) conditions(ctx context.Context, tx *service.Tx, e *service.Entity, a *address) error {
	match := c.Header.Get("If-Match")
	if match != "" && !a.exists {
		return missing(e, a)
	}
	if c.Header.Get("If-None-Match") == "*" && a.exists {
		return &wireError{http.StatusPreconditionFailed, codeDuplicate, "A record with matching key values already exists."}
	}
	if match == "" || match == "*" {
		return nil
	}
	now, err := one(ctx, tx, &shape{entity: e}, a.id)
	if err == nil && match != etag(now.Version) {
		err = versionMoved()
	}
	return err
}

// delete answers DELETE of one record.
func (c *call) delete(ctx context.Context, e *service.Entity, at service.Segment) (*service.Response, error) {
	err := c.within(ctx, func(tx *service.Tx) error {
		a, err := there(ctx, tx, e, at)
		if err != nil {
			return err
		}
		if err := c.conditions(ctx, tx, e, a); err != nil {
			return err
		}
		if err := c.rejected(e, nil); err != nil {
			return err
		}
		_, err = tx.Delete(ctx, e, a.id)
		return ofEntity(err, e)
	})
	return service.Reply(http.StatusNoContent, nil), err
}
