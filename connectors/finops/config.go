package finops

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
}

// What is taken where the settings do not say.
const (
	defaultBatch    = 50
	defaultRequests = 8
	defaultInterval = 60 // seconds between two looks for changes
	defaultWait     = 30 * time.Second
	authority       = "https://login.microsoftonline.com/"
)

// parse reads the settings:
//
//	url            address of the app, https://org.operations.dynamics.com (required)
//	tenant         directory that the application is registered in
//	client_id, client_secret
//	token_url      of the token service, where it is not the public one
//	auth, user, password, token   other ways to sign in, for tests and proxies
//	batch          operations in one batch; 50
//	concurrency    most requests at once; 8
//	interval       seconds between two looks for changes; 60
func parse(settings map[string]string) (config, error) {
	c := config{}
	auth, err := core.Auth(settings)
	if err != nil {
		return c, err
	}
	probe, err := wire.New(wire.Options{Root: settings["url"]})
	if err != nil {
		return c, err
	}
	root := *probe.Root()
	if auth.ClientID != "" && auth.TokenURL == "" {
		if settings["tenant"] == "" {
			return c, &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: "tenant", Message: "the tenant is missing: the directory that the application is registered in"}
		}
		auth.TokenURL = authority + settings["tenant"] + "/oauth2/v2.0/token"
	}
	if auth.Scope == "" { // a slash before .default would be taken for another resource
		auth.Scope = root.Scheme + "://" + root.Host + "/.default"
	}
	root.Path = "/data/"
	c.options = wire.Options{Root: root.String(), Auth: auth, DefaultWait: defaultWait}
	if c.batch, err = core.Whole(settings, "batch", defaultBatch); err != nil {
		return c, err
	}
	if c.options.Concurrency, err = core.Whole(settings, "concurrency", defaultRequests); err != nil {
		return c, err
	}
	seconds, err := core.Whole(settings, "interval", defaultInterval)
	c.interval = time.Duration(seconds) * time.Second
	return c, err
}
