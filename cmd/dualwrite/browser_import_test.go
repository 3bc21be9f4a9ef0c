package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
)

// TestBrowserTellsWhatIsWrongWithAFile sends files of many sizes as a person does:
// a browser that is still sending must see the answer all the same.
func TestBrowserTellsWhatIsWrongWithAFile(t *testing.T) {
	b := startChromium(t)
	p := newPerson(t, b, freshSite(t), byMouse)
	p.signsIn()
	text, err := os.ReadFile(filepath.Join(root, "models", "interchange", "testdata", "documented.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []struct {
		name, text, says string
	}{
		{"2 MB", string(text) + strings.Repeat(" ", 2<<20), "What importing changes"},
		{"50 MB", string(text) + strings.Repeat(" ", 50<<20), "the file is larger than 32 MB"},
		{"90 MB", string(text) + strings.Repeat(" ", 90<<20), "What was sent is larger than 64 MB"},
		{"broken", string(text[:len(text)/2]), "it ends too early"},
	} {
		name := filepath.Join(t.TempDir(), "maps.json")
		if err := os.WriteFile(name, []byte(file.text), 0o600); err != nil {
			t.Fatal(err)
		}
		p.visit("/maps/import")
		p.attaches("File", name)
		p.press("button", "Preview")
		p.sees(file.says)
	}
}

// attaches chooses a file for a field.
func (p *person) attaches(field, name string) {
	p.t.Helper()
	at := p.find("button", field)
	call(p.tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{name}, BackendNodeID: at.node})
}
