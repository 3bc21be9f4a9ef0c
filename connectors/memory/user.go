package memory

import (
	"maps"
	"slices"

	"dualwrite/connectors"
)

// Insert creates a record as a user of the app does. Values are by path; a
// field that is left out is null, or has its default. Errors are *connectors.Error.
func (a *App) Insert(entity string, values map[string]connectors.Value) (id string, err error) {
	err = a.locked(func() error {
		r, err := a.edit(entity, nil, values)
		if err != nil {
			return err
		}
		id = r.id
		return nil
	})
	return id, err
}

// Edit changes the given fields of a record as a user of the app does. It fails
// with NoEntity when there is no such record.
func (a *App) Edit(entity, id string, values map[string]connectors.Value) error {
	return a.locked(func() error {
		r, err := a.held(entity, id)
		if err != nil {
			return err
		}
		_, err = a.edit(entity, r, values)
		return err
	})
}

// Remove deletes a record as a user of the app does. It fails with NoEntity when
// there is no such record, and with Invalid while another one refers to it.
func (a *App) Remove(entity, id string) error {
	return a.locked(func() error {
		r, err := a.held(entity, id)
		if err != nil {
			return err
		}
		if err := a.remove(a.tables[entity], r, ""); err != nil {
			return err
		}
		return nil
	})
}

// Read gives a record's own fields by name; a lookup holds the parent's native id.
func (a *App) Read(entity, id string) (map[string]connectors.Value, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, err := a.held(entity, id)
	if err != nil {
		return nil, false
	}
	return a.tables[entity].image(r.vals), true
}

// IDs lists the native ids of an entity, sorted as text.
func (a *App) IDs(entity string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.tables[entity]
	if t == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(t.rows))
}

// Captured lists the entities, sorted, whose feed was started and not stopped.
func (a *App) Captured() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var names []string
	for name, t := range a.tables {
		if t.started {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (a *App) held(entity, id string) (*row, error) {
	t := a.tables[entity]
	if t == nil {
		return nil, noEntity("edit", entity)
	}
	r := t.rows[id]
	if r == nil {
		return nil, &connectors.Error{Kind: connectors.NoEntity, Op: "edit", Entity: entity, Value: id, Message: "there is no record " + id}
	}
	return r, nil
}

func (a *App) edit(entity string, old *row, values map[string]connectors.Value) (*row, error) {
	t := a.tables[entity]
	if t == nil {
		return nil, noEntity("edit", entity)
	}
	all := make([]assignment, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p, ok := t.paths[name]
		if !ok {
			var err *connectors.Error
			if p, err = a.compile(t, name, t.schema.Company); err != nil {
				return nil, err
			}
			t.paths[name] = p
		}
		if v := values[name]; v.State() != connectors.Absent {
			all = append(all, assignment{p, v})
		}
	}
	r, err := a.store(t, old, all, t.company, "")
	if err != nil {
		return nil, err
	}
	return r, nil
}

// image gives a record's own fields by name.
func (t *table) image(vals []connectors.Value) map[string]connectors.Value {
	m := make(map[string]connectors.Value, len(vals))
	for i, v := range vals {
		m[t.schema.Fields[i].Name] = v
	}
	return m
}
