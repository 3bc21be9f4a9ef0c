package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// figure is one line of the table: a value, and what it is held to. With a plain
// value the limit is that of the ratio, else that of the value; 0 is no limit.
type figure struct {
	What    string  `json:"what"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Against string  `json:"against,omitempty"`
	Plain   float64 `json:"plain,omitempty"`
	Limit   float64 `json:"limit,omitempty"`
}

// The figures that others are held to.
const (
	whatEmpty     = "initial write into an empty side"
	whatEach      = "initial write, each record of a large side"
	whatEachSmall = "initial write, each record of 10,000"
)

func (f *figure) ratio() float64 { return f.Value / f.Plain }

// unit is a name that a benchmark's metric may have.
func (f *figure) unit() string { return strings.ReplaceAll(f.Unit, " ", "-") }

func (f *figure) held() string {
	switch {
	case f.Limit == 0:
		return ""
	case f.Plain != 0 && f.ratio() <= f.Limit, f.Plain == 0 && f.Value <= f.Limit:
		return "met"
	}
	return "not met"
}

// speedRuns is how often each figure is measured.
func speedRuns() int {
	if n, err := strconv.Atoi(os.Getenv("DUALWRITE_BENCH_RUNS")); err == nil && n > 0 {
		return n
	}
	return 3
}

// medians takes the run with the median ratio, or value, of each figure.
func medians(runs [][]figure) []figure {
	out := slices.Clone(runs[0])
	for i := range out {
		var same []figure
		for _, r := range runs {
			same = append(same, r[i])
		}
		slices.SortFunc(same, func(a, b figure) int {
			if a.Plain != 0 {
				return int(1e6 * (a.ratio() - b.ratio()))
			}
			return int(1e6 * (a.Value - b.Value))
		})
		out[i] = same[len(same)/2]
	}
	return out
}

// relate holds the time a record of a large side to that of a small one.
func relate(all []figure) []figure {
	small := slices.IndexFunc(all, func(f figure) bool { return f.What == whatEachSmall })
	for i := range all {
		if f := &all[i]; f.What == whatEach && small >= 0 {
			f.Against, f.Plain, f.Limit = whatEachSmall, all[small].Value, 1.3
		}
	}
	return all
}

// tell prints the table, and writes it as JSON if that is asked for.
func tell(b *testing.B, all []figure) {
	b.Helper()
	fmt.Printf("\n%s, %d processors, %s, %d records a side, medians of %d\n\n", time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), runtime.GOARCH, speedRecords(), speedRuns())
	fmt.Print("| what | measured | held to | ratio | limit | |\n|---|---|---|---|---|---|\n")
	for _, f := range all {
		against, ratio, limit := "", "", ""
		if f.Plain != 0 {
			against, ratio = fmt.Sprintf("%s, %.3g %s", f.Against, f.Plain, f.Unit), fmt.Sprintf("%.2f", f.ratio())
		}
		if f.Limit != 0 {
			limit = fmt.Sprintf("%g", f.Limit)
			if f.Plain == 0 {
				limit += " " + f.Unit
			}
		}
		fmt.Printf("| %s | %.3g %s | %s | %s | %s | %s |\n", f.What, f.Value, f.Unit, against, ratio, limit, f.held())
	}
	fmt.Println()
	name := os.Getenv("DUALWRITE_BENCH_JSON")
	if name == "" {
		return
	}
	text, err := json.MarshalIndent(all, "", "  ")
	must(b, err)
	must(b, os.WriteFile(name, append(text, '\n'), 0o600))
}
