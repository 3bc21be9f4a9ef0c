package dataverse_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"dualwrite/connectors"
)

const goldenMetadata = `<?xml version="1.0"?><edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0"><edmx:DataServices>
<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="crmbaseentity" Abstract="true"/>
<EntityType Name="account" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="accountid"/></Key>
<Property Name="accountid" Type="Edm.Guid"/><Property Name="accountnumber" Type="Edm.String" Unicode="false"/><Property Name="name" Type="Edm.String"/></EntityType>
<EntityType Name="contact" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="contactid"/></Key>
<Property Name="contactid" Type="Edm.Guid"/><Property Name="emailaddress1" Type="Edm.String"/><Property Name="creditlimit" Type="Edm.Decimal" Scale="Variable"/>
<Property Name="_parentcustomerid_value" Type="Edm.Guid"/><Property Name="_msdyn_company_value" Type="Edm.Guid"/><Property Name="entityimage" Type="Edm.Stream"/>
<NavigationProperty Name="parentcustomerid_account" Type="mscrm.account" Nullable="false"><ReferentialConstraint Property="_parentcustomerid_value" ReferencedProperty="accountid"/></NavigationProperty>
<NavigationProperty Name="parentcustomerid_contact" Type="mscrm.contact" Nullable="false"><ReferentialConstraint Property="_parentcustomerid_value" ReferencedProperty="contactid"/></NavigationProperty>
<NavigationProperty Name="msdyn_Company" Type="mscrm.cdm_company" Nullable="false"><ReferentialConstraint Property="_msdyn_company_value" ReferencedProperty="cdm_companyid"/></NavigationProperty>
<NavigationProperty Name="contact_children" Type="Collection(mscrm.contact)"/></EntityType>
<EntityType Name="cdm_company" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="cdm_companyid"/></Key>
<Property Name="cdm_companyid" Type="Edm.Guid"/><Property Name="cdm_companycode" Type="Edm.String"/></EntityType>
<EntityContainer Name="System"><EntitySet Name="accounts" EntityType="mscrm.account"/>
<EntitySet Name="contacts" EntityType="mscrm.contact"><NavigationPropertyBinding Path="msdyn_Company" Target="cdm_companies"/></EntitySet>
<EntitySet Name="cdm_companies" EntityType="mscrm.cdm_company"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`

const goldenTables = `{"value":[
{"LogicalName":"account","EntitySetName":"accounts","PrimaryIdAttribute":"accountid","ChangeTrackingEnabled":true,"IsOptimisticConcurrencyEnabled":true,
 "Keys":[{"LogicalName":"number","KeyAttributes":["accountnumber"],"EntityKeyIndexStatus":"Active"}],
 "Attributes":[{"LogicalName":"accountnumber","AttributeType":"String","MaxLength":20,"RequiredLevel":{"Value":"None"},"IsValidForCreate":true,"IsValidForUpdate":true}]},
{"LogicalName":"contact","EntitySetName":"contacts","PrimaryIdAttribute":"contactid","ChangeTrackingEnabled":false,"IsOptimisticConcurrencyEnabled":true,
 "Keys":[{"LogicalName":"mail","KeyAttributes":["emailaddress1","msdyn_company"],"EntityKeyIndexStatus":"Pending"}],
 "Attributes":[{"LogicalName":"emailaddress1","AttributeType":"String","MaxLength":100,"RequiredLevel":{"Value":"SystemRequired"},"DisplayName":{"UserLocalizedLabel":{"Label":"Mail"}}},
  {"LogicalName":"creditlimit","AttributeType":"Money","Precision":2,"MaxValue":922337203685477.0},
  {"LogicalName":"msdyn_company","AttributeType":"Lookup","RequiredLevel":{"Value":"None"}}]},
{"LogicalName":"cdm_company","EntitySetName":"cdm_companies","PrimaryIdAttribute":"cdm_companyid","ChangeTrackingEnabled":true,"IsOptimisticConcurrencyEnabled":true,"Keys":[],"Attributes":[]}]}`

// golden answers requests by what stands in the documentation, and keeps them.
type golden struct {
	mu       sync.Mutex
	requests []string
	answers  map[string]string // body by the beginning of the path behind the version
}

func (g *golden) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	path, ours := strings.CutPrefix(r.RequestURI, "/api/data/v9.2/")
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests = append(g.requests, fmt.Sprintf("%s %s\n%s\n%s", r.Method, r.RequestURI, r.Header.Get("Prefer"), body))
	if !ours || r.Header.Get("OData-Version") != "4.0" || r.Header.Get("OData-MaxVersion") != "4.0" || r.Header.Get("If-None-Match") != "null" || r.Header.Get("Authorization") != "Bearer t" {
		w.WriteHeader(400)
		return
	}
	for prefix, answer := range g.answers {
		if strings.HasPrefix(path, prefix) {
			if strings.HasPrefix(path, "$batch") {
				w.Header().Set("Content-Type", "multipart/mixed; boundary=batchresponse_1")
				answer = strings.ReplaceAll(answer, "\n", "\r\n")
			}
			w.Write([]byte(answer))
			return
		}
	}
	w.WriteHeader(404)
}

func newGolden(t *testing.T, answers map[string]string) (*golden, connectors.Connector) {
	t.Helper()
	g := &golden{answers: map[string]string{"WhoAmI": `{"UserId":"me"}`, "$metadata": goldenMetadata, "EntityDefinitions?": goldenTables}}
	for path, answer := range answers {
		g.answers[path] = answer
	}
	s := httptest.NewServer(g)
	t.Cleanup(s.Close)
	return g, open(t, map[string]string{"url": s.URL, "token": "t"})
}

func TestTablesAreDescribedWithKeysLimitsAndLookups(t *testing.T) {
	_, c := newGolden(t, nil)
	s, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	contacts, ok := s.Entity("contacts")
	if !ok || contacts.Company != "msdyn_company.cdm_companycode" || len(contacts.Blind) == 0 {
		t.Fatalf("contacts are %+v", contacts)
	}
	if k := contacts.Keys[0]; k.Active || !slices.Equal(k.Fields, []string{"emailaddress1", "msdyn_company.cdm_companycode"}) {
		t.Errorf("the key is %+v", k)
	}
	mail, _ := contacts.Field("emailaddress1")
	credit, _ := contacts.Field("creditlimit")
	if mail.Length != 100 || !mail.Required || mail.Label != "Mail" || credit.Scale != 2 || credit.Digits != 17 {
		t.Errorf("the limits are %+v, %+v", mail, credit)
	}
	if _, is := contacts.Field("entityimage"); is {
		t.Error("a stream is offered as a field")
	}
	for path, target := range map[string]string{"msdyn_company.cdm_companycode": "cdm_companies", "parentcustomerid_account.accountnumber": "accounts", "parentcustomerid_contact.emailaddress1": "contacts"} {
		if own, _, err := s.Resolve("contacts", path); err != nil || own.Lookup != target {
			t.Errorf("%s: %+v, %v", path, own, err)
		}
	}
}

func TestRecordsAreReadWithTheirLookupsInOneRequest(t *testing.T) {
	g, c := newGolden(t, map[string]string{"contacts?": `{"value":[{"@odata.etag":"W/\"915244\"","contactid":"60c4e274-0d87-e711-80e5-00155db19e6d","emailaddress1":"a@b","creditlimit":5000000.0000,
		"msdyn_Company":{"cdm_companyid":"2e451703-4b1c-e711-80de-00155db19e6d","cdm_companycode":"USMF"},"parentcustomerid_account":null}]}`})
	e, err := c.Open(t.Context(), connectors.Selection{Entity: "contacts", Key: []int{0}, Company: 2, Companies: []string{"usmf"},
		Fields: []string{"emailaddress1", "creditlimit", "msdyn_company.cdm_companycode", "parentcustomerid_account.accountnumber"}})
	if err != nil {
		t.Fatal(err)
	}
	page, next, err := e.Scan(t.Context(), "", 100)
	if err != nil || next != "" || len(page) != 1 {
		t.Fatal(page, next, err)
	}
	r := page[0]
	if r.ID != "60c4e274-0d87-e711-80e5-00155db19e6d" || r.Version != `W/"915244"` || r.Row[1].Text() != "5000000" || r.Row[2].Text() != "USMF" || r.Row[3].IsSet() {
		t.Errorf("the record is %+v", r)
	}
	want := "GET /api/data/v9.2/contacts?$select=contactid,emailaddress1,creditlimit&$expand=msdyn_Company($select=cdm_companyid,cdm_companycode),parentcustomerid_account($select=accountid,accountnumber)" +
		"&$filter=(msdyn_Company/cdm_companycode%20eq%20'usmf')\nodata.maxpagesize=100\n"
	if got := g.requests[len(g.requests)-1]; got != want {
		t.Errorf("the request is\n%s\nwant\n%s", got, want)
	}
}

func TestWritesAreConditionalSingleOperationsOfABatch(t *testing.T) {
	g, c := newGolden(t, map[string]string{"$batch": `--batchresponse_1
Content-Type: application/http

HTTP/1.1 201 Created
Content-Type: application/json

{"@odata.etag":"W/\"1\"","accountid":"60c4e274-0d87-e711-80e5-00155db19e6d","accountnumber":"A","name":"new"}
--batchresponse_1
Content-Type: application/http

HTTP/1.1 412 Precondition Failed
Content-Type: application/json

{"error":{"code":"0x80060882","message":"The version of the existing record doesn't match the RowVersion property provided."}}
--batchresponse_1
Content-Type: application/http

HTTP/1.1 404 Not Found
Content-Type: application/json

{"error":{"code":"0x80040217","message":"account With Id = x Does Not Exist"}}
--batchresponse_1--
`, "accounts?": `{"value":[{"@odata.etag":"W/\"9\"","accountid":"2e451703-4b1c-e711-80de-00155db19e6d","accountnumber":"B","name":"theirs"}]}`})
	e, err := c.Open(t.Context(), connectors.Selection{Entity: "accounts", Key: []int{0}, Company: -1, Fields: []string{"accountnumber", "name"}, Fold: connectors.Fold{Case: true, Space: true}})
	if err != nil {
		t.Fatal(err)
	}
	row := func(number, name string) connectors.Row { return connectors.Row{text(number), text(name)} }
	results, err := e.Write(t.Context(), []connectors.Write{
		{Op: connectors.Create, Row: row("A", "new"), Fields: []bool{true, true}},
		{Op: connectors.Update, ID: "2e451703-4b1c-e711-80de-00155db19e6d", If: `W/"8"`, Row: row("", "ours"), Fields: []bool{false, true}},
		{Op: connectors.Delete, ID: "3e451703-4b1c-e711-80de-00155db19e6d"},
	})
	if err != nil || results[0].Outcome != connectors.Stored || results[0].Record.Version != `W/"1"` || results[1].Outcome != connectors.Moved || results[2].Outcome != connectors.Stored {
		t.Errorf("%+v, %v", results, err)
	}
	var batch string
	for _, r := range g.requests {
		if strings.Contains(r, "$batch") {
			batch = r
		}
	}
	for _, want := range []string{
		"odata.continue-on-error",
		"PATCH /api/data/v9.2/accounts(accountnumber='A')?$select=accountid,accountnumber,name HTTP/1.1\r\n", "If-None-Match: *\r\n", "\r\n\r\n{\"name\":\"new\"}\r\n",
		"PATCH /api/data/v9.2/accounts(2e451703-4b1c-e711-80de-00155db19e6d)?$select=accountid,accountnumber,name HTTP/1.1\r\n", "If-Match: W/\"8\"\r\n", "\r\n\r\n{\"name\":\"ours\"}\r\n",
		"DELETE /api/data/v9.2/accounts(3e451703-4b1c-e711-80de-00155db19e6d) HTTP/1.1\r\n",
	} {
		if !strings.Contains(batch, want) {
			t.Errorf("the batch lacks %q:\n%s", want, batch)
		}
	}
}

func TestLimitsOfALargeEnvironmentAreReadWhenATableIsOpened(t *testing.T) {
	const filler = 120
	sets, tables := "", ""
	for i := range filler {
		sets += fmt.Sprintf(`<EntitySet Name="fillers%d" EntityType="mscrm.account"/>`, i)
		tables += fmt.Sprintf(`{"LogicalName":"filler%[1]d","EntitySetName":"fillers%[1]d","PrimaryIdAttribute":"accountid","Keys":[],"Attributes":[]},`, i)
	}
	g, c := newGolden(t, map[string]string{
		"$metadata":          strings.Replace(goldenMetadata, `<EntitySet Name="accounts"`, sets+`<EntitySet Name="accounts"`, 1),
		"EntityDefinitions?": strings.NewReplacer(`{"value":[`, `{"value":[`+tables, `"MaxLength":20,`, ``).Replace(goldenTables),
		"EntityDefinitions(LogicalName='account')/Attributes": `{"value":[{"LogicalName":"accountnumber","AttributeType":"String","MaxLength":20,"RequiredLevel":{"Value":"None"}}]}`,
	})
	length := func() int {
		s, err := c.Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		accounts, _ := s.Entity("accounts")
		f, _ := accounts.Field("accountnumber")
		return f.Length
	}
	if n := length(); n != 0 {
		t.Errorf("before it is opened the limit is %d", n)
	}
	if !strings.Contains(g.requests[len(g.requests)-1], "Attributes($select=LogicalName,") {
		t.Errorf("asked for everything: %s", g.requests[len(g.requests)-1])
	}
	e, err := c.Open(t.Context(), connectors.Selection{Entity: "accounts", Key: []int{0}, Company: -1, Fields: []string{"accountnumber"}})
	if err != nil {
		t.Fatal(err)
	}
	long := connectors.Write{Op: connectors.Create, Row: connectors.Row{text(strings.Repeat("x", 21))}, Fields: []bool{true}}
	if results, err := e.Write(t.Context(), []connectors.Write{long}); err != nil || results[0].Err == nil || results[0].Err.Kind != connectors.TooLarge {
		t.Errorf("%+v, %v", results, err)
	}
}

// TestLinksToAnotherOriginAreRefused: whoever can change an answer could otherwise
// have the token sent to a place of their own.
func TestLinksToAnotherOriginAreRefused(t *testing.T) {
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a stranger was called") }))
	t.Cleanup(stranger.Close)
	const record = `{"@odata.etag":"W/\"1\"","accountid":"60c4e274-0d87-e711-80e5-00155db19e6d","accountnumber":"A","name":"a"}`
	for name, links := range map[string]string{
		"absolute":                   `"@odata.%s":"` + stranger.URL + `/api/data/v9.2/accounts?$skiptoken=1"`,
		"relative to a foreign page": `"@odata.context":"` + stranger.URL + `/api/data/v9.2/$metadata#accounts","@odata.%s":"accounts?$skiptoken=1"`,
		"without a scheme":           `"@odata.%s":"` + strings.TrimPrefix(stranger.URL, "http:") + `/api/data/v9.2/accounts?$skiptoken=1"`,
	} {
		t.Run(name, func(t *testing.T) {
			_, c := newGolden(t, map[string]string{"accounts?": `{` + fmt.Sprintf(links, "nextLink") + `,"value":[` + record + `]}`})
			e, err := c.Open(t.Context(), connectors.Selection{Entity: "accounts", Key: []int{0}, Company: -1, Fields: []string{"accountnumber", "name"}})
			if err != nil {
				t.Fatal(err)
			}
			_, next, err := e.Scan(t.Context(), "", 1)
			if err == nil {
				_, _, err = e.Scan(t.Context(), next, 1)
			}
			if connectors.KindOf(err) != connectors.Denied {
				t.Errorf("a next link gives %v", err)
			}
			_, c = newGolden(t, map[string]string{"accounts?": `{` + fmt.Sprintf(links, "deltaLink") + `,"value":[]}`})
			f, err := c.Feed(t.Context(), "accounts")
			if err != nil {
				t.Fatal(err)
			}
			at, err := f.Start(t.Context())
			if err == nil {
				_, _, _, err = f.Changes(t.Context(), at, 1)
			}
			if connectors.KindOf(err) != connectors.Denied {
				t.Errorf("a delta link gives %v", err)
			}
		})
	}
}
