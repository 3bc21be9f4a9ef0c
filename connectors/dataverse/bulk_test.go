package dataverse_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/odata/wire"
	"dualwrite/connectors/practice/service"
)

// many creates records with numbers from 0 on.
func many(n int) (batch []connectors.Write) {
	for i := range n {
		row := connectors.Row{text("usmf"), text(fmt.Sprint(i)), text("Söhne & Co")}
		batch = append(batch, connectors.Write{Op: connectors.Create, Row: row, Fields: []bool{true, true, true}})
	}
	return batch
}

// createMany creates records of an environment, and gives what became of them and
// how many requests that took.
func createMany(t *testing.T, e *environment, c connectors.Connector, n int) ([]connectors.Result, int64) {
	t.Helper()
	parents, err := c.Open(t.Context(), connectors.Selection{Entity: connectortest.Parents, Fields: []string{"dataareaid", "code", "name"}, Key: []int{0, 1}, Company: 0})
	if err != nil {
		t.Fatal(err)
	}
	before := e.server.Calls().All
	results, err := parents.Write(t.Context(), many(n))
	if err != nil {
		t.Fatal(err)
	}
	asked := e.server.Calls().All - before
	all, _, err := parents.Scan(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]connectors.Record{}
	for _, r := range all {
		held[r.ID] = r
	}
	for i, r := range results {
		if now := held[r.Record.ID]; r.Outcome == connectors.Stored && (now.Version == "" || now.Version != r.Record.Version || now.Row[1] != text(fmt.Sprint(i)) || now.Row[2] != r.Record.Row[2]) {
			t.Errorf("record %d is told as %+v and held as %+v", i, r.Record, now)
		}
	}
	return results, asked
}

// stored fails unless all but one of the results are of records that were stored.
func stored(t *testing.T, results []connectors.Result, but int) {
	t.Helper()
	for i, r := range results {
		if i != but && r.Outcome != connectors.Stored {
			t.Errorf("record %d: %+v", i, r)
		}
	}
}

func TestManyCreatesGoTogetherWhereThatIsOffered(t *testing.T) {
	e := newEnvironment(t)
	results, asked := createMany(t, e, e.inTwos(t), 40)
	stored(t, results, -1)
	if asked != 3 { // is it offered, create, read back
		t.Errorf("%d requests for 40 records that can be created together", asked)
	}
	e = newEnvironmentOf(t, func(m *service.Model) { m.Entity(connectortest.Parents).Bulk = false })
	results, asked = createMany(t, e, e.inTwos(t), 40)
	stored(t, results, -1)
	if asked != 21 {
		t.Errorf("%d requests for 40 records in twos", asked)
	}
}

func TestCreatesThatFailTogetherAreToldOneByOne(t *testing.T) {
	const reason, bad = "The period is closed.", 20
	e := newEnvironment(t)
	e.server.SetFaults(service.Faults{Reject: map[string]string{connectortest.Parents: reason}, RejectOnly: fmt.Sprint(bad)})
	results, _ := createMany(t, e, e.inTwos(t), 40)
	stored(t, results, bad)
	if r := results[bad]; r.Outcome != connectors.Refused || r.Err.Message != reason {
		t.Errorf("the bad record: %+v", r)
	}
	e = newEnvironment(t)
	id := e.Insert(t, connectortest.Parents, map[string]connectors.Value{"dataareaid": text("usmf"), "code": text(fmt.Sprint(bad)), "name": text("theirs")})
	results, _ = createMany(t, e, e.inTwos(t), 40)
	stored(t, results, bad)
	if r := results[bad]; r.Outcome != connectors.Moved {
		t.Errorf("the record whose key is held: %+v", r)
	}
	if name := e.text(t, "SELECT name FROM parents WHERE parentsid = '"+id+"'"); name != "theirs" {
		t.Errorf("somebody's record became %q", name)
	}
}

// deaf loses the first answer to a message for many records.
type deaf struct{ lost bool }

func (d *deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || d.lost || !strings.HasSuffix(r.URL.Path, "CreateMultiple") {
		return answer, err
	}
	d.lost = true
	_ = answer.Body.Close()
	return nil, io.ErrUnexpectedEOF
}

func TestCreatesWhoseCommonAnswerIsLostAreNotDoubled(t *testing.T) {
	const records = 60 // more than one batch takes
	e, d := newEnvironment(t), &deaf{}
	results, _ := createMany(t, e, e.openWith(t, func(o *wire.Options) { o.Transport = d }), records)
	stored(t, results, -1)
	if n := e.text(t, "SELECT count(*) FROM parents"); n != fmt.Sprint(records) || !d.lost {
		t.Errorf("%s records are stored; an answer was lost: %v", n, d.lost)
	}
}
