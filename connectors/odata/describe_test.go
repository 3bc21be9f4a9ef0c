package odata_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors/odata"
	"dualwrite/connectors/odata/odatatest"
)

// TestMetadataIsReadOnceForAllThatAskAtOnce has a connector described again and
// again, as the console does when many maps are opened.
func TestMetadataIsReadOnceForAllThatAskAtOnce(t *testing.T) {
	p, address := serve(t)
	clock := odatatest.NewClock()
	c, err := odata.OpenWith(t.Context(), map[string]string{"url": address}, clock.Give)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	read := 0
	p.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/$metadata") {
			read++
		}
		return false
	}
	describe := func() {
		t.Helper()
		if _, err := c.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		describe()
	}
	if read > 1 {
		t.Errorf("the metadata was read %d times at once", read)
	}
	before := read
	if err := clock.Sleep(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if describe(); read != before+1 {
		t.Errorf("a minute later the metadata was not read anew")
	}
}
