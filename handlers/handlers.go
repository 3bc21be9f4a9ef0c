// Package handlers answers the console's requests: it decodes, checks, calls
// the engine or the store, and renders.
package handlers

import (
	"context"
	"time"

	"dualwrite/models"
	"dualwrite/web"
)

// Options changes how the console works. The zero value is good.
type Options struct {
	// Now is the clock of the sign-in throttle; nil is the wall clock.
	Now func() time.Time
	// Practice is the apps of the practice environment; nil when there is none.
	Practice Practice
	// Servers are the practice apps as they are served; nil when they are not.
	Servers PracticeServers
	// Kinds describes the kinds of app that can be connected to, in the order in
	// which they are offered.
	Kinds []models.ConnectionKind
	// Rehook is called after the hook of a connection was renewed; nil for nobody.
	Rehook func(ctx context.Context, connection int64) error
}

// console holds what the handlers share.
type console struct {
	web       *web.Server
	store     *models.Store
	engine    Engine
	passwords *web.Passwords
	attempts  *web.Throttle // by account and address
	practice  Practice      // nil for none
	servers   PracticeServers
	kinds     []models.ConnectionKind
	rehook    func(ctx context.Context, connection int64) error // nil for nobody
}

// How many wrong passwords are free of waiting, and how many keys are
// remembered.
const (
	freeAttempts = 5
	throttleKeys = 10_000
)

// Mount adds the console's routes to a server that is not open yet.
func Mount(srv *web.Server, store *models.Store, eng Engine, opt Options) {
	h := &console{
		web:       srv,
		store:     store,
		engine:    eng,
		passwords: web.NewPasswords(),
		attempts:  web.NewThrottle(freeAttempts, throttleKeys, opt.Now),
		practice:  opt.Practice,
		servers:   opt.Servers,
		kinds:     opt.Kinds,
		rehook:    opt.Rehook,
	}
	for _, r := range h.routes() {
		srv.Handle(r)
	}
}

// sideNames are the names of an environment's connections, left first.
func (h *console) sideNames(ctx context.Context, environmentID int64) ([2]string, error) {
	var out [2]string
	env, err := h.store.EnvironmentByID(ctx, environmentID)
	if err != nil {
		return out, err
	}
	for _, side := range models.Sides {
		c, err := h.store.ConnectionByID(ctx, env.ConnectionID(side))
		if err != nil {
			return out, err
		}
		out[side.Index()] = c.Name
	}
	return out, nil
}
