package handlers

import (
	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/models/interchange"
	"dualwrite/static"
	"dualwrite/web"
)

// routes is every address of the console, with the weakest role that may use it.
func (h *console) routes() []web.Route {
	return []web.Route{
		// Open to everybody.
		{Method: "GET", Path: static.Prefix + "*", Need: web.Public, Handler: echo.WrapHandler(static.Handler())},
		{Method: "GET", Path: "/livez", Need: web.Public, Handler: h.live},
		{Method: "GET", Path: "/readyz", Need: web.Public, Handler: h.ready},
		{Method: "GET", Path: "/setup", Need: web.Public, Handler: h.setupPage},
		{Method: "POST", Path: "/setup", Need: web.Public, Handler: h.setup},
		{Method: "GET", Path: "/signin", Need: web.Public, Handler: h.signInPage},
		{Method: "POST", Path: "/signin", Need: web.Public, Handler: h.signIn},

		// Apps that tell of changes.
		{Method: "POST", Path: hooksPath + ":hook", Need: web.Public, Takes: hookBody, Handler: h.woken, Hook: true},

		// Anybody who is signed in.
		{Method: "POST", Path: "/signout", Need: models.Viewer, Handler: h.signOut},
		{Method: "GET", Path: "/", Need: models.Viewer, Handler: h.start},
		{Method: "GET", Path: "/activity", Need: models.Viewer, Handler: h.activity},
		{Method: "GET", Path: "/events", Need: models.Viewer, Handler: h.events},

		// The list of entity maps.
		{Method: "GET", Path: "/maps", Need: models.Viewer, Handler: h.maps},
		{Method: "GET", Path: "/maps/rows", Need: models.Viewer, Handler: h.mapRows},
		{Method: "GET", Path: "/maps/overview", Need: models.Viewer, Handler: h.overview},
		{Method: "GET", Path: "/maps/open", Need: models.Viewer, Handler: h.openMap},
		{Method: "GET", Path: "/maps/related", Need: models.Viewer, Handler: h.relatedMaps},
		{Method: "GET", Path: "/maps/import", Need: models.Administrator, Handler: h.importPage},
		{Method: "POST", Path: "/maps/import", Need: models.Administrator, Takes: 2 * interchange.MostBytes, Handler: h.importMaps},

		// A new map.
		{Method: "GET", Path: "/maps/new", Need: models.Administrator, Handler: h.newMapPage},
		{Method: "POST", Path: "/maps/new", Need: models.Administrator, Handler: h.addMap},

		// Dialogs for chosen maps.
		{Method: "GET", Path: "/maps/run", Need: models.Operator, Handler: h.runPage},
		{Method: "POST", Path: "/maps/run", Need: models.Operator, Handler: h.run},
		{Method: "GET", Path: "/maps/pause", Need: models.Operator, Handler: h.commandPage("pause")},
		{Method: "POST", Path: "/maps/pause", Need: models.Operator, Handler: h.command("pause")},
		{Method: "GET", Path: "/maps/resume", Need: models.Operator, Handler: h.commandPage("resume")},
		{Method: "POST", Path: "/maps/resume", Need: models.Operator, Handler: h.command("resume")},
		{Method: "GET", Path: "/maps/stop", Need: models.Operator, Handler: h.commandPage("stop")},
		{Method: "POST", Path: "/maps/stop", Need: models.Operator, Handler: h.command("stop")},
		{Method: "GET", Path: "/maps/skip", Need: models.Operator, Handler: h.commandPage("skip")},
		{Method: "POST", Path: "/maps/skip", Need: models.Operator, Handler: h.command("skip")},

		// One map: the parts of its page.
		{Method: "GET", Path: "/maps/:id", Need: models.Viewer, Handler: h.mapInitial},
		{Method: "GET", Path: "/maps/:id/head", Need: models.Viewer, Handler: h.mapHead},
		{Method: "GET", Path: "/maps/:id/executions", Need: models.Viewer, Handler: h.mapExecutions},
		{Method: "GET", Path: "/maps/:id/errors", Need: models.Viewer, Handler: h.mapErrors},
		{Method: "GET", Path: "/maps/:id/errors.csv", Need: models.Viewer, Handler: h.errorFile},
		{Method: "GET", Path: "/maps/:id/conflicts", Need: models.Viewer, Handler: h.mapConflicts},
		{Method: "GET", Path: "/maps/:id/queue", Need: models.Viewer, Handler: h.mapQueue},
		{Method: "GET", Path: "/maps/:id/activity", Need: models.Viewer, Handler: h.mapActivity},
		{Method: "GET", Path: "/maps/:id/mappings", Need: models.Viewer, Handler: h.mapMappings},
		{Method: "GET", Path: "/maps/:id/map.yaml", Need: models.Viewer, Handler: h.mapFile},
		{Method: "GET", Path: "/maps/:id/versions", Need: models.Viewer, Handler: h.versionsPage},
		{Method: "GET", Path: "/maps/:id/versions/diff", Need: models.Viewer, Handler: h.diffPage},
		{Method: "GET", Path: "/maps/:id/details", Need: models.Viewer, Handler: h.mapDetails},
		{Method: "GET", Path: "/maps/:id/delete", Need: models.Administrator, Handler: h.deleteMapPage},
		{Method: "POST", Path: "/maps/:id/delete", Need: models.Administrator, Handler: h.deleteMap},

		// Connections to apps.
		{Method: "GET", Path: "/connections", Need: models.Viewer, Handler: h.connections},
		{Method: "GET", Path: "/connections/new", Need: models.Administrator, Handler: h.newConnectionPage},
		{Method: "POST", Path: "/connections/new", Need: models.Administrator, Handler: h.addConnection},
		{Method: "POST", Path: "/connections/test", Need: models.Administrator, Handler: h.tryConnection},
		{Method: "GET", Path: "/connections/:id", Need: models.Viewer, Handler: h.connection},
		{Method: "POST", Path: "/connections/:id/test", Need: models.Administrator, Handler: h.testConnection},
		{Method: "GET", Path: "/connections/:id/edit", Need: models.Administrator, Handler: h.editConnectionPage},
		{Method: "POST", Path: "/connections/:id/edit", Need: models.Administrator, Handler: h.editConnection},
		{Method: "POST", Path: "/connections/:id/hook", Need: models.Administrator, Handler: h.renewHook},
		{Method: "GET", Path: "/connections/:id/delete", Need: models.Administrator, Handler: h.deleteConnectionPage},
		{Method: "POST", Path: "/connections/:id/delete", Need: models.Administrator, Handler: h.deleteConnection},

		// Environments: which two apps are kept in step.
		{Method: "GET", Path: "/environments", Need: models.Viewer, Handler: h.environments},
		{Method: "GET", Path: "/environments/new", Need: models.Administrator, Handler: h.newEnvironmentPage},
		{Method: "POST", Path: "/environments/new", Need: models.Administrator, Handler: h.addEnvironment},
		{Method: "GET", Path: "/environments/:id", Need: models.Viewer, Handler: h.environment},
		{Method: "POST", Path: "/environments/:id/edit", Need: models.Administrator, Handler: h.renameEnvironment},
		{Method: "GET", Path: "/environments/:id/companies", Need: models.Administrator, Handler: h.companiesPage},
		{Method: "POST", Path: "/environments/:id/companies", Need: models.Administrator, Handler: h.addCompanies},
		{Method: "POST", Path: "/environments/:id/check", Need: models.Administrator, Handler: h.checkEnvironment},
		{Method: "GET", Path: "/environments/:id/link", Need: models.Administrator, Handler: h.relinkPage},
		{Method: "POST", Path: "/environments/:id/link", Need: models.Administrator, Handler: h.relink},
		{Method: "GET", Path: "/environments/:id/reset", Need: models.Administrator, Handler: h.forgetPage(false)},
		{Method: "POST", Path: "/environments/:id/reset", Need: models.Administrator, Handler: h.forget(false)},
		{Method: "GET", Path: "/environments/:id/unlink", Need: models.Administrator, Handler: h.forgetPage(true)},
		{Method: "POST", Path: "/environments/:id/unlink", Need: models.Administrator, Handler: h.forget(true)},
		{Method: "POST", Path: "/environments/:id/delete", Need: models.Administrator, Handler: h.deleteEnvironment},

		// The practice apps: their records, edited as by another program.
		{Method: "GET", Path: "/practice", Need: models.Viewer, Handler: h.practiceApps},
		{Method: "GET", Path: "/practice/faults", Need: models.Administrator, Handler: h.practiceFaults},
		{Method: "POST", Path: "/practice/faults/:side", Need: models.Administrator, Handler: h.switchFaults},
		{Method: "POST", Path: "/practice/faults/:side/cursors", Need: models.Administrator, Handler: h.expireCursors},
		{Method: "GET", Path: "/practice/:side/:entity", Need: models.Viewer, Handler: h.practiceRecords},
		{Method: "GET", Path: "/practice/:side/:entity/new", Need: models.Operator, Handler: h.practiceNew},
		{Method: "POST", Path: "/practice/:side/:entity/new", Need: models.Operator, Handler: h.practiceSave},
		{Method: "GET", Path: "/practice/:side/:entity/:id", Need: models.Viewer, Handler: h.practiceRecord},
		{Method: "POST", Path: "/practice/:side/:entity/:id", Need: models.Operator, Handler: h.practiceSave},
		{Method: "POST", Path: "/practice/:side/:entity/:id/delete", Need: models.Operator, Handler: h.practiceDelete},

		// One map: what can be done with it.
		{Method: "POST", Path: "/maps/:id/rerun", Need: models.Operator, Handler: h.rerun},
		{Method: "POST", Path: "/maps/:id/errors/retry", Need: models.Operator, Handler: h.retryErrors},
		{Method: "POST", Path: "/maps/:id/errors/discard", Need: models.Operator, Handler: h.discardErrors},
		{Method: "POST", Path: "/maps/:id/queue/discard", Need: models.Operator, Handler: h.discardChanges},
		{Method: "POST", Path: "/maps/:id/conflicts/use", Need: models.Operator, Handler: h.useOther},
		{Method: "POST", Path: "/maps/:id/conflicts/review", Need: models.Operator, Handler: h.reviewConflicts},
		{Method: "POST", Path: "/maps/:id/release", Need: models.Operator, Handler: h.release},
		{Method: "POST", Path: "/maps/:id/compare", Need: models.Operator, Handler: h.compare},
		{Method: "GET", Path: "/maps/:id/test", Need: models.Operator, Handler: h.testRecord},
		{Method: "POST", Path: "/maps/:id/preview", Need: models.Operator, Handler: h.previewInitial},

		// One map: how it is drawn.
		{Method: "POST", Path: "/maps/:id/mappings/refresh", Need: models.Administrator, Handler: h.refreshTables},
		{Method: "GET", Path: "/maps/:id/mappings/field", Need: models.Administrator, Handler: h.fieldPage},
		{Method: "POST", Path: "/maps/:id/mappings/field", Need: models.Administrator, Handler: h.saveField},
		{Method: "GET", Path: "/maps/:id/mappings/filter", Need: models.Administrator, Handler: h.filterPage},
		{Method: "POST", Path: "/maps/:id/mappings/filter", Need: models.Administrator, Handler: h.saveFilter},
		{Method: "GET", Path: "/maps/:id/mappings/key", Need: models.Administrator, Handler: h.keyPage},
		{Method: "POST", Path: "/maps/:id/mappings/key", Need: models.Administrator, Handler: h.saveKey},
		{Method: "GET", Path: "/maps/:id/mappings/companies", Need: models.Administrator, Handler: h.mapCompaniesPage},
		{Method: "POST", Path: "/maps/:id/mappings/companies", Need: models.Administrator, Handler: h.saveMapCompanies},
		{Method: "GET", Path: "/maps/:id/mappings/needs", Need: models.Administrator, Handler: h.needsPage},
		{Method: "POST", Path: "/maps/:id/mappings/needs", Need: models.Administrator, Handler: h.saveNeeds},
		{Method: "POST", Path: "/maps/:id/versions", Need: models.Administrator, Handler: h.saveVersion},
		{Method: "POST", Path: "/maps/:id/versions/use", Need: models.Administrator, Handler: h.useVersion},
	}
}
