package cds_test

import (
	"net/url"
	"strings"
)

// escape writes a text for an address.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
