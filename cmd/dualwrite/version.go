package main

import (
	"cmp"
	"runtime/debug"
)

// version is set when a release is built.
var version = ""

// versionText is the release and the commit, as far as the build knows them,
// and the version of Go.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(version, "unknown")
	}
	commit := "unknown commit"
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			commit += ", modified"
		}
	}
	return cmp.Or(version, "development") + " (" + commit + ", " + info.GoVersion + ")"
}
