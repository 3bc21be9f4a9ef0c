package cds

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"dualwrite/connectors/practice/service"
)

// bulk answers CreateMultiple, UpdateMultiple and UpsertMultiple: all of their
// records in one transaction, or none.
func (c *call) bulk(ctx context.Context, e *service.Entity, message string) (*service.Response, error) {
	store := map[string]func(context.Context, *service.Tx, *service.Entity, object) (string, error){
		"CreateMultiple": c.bulkCreate, "UpdateMultiple": c.bulkUpdate, "UpsertMultiple": c.bulkUpsert,
	}[message]
	if store == nil || !e.Bulk {
		return nil, notFoundSegment("Microsoft.Dynamics.CRM." + message)
	}
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	targets, ok := body["Targets"].([]any)
	if !ok {
		return nil, &wireError{http.StatusBadRequest, codePayload, "The parameter Targets is missing."}
	}
	var ids []string
	err = c.within(ctx, func(tx *service.Tx) error {
		for _, target := range targets {
			o, ok := target.(map[string]any)
			if kind, _ := o["@odata.type"].(string); !ok || strings.TrimPrefix(kind, "#") != "Microsoft.Dynamics.CRM."+e.Name {
				return &wireError{http.StatusBadRequest, codePayload, "Each item of Targets needs the annotation @odata.type of the entity."}
			}
			id, err := store(ctx, tx, e, o)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil || message != "CreateMultiple" {
		return service.Reply(http.StatusNoContent, nil), err
	}
	encoded, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return c.json(http.StatusOK, fmt.Appendf(nil, `{"@odata.context":%q,"Ids":%s}`, c.base+"$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse", encoded))
}

func (c *call) bulkCreate(ctx context.Context, tx *service.Tx, e *service.Entity, o object) (string, error) {
	v, err := c.values(ctx, tx, e, o)
	if err != nil {
		return "", err
	}
	return c.insert(ctx, tx, e, v)
}

// bulkAddress finds the record that an item names: by @odata.id, or by its
// native id among the properties.
func (c *call) bulkAddress(ctx context.Context, tx *service.Tx, e *service.Entity, o object) (*address, error) {
	reference, _ := o["@odata.id"].(string)
	if id, ok := o[e.Primary().Name].(string); ok && reference == "" {
		reference = e.Set + "(" + id + ")"
	}
	at, err := c.referred(reference)
	if err != nil {
		return nil, err
	}
	if at.Name != e.Set || at.Key == nil {
		return nil, &wireError{http.StatusBadRequest, codePayload, "An item of Targets names no record of " + e.Set + "."}
	}
	return locate(ctx, tx, e, at)
}

func (c *call) bulkUpdate(ctx context.Context, tx *service.Tx, e *service.Entity, o object) (string, error) {
	a, err := c.bulkAddress(ctx, tx, e, o)
	if err != nil {
		return "", err
	}
	if !a.exists {
		return "", missing(e, a)
	}
	v, err := c.values(ctx, tx, e, o)
	if err != nil {
		return "", err
	}
	id, _, err := c.upsert(ctx, tx, e, a, v)
	return id, err
}

func (c *call) bulkUpsert(ctx context.Context, tx *service.Tx, e *service.Entity, o object) (string, error) {
	a, err := c.bulkAddress(ctx, tx, e, o)
	if err != nil {
		return "", err
	}
	v, err := c.values(ctx, tx, e, o)
	if err != nil {
		return "", err
	}
	id, _, err := c.upsert(ctx, tx, e, a, v)
	return id, err
}
