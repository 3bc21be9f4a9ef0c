package cds_test

import (
	"fmt"
	"strings"
	"testing"

	"dualwrite/connectors/practice/servicetest"
)

// request is one part of a batch; a change set is several with set.
type request struct {
	line, body string
	set        []request
}

// multipart spells a batch with CRLF line ends.
func multipart(boundary string, requests []request) string {
	var b strings.Builder
	for i, r := range requests {
		b.WriteString("--" + boundary + "\r\n")
		if r.set != nil {
			b.WriteString("Content-Type: multipart/mixed; boundary=\"changeset_y\"\r\n\r\n" + multipart("changeset_y", r.set) + "\r\n")
			continue
		}
		fmt.Fprintf(&b, "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: %d\r\n\r\n%s HTTP/1.1\r\nContent-Type: application/json\r\n\r\n%s\r\n", i+1, r.line, r.body)
	}
	return b.String() + "--" + boundary + "--\r\n"
}

func (d *desk) batch(requests []request, headers ...string) servicetest.Answer {
	d.Helper()
	return d.Call("POST $batch", multipart("batch_x", requests), append(headers, `Content-Type: multipart/mixed; boundary="batch_x"`)...)
}

// statuses lists the statuses in an answer to a batch.
func statuses(a servicetest.Answer) string {
	var out []string
	for _, line := range strings.Split(a.Body, "\r\n") {
		if status, ok := strings.CutPrefix(line, "HTTP/1.1 "); ok {
			out = append(out, status[:3])
		}
	}
	return strings.Join(out, " ")
}

func body(number string) string {
	return `{"dataareaid":"usmf","number":"` + number + `","title":"t"}`
}

func TestABatchStopsAtItsFirstErrorUnlessToldToGoOn(t *testing.T) {
	d := start(t)
	requests := []request{
		{line: "POST /api/data/v9.2/children", body: body("1")},
		{line: "POST " + d.URL + "/api/data/v9.2/children", body: `{"number":"2"}`},
		{line: "GET children?$select=number"},
	}
	a := d.batch(requests)
	if got := statuses(a); a.Status != 400 || got != "204 400" {
		t.Errorf("status %d, parts %s", a.Status, got)
	}
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "multipart/mixed; boundary=batchresponse_") {
		t.Errorf("content type %q", a.Header.Get("Content-Type"))
	}
	a = d.batch(requests, "Prefer: odata.continue-on-error")
	if got := statuses(a); a.Status != 200 || got != "412 400 200" {
		t.Errorf("status %d, parts %s: %s", a.Status, got, a.Body)
	}
}

func TestAChangeSetIsAllOrNothing(t *testing.T) {
	d := start(t)
	a := d.batch([]request{
		{set: []request{{line: "POST children", body: body("1")}, {line: "POST children", body: `{"number":"2"}`}, {line: "POST children", body: body("3")}}},
		{set: []request{{line: "POST children", body: body("4")}, {line: "PATCH children(dataareaid='usmf',number='5')", body: `{"title":"t"}`}}},
	}, "Prefer: odata.continue-on-error")
	if got := statuses(a); got != "400 204 204" || strings.Count(a.Body, "Content-ID: 2") != 2 || strings.Count(a.Body, "boundary=changesetresponse_") != 1 {
		t.Errorf("parts %s: %s", got, a.Body)
	}
	all, _, _ := d.Pages("children?$orderby=number")
	if got := servicetest.Column(all, "number"); got != "4 5" {
		t.Errorf("stored %s", got)
	}
}

func TestAChangeSetMayReferToWhatItCreated(t *testing.T) {
	d := start(t)
	a := d.batch([]request{{set: []request{
		{line: "POST parents", body: `{"dataareaid":"usmf","code":"one"}`},
		{line: "POST children", body: `{"dataareaid":"usmf","number":"1","title":"t","Parent@odata.bind":"$1"}`},
		{line: "PATCH $2", body: `{"note":"by reference"}`},
	}}})
	if got := statuses(a); got != "204 204 204" {
		t.Fatalf("parts %s: %s", got, a.Body)
	}
	d.Wants(200, "GET children?$expand=Parent($select=code)", "", `"code":"one"`, `"note":"by reference"`)
}

func TestABatchThatCannotBeReadIsRefused(t *testing.T) {
	d := start(t)
	for name, a := range map[string]servicetest.Answer{
		"a read in a change set":  d.batch([]request{{set: []request{{line: "GET children"}}}}),
		"a batch in a batch":      d.batch([]request{{line: "POST $batch"}}),
		"too many requests":       d.batch(make1001()),
		"another content type":    d.Call("POST $batch", "{}"),
		"an address of no record": d.batch([]request{{line: "GET /elsewhere"}}),
	} {
		if a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	a := d.Call("POST $batch", strings.ReplaceAll(multipart("b1", []request{{line: "GET children"}}), "\r\n", "\n"), "Content-Type: multipart/mixed;boundary=b1")
	if got := statuses(a); got != "200" {
		t.Errorf("line ends alone: %s", a.Body)
	}
}

func make1001() []request {
	out := make([]request, 1001)
	for i := range out {
		out[i] = request{line: "GET children"}
	}
	return out
}

func TestBulkMessagesStoreAllOrNothing(t *testing.T) {
	d := start(t)
	item := func(number, more string) string {
		return `{"@odata.type":"Microsoft.Dynamics.CRM.child",` + more + `"dataareaid":"usmf","number":"` + number + `","title":"t"}`
	}
	at := func(number string) string {
		return `"@odata.id":"children(dataareaid='usmf',number='` + number + `')",`
	}
	const message = "POST children/Microsoft.Dynamics.CRM."
	d.Wants(200, message+"CreateMultiple", `{"Targets":[`+item("1", "")+`,`+item("2", "")+`]}`, `"Ids":["`)
	if a := d.Wants(204, message+"UpsertMultiple", `{"Targets":[`+item("2", at("2")+`"note":"x",`)+`,`+item("3", at("3"))+`]}`); a.Body != "" {
		t.Errorf("answered %s", a.Body)
	}
	d.Wants(204, message+"UpdateMultiple", `{"Targets":[`+item("3", at("3")+`"note":"y",`)+`]}`)
	d.Wants(404, message+"UpdateMultiple", `{"Targets":[`+item("1", at("1")+`"note":"z",`)+`,`+item("4", at("4"))+`]}`)
	d.Wants(400, message+"UpsertMultiple", `{"Targets":[`+item("4", at("4"))+`,`+item("5", at("5")+`"badge":"far longer than twenty characters",`)+`]}`, "0x80044331")
	d.Wants(400, message+"CreateMultiple", `{"Targets":[`+body("6")+`]}`, "@odata.type")
	d.Wants(404, message+"DeleteMultiple", `{"Targets":[]}`)
	all, _, _ := d.Pages("children?$orderby=number")
	if numbers, notes := servicetest.Column(all, "number"), servicetest.Column(all, "note"); numbers != "1 2 3" || notes != "x y" {
		t.Errorf("stored %s with notes %s", numbers, notes)
	}
	probe := "GET sdkmessagefilters?$select=sdkmessagefilterid&$filter=" + servicetest.Escape("sdkmessageid/name eq @m and primaryobjecttypecode eq @t")
	d.Wants(200, probe+"&@m='UpsertMultiple'&@t='child'", "", `"sdkmessagefilterid"`)
	d.Wants(200, probe+"&@m='UpsertMultiple'&@t='nothing'", "", `"value":[]`)
}
