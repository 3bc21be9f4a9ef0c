package handlers_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"dualwrite/models"
)

func TestTheFileOfErrorsHoldsAllOfThemAndNoFormula(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	for i, key := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "plain", "a\"b,c"} {
		c.exec(`INSERT INTO record_errors (map_id, stage, side, record_key, left_id, kind, message, left_image, first_at, last_at)
			VALUES (?, 'initial', 'right', ?, ?, 'invalid', '=cmd()', '{}', ?, ?)`, customers.ID, key, str(int64(i+1)), c.clock.Now(), c.clock.Now())
	}
	c.exec(`WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 1299)
		INSERT INTO record_errors (map_id, stage, side, record_key, left_id, kind, message, first_at, last_at)
		SELECT ?, 'initial', 'left', 'C-' || i, i, 'too large', 'm', ?, ? FROM n`, customers.ID, c.clock.Now(), c.clock.Now())
	b := c.signedIn(models.Viewer)
	path := "/maps/" + str(customers.ID) + "/errors.csv?list=initial"
	p := b.get(path).wants(http.StatusOK)
	if got := p.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Errorf("it is shown instead of saved: %q", got)
	}
	lines, err := csv.NewReader(strings.NewReader(p.body)).ReadAll()
	if err != nil || len(lines) != 1+8+1200 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for _, line := range lines {
		for _, cell := range line {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
				t.Errorf("a cell begins with %q", cell)
			}
		}
	}
	if lines, _ := csv.NewReader(strings.NewReader(b.get(path + "&side=right").body)).ReadAll(); len(lines) != 1+8 {
		t.Errorf("the filter gives %d lines, want 9", len(lines))
	}
}

func TestErrorsAreGroupedAndNarrowedByCause(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	c.addTrouble(customers)
	c.exec("UPDATE record_errors SET parent = ?, parent_key = '40' WHERE kind = 'missing parent'", groups.Definition.Left.Entity)
	b := c.signedIn(models.Operator)
	p := b.get("/maps/"+str(customers.ID)).says(".causes", "Value does not fit").says("main", "allow different lengths")
	link := p.Find(".causes a").AttrOr("href", "")
	if n := b.get(link).wants(http.StatusOK).Find("tr[id^=error-]").Length(); n != 1 {
		t.Errorf("%s shows %d errors, want 1", link, n)
	}
	if n := b.get("/maps/" + str(customers.ID) + "?side=left").Find("tr[id^=error-]").Length(); n != 0 {
		t.Errorf("the side is not looked at: %d errors", n)
	}
	p = b.get("/maps/" + str(customers.ID) + "/errors")
	if got := p.Find("tr[id^=error-] a[href='/maps/" + str(groups.ID) + "']").Text(); got != "Open "+groups.Name {
		t.Errorf("the way to the map that brings the parent is %q", got)
	}
}
