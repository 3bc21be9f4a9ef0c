package practice

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// recorded is a request as clients are told to send it and what is answered,
// both in the form in which they are documented or were recorded. $ORIGIN is the
// server, $ID the record that the request before was about, $COMPANY the GUID of
// USMF; of the answer, an expression.
type recorded struct {
	request string
	headers []string
	body    string
	status  int
	header  string // "Name: expression"
	answer  string // expression
}

// plays sends requests in order.
func (s *served) plays(base string, all []recorded) {
	s.Helper()
	found := s.calls(200, "GET", s.DataverseURL, "/api/data/v9.2/cdm_companies(cdm_companycode='USMF')?$select=cdm_companyid", "")
	company := regexp.MustCompile(`"cdm_companyid":"([^"]*)"`).FindStringSubmatch(found)[1]
	id := ""
	for _, c := range all {
		fill := strings.NewReplacer("$ORIGIN", base, "$ID", id, "$COMPANY", company)
		method, path, _ := strings.Cut(fill.Replace(c.request), " ")
		r, err := http.NewRequestWithContext(s.Context(), method, base+path, strings.NewReader(fill.Replace(c.body)))
		if err != nil {
			s.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.token(base))
		for _, h := range append(c.headers, "Accept: application/json", "OData-MaxVersion: 4.0", "OData-Version: 4.0", "Content-Type: application/json; charset=utf-8") {
			name, value, _ := strings.Cut(h, ": ")
			r.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			s.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			s.Fatal(err)
		}
		name, form, _ := strings.Cut(c.header, ": ")
		quote := strings.NewReplacer("$ORIGIN", regexp.QuoteMeta(base), "$ID", id, "$COMPANY", company)
		if response.StatusCode != c.status || !regexp.MustCompile("(?s)"+quote.Replace(c.answer)).Match(body) || !regexp.MustCompile(quote.Replace(form)).MatchString(response.Header.Get(name)) {
			s.Errorf("%s: %d %v\n%.1500s", c.request, response.StatusCode, response.Header, body)
		}
		if m := regexp.MustCompile(`\(([0-9a-f-]{36})\)$`).FindStringSubmatch(response.Header.Get("OData-EntityId")); m != nil {
			id = m[1]
		}
	}
}

func TestDataverseAnswersAsDocumented(t *testing.T) {
	const guid = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	const at = "/api/data/v9.2/"
	account := `{"name":"Contoso","msdyn_company@odata.bind":"cdm_companies($COMPANY)","msdyn_Customergroupid@odata.bind":"/msdyn_customergroups(msdyn_groupid='10',_msdyn_company_value=$COMPANY)"`
	s := serve(t)
	s.plays(s.DataverseURL, []recorded{
		{request: "POST " + at + "accounts", body: account + `,"accountnumber":"ABC","creditlimit":5000000}`, status: 204, header: `OData-EntityId: ^$ORIGIN/api/data/v9.2/accounts\(` + guid + `\)$`, answer: `^$`},
		{request: "GET " + at + "accounts($ID)?$select=name,creditlimit", status: 200, header: `ETag: ^W/"\d+"$`,
			answer: `^\{"@odata.context":"$ORIGIN/api/data/v9.2/\$metadata#accounts\(name,creditlimit\)/\$entity","@odata.etag":"W/\\"\d+\\"","accountid":"$ID","name":"Contoso","creditlimit":5000000.00,"_transactioncurrencyid_value":null\}$`},
		{request: "GET " + at + "accounts(accountnumber='abc',_msdyn_company_value=$COMPANY)?$select=name", status: 200, answer: `"accountid":"$ID"`},
		{request: "PATCH " + at + "accounts($ID)", headers: []string{"If-Match: *"}, body: `{"name":"Contoso Ltd"}`, status: 204, answer: `^$`},
		{request: "PATCH " + at + "accounts(00000000-0000-0000-0000-000000000001)", headers: []string{"If-Match: *"}, body: `{"name":"x"}`, status: 404, answer: `"code":"0x80040217"`},
		{request: "PATCH " + at + "accounts($ID)", headers: []string{"If-None-Match: *"}, body: `{"name":"x"}`, status: 412, answer: `A record with matching key values already exists\.`},
		{request: "PATCH " + at + "accounts($ID)", headers: []string{`If-Match: W/"1"`}, body: `{"name":"x"}`, status: 412, answer: `The version of the existing record doesn't match the RowVersion property provided\.`},
		{request: "PATCH " + at + "accounts(accountnumber='DEF',_msdyn_company_value=$COMPANY)?$select=accountid", headers: []string{"Prefer: return=representation"}, body: strings.Replace(account, `"msdyn_company@odata.bind":"cdm_companies($COMPANY)",`, "", 1) + "}", status: 201, header: `ETag: ^W/`, answer: `"accountid":"` + guid},
		{request: "PATCH " + at + "accounts(accountnumber='DEF',_msdyn_company_value=$COMPANY)?$select=accountid", headers: []string{"Prefer: return=representation"}, body: `{"name":"y"}`, status: 200, header: `Preference-Applied: return=representation`, answer: `"@odata.etag"`},
		{request: "PATCH " + at + "accounts($ID)", body: `{"name":"` + strings.Repeat("x", 161) + `"}`, status: 400, answer: `^\{"error":\{"code":"0x80044331","message":"A validation error occurred. The length of the 'name' attribute of the 'account' entity exceeded the maximum allowed length of '160'."\}\}$`},
		{request: "PATCH " + at + "accounts($ID)", body: `{"msdyn_onholdstatus":7}`, status: 400, answer: `outside the valid range`},
		{request: "PATCH " + at + "contacts(00000000-0000-0000-0000-000000000001)", body: `{"lastname":"x","msdyn_sellable":true}`, status: 400, answer: `"code":"0x80040265"`},
		{request: "DELETE " + at + "accounts($ID)/name", status: 400, answer: `'name'`},
		{request: "DELETE " + at + "accounts($ID)", status: 204, answer: `^$`},
		{request: "GET " + at + "accounts?$select=name,accountnumber,_modifiedby_value", headers: []string{"Prefer: odata.track-changes"}, status: 200, header: `Preference-Applied: ^odata.track-changes$`,
			answer: `^\{"@odata.context":"$ORIGIN/api/data/v9.2/\$metadata#accounts\(name,accountnumber,_modifiedby_value\)","value":\[.*\],"@odata.deltaLink":"$ORIGIN/api/data/v9.2/accounts\?\$select=name%2Caccountnumber%2C_modifiedby_value&\$deltatoken=\d+%21\d\d%2F\d\d%2F\d\d\d\d%20\d\d%3A\d\d%3A\d\d"\}$`},
		{request: "GET " + at + "accounts?$deltatoken=1%2101%2F01%2F2001%2008%3A10%3A44", status: 400, answer: `0x80044352`},
		{request: "GET " + at + "accounts?$filter=name%20eq%20'x'", headers: []string{"Prefer: odata.track-changes"}, status: 400, answer: `The \\"\$filter\\" query parameter isn't supported when Change Tracking is enabled\.`},
		{request: "GET " + at + "accounts/$count", status: 200, answer: "^\ufeff" + `\d+$`},
		{request: "GET " + at + "systemusers(5b2c1e0f-8d34-4a6b-b7c9-1e0d2f3a4b5c)?$select=fullname", status: 200, answer: `"fullname":"# Practice application"`},
		{request: "GET " + at + "accounts?$top=1&$select=accountnumber&$filter=msdyn_Customergroupid/msdyn_Paymenttermid/msdyn_name%20ne%20null&$expand=msdyn_Customergroupid($select=msdyn_groupid;$expand=msdyn_Paymenttermid($select=msdyn_name))", status: 200,
			answer: `"msdyn_Customergroupid":\{"@odata.etag":"W/\\"\d+\\"","msdyn_customergroupid":"` + guid + `","msdyn_groupid":"[^"]+","msdyn_Paymenttermid":\{[^}]*"msdyn_name":"[^"]+"\}\}`},
		{request: "POST " + at + "transactioncurrencies/Microsoft.Dynamics.CRM.UpsertMultiple", body: `{"Targets":[]}`, status: 404, answer: `0x8006088a`},
		{request: "GET " + at + "sdkmessagefilters?$select=sdkmessagefilterid&$filter=sdkmessageid/name%20eq%20@m%20and%20primaryobjecttypecode%20eq%20@t&@m='UpsertMultiple'&@t='transactioncurrency'", status: 200, answer: `"value":\[\]`},
		{request: "GET " + at + "accounts?$top=1&$select=msdyn_onholdstatus,_msdyn_company_value&$filter=msdyn_onholdstatus%20ne%20null%20and%20_msdyn_company_value%20eq%20$COMPANY", headers: []string{`Prefer: odata.include-annotations="*"`}, status: 200,
			answer: `"msdyn_onholdstatus@OData.Community.Display.V1.FormattedValue":"[^"]+".*"_msdyn_company_value@Microsoft.Dynamics.CRM.lookuplogicalname":"cdm_company"`},
		{request: "GET " + at + "leads", status: 404, answer: `"code":"0x8006088a"`},
	})
}

func TestFinanceAnswersAsRecorded(t *testing.T) {
	s := serve(t)
	s.plays(s.FinanceURL, []recorded{
		{request: "POST /data/CustomersV3", body: `{"dataAreaId":"usmf","CustomerGroupId":"10","PartyType":"Organization","OrganizationName":"Contoso","SalesCurrencyCode":"USD"}`, status: 201, header: `Location: ^$ORIGIN/data/CustomersV3\(dataAreaId=%27usmf%27,CustomerAccount=%27C-000001%27\)$`,
			answer: `^\{"@odata.context":"$ORIGIN/data/\$metadata#CustomersV3/\$entity","@odata.etag":"W/\\"J[A-Za-z0-9+/]+=*\\"","dataAreaId":"usmf","CustomerAccount":"C-000001".*"PartyNumber":"PN-00000001".*"CreditLimit":0,`},
		{request: "GET /data/CustomersV3(dataAreaId='usmf',CustomerAccount='C-000001')?cross-company=true", status: 200, answer: `"OrganizationName":"Contoso"`},
		{request: "PATCH /data/CustomersV3(CustomerAccount='C-000001',dataAreaId='USMF')?cross-company=true", body: `{"OnHoldStatus":"All"}`, status: 204, answer: `^$`},
		{request: "GET /data/CustomersV3?$filter=dataAreaId%20eq%20'usmf'%20and%20OnHoldStatus%20eq%20Microsoft.Dynamics.DataEntities.OnHoldStatus'All'%20and%20CustomerAccount%20ge%20'C-'%20and%20CustomerAccount%20lt%20'D'&cross-company=true&$select=CustomerAccount", status: 200,
			answer: `"value":\[\{"@odata.etag":"W/\\"J[^"]*"","CustomerAccount":"C-000001"\}\]`},
		{request: "DELETE /data/CustomersV3(dataAreaId='usmf',CustomerAccount='C-000001')?cross-company=true", status: 204, answer: `^$`},
		{request: "PATCH /data/CustomersV3(dataAreaId='usmf',CustomerAccount='C-000001')?cross-company=true", body: `{"OnHoldStatus":"No"}`, status: 400,
			answer: `^\{"error":\{"code":"","message":"An error has occurred.","innererror":\{"message":"No resources were found when selecting for update.",.*\}\}\}$`},
		{request: "PATCH /data/CustomersV3(dataAreaId='gbsi',CustomerAccount='GB0001')", body: `{"SalesMemo":"x"}`, status: 400, answer: `No resources were found when selecting for update\.`},
		{request: "PATCH /data/CustomersV3(dataAreaId='gbsi',CustomerAccount='GB0001')?cross-company=true", body: `{"SalesMemo":"x"}`, status: 204, answer: `^$`},
		{request: "POST /data/VendorsV2", body: `{"dataAreaId":"usmf","VendorOrganizationName":"Contoso Retail San Diego","CurrencyCode":"USD","VendorSearchName":"Contoso Retail Shop Diego"}`, status: 201, answer: `"VendorSearchName":"Contoso Retail Shop "`},
		{request: "GET /data/CDSContactsV2?cross-company=true&$top=1&$filter=BirthDate%20eq%201900-01-01T12:00:00Z", status: 200, answer: `"BirthDate":"1900-01-01T12:00:00Z"`},
		{request: "GET /data/Leads", status: 404, answer: `^\{"Message":"No HTTP resource was found that matches the request URI '$ORIGIN/data/Leads'\."\}$`},
		{request: "GET /Metadata/DataEntities", status: 200, answer: `"PublicCollectionName":"CustomersV3"`},
	})
}
