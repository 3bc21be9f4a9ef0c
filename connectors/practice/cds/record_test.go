package cds_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestOneRecordGoesThroughItsLife(t *testing.T) {
	d := start(t)
	created := d.wants(204, "POST children", `{"dataareaid":"usmf","number":"1","title":"t","amount":12.5,"quantity":9007199254740993,"active":true,"born":"2020-02-29","seen":"2016-09-28T22:57:53.123Z"}`)
	id := created.id()
	if !strings.HasPrefix(created.header.Get("OData-EntityId"), d.URL+"/api/data/v9.2/children(") {
		t.Errorf("created at %q", created.header.Get("OData-EntityId"))
	}
	read := d.wants(200, "GET children("+id+")", "", `"amount":12.5000`, `"quantity":9007199254740993`, `"active":true`, `"born":"2020-02-29"`, `"seen":"2016-09-28T22:57:53Z"`, `"note":null`, `"@odata.etag":"W/\"`)
	if read.header.Get("ETag") != read.field("@odata.etag") {
		t.Errorf("ETag %q, in the body %q", read.header.Get("ETag"), read.field("@odata.etag"))
	}
	d.wants(200, "GET children(dataareaid='USMF',number='1%20%20')?$select=title", "", `"childid":"`+id+`"`)
	d.wants(204, "PATCH children("+id+")", `{"note":"x"}`)
	d.wants(200, "GET children("+id+")/note", "", `"value":"x"`)
	d.wants(204, "DELETE children("+id+")/note", "")
	d.wants(204, "GET children("+id+")/note", "")
	d.wants(204, "DELETE children("+id+")", "")
	d.wants(404, "DELETE children("+id+")", "", "0x80040217")
	d.wants(404, "GET children(dataareaid='usmf',number='1')", "", "0x80060891")
	d.wants(404, "GET nothing", "", "0x8006088a")
}

func TestPatchUpsertsUnlessAConditionForbidsIt(t *testing.T) {
	d := start(t)
	at := "children(dataareaid='usmf',number='7')"
	body := `{"title":"t"}`
	if a := d.call("PATCH "+at, body, "If-Match: *"); a.status != 404 {
		t.Errorf("update of nothing: %d %s", a.status, a.body)
	}
	a := d.call("PATCH "+at, body, "Prefer: return=representation")
	if a.status != 201 || a.field("number") != "7" || a.header.Get("ETag") == "" || a.header.Get("OData-EntityId") != "" {
		t.Errorf("create: %d %s", a.status, a.body)
	}
	etag := a.header.Get("ETag")
	if a = d.call("PATCH "+at, `{"title":"u","number":"8"}`, "Prefer: return=representation"); a.status != 200 || a.field("title") != "u" || a.field("number") != "7" {
		t.Errorf("update: %d %s", a.status, a.body)
	}
	if a := d.call("PATCH "+at, body, "If-None-Match: *"); a.status != 412 || !strings.Contains(a.body, "A record with matching key values already exists.") {
		t.Errorf("create of what is there: %d %s", a.status, a.body)
	}
	if b := d.call("PATCH "+at, body, "If-Match: "+etag); b.status != 412 || !strings.Contains(b.body, "The version of the existing record doesn't match the RowVersion property provided.") {
		t.Errorf("stale update: %d %s", b.status, b.body)
	}
	if b := d.call("GET "+at, "", "If-None-Match: "+a.header.Get("ETag")); b.status != http.StatusNotModified {
		t.Errorf("read of what is known: %d", b.status)
	}
	if b := d.call("DELETE "+at, "", "If-Match: "+etag); b.status != 412 {
		t.Errorf("stale delete: %d", b.status)
	}
	d.wants(204, "PATCH children(6f9619ff-8b86-4011-b42d-00c04fc964ff)", `{"dataareaid":"usmf","number":"9","title":"t"}`)
	d.wants(200, "GET children(6f9619ff-8b86-4011-b42d-00c04fc964ff)", "", `"number":"9"`)
}

func TestWritesPastTheServerMoveTheETag(t *testing.T) {
	d := start(t)
	id := d.child("1")
	seen := map[string]bool{}
	for range 3 {
		etag := d.call("GET children("+id+")?$select=number", "").header.Get("ETag")
		if seen[etag] {
			t.Fatalf("the tag %s was there before", etag)
		}
		seen[etag] = true
		d.Update(t, "children", id, map[string]*string{"note": ptr("same")})
	}
}

func TestWhatTheAppRefusesIsToldByCode(t *testing.T) {
	d := start(t)
	d.wants(204, "POST children", `{"dataareaid":"usmf","number":"1","title":"t","badge":"B1"}`)
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
		d.wants(c.status, "POST children", c.body, c.parts...)
	}
	d.wants(200, "GET children?$select=number&$count=true", "", `"@odata.count":1`)
}

func TestKeysWithForbiddenCharactersBreakInAddresses(t *testing.T) {
	d := start(t)
	for _, number := range []string{"A/B", "<", ">", "*", "%", "&", ":", `\`, "?", "+"} {
		id := d.child(number)
		at := "children(dataareaid='usmf',number='" + escape(number) + "')"
		d.wants(400, "GET "+at, "")
		d.wants(400, "PATCH "+at, `{"title":"u"}`)
		d.wants(200, "GET children?$select=childid&$filter="+escape("number eq '"+number+"'"), "", id)
		d.wants(204, "PATCH children("+id+")", `{"title":"u"}`)
	}
}

func TestALookupIsBoundByIDAndByKey(t *testing.T) {
	d := start(t)
	one, two := d.parent("one"), d.parent("two")
	id := d.wants(204, "POST children", `{"dataareaid":"usmf","number":"1","title":"t","Parent@odata.bind":"/parents(`+one+`)"}`).id()
	d.wants(200, "GET children("+id+")?$select=_parent_value&$expand=Parent($select=code)", "", `"_parent_value":"`+one+`"`, `"Parent":{"@odata.etag"`, `"code":"one"`)
	d.wants(204, "PATCH children("+id+")", `{"Parent@odata.bind":"`+d.URL+`/api/data/v9.2/parents(code='TWO',dataareaid='usmf')"}`)
	d.wants(200, "GET children?$select=number&$filter="+escape("Parent/code eq 'two' and _parent_value eq "+two), "", `"number":"1"`)
	d.wants(405, "DELETE parents("+two+")", "", "association")
	d.wants(204, "PATCH children("+id+")", `{"Parent":null}`)
	d.wants(200, "GET children("+id+")?$expand=Parent", "", `"_parent_value":null`, `"Parent":null`)
}
