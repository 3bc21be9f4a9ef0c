//go:build unix

package main

import "golang.org/x/sys/unix"

// restrictFiles keeps every file that the program makes from other users of
// the machine: they hold business data.
func restrictFiles() { unix.Umask(0o077) }
