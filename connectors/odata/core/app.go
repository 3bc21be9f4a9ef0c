package core

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// Dialect is how a kind of service differs from the others.
type Dialect struct {
	Fold     connectors.Fold // how the service compares texts; App.SetFold corrects it
	StableID bool            // a record's id stays when its alternate key changes
	// Options go with every request about records.
	Options  wire.Query
	Batching wire.Batching
	WriteMax int // most writes in one call
	FindMax  int // most keys in one filter
	URLMost  int // longest filter, in bytes as sent
	// ByLink: pages are asked for by odata.maxpagesize and followed by the
	// service's links, which hold a key. Otherwise pages are asked for by
	// $top and a filter on the last key, or by $skip where that is refused.
	ByLink bool
	// Functions: tolower and trim may be used where the service compares
	// texts exactly.
	Functions bool
	CountMost int64 // the service counts no further; 0 means it does
	// Returns: writes ask for the stored record in their answer.
	// Selects: such an answer may be narrowed by $select and $expand.
	Returns bool
	Selects bool
	// Sequences: the service numbers records whose key a create leaves out.
	Sequences bool
	// ByKey makes the request that creates a record only while nobody holds
	// its alternate key, where the service has one; ok is false where it has not.
	ByKey func(s *Set, parts []wire.KeyPart) (path string, header map[string]string, ok bool)
	// CreateAll creates records from their bodies, all or none, and gives their
	// native ids in the same order; none, where the service does not offer that
	// for the set. nil where it never does.
	CreateAll func(ctx context.Context, s *Set, bodies []map[string]any) (ids []string, err error)
	// Judge tells what a refusal of a write means; nil and Plain leave it to
	// the status.
	Judge func(f *wire.Failure) Verdict
	// Words are the app's own words in a refusal, for people.
	Words func(f *wire.Failure) string
}

// Verdict is what a refused write means.
type Verdict uint8

// The verdicts.
const (
	Plain     Verdict = iota // the status says it
	Gone                     // the record is not there
	Stale                    // the condition failed, or the key is held
	Duplicate                // another record holds a value that must be unique
	Busy                     // it may well succeed a little later
)

func (d *Dialect) judge(f *wire.Failure) Verdict {
	if d.Judge != nil {
		if v := d.Judge(f); v != Plain {
			return v
		}
	}
	switch f.Status {
	case 404, 410:
		return Gone
	case 412:
		return Stale
	case 409:
		return Duplicate
	case 408, 502, 503, 504:
		return Busy
	}
	return Plain
}

func (d *Dialect) words(f *wire.Failure) string {
	if d.Words != nil {
		if s := d.Words(f); s != "" {
			return s
		}
	}
	if f.Message != "" {
		return f.Message
	}
	return f.Error()
}

// App is one service with its model, which is read when it is first needed and
// again when something is not found in it.
type App struct {
	Client  *wire.Client
	Dialect Dialect
	Load    func(ctx context.Context) (*Model, error)

	loading sync.Mutex // held while the model is read

	mu    sync.Mutex
	model *Model
	read  time.Time        // when the model was asked for
	fold  *connectors.Fold // where it was found out that Dialect.Fold does not hold
}

// Fold is how the service compares texts, as far as is known.
func (a *App) Fold() connectors.Fold {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fold != nil {
		return *a.fold
	}
	return a.Dialect.Fold
}

// SetFold says how the service was found to compare texts. It holds for what is
// opened from then on.
func (a *App) SetFold(f connectors.Fold) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fold = &f
}

// Fresh reads the model anew.
func (a *App) Fresh(ctx context.Context) (*Model, error) { return a.youngerThan(ctx, 0) }

// youngerThan is the model, read anew if it is older than that.
func (a *App) youngerThan(ctx context.Context, age time.Duration) (*Model, error) {
	a.loading.Lock()
	defer a.loading.Unlock()
	now := a.Client.Now()
	a.mu.Lock()
	m, read := a.model, a.read
	a.mu.Unlock()
	if m != nil && now.Sub(read) < age {
		return m, nil
	}
	m, err := a.Load(ctx)
	if err != nil {
		return nil, err
	}
	a.SetModel(m)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.read = now
	return m, nil
}

// SetModel puts a model in the place of the one that was read last.
func (a *App) SetModel(m *Model) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.model = m
}

// Model is the model as it was read last.
func (a *App) Model(ctx context.Context) (*Model, error) {
	a.mu.Lock()
	m := a.model
	a.mu.Unlock()
	if m != nil {
		return m, nil
	}
	return a.Fresh(ctx)
}

// setNamed is the set that is called by a name, or whose records are, in the
// model that was read last; "" if there is none.
func (a *App) setNamed(entity string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.model == nil || entity == "" {
		return ""
	}
	for _, s := range a.model.Sets {
		if strings.EqualFold(s.Name, entity) || strings.EqualFold(s.Logical, entity) {
			return s.Name
		}
	}
	return ""
}

// describeAge is how old a schema may be that is told as the present one. Many
// maps are opened at once, each asks for it, and the metadata of these services
// is megabytes long; they themselves show a change of it only after a while.
const describeAge = 5 * time.Second

// Describe tells the schema as it is, or was a few seconds ago.
func (a *App) Describe(ctx context.Context) (*connectors.Schema, error) {
	m, err := a.youngerThan(ctx, describeAge)
	if err != nil {
		return nil, Fault("describe", "", err)
	}
	return m.Describe(), nil
}

// Open prepares a selection. The model is read again before anything is said to
// be missing.
func (a *App) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	m, err := a.Model(ctx)
	if err != nil {
		return nil, Fault("open", sel.Entity, err)
	}
	e, err := a.compile(m, sel)
	if connectors.KindOf(err) == connectors.NoEntity {
		if m, err = a.Fresh(ctx); err == nil {
			e, err = a.compile(m, sel)
		}
	}
	if err == nil {
		err = e.probe(ctx)
	}
	if err != nil {
		return nil, Fault("open", sel.Entity, err)
	}
	return e, nil
}

// probe finds out whether records carry etags where the metadata does not say.
func (e *Entity) probe(ctx context.Context) error {
	if e.versions() {
		return nil
	}
	q := append(wire.Query{}, e.app.Dialect.Options...)
	page, err := e.page(ctx, append(q, e.read...).With("$top", "1").On(e.set.Name), 1)
	if err != nil {
		return err
	}
	for _, o := range page.Records {
		e.etags.Store(o.Note("etag") != "")
	}
	return nil
}

// Set finds an entity set, reading the model again before it is said to be missing.
func (a *App) Set(ctx context.Context, name string) (*Model, *Set, error) {
	m, err := a.Model(ctx)
	if err != nil {
		return nil, nil, err
	}
	s, err := m.Set(name)
	if err != nil {
		if m, err = a.Fresh(ctx); err == nil {
			s, err = m.Set(name)
		}
	}
	return m, s, err
}

// Fault makes err the error that a call on an entity answers with.
func Fault(op, entity string, err error) error {
	if err == nil {
		return nil
	}
	var e *connectors.Error
	if !errors.As(err, &e) {
		return &connectors.Error{Kind: connectors.Internal, Op: op, Entity: entity, Err: err}
	}
	out := *e
	if out.Op == "" {
		out.Op = op
	}
	if out.Entity == "" {
		out.Entity = entity
	}
	return &out
}
