package main

import (
	"cmp"
	"runtime/debug"
	"strings"
)

// version is set when a release is built.
var version = ""

// versionText is the release, the commit where the build knows it, and the
// version of Go.
func versionText() string {
	text := cmp.Or(version, "development")
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return text
	}
	details := []string{info.GoVersion}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			details = append(details, "commit "+s.Value[:min(len(s.Value), 12)])
		case s.Key == "vcs.modified" && s.Value == "true":
			details = append(details, "modified")
		}
	}
	return text + " (" + strings.Join(details, ", ") + ")"
}
