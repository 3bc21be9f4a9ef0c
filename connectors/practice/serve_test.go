package practice

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// served is a fresh copy of the two apps, served.
type served struct {
	*testing.T
	*Servers
	apps   Apps
	tokens map[string]string
}

func serve(t *testing.T) *served {
	t.Helper()
	dir := t.TempDir()
	apps := Apps{Left: filepath.Join(dir, "left.db"), Right: filepath.Join(dir, "right.db")}
	for from, to := range map[string]string{template.Left: apps.Left, template.Right: apps.Right} {
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := Serve(t.Context(), apps, ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &served{T: t, Servers: s, apps: apps, tokens: map[string]string{}}
}

func (s *served) token(base string) string {
	s.Helper()
	if s.tokens[base] == "" {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {s.Credentials.ClientID}, "client_secret": {s.Credentials.ClientSecret}, "scope": {base + "/.default"}}
		r, err := http.PostForm(base+"/"+s.Credentials.Tenant+"/oauth2/v2.0/token", form)
		if err != nil {
			s.Fatal(err)
		}
		defer func() { _ = r.Body.Close() }()
		var answer struct {
			Token string `json:"access_token"`
		}
		if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
			s.Fatal(err)
		}
		s.tokens[base] = answer.Token
	}
	return s.tokens[base]
}

// calls sends a call to one of the servers and demands a status and parts of the body.
func (s *served) calls(status int, method, base, path, body string, parts ...string) string {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token(base))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		s.Errorf("%s %s: status %d, want %d: %s", method, path, answer.StatusCode, status, content)
	}
	for _, p := range parts {
		if !strings.Contains(string(content), p) {
			s.Errorf("%s %s: %q is missing in %.600s", method, path, p, content)
		}
	}
	return string(content)
}

func TestTheAppsAreServedOverTheirProtocols(t *testing.T) {
	s := serve(t)
	dataverse, finance := s.DataverseURL+"/api/data/v9.2/", s.FinanceURL+"/data/"
	base := s.DataverseURL
	s.calls(200, "GET", base, strings.TrimPrefix(dataverse, base)+"WhoAmI", "", `"UserId"`)
	s.calls(200, "GET", base, "/api/data/v9.2/accounts?$select=name,creditlimit&$expand=msdyn_Customergroupid($select=msdyn_groupid)&$filter=accountnumber%20eq%20'us0001'&$count=true", "",
		`"@odata.count":1`, `"_transactioncurrencyid_value"`, `"msdyn_groupid"`)
	s.calls(200, "GET", base, "/api/data/v9.2/EntityDefinitions(LogicalName='account')?$select=EntitySetName,PrimaryIdAttribute&$expand=Keys($select=KeyAttributes,EntityKeyIndexStatus)", "",
		`"EntitySetName":"accounts"`, `"KeyAttributes":["accountnumber","msdyn_company"]`, `"Active"`)
	s.calls(200, "GET", base, "/api/data/v9.2/EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet", "",
		`806380005`, `"never"`)
	s.calls(412, "POST", base, "/api/data/v9.2/transactioncurrencies", `{"isocurrencycode":"usd","currencyname":"again"}`, "0x80040237")
	base = s.FinanceURL
	s.calls(200, "GET", base, strings.TrimPrefix(finance, base)+"CustomersV3(dataAreaId='usmf',CustomerAccount='US0001')", "",
		`"dataAreaId":"usmf"`, `"CustomerAccount":"US0001"`, `"OnHoldStatus":"`, `"PartyType":"Organization"`, `"SalesCurrencyCode":"`)
	created := s.calls(201, "POST", base, "/data/CustomersV3", `{"dataAreaId":"GBSI","PartyType":"Person","SalesCurrencyCode":"GBP","CustomerGroupId":"10","OnHoldStatus":"Payment"}`,
		`"dataAreaId":"gbsi"`, `"CustomerAccount":"C-000001"`, `"PartyNumber":"PN-00000001"`, `"OnHoldStatus":"Payment"`)
	if !strings.Contains(created, `"IsOneTimeCustomer":null`) {
		t.Errorf("created %s", created)
	}
	s.calls(400, "POST", base, "/data/CustomersV3", `{"dataAreaId":"none","PartyType":"Person","SalesCurrencyCode":"GBP","CustomerGroupId":"10"}`, "Company 'none' does not exist.")
	left := openApp(t, s.apps.Left)
	if got := read(t, left, "CustomersV3", "CUSTOMERACCOUNT = 'C-000001'"); len(got) != 1 || got[0]["DATAAREAID"] != "GBSI" || got[0]["ONHOLDSTATUS"] != "payment" {
		t.Errorf("stored %v", got)
	}
}

func TestAppsAreServedAgainWhereTheyWere(t *testing.T) {
	s := serve(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := ServeOptions{Finance: strings.TrimPrefix(s.FinanceURL, "http://"), Dataverse: strings.TrimPrefix(s.DataverseURL, "http://"), Credentials: s.Credentials}
	again, err := Serve(t.Context(), s.apps, before)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if again.Credentials != s.Credentials || again.FinanceURL != s.FinanceURL || again.DataverseURL != s.DataverseURL {
		t.Errorf("%v at %s, before %v at %s", again.Credentials, again.FinanceURL, s.Credentials, s.FinanceURL)
	}
	beside, err := Serve(t.Context(), s.apps, before)
	if err != nil {
		t.Fatalf("an address that is taken: %v", err)
	}
	defer func() { _ = beside.Close() }()
	if beside.FinanceURL == s.FinanceURL || beside.DataverseURL == s.DataverseURL {
		t.Errorf("two are served at %s", s.FinanceURL)
	}
	if _, err := Serve(t.Context(), s.apps, ServeOptions{Dataverse: "0.0.0.0:0"}); err == nil {
		t.Error("served to the world")
	}
}

func TestAppsThatAreGoneAreNotServedEmpty(t *testing.T) {
	gone := In(t.TempDir())
	s, err := Serve(t.Context(), gone, ServeOptions{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := os.Stat(gone.Left); err == nil {
		t.Error("an empty app was made")
	}
}

func TestServedMapsNameWhatTheServersOffer(t *testing.T) {
	s := serve(t)
	metadata := s.calls(200, "GET", s.FinanceURL, "/data/$metadata", "")
	plain := regexp.MustCompile(`"[A-Z]{4,}"`)
	all, err := ServedMaps()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range all {
		if found := plain.FindString(string(f.Definition)); found != "" && found != `"VALUE"` {
			t.Errorf("%s still names %s", f.Name, found)
		}
		was, is := definition(t, Maps()[i]), definition(t, f)
		if len(was.Fields) != len(is.Fields) || len(was.Key) != len(is.Key) {
			t.Errorf("%s has %d fields of %d", f.Name, len(is.Fields), len(was.Fields))
		}
		for j, field := range is.Fields {
			if field.Left != "" && !strings.Contains(metadata, `<Property Name="`+field.Left+`"`) {
				t.Errorf("%s maps %s, which is not served", f.Name, field.Left)
			}
			if field.Right != was.Fields[j].Right {
				t.Errorf("%s: %s became %s", f.Name, was.Fields[j].Right, field.Right)
			}
		}
	}
}

func TestBrowsingGoesOnWhileTheAppsAreServed(t *testing.T) {
	s := serve(t)
	b, err := OpenBrowser(t.Context(), s.apps)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	for side := range 2 {
		tables, _, err := b.Tables(t.Context(), side)
		if err != nil || len(tables) != 12 {
			t.Errorf("%d tables, %v", len(tables), err)
		}
		for _, table := range tables {
			if strings.HasPrefix(table.Name, "practice_") {
				t.Errorf("%s is shown", table.Name)
			}
		}
	}
	table := b.mustTable(t, 1, "transactioncurrencies")
	iso, name := "XAA", "Practice"
	id, err := b.Save(t.Context(), 1, table, "", map[string]*string{"isocurrencycode": &iso, "currencyname": &name})
	if err != nil {
		t.Fatal(err)
	}
	s.calls(200, "GET", s.DataverseURL, "/api/data/v9.2/transactioncurrencies(isocurrencycode='xaa')?$select=currencyname", "", id, `"@odata.etag":"W/`)
}
