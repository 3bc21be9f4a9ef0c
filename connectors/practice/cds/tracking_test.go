package cds_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors/practice/service"
	"dualwrite/connectors/practice/servicetest"
)

func TestADeltaLinkTellsWhatWasWrittenAndThenWhatWasDeleted(t *testing.T) {
	d := start(t)
	one, two := d.child("1"), d.child("2")
	all, last, pages := d.Pages("children?$select=number", "Prefer: odata.track-changes,odata.maxpagesize=1")
	if len(all) != 2 || pages != 2 || last.Delta == "" || !strings.Contains(last.Delta, "$deltatoken=") {
		t.Fatalf("%d records on %d pages, %q", len(all), pages, last.Delta)
	}
	if all, again, _ := d.Pages(last.Delta); len(all) != 0 || again.Delta == "" {
		t.Errorf("nothing happened, but %v", all)
	}
	d.Delete(d, "children", one)
	three, gone := d.child("3"), d.child("4")
	d.Update(d, "children", two, map[string]*string{"note": ptr("x")})
	d.Delete(d, "children", gone)
	for _, size := range []string{"1", "2", "3", "100"} {
		all, _, _ = d.Pages(last.Delta, "Prefer: odata.maxpagesize="+size)
		if got := servicetest.Column(all, "childid"); got != three+" "+two {
			t.Errorf("pages of %s: written %s", size, got)
		}
		if got := servicetest.Column(all, "id"); got != one+" "+gone || all[3]["reason"] != "deleted" {
			t.Errorf("pages of %s: deleted %s", size, got)
		}
	}
	d.Wants(200, "GET children/$count?"+last.Delta[strings.Index(last.Delta, "$deltatoken="):], "", "\ufeff4")
	for _, option := range []string{"$filter=" + servicetest.Escape("number eq '1'"), "$orderby=number", "$expand=Parent", "$top=1"} {
		a := d.Call("GET children?"+option, "", "Prefer: odata.track-changes")
		d.Checks(a, 400, option, "query parameter isn't supported when Change Tracking is enabled.")
	}
}

func TestADeltaLinkExpires(t *testing.T) {
	now := time.Now()
	d := startAt(t, func() time.Time { return now })
	_, last, _ := d.Pages("children", "Prefer: odata.track-changes")
	now = now.Add(6 * 24 * time.Hour)
	d.SignIn()
	d.Wants(200, "GET "+last.Delta, "")
	now = now.Add(25 * time.Hour)
	d.SignIn()
	d.Wants(400, "GET "+last.Delta, "", "0x80044352")
	_, last, _ = d.Pages("children", "Prefer: odata.track-changes")
	if err := d.Server.ExpireCursors(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.Wants(400, "GET "+last.Delta, "", "0x80044352")
	_, last, _ = d.Pages("children", "Prefer: odata.track-changes")
	d.Wants(200, "GET "+last.Delta, "")
}

func TestALagHidesWhatIsYoung(t *testing.T) {
	d := start(t)
	_, last, _ := d.Pages("children", "Prefer: odata.track-changes")
	d.child("1")
	d.Server.SetFaults(service.Faults{Lag: time.Hour})
	all, lagging, _ := d.Pages(last.Delta)
	if len(all) != 0 {
		t.Errorf("told %v", all)
	}
	d.Server.SetFaults(service.Faults{})
	if all, _, _ = d.Pages(lagging.Delta); len(all) != 1 {
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
			all, _, _ := d.Pages("children?$select=number"+order, "Prefer: odata.maxpagesize="+size)
			seen := map[any]bool{}
			for _, r := range all {
				seen[r["number"]] = true
			}
			if len(all) != 11 || len(seen) != 11 {
				t.Errorf("%q in pages of %s: %s", order, size, servicetest.Column(all, "number"))
			}
		}
	}
	if all, last, _ := d.Pages("children?$top=3"); len(all) != 3 || last.Next != "" {
		t.Errorf("the first three are %d", len(all))
	}
	if all, _, _ := d.Pages("children?$top=3", "Prefer: odata.maxpagesize=2"); len(all) != 11 {
		t.Errorf("$top counts although there are pages: %d", len(all))
	}
	d.Wants(400, "GET children?$skip=3", "", "Skip")
	if a := d.Wants(200, "GET children/$count", ""); a.Body != "\ufeff11" {
		t.Errorf("counted %q", a.Body)
	}
}
