package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// companyChoice sorts the legal entities of two apps but for those that are
// chosen already: those of both can be ticked, or those of the only app that
// tells its own.
func companyChoice(apps [2]string, found [2]engine.Survey, chosen []string) views.CompanyChoice {
	v := views.CompanyChoice{Apps: apps, Ticked: map[string]bool{}}
	for i := range found {
		v.Telling[i] = found[i].LegalEntities != nil
		other := found[1-i].LegalEntities
		for _, code := range found[i].LegalEntities {
			switch {
			case listsCode(chosen, code):
			case other != nil && !listsCode(other, code):
				v.Only[i] = append(v.Only[i], code)
			case i == 0 || other == nil:
				v.Both = append(v.Both, code)
			}
		}
	}
	return v
}

func listsCode(codes []string, code string) bool {
	return slices.ContainsFunc(codes, func(c string) bool { return strings.EqualFold(c, code) })
}

// companiesSent are the legal entities that were ticked and typed.
func companiesSent(values url.Values) []string {
	return slices.Concat(values["company"], commaList(values.Get("more")))
}

// companiesPage asks which legal entities are to be added to an environment.
func (h *console) companiesPage(c echo.Context) error {
	return h.renderCompanies(c, http.StatusOK, func(*views.EnvironmentCompanies) {})
}

// renderCompanies asks both apps for their legal entities and shows the form,
// changed as one that was refused needs it.
func (h *console) renderCompanies(c echo.Context, status int, change func(*views.EnvironmentCompanies)) error {
	row, _, err := h.pathEnvironment(c)
	if err != nil {
		return err
	}
	found, err := h.engine.Survey(c.Request().Context(), [2]int64{row.LeftConnectionID, row.RightConnectionID})
	if err != nil {
		return err
	}
	v := views.EnvironmentCompanies{Environment: row, Companies: companyChoice(row.Sides, found, row.Companies)}
	change(&v)
	if v.Page, err = h.web.Page(c, "Add legal entities", "/environments"); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// addCompanies adds legal entities to an environment, whatever its maps do.
func (h *console) addCompanies(c echo.Context) error {
	row, _, err := h.pathEnvironment(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	wanted := companiesSent(values)
	if len(wanted) == 0 {
		err = models.Errorf(models.Invalid, "Tick or type at least one legal entity.")
	} else {
		_, err = h.engine.ChangeEnvironment(c.Request().Context(), web.User(c).Name, row.ID, revisionSent(c), row.Name, wanted)
	}
	if refusedSave(err) {
		return h.renderCompanies(c, web.Status(models.KindOf(err)), func(v *views.EnvironmentCompanies) {
			v.Companies.Keep(values)
			v.Errors.Summary = refusedChange(c, v.Environment.Environment, err)
		})
	}
	if err != nil {
		return err
	}
	return h.web.Done(c, environmentPath(row.ID), "Added to "+row.Name+": "+strings.Join(wanted, ", ")+".")
}
