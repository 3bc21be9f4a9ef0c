package main

import (
	"context"
	"errors"
	"path/filepath"

	"dualwrite/connectors/practice"
	"dualwrite/handlers"
	"dualwrite/models"
	"dualwrite/views"
)

// practiceBrowser lets the console browse the practice apps.
type practiceBrowser struct {
	apps        *practice.Browser
	environment int64
	served      bool // records and fields are known as clients of the apps' servers know them
}

// openPracticeBrowser opens the practice apps of a store, which are served or
// whose files an environment links directly; nil where there is neither.
func openPracticeBrowser(ctx context.Context, store *models.Store, dataDir string, served *practiceServers) (*practiceBrowser, error) {
	if served != nil {
		apps, err := practice.OpenBrowser(ctx, practice.In(filepath.Join(dataDir, practiceFolder)))
		if err != nil {
			return nil, err
		}
		return &practiceBrowser{apps: apps, environment: served.environment.ID, served: true}, nil
	}
	all, err := store.Environments(ctx)
	if err != nil {
		return nil, err
	}
	for _, env := range all {
		var paths [2]string
		for i, side := range models.Sides {
			c, err := store.ConnectionByID(ctx, env.ConnectionID(side))
			if err != nil {
				return nil, err
			}
			paths[i] = c.Settings["path"]
		}
		if filepath.Dir(paths[0]) != practiceFolder || filepath.Dir(paths[1]) != practiceFolder {
			continue
		}
		apps, err := practice.OpenBrowser(ctx, practice.Apps{Left: filepath.Join(dataDir, paths[0]), Right: filepath.Join(dataDir, paths[1])})
		if err != nil {
			return nil, err
		}
		return &practiceBrowser{apps: apps, environment: env.ID}, nil
	}
	return nil, nil //nolint:nilnil // no practice environment is an answer
}

func (b *practiceBrowser) Environment() int64 { return b.environment }

func (b *practiceBrowser) Entities(ctx context.Context, side models.Side) ([]views.PracticeEntity, error) {
	tables, counts, err := b.apps.Tables(ctx, side.Index())
	if err != nil {
		return nil, err
	}
	out := make([]views.PracticeEntity, len(tables))
	for i, t := range tables {
		out[i] = b.entity(t)
		out[i].Records = counts[i]
	}
	return out, nil
}

func (b *practiceBrowser) Entity(side models.Side, name string) (views.PracticeEntity, error) {
	t, err := b.apps.Table(side.Index(), name)
	if err != nil {
		return views.PracticeEntity{}, practiceError(err)
	}
	return b.entity(t), nil
}

func (b *practiceBrowser) entity(t *practice.Table) views.PracticeEntity {
	e := views.PracticeEntity{Name: t.Name}
	for _, c := range t.Columns {
		created := c.Name == "createdon" || c.Name == "CREATEDDATETIME"
		e.Columns = append(e.Columns, views.PracticeColumn{Name: b.name(c), Type: c.Type, Required: c.Required, Fixed: c.Primary || created,
			Key: c.Name == t.Key(), Company: c.Name == t.Company(), Parent: c.Parent})
	}
	return e
}

// name is what the console calls a field.
func (b *practiceBrowser) name(c practice.Column) string {
	if b.served {
		return c.Served
	}
	return c.Name
}

// record finds an entity and the app's own id of a record, which the console
// may know by the key that the app's server gives it.
func (b *practiceBrowser) record(ctx context.Context, side models.Side, entity, id string) (*practice.Table, string, error) {
	t, err := b.apps.Table(side.Index(), entity)
	if err != nil || !b.served || id == "" {
		return t, id, err
	}
	own, err := b.apps.Locate(ctx, side.Index(), t, id)
	if errors.Is(err, practice.ErrNoRecord) {
		return t, id, nil
	}
	return t, own, err
}

func (b *practiceBrowser) Records(ctx context.Context, side models.Side, entity, search, after string, size int) ([]views.PracticeRecord, error) {
	t, err := b.apps.Table(side.Index(), entity)
	if err != nil {
		return nil, practiceError(err)
	}
	page, err := b.apps.Page(ctx, side.Index(), t, search, after, size)
	out := make([]views.PracticeRecord, len(page))
	for i, e := range page {
		out[i] = views.PracticeRecord(e)
	}
	return out, err
}

func (b *practiceBrowser) Record(ctx context.Context, side models.Side, entity, id string) (views.PracticeRecord, error) {
	t, id, err := b.record(ctx, side, entity, id)
	if err != nil {
		return views.PracticeRecord{}, practiceError(err)
	}
	e, err := b.apps.Record(ctx, side.Index(), t, id)
	return views.PracticeRecord(e), practiceError(err)
}

func (b *practiceBrowser) Save(ctx context.Context, side models.Side, entity, id string, values map[string]*string) (string, error) {
	t, id, err := b.record(ctx, side, entity, id)
	if err != nil {
		return "", practiceError(err)
	}
	columns := map[string]*string{}
	for _, c := range t.Columns {
		if value, given := values[b.name(c)]; given {
			columns[c.Name] = value
		}
	}
	id, err = b.apps.Save(ctx, side.Index(), t, id, columns)
	return id, b.refusal(t, err)
}

func (b *practiceBrowser) Delete(ctx context.Context, side models.Side, entity, id string) error {
	t, id, err := b.record(ctx, side, entity, id)
	if err != nil {
		return practiceError(err)
	}
	return b.refusal(t, b.apps.Delete(ctx, side.Index(), t, id))
}

// refusal is practiceError with the field as the console calls it.
func (b *practiceBrowser) refusal(t *practice.Table, err error) error {
	var refused *practice.FieldError
	if errors.As(err, &refused) {
		for _, c := range t.Columns {
			if c.Name == refused.Field {
				return &handlers.FieldError{Field: b.name(c), Message: refused.Message}
			}
		}
	}
	return practiceError(err)
}

// practiceError gives an error of the practice apps its meaning to the console.
func practiceError(err error) error {
	var refused *practice.FieldError
	switch {
	case errors.As(err, &refused):
		return &handlers.FieldError{Field: refused.Field, Message: refused.Message}
	case errors.Is(err, practice.ErrNoRecord):
		return &models.Error{Kind: models.NotFound, Message: "There is no such record in the practice app. It may have been deleted.", Err: err}
	default:
		return err
	}
}
