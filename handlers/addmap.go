package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// firstVersion is that of a map that nobody has saved under another.
const firstVersion = "1.0.0.0"

// newMapPage asks for the environment and the entities of a new map, then shows
// what could be mapped.
func (h *console) newMapPage(c echo.Context) error {
	v := views.AddMapChoice{Chosen: [2]string{strings.TrimSpace(c.QueryParam("left")), strings.TrimSpace(c.QueryParam("right"))}}
	ctx := c.Request().Context()
	id := chosenID(c.QueryParam("environment"))
	var err error
	if v.Environments, err = h.store.Environments(ctx); err != nil {
		return err
	}
	if id == 0 && len(v.Environments) == 1 {
		id = v.Environments[0].ID
	}
	if id == 0 {
		return h.renderMapChoice(c, http.StatusOK, v)
	}
	row, err := h.mapEnvironment(ctx, id)
	if err != nil {
		return err
	}
	v.Environment = &row
	if !c.QueryParams().Has("left") || c.QueryParam("step") == "1" {
		return h.renderMapChoice(c, http.StatusOK, v)
	}
	p, err := h.engine.Propose(ctx, id, v.Chosen[0], v.Chosen[1])
	if models.KindOf(err) == models.Invalid {
		v.Errors.Summary = models.MessageOf(err)
		return h.renderMapChoice(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return h.renderProposal(c, http.StatusOK, proposal(row, p, nil))
}

// mapEnvironment is the environment that a new map goes to.
func (h *console) mapEnvironment(ctx context.Context, id int64) (views.EnvironmentRow, error) {
	e, err := h.store.EnvironmentByID(ctx, id)
	if err != nil {
		return views.EnvironmentRow{}, err
	}
	return h.environmentRow(ctx, e, nil)
}

// renderMapChoice lists the entities of both apps, as they are now. An app that
// cannot be asked has none, and the page says why.
func (h *console) renderMapChoice(c echo.Context, status int, v views.AddMapChoice) (err error) {
	for i, side := range models.Sides {
		if v.Environment == nil {
			break
		}
		list, err := h.engine.Entities(c.Request().Context(), v.Environment.ConnectionID(side))
		if models.KindOf(err) == models.Invalid {
			if v.Errors.Field == nil {
				v.Errors.Field = map[string]string{}
			}
			v.Errors.Field[string(side)] = models.MessageOf(err)
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range list {
			v.Entities[i] = append(v.Entities[i], entityChoice(e))
		}
	}
	if v.Page, err = h.web.Page(c, "Add entity map", "/maps"); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

func entityChoice(e engine.EntityName) views.EntityChoice {
	out := views.EntityChoice{Name: e.Name, Label: e.Label}
	if !e.Keyed {
		out.Note = "no unique key"
	}
	return out
}

// proposal makes a page of what the engine proposes. kept names the pairs that
// stay ticked, nil for all.
func proposal(row views.EnvironmentRow, p engine.Proposal, kept []string) views.AddMapProposal {
	d := p.Definition
	v := views.AddMapProposal{Environment: row, Definition: d, Remarks: p.Remarks, Name: mapName(&d)}
	for i, f := range d.Fields {
		field := views.ProposedField{FieldMapping: f}
		if i < len(p.Types) {
			field.Types = p.Types[i]
		}
		field.Key = slices.Contains(d.Key, models.KeyPair{Left: f.Left, Right: f.Right})
		field.Ticked = field.Key || kept == nil || slices.Contains(kept, field.Value())
		v.Fields = append(v.Fields, field)
	}
	return v
}

// mapName is how the original calls a map: the left entity, and the right one in
// brackets.
func mapName(d *models.Definition) string { return d.Left.Label + " (" + d.Right.Entity + ")" }

func (h *console) renderProposal(c echo.Context, status int, v views.AddMapProposal) (err error) {
	if v.Page, err = h.web.Page(c, "Add entity map", "/maps"); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// addMap adds the proposed map, with the fields that are ticked.
func (h *console) addMap(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	id := chosenID(values.Get("environment"))
	row, err := h.mapEnvironment(ctx, id)
	if err != nil {
		return err
	}
	p, err := h.engine.Propose(ctx, id, values.Get("left"), values.Get("right"))
	if err != nil {
		return err
	}
	v := proposal(row, p, append([]string{}, values["field"]...))
	v.Name = strings.TrimSpace(values.Get("name"))
	made := models.Map{EnvironmentID: id, Name: v.Name, Publisher: web.User(c).Name, Version: firstVersion, Definition: p.Definition}
	made.Definition.Fields = nil
	for _, f := range v.Fields {
		if f.Ticked {
			made.Definition.Fields = append(made.Definition.Fields, f.FieldMapping)
		}
	}
	err = h.store.AddMap(ctx, web.User(c).Name, &made)
	if refusedSave(err) {
		v.Errors.Field = map[string]string{"name": models.MessageOf(err)}
		return h.renderProposal(c, web.Status(models.KindOf(err)), v)
	}
	if err != nil {
		return err
	}
	return h.web.Done(c, mapPath(made.ID, "mappings"), "The map "+made.Name+" is added. It does not run yet: look at its field mappings, then press Run.")
}
