package sqlite_test

import (
	"fmt"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// one record of the standard children, as an initial write sends it.
func benchApp(b *testing.B, fold connectors.Fold) (*app, *probe.Entity) {
	a := newApp(b, standard("GUID PRIMARY KEY", "")...)
	c := a.connect(b)
	probe.Start(b, c, "children")
	p := probe.Open(b, c, "parents", "code", "dataareaid")
	p.Stored(p.Creates(text("P"), text("usmf")))
	return a, probe.OpenWith(b, c, connectors.Selection{Entity: "children", Key: []int{0, 1}, Company: 0, Fold: fold,
		Fields: []string{"dataareaid", "number", "title", "quantity", "parent.code"}})
}

func benchBatch(o *probe.Entity, from, n int) (batch []connectors.Write) {
	for i := from; i < from+n; i++ {
		batch = append(batch, o.Creates(text("usmf"), text(fmt.Sprintf("N%07d", i)), text("title"), connectors.IntValue(int64(i)), text("P")))
	}
	return batch
}

func BenchmarkCreate(b *testing.B) {
	_, o := benchApp(b, connectors.Fold{})
	for i := 0; b.Loop(); i++ {
		o.Results(benchBatch(o, i*500, 500)...)
	}
	b.ReportMetric(float64(b.N)*500/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkUpdateOne(b *testing.B) {
	_, o := benchApp(b, connectors.Fold{})
	rec := o.Stored(benchBatch(o, 0, 1)[0])
	for b.Loop() {
		w := o.Updates(rec.ID, connectors.Value{}, connectors.Value{}, text("x"), connectors.Value{}, connectors.Value{})
		w.If = rec.Version
		rec = o.Stored(w)
	}
}

func BenchmarkScan(b *testing.B) {
	_, o := benchApp(b, connectors.Fold{})
	for i := range 20 {
		o.Results(benchBatch(o, i*500, 500)...)
	}
	for b.Loop() {
		var at connectors.Position
		for more := true; more; more = at != "" {
			_, next, err := o.Scan(b.Context(), at, 1000)
			if err != nil {
				b.Fatal(err)
			}
			at = next
		}
	}
	b.ReportMetric(float64(b.N)*10000/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkFind(b *testing.B) {
	for _, fold := range []connectors.Fold{{}, {Case: true}} {
		b.Run(fmt.Sprintf("%+v", fold), func(b *testing.B) {
			_, o := benchApp(b, fold)
			var keys []connectors.Row
			for i := range 20 {
				o.Results(benchBatch(o, i*500, 500)...)
				for j := range 50 {
					keys = append(keys, connectors.Row{text("usmf"), text(fmt.Sprintf("N%07d", i*500+j*7))})
				}
			}
			for b.Loop() {
				if found, err := o.Find(b.Context(), keys); err != nil || len(found) != len(keys) {
					b.Fatal(len(found), err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(keys))/b.Elapsed().Seconds(), "keys/s")
		})
	}
}
