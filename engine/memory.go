package engine

import (
	"os"
	"runtime/debug"
)

// What the collector of garbage is told where the environment, by GOGC or
// GOMEMLIMIT, says nothing else. Little of what a batch needs outlives it, so
// garbage is left until there is much of it; the whole process stays below 250 MB.
const (
	collectPercent = 400
	memoryLimit    = 170 << 20 // of what Go manages; the store's caches are beside it
)

// UseMemory has the process trade memory for time, within bounds.
func UseMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
