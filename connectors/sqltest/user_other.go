//go:build !linux

package sqltest

import "os/exec"

// endWithParent does nothing where a child cannot be tied to its parent.
func endWithParent(*exec.Cmd) {}

// runAs does nothing: servers run as oneself.
func runAs(*exec.Cmd, string) error { return nil }

// give does nothing: servers run as oneself.
func give(string, string) error { return nil }
