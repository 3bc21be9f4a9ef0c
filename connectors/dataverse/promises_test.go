package dataverse_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/dataverse"
	"dualwrite/connectors/odata/odatatest"
	"dualwrite/connectors/odata/wire"
)

// openWith connects to the app with options that a test has changed.
func (e *environment) openWith(t testing.TB, change func(*wire.Options)) connectors.Connector {
	t.Helper()
	out, err := dataverse.OpenWith(t.Context(), e.settings(), change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

// fresh is an app of its own for each test.
func fresh(t testing.TB) odatatest.App {
	e := newEnvironment(t)
	return odatatest.App{User: e, Server: e.server, Lacks: lacks, Open: e.openWith}
}

func TestPromisesAreKeptUnderEveryFault(t *testing.T) { odatatest.Promises(t, fresh) }

func TestWhatAnAppDoesNotDoIsToldAsItIs(t *testing.T) { odatatest.Refusals(t, fresh) }

func TestHardKeysAreWrittenFoundReadAndDeleted(t *testing.T) { odatatest.HardKeys(t, fresh(t)) }

func TestValuesSurviveTheRoundTrip(t *testing.T) { odatatest.Values(t, fresh(t)) }

func TestEveryPracticeMapCanBeOpenedCountedAndRead(t *testing.T) {
	odatatest.PracticeMaps(t, false, dataverse.Open)
}
