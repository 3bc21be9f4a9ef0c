package memory

import (
	"context"

	"dualwrite/connectors"
)

// options are those of the moment.
func (a *App) options() Options {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.opt
}

func (a *App) locked(work func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return work()
}

// verdict is how a call goes, or the error with which it fails untouched.
func (c *connection) verdict(ctx context.Context, call Call) (Verdict, error) {
	if err := c.check(call.Op); err != nil {
		return Verdict{}, err
	}
	if err := ctx.Err(); err != nil {
		return Verdict{}, &connectors.Error{Kind: connectors.Transient, Op: call.Op, Entity: call.Entity, Err: err}
	}
	fault := c.app.options().Fault
	if fault == nil {
		return Verdict{}, nil
	}
	v := fault(call)
	if v.Before != nil {
		e := *v.Before
		if e.Op == "" {
			e.Op, e.Entity = call.Op, call.Entity
		}
		return Verdict{}, &e
	}
	return v, nil
}

func (v Verdict) reply(call Call) error {
	if v.Run != nil {
		v.Run()
	}
	if v.LoseReply || v.StopAfter > 0 && call.Op == "write" {
		return &connectors.Error{Kind: connectors.Transient, Op: call.Op, Entity: call.Entity, Message: "the answer was lost"}
	}
	return nil
}
