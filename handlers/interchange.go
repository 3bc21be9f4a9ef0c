package handlers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/models/interchange"
	"dualwrite/views"
	"dualwrite/web"
)

// importPage shows the form that takes maps from a file.
func (h *console) importPage(c echo.Context) error {
	v, err := h.importForm(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, v.View())
}

func (h *console) importForm(c echo.Context) (v views.ImportPage, err error) {
	if v.Page, err = h.web.Page(c, "Import entity maps", "/maps"); err != nil {
		return v, err
	}
	v.Megabytes = interchange.MostBytes >> 20
	if v.Environments, err = h.store.Environments(c.Request().Context()); err != nil {
		return v, err
	}
	if id := c.FormValue("environment"); id != "" {
		ids, err := web.IDs([]string{id})
		if err != nil {
			return v, err
		}
		v.Environment = ids[0]
	}
	return v, nil
}

// importMaps shows what a file holds and what importing it would change, or
// imports what was shown.
func (h *console) importMaps(c echo.Context) error {
	v, err := h.importForm(c)
	if err != nil {
		return err
	}
	v.Paste = c.FormValue("paste")
	if ready := c.FormValue("ready"); c.FormValue("do") == "import" {
		return h.importReady(c, v, ready)
	}
	text, err := importText(c)
	if err == nil {
		err = h.previewImport(c.Request().Context(), web.User(c).Name, &v, text)
	}
	if err == nil {
		return web.Render(c, http.StatusOK, v.View())
	}
	return h.refuseImport(c, v, err)
}

func (h *console) refuseImport(c echo.Context, v views.ImportPage, err error) error {
	kind := models.KindOf(err)
	if kind != models.Invalid && kind != models.Conflict && kind != models.NotFound {
		return err
	}
	v.Errors.Summary = models.MessageOf(err)
	return web.Render(c, web.Status(kind), v.View())
}

// importText is the file that was sent, or the text that was pasted.
func importText(c echo.Context) ([]byte, error) {
	if file, err := c.FormFile("file"); err == nil && file.Size > 0 {
		f, err := file.Open()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(io.LimitReader(f, interchange.MostBytes+1))
		return text, errors.Join(err, f.Close())
	}
	if paste := strings.TrimSpace(c.FormValue("paste")); paste != "" {
		return []byte(paste), nil
	}
	return nil, models.Errorf(models.Invalid, "Choose a file, or paste its text.")
}

// previewImport reads a file, fits its maps to the apps and tries them.
func (h *console) previewImport(ctx context.Context, who string, v *views.ImportPage, text []byte) error {
	im, err := interchange.ReadAny(text)
	if err != nil {
		return err
	}
	if err := im.Fit(func(m *models.Map) ([]string, error) { return h.engine.FitMap(ctx, v.Environment, m) }); err != nil {
		return err
	}
	for _, n := range im.Notes {
		v.Notes = append(v.Notes, views.ImportNote{Map: n.Map, Fate: string(n.Fate), Where: n.Where, Why: n.Why})
	}
	setup, err := h.importSetup(ctx, v, im.Maps)
	if err != nil {
		return err
	}
	if v.Would, err = h.store.TrySetup(ctx, setup, who); err != nil {
		return err
	}
	ready, err := interchange.Write(&models.Setup{Environments: setup.Environments})
	v.Ready, v.Read, v.Paste = string(ready), true, ""
	return err
}

// importSetup puts maps into the chosen environment.
func (h *console) importSetup(ctx context.Context, v *views.ImportPage, maps []models.Map) (*models.Setup, error) {
	at := slices.IndexFunc(v.Environments, func(e models.Environment) bool { return e.ID == v.Environment })
	if at < 0 {
		return nil, models.Errorf(models.Invalid, "Choose an environment.")
	}
	present, err := h.store.ExportSetup(ctx)
	if err != nil {
		return nil, err
	}
	return interchange.For(present, v.Environments[at].Name, maps)
}

// importReady imports what the preview showed.
func (h *console) importReady(c echo.Context, v views.ImportPage, ready string) error {
	ctx := c.Request().Context()
	setup, err := interchange.Read([]byte(ready))
	if err != nil {
		return h.refuseImport(c, v, err)
	}
	var maps []models.Map
	for _, e := range setup.Environments {
		maps = append(maps, e.Maps...)
	}
	if setup, err = h.importSetup(ctx, &v, maps); err != nil {
		return h.refuseImport(c, v, err)
	}
	done, err := h.store.ApplySetup(ctx, setup, web.User(c).Name)
	if err != nil {
		return h.refuseImport(c, v, err)
	}
	return h.web.Done(c, "/maps", "Imported: "+countMaps(len(done))+" added or changed.")
}

// mapFile is a map as a file that can be imported elsewhere.
func (h *console) mapFile(c echo.Context) error {
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	m, err := h.store.MapByID(c.Request().Context(), id)
	if err != nil {
		return err
	}
	text, err := interchange.WriteMap(&m)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename*=UTF-8''`+url.PathEscape(interchange.FileName(&m)))
	return c.Blob(http.StatusOK, "application/yaml; charset=utf-8", text)
}
