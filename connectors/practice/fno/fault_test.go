package fno_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors/practice/service"
	"dualwrite/connectors/practice/servicetest"
)

func TestThrottlingTellsWhenToComeBack(t *testing.T) {
	d := start(t)
	d.Server.SetFaults(service.Faults{ThrottleEvery: 2, UnavailableEvery: 3, RetryAfter: 3 * time.Second})
	d.Wants(200, "GET Children", "")
	a := d.Wants(429, "GET Children", "", "This request could not be processed at this time due to system experiencing high resource utilization.")
	if a.Header.Get("Retry-After") != "3" {
		t.Errorf("asks to come back after %q", a.Header.Get("Retry-After"))
	}
	a = d.Wants(503, "GET Children", "", "<html>")
	if a.Header.Get("Content-Type") != "text/html" {
		t.Errorf("content type %q", a.Header.Get("Content-Type"))
	}
}

func TestADroppedAnswerIsOfACallThatWasExecuted(t *testing.T) {
	d := start(t)
	d.Server.SetFaults(service.Faults{DropEvery: 1})
	if a, err := d.Try("POST Children", `{"dataAreaId":"usmf","Number":"1","Title":"t"}`); err == nil {
		t.Errorf("answered %d", a.Status)
	}
	d.Server.SetFaults(service.Faults{})
	d.Wants(200, "GET "+key, "")
}

func TestWritesOfAnEntityAreRejectedInTheAppsOwnWords(t *testing.T) {
	d := start(t)
	d.child("usmf", "1")
	d.Server.SetFaults(service.Faults{Reject: map[string]string{"Children": "Not on a Monday."}})
	d.Wants(400, "POST Children", `{"dataAreaId":"usmf","Number":"2","Title":"t"}`, "Infolog: Error: Not on a Monday.", "Write failed for table row of type 'ChildEntity'.")
	d.Wants(400, "PATCH "+key, `{"Title":"u"}`, "Not on a Monday.")
	d.Wants(400, "DELETE "+key, "", "Not on a Monday.")
}

func TestABatchKeepsItsChangeSetsWhole(t *testing.T) {
	d := start(t)
	part := func(id, line, body string) string {
		return "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: " + id + "\r\n\r\n" + line + " HTTP/1.1\r\nContent-Type: application/json\r\nPrefer: return=representation\r\n\r\n" + body + "\r\n"
	}
	set := func(parts ...string) string {
		return "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n" + strings.Join(parts, "--c\r\n") + "--c--\r\n\r\n"
	}
	record := func(n int) string { return fmt.Sprintf(`{"dataAreaId":"usmf","Number":"%d","Title":"t"}`, n) }
	batch := set(part("1", "POST /data/Children?cross-company=true", record(1)), part("2", "PATCH /data/Children(dataAreaId='usmf',Number='9')?cross-company=true", `{"Title":"u"}`)) +
		set(part("1", "POST /data/Children?cross-company=true", record(2)), part("2", "POST Children", record(3))) + "--b--\r\n"
	a := d.Call("POST $batch", batch, "Content-Type: multipart/mixed; boundary=b", "Prefer: odata.continue-on-error")
	if a.Status != 200 || strings.Count(a.Body, "HTTP/1.1 400") != 1 || strings.Count(a.Body, "HTTP/1.1 201") != 2 || !strings.Contains(a.Body, "No resources were found when selecting for update.") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	all, _, _ := d.Pages("Children?cross-company=true&$orderby=Number")
	if got := servicetest.Column(all, "Number"); got != "2 3" {
		t.Errorf("stored %s", got)
	}
}
