package sqltest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// lookPath finds a program on PATH or else where a distribution puts
// it, by a pattern.
func lookPath(name, pattern string) (string, error) {
	if found, err := exec.LookPath(name); err == nil {
		return found, nil
	}
	if found := newest(pattern); found != "" {
		return found, nil
	}
	return "", fmt.Errorf("%s %w", name, errMissing)
}

// newest returns the path that a pattern matches, of several the one whose
// number is the highest, or nothing.
func newest(pattern string) string {
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return ""
	}
	return slices.MaxFunc(found, func(a, b string) int { return release(a) - release(b) })
}

// release returns the number that is a folder of a path, such as 15 of
// /usr/lib/postgresql/15/bin, or 0.
func release(path string) int {
	for folder := range strings.SplitSeq(path, "/") {
		if number, err := strconv.Atoi(folder); err == nil {
			return number
		}
	}
	return 0
}
