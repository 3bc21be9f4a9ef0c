package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// testRecord shows what the other side would get of one record.
func (h *console) testRecord(c echo.Context) error {
	p, err := h.mapPage(c, "mappings")
	if err != nil {
		return err
	}
	v := views.RecordTestPage{MapPage: p, Values: c.QueryParams()["key"]}
	if v.Side, err = sideOf(c); err != nil {
		return err
	}
	for _, k := range p.Map.Definition.Key {
		v.Fields = append(v.Fields, k.KeyField(v.Side))
	}
	if company := p.Map.Definition.Endpoint(v.Side).Company; company != "" {
		v.Fields = append(v.Fields, company)
	}
	status := http.StatusOK
	if c.QueryParam("test") != "" {
		found, err := h.engine.TestRecord(c.Request().Context(), p.Map.ID, v.Side, v.Values)
		switch {
		case err == nil:
			v.Result = testResult(found)
		case models.KindOf(err) == models.Invalid:
			v.Errors.Summary, status = models.MessageOf(err), http.StatusUnprocessableEntity
		default:
			return err
		}
	}
	return web.Render(c, status, v.View())
}

func testResult(r engine.RecordTest) *views.RecordTest {
	out := &views.RecordTest{Key: r.Key, Found: r.Found, Several: r.Several, InMap: r.InMap, Partner: r.Partner, Fault: r.Fault}
	for _, f := range r.Fields {
		out.Rows = append(out.Rows, testRow(f))
	}
	return out
}

func testRow(f engine.FieldTest) views.TestRow {
	row := views.TestRow{Left: f.Left, Right: f.Right, From: f.From, To: f.To, Now: f.Now, Fault: f.Fault, Same: f.Same}
	for _, s := range f.Steps {
		row.Steps = append(row.Steps, s.Value)
	}
	return row
}

// previewInitial walks both sides and shows what an initial sync would do. It
// changes nothing but costs both apps a full read, so it is asked for by a form.
func (h *console) previewInitial(c echo.Context) error {
	p, err := h.mapPage(c, "mappings")
	if err != nil {
		return err
	}
	if err := web.TakeTime(c); err != nil {
		return err
	}
	r, err := h.engine.PreviewInitial(c.Request().Context(), p.Map.ID)
	if err != nil {
		return err
	}
	v := views.InitialPreviewPage{MapPage: p, Left: r.Left, Right: r.Right, CreateLeft: r.CreateLeft, CreateRight: r.CreateRight, Equal: r.Equal,
		Different: r.Different, Duplicate: r.Duplicate, Invalid: r.Invalid}
	for _, f := range r.First {
		v.First = append(v.First, views.PreviewRow{Key: f.Key, Kind: f.Kind, Fault: f.Fault, Fields: f.Fields})
	}
	return web.Render(c, http.StatusOK, v.View())
}
