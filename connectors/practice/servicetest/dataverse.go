package servicetest

import (
	_ "embed" // the tables
	"net/http/httptest"
	"testing"
	"time"

	"dualwrite/connectors/practice/cds"
	"dualwrite/connectors/practice/service"
)

//go:embed schema/dataverse.sql
var dataverseSchema string

// The credentials of every server that is started here.
const (
	ClientID     = "8d3f1b2a-6c5e-4f70-9a81-b2c3d4e5f607"
	ClientSecret = "not~a~secret"
	Tenant       = "72f988bf-86f1-41af-91ab-2d7cd011db47"
)

// Dataverse is a server of the Dataverse dialect over the standard tables, on a
// loopback port. Sets are parents, children, rates and remarks; fields have the
// standard names; the lookup of a child has the navigation property Parent. A
// remark is about a parent or a child.
type Dataverse struct {
	*App
	Server *cds.Server
	URL    string // of the environment, without a slash at the end
	Path   string // of the app's file
}

// StartDataverse starts a server over an empty app; it ends with the test. now
// is the clock of tokens and cursors, nil for the clock of the machine.
func StartDataverse(t testing.TB, now func() time.Time) *Dataverse {
	t.Helper()
	path := createApp(t, dataverseSchema)
	m, err := service.Introspect(t.Context(), path, "parents", "children", "rates", "remarks")
	if err != nil {
		t.Fatal(err)
	}
	for set, name := range map[string]string{"parents": "parent", "children": "child", "rates": "rate", "remarks": "remark"} {
		e := m.Entity(set)
		e.Name = name
		if e.Field("dataareaid") != nil {
			e.Company = "dataareaid"
		}
	}
	m.Entity("children").Field("parent").Navigation = "Parent"
	remarks := m.Entity("remarks")
	about := remarks.Field("about")
	about.Type, about.Target, about.Navigation = service.Lookup, "parents", "about_parent"
	remarks.Fields = append(remarks.Fields, &service.Field{Name: "about", Column: "about", Label: "about", Type: service.Lookup, Target: "children", Navigation: "about_child"})
	server, err := cds.Open(t.Context(), path, m, cds.Options{ClientID: ClientID, ClientSecret: ClientSecret, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		_ = server.Close()
	})
	return &Dataverse{App: &App{db: openApp(t, path), model: m}, Server: server, URL: web.URL, Path: path}
}
