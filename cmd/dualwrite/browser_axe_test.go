package main

import "testing"

func accessible(t *testing.T, b *chromium) {}
func hostileTextStaysText(t *testing.T, b *chromium) {}
func screenshots(t *testing.T, b *chromium) {}
