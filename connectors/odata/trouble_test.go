package odata_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/odata"
	"dualwrite/connectors/odata/odatatest"
)

// trouble has a plain service turn every n-th call away with a status, or execute
// it and lose the answer where that is 0.
func trouble(p *plain, n int64, status int) {
	var calls atomic.Int64
	hit := func() bool { return calls.Add(1)%n == 0 }
	if status == 0 {
		p.after = func(*http.Request) bool { return hit() }
		return
	}
	p.intercept = func(w http.ResponseWriter, _ *http.Request) bool {
		if !hit() {
			return false
		}
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(status)
		return true
	}
}

func TestPromisesAreKeptByAPlainServiceInTrouble(t *testing.T) {
	for name, fault := range map[string]struct {
		every  int64
		status int
	}{
		"throttles":      {5, http.StatusTooManyRequests},
		"is unavailable": {11, http.StatusServiceUnavailable},
		"loses answers":  {7, 0},
	} {
		t.Run("a service that "+name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
				p, address := serve(t)
				trouble(p, fault.every, fault.status)
				open := func(t testing.TB) connectors.Connector {
					c, err := odata.OpenWith(t.Context(), map[string]string{"url": address, "interval": "1"}, odatatest.NewClock().Give)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { c.Close() })
					return c
				}
				own := lacks
				own.Condition = fault.status == 0 // as odatatest.Promises says
				return connectortest.Fixture{Connector: open(t), App: person{p}, Lacks: own, Another: open}
			})
		})
	}
}
