package handlers

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// filePage is how many errors are read at a time for the file.
const filePage = 500

// errorFile sends all errors of a filter as a CSV file, page by page.
func (h *console) errorFile(c echo.Context) error {
	p, err := h.mapPage(c, "errors")
	if err != nil {
		return err
	}
	work := models.LaterWork
	if c.QueryParam("list") == string(models.InitialWork) {
		work = models.InitialWork
	}
	f := errorFilter(c, p.Map.ID, work)
	if err := web.TakeTime(c); err != nil {
		return err
	}
	page, next, err := h.store.OpenErrorPage(c.Request().Context(), f, 0, filePage)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="errors-map-%d.csv"`, p.Map.ID))
	c.Response().WriteHeader(http.StatusOK)
	out := csv.NewWriter(c.Response())
	out.UseCRLF = true
	if err := out.Write([]string{"Key", "Legal entity", "Written to", "Field", "Kind", "What happened", "Why, probably", "What to do", "Attempts",
		"First", "Last", p.Sides[0] + " record", p.Sides[1] + " record"}); err != nil {
		return err
	}
	for {
		for i := range page {
			if err := out.Write(errorLine(&page[i], p.Sides)); err != nil {
				return err
			}
		}
		out.Flush()
		if next == 0 || out.Error() != nil {
			return out.Error()
		}
		if page, next, err = h.store.OpenErrorPage(c.Request().Context(), f, next, filePage); err != nil {
			return err
		}
	}
}

func errorLine(e *models.RecordError, sides [2]string) []string {
	hint := views.HintFor(e)
	line := []string{e.RecordKey, e.Company, sides[e.Side.Index()], e.Field, e.Kind, e.Message, hint.Why, hint.Do, strconv.Itoa(e.Attempts),
		e.FirstAt.UTC().Format(time.RFC3339), e.LastAt.UTC().Format(time.RFC3339), e.LeftImage, e.RightImage}
	for i := range line {
		line[i] = harmless(line[i])
	}
	return line
}

// harmless keeps a spreadsheet from taking a cell for a formula:
// https://owasp.org/www-community/attacks/CSV_Injection
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
