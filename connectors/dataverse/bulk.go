package dataverse

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

// namespace is what the service's own types and messages are called within.
const namespace = "Microsoft.Dynamics.CRM."

// createMultiple creates records by the message of that name, in one transaction.
// It gives no ids where the table does not offer the message.
func (c *connector) createMultiple(ctx context.Context, s *core.Set, bodies []map[string]any) ([]string, error) {
	offered, err := c.offersBulk(ctx, s)
	if err != nil || !offered {
		return nil, err
	}
	targets := make([]map[string]any, len(bodies))
	for i, body := range bodies {
		targets[i] = maps.Clone(body)
		targets[i]["@odata.type"] = namespace + s.Logical
	}
	content, err := json.Marshal(map[string]any{"Targets": targets})
	if err != nil {
		return nil, err
	}
	answer, err := c.Client.Do(ctx, wire.Request{Method: http.MethodPost, Path: s.Name + "/" + namespace + "CreateMultiple", Body: content})
	if err != nil {
		return nil, err
	}
	var created struct{ Ids []string }
	if err := json.Unmarshal(answer.Body, &created); err != nil || len(created.Ids) != len(bodies) {
		return nil, &connectors.Error{Kind: connectors.Transient, Message: "the answer to CreateMultiple does not name every record", Err: err}
	}
	for i, id := range created.Ids {
		created.Ids[i] = strings.ToLower(id)
	}
	return created.Ids, nil
}

// offersBulk finds out, once for a table, whether it offers CreateMultiple. An
// environment that does not tell offers nothing.
func (c *connector) offersBulk(ctx context.Context, s *core.Set) (bool, error) {
	c.mu.Lock()
	offered, known := c.bulk[s.Name]
	c.mu.Unlock()
	if known {
		return offered, nil
	}
	q := wire.Query(nil).With("$select", "sdkmessagefilterid").With("$filter", "sdkmessageid/name eq 'CreateMultiple' and primaryobjecttypecode eq "+wire.Quote(s.Logical))
	list, err := c.collection(ctx, q.On("sdkmessagefilters"))
	var f *wire.Failure
	if err != nil && !(errors.As(err, &f) && f.Status < 500 && f.Status != http.StatusUnauthorized && f.Status != http.StatusTooManyRequests) {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bulk[s.Name] = len(list) > 0
	return len(list) > 0, nil
}
