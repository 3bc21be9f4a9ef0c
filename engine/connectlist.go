package engine

import (
	"context"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/models"
)

// EntityName is one entity of an app, to choose from.
type EntityName struct {
	Name   string // as the app spells it
	Label  string // as people call it
	Global bool   // it has no legal entity
	Keyed  bool   // it has an alternate key that a map can use
}

// Entities lists what an app offers to be mapped, as it is now, by name. It
// fails with kind Invalid when the app cannot be asked.
func (e *Engine) Entities(ctx context.Context, connection int64) ([]EntityName, error) {
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	schema, err := e.describe(ctx, connection)
	if err != nil {
		return nil, err
	}
	out := make([]EntityName, 0, len(schema.Entities))
	for i := range schema.Entities {
		s := &schema.Entities[i]
		keyed := slices.ContainsFunc(s.Keys, func(k connectors.AlternateKey) bool { return k.Active })
		out = append(out, EntityName{Name: s.Name, Label: s.Label, Global: s.Company == "", Keyed: keyed})
	}
	slices.SortFunc(out, func(a, b EntityName) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out, nil
}

// describe reads an app's schema afresh, for a person who waits.
func (e *Engine) describe(ctx context.Context, connection int64) (*connectors.Schema, error) {
	c, err := e.store.ConnectionByID(ctx, connection)
	if err != nil {
		return nil, err
	}
	schema, err := e.apps.refresh(ctx, connection)
	return schema, asked(c.Name, err)
}

// Limits of looking for legal entities, of which there are few.
const (
	companyPages = 4
	companyPage  = 500
)

// legalEntities lists the legal entities that an app knows, nil where it cannot
// be told which entity holds them.
func (e *Engine) legalEntities(ctx context.Context, connection int64) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	schema, err := e.describe(ctx, connection)
	if err != nil {
		return nil, err
	}
	entity, field := companiesOf(schema)
	if entity == "" {
		return nil, nil
	}
	out, err := e.readCompanies(ctx, connection, entity, field)
	if err != nil {
		return nil, asked(entity, err)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (e *Engine) readCompanies(ctx context.Context, connection int64, entity, field string) ([]string, error) {
	app, err := e.apps.connector(ctx, connection)
	if err != nil {
		return nil, err
	}
	opened, err := app.Open(ctx, connectors.Selection{Entity: entity, Fields: []string{field}, Key: []int{0}, Company: -1})
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }() // nothing was written
	var out []string
	var at connectors.Position
	for range companyPages {
		page, next, err := opened.Scan(ctx, at, companyPage)
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			if text := strings.TrimSpace(r.Row[0].String()); r.Row[0].IsSet() && text != "" {
				out = append(out, text)
			}
		}
		if at = next; at == "" {
			break
		}
	}
	return out, nil
}

// companiesOf finds the entity that legal entities are records of: the one that
// company fields refer to, or one that is named as such.
func companiesOf(schema *connectors.Schema) (entity, field string) {
	for i := range schema.Entities {
		s := &schema.Entities[i]
		head, rest := connectors.CutPath(s.Company)
		f, ok := s.Field(head)
		switch {
		case !ok:
		case rest != "" && f.Lookup != "" && !strings.Contains(rest, "."):
			return f.Lookup, rest
		case f.References != "":
			return connectors.CutPath(f.References)
		}
	}
	for i := range schema.Entities {
		s := &schema.Entities[i]
		if !slices.Contains([]string{"legalentities", "companies", "cdmcompanies"}, plainName(s.Name)) {
			continue
		}
		for _, k := range s.Keys {
			if k.Active && len(k.Fields) == 1 {
				return s.Name, k.Fields[0]
			}
		}
	}
	return "", ""
}

// Proposal is a map that could be made of two entities.
type Proposal struct {
	Definition models.Definition
	Types      [][2]string // of each field mapping, left and right, in people's words
	Remarks    []string    // what a person has to look at, each with the mend
}

// Propose pairs an entity of each side of an environment: keys from alternate
// keys, fields by name and type. Fails with kind Invalid when an entity is not
// there.
func (e *Engine) Propose(ctx context.Context, environment int64, left, right string) (Proposal, error) {
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	env, err := e.store.EnvironmentByID(ctx, environment)
	if err != nil {
		return Proposal{}, err
	}
	var schemas [2]*connectors.Schema
	for i, side := range models.Sides {
		if schemas[i], err = e.describe(ctx, env.ConnectionID(side)); err != nil {
			return Proposal{}, err
		}
		if name := [2]string{left, right}[i]; name != "" {
			if _, ok := schemas[i].Entity(name); ok {
				continue
			}
		}
		return Proposal{}, models.Errorf(models.Invalid, "there is no entity %q in the %s app; choose one of the list", [2]string{left, right}[i], side)
	}
	return propose(schemas, left, right), nil
}
