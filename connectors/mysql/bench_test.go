package mysql_test

import (
	"fmt"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// benched is a table of a dozen columns with its feed on.
func benched(b *testing.B) *probe.Entity {
	a := newApp(b, `CREATE TABLE goods (id BIGINT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) NOT NULL UNIQUE, name VARCHAR(60), color VARCHAR(20), size VARCHAR(20),
		price DECIMAL(18,4), stock INT, active TINYINT(1), since DATE, seen DATETIME(6), note VARCHAR(100), rank_ INT) ENGINE=InnoDB`)
	c := a.connect(b)
	probe.Start(b, c, "goods")
	return probe.Open(b, c, "goods", "code", "name", "color", "size", "price", "stock", "active", "since", "seen", "note", "rank_")
}

func good(n int) []connectors.Value {
	price, _ := connectors.DecimalValue(fmt.Sprintf("%d.25", n))
	return []connectors.Value{text(fmt.Sprintf("G%09d", n)), text("a name of some length"), text("red"), text("large"), price, connectors.IntValue(int64(n)),
		connectors.BoolValue(true), date("2024-01-31"), instant("2024-01-31 12:00:00"), text("a note that says rather more than is needed"), connectors.IntValue(1)}
}

const batchSize = 500

func fill(b *testing.B, o *probe.Entity, batches int) (ids []connectors.Record) {
	for i := range batches {
		var batch []connectors.Write
		for n := range batchSize {
			batch = append(batch, o.Creates(good(i*batchSize+n)...))
		}
		for _, r := range o.Results(batch...) {
			ids = append(ids, r.Record)
		}
	}
	return ids
}

func perRecord(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/batchSize, "µs/record")
}

func BenchmarkCreate(b *testing.B) {
	o := benched(b)
	b.ResetTimer()
	fill(b, o, b.N)
	perRecord(b)
}

func BenchmarkUpdate(b *testing.B) {
	o := benched(b)
	records := fill(b, o, 4)
	b.ResetTimer()
	for i := range b.N {
		var batch []connectors.Write
		for n := range batchSize {
			at := (i*batchSize + n) % len(records)
			w := o.Updates(records[at].ID, good(at)...)
			w.If = records[at].Version
			batch = append(batch, w)
		}
		for n, r := range o.Results(batch...) {
			if r.Outcome != connectors.Stored {
				b.Fatal(r)
			}
			records[(i*batchSize+n)%len(records)] = r.Record
		}
	}
	perRecord(b)
}

func BenchmarkScan(b *testing.B) {
	o := benched(b)
	fill(b, o, 20)
	b.ResetTimer()
	at := connectors.Position("")
	for range b.N {
		_, next, err := o.Scan(b.Context(), at, batchSize)
		if err != nil {
			b.Fatal(err)
		}
		at = next
	}
	perRecord(b)
}
