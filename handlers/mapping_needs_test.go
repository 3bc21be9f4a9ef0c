package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"dualwrite/models"
)

func TestMapsThatAreNeededFirstAreNamedByHand(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	form := formOf(customers, "mappings/needs")
	link := b.get(at(customers, "mappings")).Find("a[href$='mappings/needs']").AttrOr("href", "no link")
	first, second := b.get(link).wants(http.StatusOK), b.get(link)
	if n := first.Find(form + " input[name=needs]").Length(); n != 2 {
		t.Errorf("%d maps are offered, want the two others", n)
	}
	first.submit(form, url.Values{"needs": {groups.Name, "a map that is not there"}}).leadsTo(at(customers, "mappings"))
	if got := c.summary(customers).Definition.Needs; !slices.Equal(got, []string{groups.Name}) {
		t.Fatalf("saved is %q", got)
	}
	b.get(at(customers, "mappings")).says("dl.facts", "Needs first"+groups.Name)
	told := second.submit(form, nil).wants(http.StatusConflict).says("[role=alert]", "changed by somebody else").says("#dialog code", groups.Name)
	told.submit(form, nil).leadsTo(at(customers, "mappings"))
	if got := c.summary(customers).Definition.Needs; got != nil {
		t.Errorf("saved knowingly is %q", got)
	}
	b.get(at(customers, "versions")).says("tbody", "original")
}
