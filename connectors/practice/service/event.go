package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Events tells subscribers that records were written: a hint to come and look,
// without any promise that each write is told, or told once.
type Events struct {
	store  *Store
	client *http.Client

	mu    sync.Mutex
	hooks []string
	hint  string // address that is told which entities others than clients wrote to, "" for none
	last  int64  // row version up to which everything was told
}

// eventTimeout is how long a subscriber may take to answer.
const eventTimeout = 10 * time.Second

// NewEvents makes the events of one app, without subscribers.
func NewEvents(s *Store) *Events {
	return &Events{store: s, client: &http.Client{Timeout: eventTimeout}}
}

// Subscribe adds an address that is told of writes from now on. Adding it twice
// is harmless.
func (e *Events) Subscribe(ctx context.Context, address string) error {
	version, err := e.store.version(ctx)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.begin(version)
	if !slices.Contains(e.hooks, address) {
		e.hooks = append(e.hooks, address)
	}
	return nil
}

// Hint has an address told once, however many records it were, of each entity
// that somebody wrote to who is no client of the server: clients know what they
// wrote. It takes the place of the address that was given before; "" ends it.
func (e *Events) Hint(ctx context.Context, address string) error {
	version, err := e.store.version(ctx)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.begin(version)
	e.hint = address
	return nil
}

// begin notes from which version on the first subscriber is told.
func (e *Events) begin(version int64) {
	if len(e.hooks) == 0 && e.hint == "" {
		e.last = version
	}
}

// message is an event on the wire, with the members of a RemoteExecutionContext
// that a subscriber needs.
type message struct {
	MessageName        string
	PrimaryEntityName  string
	PrimaryEntityID    string `json:"PrimaryEntityId"`
	InitiatingUserID   string `json:"InitiatingUserId"`
	OperationCreatedOn string
	Depth              int
}

// Deliver tells the subscribers what was written since the last time. It
// answers how many events there were. One call at a time.
func (e *Events) Deliver(ctx context.Context) (int, error) {
	e.mu.Lock()
	hooks, hint, since := slices.Clone(e.hooks), e.hint, e.last
	e.mu.Unlock()
	if len(hooks) == 0 && hint == "" {
		return 0, nil
	}
	if now, err := e.store.version(ctx); err != nil || now == since {
		return 0, err
	}
	changes, err := e.store.changes(ctx, since)
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	var problems error
	hinted := map[string]bool{}
	for _, c := range changes {
		if hint != "" && c.InitiatingUserID == "" && !hinted[c.PrimaryEntityName] {
			hinted[c.PrimaryEntityName] = true
			problems = errors.Join(problems, e.post(ctx, hint, c.message))
		}
		for _, hook := range hooks {
			problems = errors.Join(problems, e.post(ctx, hook, c.message))
		}
	}
	e.mu.Lock()
	e.last = changes[len(changes)-1].version
	e.mu.Unlock()
	return len(changes), problems
}

func (e *Events) post(ctx context.Context, hook string, m message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hook, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("x-ms-dynamics-entity-name", m.PrimaryEntityName)
	r.Header.Set("x-ms-dynamics-request-name", m.MessageName)
	answer, err := e.client.Do(r)
	if err != nil {
		return fmt.Errorf("tell a subscriber: %w", err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("tell a subscriber: it answers %d", answer.StatusCode)
	}
	return nil
}

type change struct {
	message
	version int64
}

func (s *Store) version(ctx context.Context) (version int64, err error) {
	err = s.Read(ctx, func(tx *Tx) (err error) {
		version, err = tx.Version(ctx, 0)
		return err
	})
	return version, err
}

// mostEvents is how many writes are told at once; the rest comes the next time.
const mostEvents = 1000

// changes lists what was written after a version, in order.
func (s *Store) changes(ctx context.Context, since int64) ([]change, error) {
	names := map[string]string{}
	for _, e := range s.Model.Entities {
		names[e.Table] = e.Name
	}
	rows, err := s.read.QueryContext(ctx, `SELECT entity, CAST(id AS TEXT), version, deleted, coalesce(who, ''), strftime('/Date(%s000+0000)/', at, 'unixepoch')
		FROM practice_versions WHERE version > ? ORDER BY version LIMIT ?`, since, mostEvents)
	if err != nil {
		return nil, fmt.Errorf("read what was written: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []change
	for rows.Next() {
		c := change{message: message{MessageName: "Update", Depth: 1}}
		var table string
		var deleted bool
		if err := rows.Scan(&table, &c.PrimaryEntityID, &c.version, &deleted, &c.InitiatingUserID, &c.OperationCreatedOn); err != nil {
			return nil, fmt.Errorf("read what was written: %w", err)
		}
		if deleted {
			c.MessageName = "Delete"
		}
		c.PrimaryEntityName = names[table]
		out = append(out, c)
	}
	return out, rows.Err()
}
