package odata

import (
	"strconv"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

// config is a connection's settings, checked.
type config struct {
	options  wire.Options
	batching wire.Batching
	probe    bool // the form of batches is to be found out
	company  string
	interval time.Duration
}

// parse reads the settings:
//
//	url           address of the service (required)
//	auth          none, basic, bearer or client_credentials; without it, what the other settings allow
//	user, password
//	token         for bearer
//	token_url, client_id, client_secret, scope
//	company       field of the legal entity; dataAreaId if there is one
//	batch         auto, none, multipart, changesets or json
//	interval      seconds between two looks for changes; 60
//	concurrency   most requests at once; 8
func parse(settings map[string]string) (config, error) {
	c := config{company: settings["company"], interval: time.Minute}
	if c.company == "" {
		c.company = "dataAreaId"
	}
	auth, err := core.Auth(settings)
	if err != nil {
		return c, err
	}
	c.options = wire.Options{Root: settings["url"], Auth: auth}
	if c.options.Concurrency, err = core.Whole(settings, "concurrency", 8); err != nil {
		return c, err
	}
	seconds, err := core.Whole(settings, "interval", 60)
	if err != nil {
		return c, err
	}
	c.interval = time.Duration(seconds) * time.Second
	switch form := settings["batch"]; form {
	case "", "auto":
		c.probe = true
	case "none":
	case "multipart":
		c.batching.Form = wire.Multipart
	case "changesets":
		c.batching.Form = wire.MultipartSets
	case "json":
		c.batching.Form = wire.JSONBatch
	default:
		return c, &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: "batch", Value: form, Message: strconv.Quote(form) + " is no form of batches: auto, none, multipart, changesets or json"}
	}
	c.batching.Most = 50
	return c, nil
}
