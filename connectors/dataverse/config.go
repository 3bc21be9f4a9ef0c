package dataverse

import (
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

// config is a connection's settings, checked.
type config struct {
	options  wire.Options
	batch    int
	interval time.Duration
	life     time.Duration
}

// The limits of the service that are not asked for. They may move, so those
// that can be too large for an environment are settings.
const (
	defaultBatch    = 50 // operations in one batch; the service takes 1,000
	defaultRequests = 16 // at once; the service takes 52
	defaultPoll     = 30 // seconds between two looks for changes
	defaultLife     = 7  // days that a change token is good for
	apiVersion      = "v9.2"
	authority       = "https://login.microsoftonline.com/"
)

// parse reads the settings:
//
//	url            address of the environment, https://org.crm.dynamics.com (required)
//	tenant         directory that the application is registered in
//	client_id, client_secret
//	token_url      of the token service, where it is not the public one
//	auth, user, password, token   other ways to sign in, for tests and proxies
//	version        of the Web API; v9.2
//	batch          operations in one batch; 50
//	concurrency    most requests at once; 16
//	interval       seconds between two looks for changes; 30
//	cursor_days    how long the environment keeps changes; 7
func parse(settings map[string]string) (config, error) {
	c := config{}
	auth, err := core.Auth(settings)
	if err != nil {
		return c, err
	}
	root, err := wire.New(wire.Options{Root: settings["url"]})
	if err != nil {
		return c, err
	}
	environment := *root.Root()
	if auth.ClientID != "" && auth.TokenURL == "" {
		if settings["tenant"] == "" {
			return c, &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: "tenant", Message: "the tenant is missing: the directory that the application is registered in"}
		}
		auth.TokenURL = authority + settings["tenant"] + "/oauth2/v2.0/token"
	}
	if auth.Scope == "" {
		auth.Scope = environment.Scheme + "://" + environment.Host + "/.default"
	}
	version := settings["version"]
	if version == "" {
		version = apiVersion
	}
	environment.Path = "/api/data/" + version + "/"
	c.options = wire.Options{Root: environment.String(), Auth: auth, Header: map[string][]string{"If-None-Match": {"null"}}}
	return c, c.numbers(settings)
}

// numbers reads the settings that are whole numbers.
func (c *config) numbers(settings map[string]string) (err error) {
	if c.batch, err = core.Whole(settings, "batch", defaultBatch); err != nil {
		return err
	}
	if c.options.Concurrency, err = core.Whole(settings, "concurrency", defaultRequests); err != nil {
		return err
	}
	seconds, err := core.Whole(settings, "interval", defaultPoll)
	if err != nil {
		return err
	}
	days, err := core.Whole(settings, "cursor_days", defaultLife)
	c.interval, c.life = time.Duration(seconds)*time.Second, time.Duration(days)*24*time.Hour
	return err
}
