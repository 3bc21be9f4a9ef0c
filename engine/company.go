package engine

import (
	"context"
	"slices"
	"strings"

	"dualwrite/models"
)

// ChangeEnvironment renames an environment and adds legal entities to it. Maps
// that run go through the initial write of the added ones alone, those that
// others need first, and stay live for the rest. Its errors are those of
// models.Store.ChangeEnvironment.
func (e *Engine) ChangeEnvironment(ctx context.Context, who string, id int64, revision int, name string, add []string) (models.Environment, error) {
	order, err := e.inOrder(ctx, id)
	if err != nil {
		return models.Environment{}, err
	}
	changed, err := e.store.ChangeEnvironment(ctx, who, id, revision, name, add, order)
	if err != nil {
		return changed, err
	}
	e.changed(0)
	for _, m := range order {
		e.changed(m)
	}
	e.wakeAll()
	return changed, nil
}

// inOrder lists the ids of an environment's maps, each after those it needs.
func (e *Engine) inOrder(ctx context.Context, environment int64) ([]int64, error) {
	g, err := e.graph(ctx)
	if err != nil {
		return nil, err
	}
	var own []int
	for i := range g.maps {
		if g.maps[i].EnvironmentID == environment {
			own = append(own, i)
		}
	}
	order, _ := g.order(own)
	ids := make([]int64, len(order))
	for i, at := range order {
		ids[i] = g.maps[at].ID
	}
	return ids, nil
}

// companiesWithin picks the legal entities of an environment that a definition is
// about. Fails with kind Invalid where its limit leaves none: an app that is asked
// for the records of none gives those of all.
func companiesWithin(def *models.Definition, companies []string) ([]string, error) {
	within := def.Companies.Among(companies)
	if len(within) == 0 && len(def.Companies) > 0 {
		return nil, models.Errorf(models.Invalid, "the environment has no legal entity that the map is limited to (%s); add one to it, or choose others for the map", strings.Join(def.Companies, ", "))
	}
	return within, nil
}

// renew takes over what has changed in the map's environment: which legal
// entities are synchronised. A change of a new one that was captured and worked
// on before counts as outside the map; the initial write of the legal entity,
// which begins after this, finds its record.
func (w *worker) renew(ctx context.Context, m *models.Standing) error {
	if m.EnvironmentRevision != w.env.Revision {
		env, err := w.e.store.EnvironmentByID(ctx, w.env.ID)
		if err != nil {
			return err
		}
		w.env, w.m.companies = env, w.m.limit.Among(env.Companies)
	}
	w.held = nil
	if !m.Filling() || w.m.company[0] < 0 {
		return nil
	}
	var err error
	w.held, err = w.e.store.OpenCompanies(ctx, w.id)
	return err
}

// holdsAll reports whether the initial write that is under way is about every
// record of the map.
func (w *worker) holdsAll() bool {
	return !slices.ContainsFunc(w.m.companies, func(c string) bool { return w.m.company[0] >= 0 && !containsFold(w.held, c) })
}

// holds reports whether an item without a link is left to the initial write: its
// record is of a legal entity that this is about, or is gone.
func (w *worker) holds(it *item) bool {
	side := it.seeds[0].side
	r := it.rec[side]
	return r == nil || containsFold(w.held, r.Row[w.m.company[side]].String())
}
