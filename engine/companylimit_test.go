package engine

import (
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

// limit stops the map if it runs, limits it to legal entities and runs it.
func (b *branches) limit(companies ...string) {
	b.t.Helper()
	if b.summary().Status != models.NotRunning {
		b.must(b.Stop(b.t.Context(), "ann", []int64{b.mapID}))
		b.dropWorker(b.mapID) // as the scheduler does
		for _, connection := range []int64{1, 2} {
			b.dropCapture(feedKey{connection, "item"})
		}
	}
	next := b.summary().Definition
	next.Companies = companies
	b.must(b.store.SaveDefinition(b.t.Context(), b.mapID, next.Revision, next, "ann", "legal entities"))
	b.must(b.Run(b.t.Context(), "ann", []RunStep{{MapID: b.mapID, InitialSync: true, Master: models.Right}}))
	b.rest()
}

// sides fails the test unless the map is live and at rest, and each side holds
// what is wanted.
func (b *branches) sides(left, right string) {
	b.t.Helper()
	m := b.summary()
	if l, r := b.holds(0), b.holds(1); l != left || r != right || m.Status != models.Running || m.Tally.Queued+m.Tally.OpenErrors != 0 {
		b.t.Fatalf("the left holds %s, want %s; the right %s, want %s; the map is %s, %+v", l, left, r, right, m.Status, m.Tally)
	}
}

// id finds an item of a side by its legal entity and code: "A1".
func (b *branches) id(side int, name string) string {
	b.t.Helper()
	for _, id := range b.apps[side].IDs("item") {
		if r, _ := b.apps[side].Read("item", id); r["company"].String()+r["code"].String() == name {
			return id
		}
	}
	b.t.Fatalf("side %d has no %s", side, name)
	return ""
}

func (b *branches) edit(side int, name, value string) {
	b.t.Helper()
	b.must(b.apps[side].Edit("item", b.id(side, name), map[string]connectors.Value{"a": connectors.TextValue(value)}))
}

// value is what a side's item holds.
func (b *branches) value(side int, name string) string {
	b.t.Helper()
	r, _ := b.apps[side].Read("item", b.id(side, name))
	return r["a"].String()
}

func TestALimitedMapLeavesTheRecordsOfOtherLegalEntitiesAlone(t *testing.T) {
	b := openBranches(t)
	b.add("B")
	b.limit("a")
	b.sides("A1 A2 A3 B1 B2 B3", "A1 A2 A3 B9")
	if runs := b.summary().Executions; len(runs) != 1 || runs[0].Company != "A" || runs[0].LeftRead != 3 {
		t.Errorf("the initial sync was %+v", runs)
	}
	b.insert(0, "A", "4")
	b.insert(1, "A", "5")
	b.insert(0, "B", "4")
	b.insert(1, "B", "5")
	b.insert(1, "B", "1")
	b.edit(0, "B1", "of the left")
	b.must(b.apps[1].Remove("item", b.id(1, "B9")))
	b.rest()
	b.sides("A1 A2 A3 A4 A5 B1 B2 B3 B4", "A1 A2 A3 A4 A5 B1 B5")
	if left, right := b.value(0, "B1"), b.value(1, "B1"); left != "of the left" || right != "of B" {
		t.Errorf("B1 is %q and %q", left, right)
	}
	compared, err := b.Compare(t.Context(), b.mapID)
	if err != nil || compared.Left != 5 || compared.Equal != 5 || len(compared.First) != 0 {
		t.Errorf("compared are %+v, %v", compared, err)
	}
}

func TestALegalEntityAddedLaterPassesALimitedMapBy(t *testing.T) {
	b := openBranches(t)
	b.limit("A")
	b.add("B")
	b.insert(0, "B", "4")
	b.insert(0, "A", "4")
	b.rest()
	b.sides("A1 A2 A3 A4 B1 B2 B3 B4", "A1 A2 A3 A4 B9")
	if runs := b.summary().Executions; len(runs) != 1 {
		t.Errorf("it went through %+v", runs)
	}
}

func TestRecordsThatALimitLeavesOutStayAsTheyAreThoughTheyWereLinked(t *testing.T) {
	b := openBranches(t)
	b.add("B")
	b.limit()
	b.sides("A1 A2 A3 B1 B2 B3 B9", "A1 A2 A3 B1 B2 B3 B9")
	b.limit("A")
	b.must(b.apps[0].Remove("item", b.id(0, "B1")))
	b.must(b.apps[1].Remove("item", b.id(1, "B2")))
	b.edit(0, "B3", "of the left")
	b.must(b.apps[0].Remove("item", b.id(0, "A1")))
	b.rest()
	b.sides("A2 A3 B2 B3 B9", "A2 A3 B1 B3 B9")
	if v := b.value(1, "B3"); v != "of B" {
		t.Errorf("B3 was written: %q", v)
	}
	b.limit("B", "A") // what the list adds is part of the next Run
	b.sides("A2 A3 B1 B2 B3 B9", "A2 A3 B1 B2 B3 B9")
}

func TestAMapThatIsLimitedToWhatItsEnvironmentLacksDoesNotRun(t *testing.T) {
	b := openBranches(t)
	next := b.summary().Definition
	next.Companies = models.CompanyLimit{"A", "B"}
	b.must(b.store.SaveDefinition(t.Context(), b.mapID, next.Revision, next, "ann", ""))
	err := b.Run(t.Context(), "ann", []RunStep{{MapID: b.mapID, InitialSync: true}})
	if models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), "the map is limited to B, which its environment does not have") {
		t.Errorf("Run gives %v", err)
	}
	next.Companies = models.CompanyLimit{"B"}
	b.must(b.store.SaveDefinition(t.Context(), b.mapID, next.Revision+1, next, "ann", ""))
	if _, err := b.PreviewInitial(t.Context(), b.mapID); models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), "no legal entity that the map is limited to (B)") {
		t.Errorf("previewing gives %v", err)
	}
	if _, err := b.PreviewFilter(t.Context(), b.mapID, models.Left, ""); models.KindOf(err) != models.Invalid {
		t.Errorf("previewing a filter gives %v", err)
	}
}
