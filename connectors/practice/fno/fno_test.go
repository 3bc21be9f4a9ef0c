package fno_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"dualwrite/connectors/practice/servicetest"
)

// desk calls a server over the standard tables, with pages of four records.
type desk struct {
	servicetest.Desk
	*servicetest.Finance
}

func start(t *testing.T) *desk {
	d := &desk{Finance: servicetest.StartFinance(t, nil, 4)}
	d.Desk = servicetest.Desk{TB: t, Origin: d.URL, Base: d.URL + "/data/"}
	d.SignIn()
	return d
}

func ptr(s string) *string { return &s }

func (d *desk) child(company, number string) string {
	d.Helper()
	return d.Insert(d, "Children", map[string]*string{"dataAreaId": &company, "Number": &number, "Title": ptr("t")})
}

const key = "Children(dataAreaId='usmf',Number='1')?cross-company=true"

func TestOneRecordGoesThroughItsLife(t *testing.T) {
	d := start(t)
	created := d.Wants(201, "POST Children", `{"dataAreaId":"USMF","Number":"1","Title":"t","Amount":12.50,"Active":"Yes","Born":"2020-02-29T12:00:00Z"}`,
		`"dataAreaId":"usmf"`, `"Amount":12.5,`, `"Active":"Yes"`, `"Born":"2020-02-29T12:00:00Z"`)
	d.Wants(200, "GET "+key, "", `"@odata.context":"`+d.URL+`/data/$metadata#Children/$entity"`, created.Field("@odata.etag")[3:20])
	if a := d.Wants(204, "PATCH "+key, `{"Title":"u"}`); a.Body != "" {
		t.Errorf("an update answers %q", a.Body)
	}
	d.Wants(200, "GET Children(Number='1',dataAreaId='USMF')?cross-company=true", "", `"Title":"u"`)
	d.Wants(204, "DELETE "+key, "")
	d.Wants(400, "DELETE "+key, "", "No resources were found when selecting for update.")
	d.Wants(404, "GET "+key, "", `{"Message":"No HTTP resource was found that matches the request URI`)
}

func TestThereIsNoUpsert(t *testing.T) {
	d := start(t)
	a := d.Wants(400, "PATCH "+key, `{"Title":"u"}`)
	want := `{"error":{"code":"","message":"An error has occurred.","innererror":{"message":"No resources were found when selecting for update.",`
	if !strings.HasPrefix(a.Body, want) || !strings.Contains(a.Body, `"stacktrace":"   at `) {
		t.Errorf("answered %s", a.Body)
	}
	d.Wants(200, "GET Children?cross-company=true", "", `"value":[]`)
}

func TestEmptyValuesAreNeverNullButForEnums(t *testing.T) {
	d := start(t)
	d.Wants(201, "POST Children", `{"dataAreaId":"usmf","Number":"1","Title":"t"}`, `"Note":""`, `"Badge":""`, `"Quantity":0`, `"Amount":0`,
		`"Active":null`, `"Born":"1900-01-01T12:00:00Z"`, `"Seen":"1900-01-01T00:00:00Z"`)
	d.Wants(204, "PATCH "+key, `{"Note":"x","Born":"2020-01-01T12:00:00Z","Quantity":1}`)
	d.Wants(204, "PATCH "+key, `{"Note":"","Born":"1900-01-01T12:00:00Z","Quantity":0}`)
	for _, filter := range []string{"Note eq ''", "Quantity eq 0", "Amount lt 1", "Born eq 1900-01-01T12:00:00Z", "Seen eq 1900-01-01T00:00:00Z", "not (Note ne '')"} {
		d.Wants(200, "GET Children?cross-company=true&$filter="+servicetest.Escape(filter), "", `"Number":"1"`)
	}
}

func TestEnumsAreNamesOfMembers(t *testing.T) {
	d := start(t)
	d.Wants(201, "POST Children", `{"dataAreaId":"usmf","Number":"1","Title":"t","Active":"Yes"}`)
	list := "GET Children?cross-company=true&$filter="
	d.Wants(200, list+servicetest.Escape("Active eq Microsoft.Dynamics.DataEntities.NoYes'Yes'"), "", `"Number":"1"`)
	d.Wants(200, list+servicetest.Escape("Active ne Microsoft.Dynamics.DataEntities.NoYes'Yes'"), "", `"value":[]`)
	d.Wants(400, list+servicetest.Escape("Active gt Microsoft.Dynamics.DataEntities.NoYes'No'"), "")
	d.Wants(400, list+servicetest.Escape("Active eq 'Yes'"), "", "incompatible types")
	d.Wants(400, "PATCH "+key, `{"Active":"Perhaps"}`, "Microsoft.Dynamics.DataEntities.NoYes")
	d.Wants(200, "GET $metadata", "", `<EnumType Name="NoYes">`, `<PropertyRef Name="dataAreaId" /><PropertyRef Name="Number" />`, `Type="Microsoft.Dynamics.DataEntities.NoYes"`)
}

func TestACompanyIsTheUsersOwnUnlessAllAreAsked(t *testing.T) {
	d := start(t)
	d.child("usmf", "1")
	d.child("dat", "2")
	d.Wants(200, "GET Children?$count=true", "", `"@odata.count":1`, `"Number":"2"`)
	if a := d.Wants(200, "GET Children/$count?cross-company=true", ""); a.Body != "2" {
		t.Errorf("counted %q", a.Body)
	}
	d.Wants(404, "GET Children(dataAreaId='usmf',Number='1')", "")
	d.Wants(400, "PATCH Children(dataAreaId='usmf',Number='1')", `{"Title":"u"}`, "No resources were found when selecting for update.")
	d.Wants(400, "DELETE Children(dataAreaId='usmf',Number='1')", "", "No resources were found when selecting for update.")
	d.Wants(404, "GET Children(Number='1')?cross-company=true", "")
	d.Wants(201, "POST Children", `{"Number":"3","Title":"t"}`, `"dataAreaId":"dat"`)
}

func TestTheETagIsMadeOfVersionAndRecordID(t *testing.T) {
	d := start(t)
	id := d.child("usmf", "1")
	form := regexp.MustCompile(`^'\d+,` + id + `;0,0'$`)
	seen := map[string]bool{}
	for range 3 {
		tag := d.Call("GET "+strings.Replace(key, "?", "?$select=Number&", 1), "").Field("@odata.etag")
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(strings.TrimPrefix(tag, `W/"`), `"`))
		if err != nil || !form.Match(raw) || seen[tag] || !strings.HasPrefix(tag, `W/"J`) {
			t.Fatalf("the tag %s means %s, %v", tag, raw, err)
		}
		seen[tag] = true
		d.Update(t, "Children", id, map[string]*string{"Note": ptr("same")})
	}
	a := d.Call("PATCH "+key, `{"Title":"u"}`, `If-Match: W/"J"`)
	d.Checks(a, 412, "stale update", "update conflict")
	d.Checks(d.Call("PATCH "+key, `{"Title":"u"}`, `If-Match: *`), 204, "update of whatever is there")
}

func TestNextLinksCountRecords(t *testing.T) {
	d := start(t)
	for i := range 10 {
		d.child("usmf", fmt.Sprint(i))
	}
	all, _, pages := d.Pages("Children?cross-company=true&$select=Number&$orderby=Number")
	if got := servicetest.Column(all, "Number"); got != "0 1 2 3 4 5 6 7 8 9" || pages != 3 {
		t.Errorf("%s on %d pages", got, pages)
	}
	_, last, _ := d.Pages("Children?cross-company=true&$top=3")
	if len(last.Value) != 3 || last.Next != "" {
		t.Errorf("the first three: %d, %q", len(last.Value), last.Next)
	}
	d.Wants(200, "GET Children?cross-company=true", "", d.URL+"/data/Children?cross-company=true&$skip=4&$top=4")
	d.Wants(200, "GET Children?cross-company=true&$orderby=dataAreaId,Number%20desc&$skip=8&$top=1", "", `"Number":"1"`)
}

func TestFiltersKnowWildcardsButNoFunctions(t *testing.T) {
	d := start(t)
	for _, n := range []string{"retail one", "one RETAIL", "two"} {
		d.child("usmf", n)
	}
	list := "GET Children?cross-company=true&$count=true&$filter="
	d.Wants(200, list+servicetest.Escape("Number eq '*retail*'"), "", `"@odata.count":2`)
	d.Wants(200, list+servicetest.Escape("Number ne 'retail*'"), "", `"@odata.count":2`)
	for _, f := range []string{"Number in ('two')", "Active has Microsoft.Dynamics.DataEntities.NoYes'Yes'", "contains(Number,'two')", "Nosuch eq 1", "Number eq"} {
		d.Wants(400, list+servicetest.Escape(f), "", "An error has occurred.")
	}
}

func TestTheServerFillsAndCutsValues(t *testing.T) {
	d := start(t)
	d.Wants(201, "POST Children", `{"dataAreaId":"usmf","Title":"t","NameAlias":"Contoso Retail San Diego"}`, `"Number":"C-000001"`, `"NameAlias":"Contoso Retail San D"`)
	d.Wants(201, "POST Children", `{"dataAreaId":"usmf","Title":"t","NameAlias":"Contoso Retail Shop Diego"}`, `"Number":"C-000002"`, `"NameAlias":"Contoso Retail Shop "`)
}

func TestTheInfologTellsWhatIsRefused(t *testing.T) {
	d := start(t)
	d.child("usmf", "1")
	for body, part := range map[string]string{
		`{"dataAreaId":"usmf","Number":"1","Title":"t"}`:                             "Infolog: Error: Cannot create a record in Children. dataAreaId, Number. The record already exists.",
		`{"dataAreaId":"usmf","Number":"2"}`:                                         "Infolog: Warning: Field 'Title' must be filled in.",
		`{"dataAreaId":"usmf","Number":"2","Title":""}`:                              "Field 'Title' must be filled in.",
		`{"dataAreaId":"usmf","Number":"2","Title":"far longer than 20 characters"}`: "'Title' is longer than 20 characters",
		`{"dataAreaId":"usmf","Number":"2","Title":"t","Nosuch":1}`:                  "The property 'Nosuch' does not exist on type",
		`{"dataAreaId":"usmf","Number":"2","Title":"t","Quantity":"many"}`:           "Edm.Int64",
	} {
		d.Wants(400, "POST Children", body, part)
	}
}

func TestKeysMayHoldAnyCharacter(t *testing.T) {
	d := start(t)
	for _, n := range []string{"O'Brien/A&B+1", "Söhne", `"`, "%2F", "a?b#c", " x"} {
		id := d.child("usmf", n)
		at := "Children(dataAreaId='usmf',Number='" + servicetest.Escape(strings.ReplaceAll(n, "'", "''")) + "')?cross-company=true"
		d.Wants(204, "PATCH "+at, `{"Title":"found"}`)
		if got := d.Find(t, "Children", map[string]*string{"Number": &n, "Title": ptr("found")}); got != id {
			t.Errorf("%q: changed %q, want %q", n, got, id)
		}
	}
}
