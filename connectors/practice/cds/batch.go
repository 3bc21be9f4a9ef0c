package cds

import (
	"context"
	"net/http"

	"dualwrite/connectors/practice/service"
)

// batch answers POST of $batch.
func (c *call) batch(ctx context.Context) (*service.Response, error) {
	if c.Method != http.MethodPost {
		return nil, &wireError{http.StatusMethodNotAllowed, codeGeneral, "$batch takes POST only."}
	}
	b := &service.Batch{Store: c.server.store, Respond: c.server.Respond, Who: UserID, Base: c.base, Root: Root, Max: maxBatch, OuterError: true}
	return b.Run(ctx, c.Request)
}
