package handlers

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// Prober asks the apps behind connections. What an app answers is never older
// than the question, and none is waited for longer than ten seconds.
type Prober interface {
	// TestConnection opens an app with settings, secrets in clear among them.
	TestConnection(ctx context.Context, kind string, settings map[string]string) engine.Probe
	// Reconnect has a changed connection's app opened anew.
	Reconnect(ctx context.Context, connection int64) error
	// Survey asks after two apps at once.
	Survey(ctx context.Context, connections [2]int64) ([2]engine.Survey, error)
	// Entities and Propose fail with kind Invalid when an app cannot be asked.
	Entities(ctx context.Context, connection int64) ([]engine.EntityName, error)
	Propose(ctx context.Context, environment int64, left, right string) (engine.Proposal, error)
}

// connections lists all connections.
func (h *console) connections(c echo.Context) error {
	all, err := h.store.Connections(c.Request().Context())
	if err != nil {
		return err
	}
	var v views.ConnectionList
	for i := range all {
		row, err := h.connectionRow(c.Request().Context(), all[i])
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	if v.Page, err = h.web.Page(c, "Connections", "/connections"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, v.View())
}

// connectionRow adds to a connection what uses it.
func (h *console) connectionRow(ctx context.Context, c models.Connection) (views.ConnectionRow, error) {
	row := views.ConnectionRow{Connection: c, KindLabel: c.Kind}
	if k := h.kind(c.Kind); k != nil {
		row.KindLabel = k.Label
	}
	all, err := h.store.Environments(ctx)
	for i := range all {
		if all[i].LeftConnectionID == c.ID || all[i].RightConnectionID == c.ID {
			row.Uses = append(row.Uses, all[i].Name)
		}
	}
	return row, err
}

// kind describes a kind of app, nil for one that the console does not know.
func (h *console) kind(name string) *models.ConnectionKind {
	at := slices.IndexFunc(h.kinds, func(k models.ConnectionKind) bool { return k.Name == name })
	if at < 0 {
		return nil
	}
	return &h.kinds[at]
}

// pathConnection reads the connection that the address names.
func (h *console) pathConnection(c echo.Context) (models.Connection, error) {
	id, err := web.PathID(c)
	if err != nil {
		return models.Connection{}, err
	}
	return h.store.ConnectionByID(c.Request().Context(), id)
}

// connection shows one connection.
func (h *console) connection(c echo.Context) error { return h.renderConnection(c, nil) }

func (h *console) renderConnection(c echo.Context, probe *views.Probe) error {
	found, err := h.pathConnection(c)
	if err != nil {
		return err
	}
	v := views.ConnectionPage{Kind: h.kind(found.Kind), Probe: probe}
	if v.Connection, err = h.connectionRow(c.Request().Context(), found); err != nil {
		return err
	}
	if v.Secrets, err = h.store.ConnectionSecrets(c.Request().Context(), found.ID); err != nil {
		return err
	}
	if v.Page, err = h.web.Page(c, found.Name, "/connections"); err != nil {
		return err
	}
	if v.Administers() {
		if v.Hook, err = h.hook(c.Request().Context(), found.ID); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, v.View())
}

// testConnection tests a connection as it is stored.
func (h *console) testConnection(c echo.Context) error {
	found, err := h.pathConnection(c)
	if err != nil {
		return err
	}
	probe, err := h.probe(c.Request().Context(), &found)
	if err != nil {
		return err
	}
	return h.renderConnection(c, &probe)
}

// probe tests a stored connection; a secret that cannot be unsealed is a problem
// like others.
func (h *console) probe(ctx context.Context, c *models.Connection) (views.Probe, error) {
	settings, err := h.store.OpenSettings(ctx, c)
	if models.KindOf(err) == models.Invalid {
		return views.Probe{Problem: models.MessageOf(err)}, nil
	}
	if err != nil {
		return views.Probe{}, err
	}
	return probeView(h.engine.TestConnection(ctx, c.Kind, settings)), nil
}

func probeView(p engine.Probe) views.Probe {
	return views.Probe{Account: p.Account, Product: p.Product, Latency: p.Latency, Skew: p.Skew, Missing: p.Missing, Script: p.Script, Problem: p.Problem}
}

// deleteConnectionPage asks before a connection is deleted.
func (h *console) deleteConnectionPage(c echo.Context) error {
	return h.renderDeleteConnection(c, http.StatusOK, "")
}

func (h *console) renderDeleteConnection(c echo.Context, status int, problem string) error {
	found, err := h.pathConnection(c)
	if err != nil {
		return err
	}
	v := views.DeleteConnection{Errors: views.Errors{Summary: problem}}
	if v.Connection, err = h.connectionRow(c.Request().Context(), found); err != nil {
		return err
	}
	if v.Page, err = h.web.Page(c, "Delete "+found.Name, "/connections"); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// deleteConnection deletes a connection that nothing uses.
func (h *console) deleteConnection(c echo.Context) error {
	found, err := h.pathConnection(c)
	if err != nil {
		return err
	}
	err = h.store.DeleteConnection(c.Request().Context(), web.User(c).Name, found.ID)
	if models.KindOf(err) == models.Conflict {
		return h.renderDeleteConnection(c, http.StatusConflict, models.MessageOf(err))
	}
	if err != nil {
		return err
	}
	if err := h.engine.Reconnect(c.Request().Context(), found.ID); err != nil {
		return err
	}
	return h.web.Done(c, "/connections", "The connection "+found.Name+" is deleted.")
}
