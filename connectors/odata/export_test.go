package odata

import (
	"context"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// OpenWith opens a connection whose client a test has changed, to a clock of its
// own for example.
func OpenWith(ctx context.Context, settings map[string]string, change func(*wire.Options)) (connectors.Connector, error) {
	cfg, err := parse(settings)
	if err != nil {
		return nil, err
	}
	change(&cfg.options)
	return open(ctx, cfg)
}
