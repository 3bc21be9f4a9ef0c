package servicetest

import (
	_ "embed" // the tables
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"dualwrite/connectors/practice/fno"
	"dualwrite/connectors/practice/service"
)

//go:embed schema/finance.sql
var financeSchema string

// Finance is a server of the Finance and Operations dialect over the standard
// tables, on a loopback port. Sets are Parents, Children and Rates; fields have
// the standard names with a capital, but for dataAreaId; Active is a NoYes, and
// there are no lookups. Children also have a NameAlias, which is cut to 20
// characters. The user's own company is dat.
type Finance struct {
	*App
	Server *fno.Server
	URL    string // of the environment, without a slash at the end
	Path   string // of the app's file
}

// StartFinance starts a server over an empty app; it ends with the test. now is
// the clock of tokens, nil for the clock of the machine; pageSize is the most
// records in one answer, 0 for 10,000.
func StartFinance(t testing.TB, now func() time.Time, pageSize int) *Finance {
	t.Helper()
	path := createApp(t, financeSchema)
	m, err := service.Introspect(t.Context(), path, "Parents", "Children", "Rates")
	if err != nil {
		t.Fatal(err)
	}
	m.EmptyForNull = true
	noYes := &service.EnumType{Name: "NoYes", Members: []service.Member{{Name: "No", Stored: "No"}, {Name: "Yes", Stored: "Yes"}}}
	m.Enums = []*service.EnumType{noYes}
	for set, name := range map[string]string{"Parents": "Parent", "Children": "Child", "Rates": "Rate"} {
		e := m.Entity(set)
		e.Name = name
		e.Fields = slices.DeleteFunc(e.Fields, func(f *service.Field) bool { return f.Primary })
		if company := e.Field("dataAreaId"); company != nil {
			e.Company, company.Lower = company.Name, true
		}
	}
	children := m.Entity("Children")
	children.Field("Active").Type, children.Field("Active").Enum = service.Enum, noYes
	children.Field("NameAlias").Cut = true
	children.Field("Number").Sequence = "C-%06d"
	server, err := fno.Open(t.Context(), path, m, fno.Options{ClientID: ClientID, ClientSecret: ClientSecret, Company: "dat", PageSize: pageSize, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		_ = server.Close()
	})
	return &Finance{App: &App{db: openApp(t, path), model: m}, Server: server, URL: web.URL, Path: path}
}
