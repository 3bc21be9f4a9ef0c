package memory

import (
	"context"

	"dualwrite/connectors"
)

// do carries out one call under the mutex, with the fault that is due.
func (a *App) do(ctx context.Context, call Call, work func() error) error {
	v, err := a.verdict(ctx, call)
	if err != nil {
		return err
	}
	if err := a.locked(work); err != nil {
		return err
	}
	return v.reply(call)
}

func (a *App) locked(work func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return work()
}

// verdict is how a call goes, or the error with which it fails untouched.
func (a *App) verdict(ctx context.Context, call Call) (Verdict, error) {
	if err := ctx.Err(); err != nil {
		return Verdict{}, &connectors.Error{Kind: connectors.Transient, Op: call.Op, Entity: call.Entity, Err: err}
	}
	a.mu.Lock()
	fault := a.opt.Fault
	a.mu.Unlock()
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
