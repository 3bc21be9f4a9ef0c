package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/models"
)

// Step is one map of a plan.
type Step struct {
	Map     models.Summary
	Chosen  bool     // asked for, not merely related
	Needs   []string // names of the maps that this one needs first
	Refusal string   // why it cannot run, "" if it can
}

// Plan is what Run offers: the chosen maps and all they need, prerequisites first.
type Plan struct {
	Steps []Step
	// Cycles lists maps that need one another; their records are brought in step
	// by writing lookups later, so they run in one go all the same.
	Cycles [][]string
}

// graph is which map needs which, from the lookups of their fields.
type graph struct {
	maps  []models.Summary
	at    map[int64]int // map id to position
	needs [][]int       // positions of the prerequisites, in order of name
}

// Plan works out what running the given maps takes.
func (e *Engine) Plan(ctx context.Context, ids []int64) (Plan, error) {
	g, err := e.graph(ctx)
	if err != nil {
		return Plan{}, err
	}
	var chosen []int
	for _, id := range ids {
		i, ok := g.at[id]
		if !ok {
			return Plan{}, models.Errorf(models.NotFound, "there is no entity map %d; it may have been deleted", id)
		}
		chosen = append(chosen, i)
	}
	order, cycles := g.order(chosen)
	p := Plan{Cycles: cycles}
	for _, i := range order {
		s := Step{Map: g.maps[i], Chosen: slices.Contains(chosen, i)}
		for _, n := range g.needs[i] {
			s.Needs = append(s.Needs, g.maps[n].Name)
		}
		if s.Map.Status == models.NotRunning {
			if s.Refusal, err = e.refusal(ctx, &s.Map.Map); err != nil {
				return Plan{}, err
			}
		}
		p.Steps = append(p.Steps, s)
	}
	return p, nil
}

// refusal says why a map must not run, "" if it may.
func (e *Engine) refusal(ctx context.Context, m *models.Map) (string, error) {
	env, err := e.store.EnvironmentByID(ctx, m.EnvironmentID)
	if err != nil {
		return "", err
	}
	if !env.Linked() {
		return fmt.Sprintf("%s: its environment %s is not linked; link it to two apps first", m.Name, env.Name), nil
	}
	var schemas [2]*connectors.Schema
	for i, side := range models.Sides {
		if schemas[i], err = e.apps.refresh(ctx, env.ConnectionID(side)); err != nil {
			err = e.reach(side, err)
			if models.KindOf(err) == models.Invalid {
				return models.MessageOf(err), nil
			}
			return "", err
		}
	}
	if reasons := blocking(m.Name, Validate(&m.Definition, schemas, env.Companies)); len(reasons) > 0 {
		return strings.Join(reasons, ". "), nil
	}
	if _, err := compile(&m.Definition, schemas, env.Companies); err != nil {
		return models.MessageOf(err), nil
	}
	return "", nil
}

// reach gives an app's refusal to be worked with a message for the person who
// asked; other errors stay as they are.
func (e *Engine) reach(side models.Side, err error) error {
	var app *connectors.Error
	if !errors.As(err, &app) {
		return err
	}
	return &models.Error{Kind: models.Invalid, Message: fmt.Sprintf("%s cannot be reached or refuses us: %s. Mend the connection and try again", e.label(side), app.Error())}
}

// Dependents lists the maps that the given ones need and those that need them,
// for pause and stop.
func (e *Engine) Dependents(ctx context.Context, ids []int64) ([]models.Summary, error) {
	g, err := e.graph(ctx)
	if err != nil {
		return nil, err
	}
	in := map[int]bool{}
	var down, up func(i int)
	down = func(i int) {
		for _, n := range g.needs[i] {
			if !in[n] {
				in[n] = true
				down(n)
			}
		}
	}
	seen := map[int]bool{}
	up = func(i int) {
		for j, needs := range g.needs {
			if slices.Contains(needs, i) && !seen[j] {
				seen[j], in[j] = true, true
				up(j)
			}
		}
	}
	for _, id := range ids {
		if i, ok := g.at[id]; ok {
			down(i)
			up(i)
		}
	}
	var out []models.Summary
	for i := range g.maps {
		if in[i] && !slices.Contains(ids, g.maps[i].ID) {
			out = append(out, g.maps[i])
		}
	}
	return out, nil
}

// graph reads all maps and finds their edges: a field that looks up an entity
// needs the maps of that entity, a company-specific map the map of its legal
// entities, and a map those that somebody has named.
func (e *Engine) graph(ctx context.Context) (*graph, error) {
	maps, err := e.store.WholeSummaries(ctx)
	if err != nil {
		return nil, err
	}
	g := &graph{maps: maps, at: map[int64]int{}, needs: make([][]int, len(maps))}
	for i := range maps {
		g.at[maps[i].ID] = i
	}
	schemas, err := e.schemasAtHand(ctx, maps)
	if err != nil {
		return nil, err
	}
	for i := range maps {
		parents := parentsOf(&maps[i].Definition, schemas[maps[i].EnvironmentID])
		for j := range maps {
			if i == j || maps[i].EnvironmentID != maps[j].EnvironmentID {
				continue
			}
			if parents[0][maps[j].Definition.Left.Entity] || parents[1][maps[j].Definition.Right.Entity] || slices.Contains(maps[i].Definition.Needs, maps[j].Name) {
				g.needs[i] = append(g.needs[i], j)
			}
		}
	}
	return g, nil
}

// schemasAtHand gives what the apps of each environment that has maps described
// when they were last asked; nil for an app that cannot be asked now.
func (e *Engine) schemasAtHand(ctx context.Context, maps []models.Summary) (map[int64][2]*connectors.Schema, error) {
	all, err := e.store.Environments(ctx)
	if err != nil {
		return nil, err
	}
	out := map[int64][2]*connectors.Schema{}
	for i := range all {
		env := &all[i]
		if !slices.ContainsFunc(maps, func(m models.Summary) bool { return m.EnvironmentID == env.ID }) {
			continue
		}
		var both [2]*connectors.Schema
		for side, name := range models.Sides {
			if both[side], err = e.apps.schema(ctx, env.ConnectionID(name)); err != nil {
				e.log.Warn("schema not at hand", "environment", env.Name, "side", name, "error", err)
			}
		}
		out[env.ID] = both
	}
	return out, nil
}

// parentsOf lists the entities that the fields of a map look up, by side. An app
// whose schema is not at hand has none.
func parentsOf(d *models.Definition, schemas [2]*connectors.Schema) (out [2]map[string]bool) {
	for i, side := range models.Sides {
		if schemas[i] != nil {
			out[i] = lookedUp(schemas[i], d.Endpoint(side).Entity, d.Selected(side))
		}
	}
	return out
}

// lookedUp lists the other entities that paths of an entity lead to.
func lookedUp(schema *connectors.Schema, entity string, paths []string) map[string]bool {
	out := map[string]bool{}
	s, ok := schema.Entity(entity)
	if !ok {
		return out
	}
	for _, path := range paths {
		head, rest := connectors.CutPath(path)
		if rest == "" {
			continue
		}
		f, ok := s.Field(head)
		if !ok {
			continue
		}
		for _, b := range f.Branches(rest) {
			if b.Entity != entity {
				out[b.Entity] = true
			}
		}
	}
	return out
}

// order lists the chosen maps and all they need, prerequisites first, and the
// cycles met on the way. Within what the needs leave open it goes by name.
func (g *graph) order(chosen []int) (order []int, cycles [][]string) {
	const (
		entered = 1
		left    = 2
	)
	state := make([]int, len(g.maps))
	var path []int
	var visit func(i int)
	visit = func(i int) {
		switch state[i] {
		case left:
			return
		case entered:
			var names []string
			for _, p := range path[slices.Index(path, i):] {
				names = append(names, g.maps[p].Name)
			}
			cycles = append(cycles, names)
			return
		}
		state[i] = entered
		path = append(path, i)
		for _, n := range g.needs[i] {
			visit(n)
		}
		path = path[:len(path)-1]
		state[i] = left
		order = append(order, i)
	}
	for _, i := range chosen {
		visit(i)
	}
	return order, cycles
}
