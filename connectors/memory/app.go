// Package memory is a business app that lives in memory: a fake for tests. It
// keeps the promises of the connectors interfaces, and it can be told to lie
// and to fail as real apps do: normalise what it stores, show its changes late,
// drop answers, stop half-way through a batch, let a person edit at the worst
// moment.
//
// It is deterministic: it starts no goroutine and reads no clock, and the same
// calls give the same ids, version tokens and order of records. One mutex
// guards everything; no function of Options but Normalise runs while it is held.
package memory

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"
	"time"

	"dualwrite/connectors"
)

// App is the app: with Insert, Edit, Remove and Read what its users do, with
// Connect what a program does. It is a connectors.Connector too, one that can be
// used again after Close, as an app outlives the programs connected to it.
type App struct {
	mu     sync.Mutex
	opt    Options
	schema connectors.Schema
	tables map[string]*table
	salt   uint64 // makes the version tokens of two apps differ
	tick   uint64 // stores so far: the app's clock, and what version tokens are made of
	writes int64
	own    *connection // what App itself is as a connector
}

// New makes an empty app. It panics when an alternate key or a company of the
// schema leads nowhere: the test is wrong then.
func New(schema connectors.Schema, opt Options) *App {
	a := &App{opt: opt, schema: cloneSchema(schema), tables: map[string]*table{}}
	if a.opt.Prefix == "" {
		a.opt.Prefix = "L"
	}
	a.own = newConnection(a)
	h := fnv.New64a()
	h.Write([]byte(a.opt.Prefix))
	a.salt = h.Sum64()
	for i := range a.schema.Entities {
		e := &a.schema.Entities[i]
		a.tables[e.Name] = newTable(e)
	}
	for i := range a.schema.Entities {
		a.tables[a.schema.Entities[i].Name].link(a.tables)
	}
	for i := range a.schema.Entities {
		if err := a.tables[a.schema.Entities[i].Name].compile(a); err != nil {
			panic(fmt.Sprintf("memory: schema of %s: %v", a.schema.Entities[i].Name, err))
		}
	}
	return a
}

// Lie changes the options. Prefix and KeyIsID are fixed by New.
func (a *App) Lie(change func(*Options)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	prefix, keyIsID := a.opt.Prefix, a.opt.KeyIsID
	change(&a.opt)
	a.opt.Prefix, a.opt.KeyIsID = prefix, keyIsID
	for _, t := range a.tables {
		t.wake()
	}
}

// Settle makes every change so far visible in the feeds, whatever Options.Lag says.
func (a *App) Settle() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.tables {
		t.visible = t.end()
		t.wake()
	}
}

// Writes is how many records Entity.Write created, changed or deleted so far.
// Edits by users do not count, nor do writes that were refused or had moved.
func (a *App) Writes() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.writes
}

// epoch is when the app's clock starts.
func epoch() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// now is the time of the latest store by the app's clock: one second each.
func (a *App) now() time.Time { return epoch().Add(time.Duration(a.tick) * time.Second) }

// token is the version of what is stored at this tick: different for every
// tick, and in no order.
func (a *App) token() string {
	x := a.tick + a.salt
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return strconv.FormatUint(x^x>>31, 36)
}

func cloneSchema(s connectors.Schema) connectors.Schema {
	s.Entities = slices.Clone(s.Entities)
	for i := range s.Entities {
		e := &s.Entities[i]
		e.Fields, e.Keys, e.Blind = slices.Clone(e.Fields), slices.Clone(e.Keys), slices.Clone(e.Blind)
		for k := range e.Keys {
			e.Keys[k].Fields = slices.Clone(e.Keys[k].Fields)
		}
	}
	return s
}
