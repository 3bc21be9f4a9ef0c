package cds_test

import (
	"testing"
	"time"

	"dualwrite/connectors/practice/servicetest"
)

// desk calls a server over the standard tables.
type desk struct {
	servicetest.Desk
	*servicetest.Dataverse
}

func start(t *testing.T) *desk { return startAt(t, nil) }

func startAt(t *testing.T, now func() time.Time) *desk {
	d := &desk{Dataverse: servicetest.StartDataverse(t, now)}
	d.Desk = servicetest.Desk{TB: t, Origin: d.URL, Base: d.URL + "/api/data/v9.2/"}
	d.SignIn()
	return d
}

func ptr(s string) *string { return &s }

func (d *desk) child(number string) string {
	d.Helper()
	return d.Insert(d, "children", map[string]*string{"dataareaid": ptr("usmf"), "number": ptr(number), "title": ptr("t")})
}

func (d *desk) parent(code string) string {
	d.Helper()
	return d.Insert(d, "parents", map[string]*string{"dataareaid": ptr("usmf"), "code": ptr(code)})
}
