package cds_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors/practice/service"
	"dualwrite/connectors/practice/servicetest"
)

// listed is a page of an answer.
type listed struct {
	Next  string           `json:"@odata.nextLink"`
	Delta string           `json:"@odata.deltaLink"`
	Count int64            `json:"@odata.count"`
	Value []map[string]any `json:"value"`
}

// pages follows next links from an address to the end.
func (d *desk) pages(address string, headers ...string) (all []map[string]any, last listed, pages int) {
	d.Helper()
	for address != "" {
		a := d.call("GET "+address, "", headers...)
		if a.status != 200 {
			d.Fatalf("GET %s: %d %s", address, a.status, a.body)
		}
		last = listed{}
		if err := json.Unmarshal([]byte(a.body), &last); err != nil {
			d.Fatalf("%v in %s", err, a.body)
		}
		all, address = append(all, last.Value...), last.Next
		if pages++; pages > 100 {
			d.Fatal("the pages do not end")
		}
	}
	return all, last, pages
}

func (d *desk) column(records []map[string]any, name string) string {
	var out []string
	for _, r := range records {
		if r[name] != nil {
			out = append(out, fmt.Sprint(r[name]))
		}
	}
	return strings.Join(out, " ")
}

func TestADeltaLinkTellsWhatWasWrittenAndThenWhatWasDeleted(t *testing.T) {
	d := start(t)
	one, two := d.child("1"), d.child("2")
	all, last, pages := d.pages("children?$select=number", "Prefer: odata.track-changes,odata.maxpagesize=1")
	if len(all) != 2 || pages != 2 || last.Delta == "" || !strings.Contains(last.Delta, "$deltatoken=") {
		t.Fatalf("%d records on %d pages, %q", len(all), pages, last.Delta)
	}
	if all, again, _ := d.pages(last.Delta); len(all) != 0 || again.Delta == "" {
		t.Errorf("nothing happened, but %v", all)
	}
	d.Delete(d, "children", one)
	three, gone := d.child("3"), d.child("4")
	d.Update(d, "children", two, map[string]*string{"note": ptr("x")})
	d.Delete(d, "children", gone)
	for _, size := range []string{"1", "2", "3", "100"} {
		all, _, _ = d.pages(last.Delta, "Prefer: odata.maxpagesize="+size)
		if got := d.column(all, "childid"); got != three+" "+two {
			t.Errorf("pages of %s: written %s", size, got)
		}
		if got := d.column(all, "id"); got != one+" "+gone || all[3]["reason"] != "deleted" {
			t.Errorf("pages of %s: deleted %s", size, got)
		}
	}
	d.wants(200, "GET children/$count?"+last.Delta[strings.Index(last.Delta, "$deltatoken="):], "", "\ufeff4")
	for _, option := range []string{"$filter=" + escape("number eq '1'"), "$orderby=number", "$expand=Parent", "$top=1"} {
		a := d.call("GET children?"+option, "", "Prefer: odata.track-changes")
		d.checks(a, 400, option, "query parameter isn't supported when Change Tracking is enabled.")
	}
}

func TestADeltaLinkExpires(t *testing.T) {
	now := time.Now()
	d := &desk{T: t, Dataverse: servicetest.StartDataverse(t, func() time.Time { return now })}
	d.signIn()
	_, last, _ := d.pages("children", "Prefer: odata.track-changes")
	now = now.Add(6 * 24 * time.Hour)
	d.signIn()
	d.wants(200, "GET "+last.Delta, "")
	now = now.Add(25 * time.Hour)
	d.signIn()
	d.wants(400, "GET "+last.Delta, "", "0x80044352")
	_, last, _ = d.pages("children", "Prefer: odata.track-changes")
	if err := d.Server.ExpireCursors(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.wants(400, "GET "+last.Delta, "", "0x80044352")
	_, last, _ = d.pages("children", "Prefer: odata.track-changes")
	d.wants(200, "GET "+last.Delta, "")
}

func TestALagHidesWhatIsYoung(t *testing.T) {
	d := start(t)
	_, last, _ := d.pages("children", "Prefer: odata.track-changes")
	d.child("1")
	d.Server.SetFaults(service.Faults{Lag: time.Hour})
	all, lagging, _ := d.pages(last.Delta)
	if len(all) != 0 {
		t.Errorf("told %v", all)
	}
	d.Server.SetFaults(service.Faults{})
	if all, _, _ = d.pages(lagging.Delta); len(all) != 1 {
		t.Errorf("after the lag: %v", all)
	}
}

func TestPagesHoldEveryRecordOnceWhateverTheOrder(t *testing.T) {
	d := start(t)
	for i := range 11 {
		values := map[string]*string{"dataareaid": ptr("usmf"), "number": ptr(fmt.Sprint("N", i)), "title": ptr("t")}
		if i%3 > 0 {
			values["quantity"] = ptr(fmt.Sprint(i % 3))
		}
		d.Insert(d, "children", values)
	}
	for _, order := range []string{"", "&$orderby=number", "&$orderby=number%20desc", "&$orderby=quantity", "&$orderby=quantity%20desc,number", "&$orderby=Parent/code,quantity%20desc"} {
		for _, size := range []string{"1", "2", "5", "11", "12"} {
			all, _, _ := d.pages("children?$select=number"+order, "Prefer: odata.maxpagesize="+size)
			seen := map[any]bool{}
			for _, r := range all {
				seen[r["number"]] = true
			}
			if len(all) != 11 || len(seen) != 11 {
				t.Errorf("%q in pages of %s: %s", order, size, d.column(all, "number"))
			}
		}
	}
	if all, last, _ := d.pages("children?$top=3"); len(all) != 3 || last.Next != "" {
		t.Errorf("the first three are %d", len(all))
	}
	if all, _, _ := d.pages("children?$top=3", "Prefer: odata.maxpagesize=2"); len(all) != 11 {
		t.Errorf("$top counts although there are pages: %d", len(all))
	}
	d.wants(400, "GET children?$skip=3", "", "Skip")
	if a := d.wants(200, "GET children/$count", ""); a.body != "\ufeff11" {
		t.Errorf("counted %q", a.body)
	}
}
