package cds_test

import (
	"net/http"
	"strings"
	"testing"

	"dualwrite/connectors/practice/servicetest"
)

func TestOneRecordGoesThroughItsLife(t *testing.T) {
	d := start(t)
	created := d.Wants(204, "POST children", `{"dataareaid":"usmf","number":"1","title":"t","amount":12.5,"quantity":9007199254740993,"active":true,"born":"2020-02-29","seen":"2016-09-28T22:57:53.123Z"}`)
	id := created.ID()
	if !strings.HasPrefix(created.Header.Get("OData-EntityId"), d.URL+"/api/data/v9.2/children(") {
		t.Errorf("created at %q", created.Header.Get("OData-EntityId"))
	}
	read := d.Wants(200, "GET children("+id+")", "", `"amount":12.5000`, `"quantity":9007199254740993`, `"active":true`, `"born":"2020-02-29"`, `"seen":"2016-09-28T22:57:53Z"`, `"note":null`, `"@odata.etag":"W/\"`)
	if read.Header.Get("ETag") != read.Field("@odata.etag") {
		t.Errorf("ETag %q, in the body %q", read.Header.Get("ETag"), read.Field("@odata.etag"))
	}
	d.Wants(200, "GET children(dataareaid='USMF',number='1%20%20')?$select=title", "", `"childid":"`+id+`"`)
	d.Wants(204, "PATCH children("+id+")", `{"note":"x"}`)
	d.Wants(200, "GET children("+id+")/note", "", `"value":"x"`)
	d.Wants(204, "DELETE children("+id+")/note", "")
	d.Wants(204, "GET children("+id+")/note", "")
	d.Wants(204, "DELETE children("+id+")", "")
	d.Wants(404, "DELETE children("+id+")", "", "0x80040217")
	d.Wants(404, "GET children(dataareaid='usmf',number='1')", "", "0x80060891")
	d.Wants(404, "GET nothing", "", "0x8006088a")
}

func TestPatchUpsertsUnlessAConditionForbidsIt(t *testing.T) {
	d := start(t)
	at := "children(dataareaid='usmf',number='7')"
	body := `{"title":"t"}`
	if a := d.Call("PATCH "+at, body, "If-Match: *"); a.Status != 404 {
		t.Errorf("update of nothing: %d %s", a.Status, a.Body)
	}
	a := d.Call("PATCH "+at, body, "Prefer: return=representation")
	if a.Status != 201 || a.Field("number") != "7" || a.Header.Get("ETag") == "" || a.Header.Get("OData-EntityId") != "" {
		t.Errorf("create: %d %s", a.Status, a.Body)
	}
	etag := a.Header.Get("ETag")
	if a = d.Call("PATCH "+at, `{"title":"u","number":"8"}`, "Prefer: return=representation"); a.Status != 200 || a.Field("title") != "u" || a.Field("number") != "7" {
		t.Errorf("update: %d %s", a.Status, a.Body)
	}
	if a := d.Call("PATCH "+at, body, "If-None-Match: *"); a.Status != 412 || !strings.Contains(a.Body, "A record with matching key values already exists.") {
		t.Errorf("create of what is there: %d %s", a.Status, a.Body)
	}
	if b := d.Call("PATCH "+at, body, "If-Match: "+etag); b.Status != 412 || !strings.Contains(b.Body, "The version of the existing record doesn't match the RowVersion property provided.") {
		t.Errorf("stale update: %d %s", b.Status, b.Body)
	}
	if b := d.Call("GET "+at, "", "If-None-Match: "+a.Header.Get("ETag")); b.Status != http.StatusNotModified {
		t.Errorf("read of what is known: %d", b.Status)
	}
	if b := d.Call("DELETE "+at, "", "If-Match: "+etag); b.Status != 412 {
		t.Errorf("stale delete: %d", b.Status)
	}
	d.Wants(204, "PATCH children(6f9619ff-8b86-4011-b42d-00c04fc964ff)", `{"dataareaid":"usmf","number":"9","title":"t"}`)
	d.Wants(200, "GET children(6f9619ff-8b86-4011-b42d-00c04fc964ff)", "", `"number":"9"`)
}

func TestWritesPastTheServerMoveTheETag(t *testing.T) {
	d := start(t)
	id := d.child("1")
	seen := map[string]bool{}
	for range 3 {
		etag := d.Call("GET children("+id+")?$select=number", "").Header.Get("ETag")
		if seen[etag] {
			t.Fatalf("the tag %s was there before", etag)
		}
		seen[etag] = true
		d.Update(t, "children", id, map[string]*string{"note": ptr("same")})
	}
}

func TestWhatTheAppRefusesIsToldByCode(t *testing.T) {
	d := start(t)
	d.Wants(204, "POST children", `{"dataareaid":"usmf","number":"1","title":"t","badge":"B1"}`)
	for _, c := range []struct {
		status int
		body   string
		parts  []string
	}{
		{400, `{"dataareaid":"usmf","number":"2","title":"far longer than twenty characters"}`, []string{"0x80044331", "'title'", "'20'"}},
		{400, `{"dataareaid":"usmf","number":"2"}`, []string{"'title'"}},
		{412, `{"dataareaid":"USMF","number":"1 ","title":"t"}`, []string{"0x80040237", "dataareaid, number"}},
		{412, `{"dataareaid":"usmf","number":"2","title":"t","badge":"b1"}`, []string{"badge"}},
		{400, `{"dataareaid":"usmf","number":"2","title":"t","amount":123456789012345}`, []string{"0x80044330", "'amount'"}},
		{400, `{"dataareaid":"usmf","number":"2","title":"t","quantity":"a dozen"}`, []string{"quantity", "Edm.Int64"}},
		{400, `{"dataareaid":"usmf","number":"2","title":"t","nosuch":1}`, []string{"Invalid property 'nosuch'"}},
		{404, `{"dataareaid":"usmf","number":"2","title":"t","Parent@odata.bind":"parents(6f9619ff-8b86-4011-b42d-00c04fc964ff)"}`, []string{"0x80040217", "'parent'"}},
		{404, `{"dataareaid":"usmf","number":"2","title":"t","Parent@odata.bind":"parents(dataareaid='usmf',code='no')"}`, []string{"0x80060891", "parent entity"}},
		{400, `{"dataareaid":"usmf","number":"2","title":"t","parent@odata.bind":"parents(dataareaid='usmf',code='no')"}`, []string{"undeclared property"}},
		{400, `not JSON`, []string{"Payload"}},
	} {
		d.Wants(c.status, "POST children", c.body, c.parts...)
	}
	d.Wants(200, "GET children?$select=number&$count=true", "", `"@odata.count":1`)
}

func TestKeysWithForbiddenCharactersBreakInAddresses(t *testing.T) {
	d := start(t)
	for _, number := range []string{"A/B", "<", ">", "*", "%", "&", ":", `\`, "?", "+"} {
		id := d.child(number)
		at := "children(dataareaid='usmf',number='" + servicetest.Escape(number) + "')"
		d.Wants(400, "GET "+at, "")
		d.Wants(400, "PATCH "+at, `{"title":"u"}`)
		d.Wants(200, "GET children?$select=childid&$filter="+servicetest.Escape("number eq '"+number+"'"), "", id)
		d.Wants(204, "PATCH children("+id+")", `{"title":"u"}`)
	}
}

func TestALookupIsBoundByIDAndByKey(t *testing.T) {
	d := start(t)
	one, two := d.parent("one"), d.parent("two")
	id := d.Wants(204, "POST children", `{"dataareaid":"usmf","number":"1","title":"t","Parent@odata.bind":"/parents(`+one+`)"}`).ID()
	d.Wants(200, "GET children("+id+")?$select=_parent_value&$expand=Parent($select=code)", "", `"_parent_value":"`+one+`"`, `"Parent":{"@odata.etag"`, `"code":"one"`)
	d.Wants(204, "PATCH children("+id+")", `{"Parent@odata.bind":"`+d.URL+`/api/data/v9.2/parents(code='TWO',dataareaid='usmf')"}`)
	d.Wants(200, "GET children?$select=number&$filter="+servicetest.Escape("Parent/code eq 'two' and _parent_value eq "+two), "", `"number":"1"`)
	d.Wants(405, "DELETE parents("+two+")", "", "association")
	d.Wants(204, "PATCH children("+id+")", `{"Parent":null}`)
	d.Wants(200, "GET children("+id+")?$expand=Parent", "", `"_parent_value":null`, `"Parent":null`)
}

func TestACreateMayMakeTheRecordItLooksUp(t *testing.T) {
	d := start(t)
	id := d.Wants(204, "POST children", `{"dataareaid":"usmf","number":"1","title":"t","Parent":{"dataareaid":"usmf","code":"new"}}`).ID()
	d.Wants(200, "GET children("+id+")?$expand=Parent($select=code)", "", `"code":"new"`)
	d.Wants(400, "PATCH children("+id+")", `{"Parent":{"dataareaid":"usmf","code":"other"}}`, "Deep update")
	d.Wants(400, "POST children", `{"dataareaid":"usmf","number":"2","Parent":{"dataareaid":"usmf","code":"lost"}}`, "'title'")
	d.Wants(200, "GET parents?$count=true", "", `"@odata.count":1`)
}
