package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"dualwrite/handlers"
	"dualwrite/models"
)

// troubledPractice is a console over the practice environment, with the error
// of one record: too long a value in a map of the entity that its apps have.
func troubledPractice(t *testing.T) (c *console, path string) {
	t.Helper()
	c = openConsoleWith(t, handlers.Options{Practice: &fakePractice{environment: 1}})
	_, customers, _ := c.addMaps()
	c.addTrouble(customers)
	c.exec(`UPDATE entity_maps SET definition = replace(replace(definition, '"CustomersV3"', '"Currencies"'), 'fullname', 'NAME') WHERE id = ?`, customers.ID)
	c.exec(`UPDATE record_errors SET field = 'NAME' WHERE id = 1`)
	return c, "/maps/" + str(customers.ID)
}

func TestAnErrorLeadsToItsRecordAndTheRecordLeadsBack(t *testing.T) {
	c, path := troubledPractice(t)
	b := c.signedIn(models.Operator)
	const record = "/practice/left/Currencies/1?error=1"
	if got := b.get(path).Find("#error-1 .mend a").First().AttrOr("href", ""); got != record {
		t.Fatalf("the error leads to %q", got)
	}
	p := b.get(record).wants(http.StatusOK).says("section.message", "Customers V3 (contacts) could not write").says("section.message", "The field to mend is NAME")
	if p.Find(".field.fault #f-NAME").Length() != 1 {
		t.Error("the field to mend is not marked")
	}
	p.submit("form[action^='/practice']", url.Values{"f-NAME": {"Europe"}}).leadsTo(record)
	p.submit("form[action$='/errors/retry']", nil, "one="+p.Find("form[action$='/errors/retry'] button").AttrOr("value", "")).leadsTo(path)
	c.wantsCalls("operator: retry " + path[len("/maps/"):] + " [1]")
	c.exec("UPDATE record_errors SET state = 'resolved' WHERE id = 1")
	b.get(record).says("section.message", "no open error")
	b.get("/practice/left/Currencies/1?error=999").wants(http.StatusOK)
}

func TestErrorsThatAMappingCausesLeadToIt(t *testing.T) {
	c, path := troubledPractice(t)
	b := c.signedIn(models.Viewer)
	for _, kind := range []string{"too large", "unmapped value", "no entity"} {
		c.exec("UPDATE record_errors SET kind = ? WHERE id = 1", kind)
		link := b.get(path).Find("#error-1 .mend a[href*='/mappings?q=']").AttrOr("href", "")
		b.get(link).wants(http.StatusOK).says("caption", "1 of 4 field mappings")
	}
}
