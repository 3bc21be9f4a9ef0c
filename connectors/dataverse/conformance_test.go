package dataverse_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
)

// lacks of an environment: its change tracking tells the state that a record is
// in, not what happened to it one by one, so the suite's feed is left out and
// feed_test.go holds it to what it promises; date and time are whole seconds
// from 1753 on;
// an empty text is kept as none.
var lacks = connectortest.Lacks{Feed: true, Origin: true, OldID: true, Expiry: true, Extremes: true, EmptyText: true}

func TestEnvironmentKeepsThePromisesOfAConnector(t *testing.T) {
	for name, connect := range map[string]func(*environment, testing.TB) connectors.Connector{"one batch": (*environment).connect, "creates together": (*environment).inTwos} {
		t.Run(name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
				e := newEnvironment(t)
				return connectortest.Fixture{Connector: connect(e, t), App: e, Lacks: lacks,
					Another: func(t testing.TB) connectors.Connector { return connect(e, t) }}
			})
		})
	}
}
