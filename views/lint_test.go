package views

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

// draw renders a component and parses what came out.
func draw(t *testing.T, c templ.Component) (*goquery.Document, string) {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return doc, b.String()
}

func TestEveryPageKeepsTheRulesOfTheHouse(t *testing.T) {
	for name, page := range fixtures() {
		t.Run(name, func(t *testing.T) {
			doc, text := draw(t, page)
			if n := doc.Find("h1").Length(); n != 1 {
				t.Errorf("%d main headings", n)
			}
			if doc.Find("html[lang]").Length() != 1 || doc.Find("main#main").Length() != 1 || doc.Find("a.skip[href='#main']").Length() != 1 {
				t.Error("no language, main part or skip link")
			}
			checkIDs(t, doc)
			checkInputs(t, doc)
			checkForms(t, doc)
			checkTables(t, doc)
			checkAttributes(t, doc)
			if strings.Contains(text, "<script>alert") {
				t.Error("hostile text is not escaped")
			}
		})
	}
}

func checkIDs(t *testing.T, doc *goquery.Document) {
	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if seen[id] || id == "" || strings.ContainsAny(id, " \"<>") {
			t.Errorf("id %q is empty, odd, or there twice", id)
		}
		seen[id] = true
	})
	for _, attr := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls"} {
		doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			for _, id := range strings.Fields(s.AttrOr(attr, "")) {
				if !seen[id] {
					t.Errorf("%s names %q, which does not exist", attr, id)
				}
			}
		})
	}
	doc.Find("[hx-target], [hx-include]").Each(func(_ int, s *goquery.Selection) {
		for _, attr := range []string{"hx-target", "hx-include"} {
			if sel := s.AttrOr(attr, ""); sel != "" && doc.Find(sel).Length() == 0 {
				t.Errorf("%s names %q, which does not exist", attr, sel)
			}
		}
	})
}

func checkInputs(t *testing.T, doc *goquery.Document) {
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		labelled := s.AttrOr("aria-label", "") != "" || id != "" && doc.Find("label[for='"+id+"']").Length() == 1
		if !labelled {
			out, _ := goquery.OuterHtml(s)
			t.Errorf("no label: %s", out)
		}
	})
	doc.Find("button, a[href]").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
			out, _ := goquery.OuterHtml(s)
			t.Errorf("no name: %s", out)
		}
		// Whoever speaks to the browser says what stands there (WCAG 2.5.3).
		shown, name := strings.Join(strings.Fields(s.Text()), " "), s.AttrOr("aria-label", "")
		if name != "" && !strings.Contains(strings.ToLower(name), strings.ToLower(shown)) {
			t.Errorf("%q is called %q", shown, name)
		}
	})
	doc.Find("progress").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("aria-label", "") == "" {
			t.Error("a progress bar has no name")
		}
	})
}

func checkForms(t *testing.T, doc *goquery.Document) {
	doc.Find("form").Each(func(_ int, s *goquery.Selection) {
		action := s.AttrOr("action", "")
		tokens := s.Find("input[name=_csrf][value=token]").Length()
		switch method := s.AttrOr("method", ""); {
		case method == "post" && tokens != 1:
			t.Errorf("the form of %s has %d tokens", action, tokens)
		case method == "get" && tokens != 0:
			t.Errorf("the form of %s would put the token into the address", action)
		case method != "post" && method != "get" || !strings.HasPrefix(action, "/"):
			t.Errorf("form of %q by %q", action, method)
		}
		if s.Find("button[type=submit], button:not([type])").Length() == 0 {
			t.Errorf("the form of %s has no button", action)
		}
		if s.Find("form").Length() > 0 {
			t.Errorf("the form of %s holds another", action)
		}
	})
}

func checkTables(t *testing.T, doc *goquery.Document) {
	doc.Find("table").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.ChildrenFiltered("caption").Text()) == "" {
			t.Error("a table has no caption")
		}
		s.Find("th").Each(func(_ int, th *goquery.Selection) {
			if th.AttrOr("scope", "") == "" {
				t.Errorf("the heading %q has no scope", th.Text())
			}
		})
	})
}

// checkAttributes holds pages to the content policy: nothing inline.
func checkAttributes(t *testing.T, doc *goquery.Document) {
	handler := regexp.MustCompile(`^(on|hx-on)`)
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		tag := goquery.NodeName(s)
		for _, a := range s.Nodes[0].Attr {
			if handler.MatchString(a.Key) || a.Key == "style" || strings.Contains(a.Val, "javascript:") {
				t.Errorf("<%s> has the attribute %s=%q", tag, a.Key, a.Val)
			}
			if (a.Key == "src" || tag == "link" && a.Key == "href") && !strings.HasPrefix(a.Val, "/static/") {
				t.Errorf("<%s> loads %s", tag, a.Val)
			}
		}
		if tag == "style" || tag == "script" && s.Text() != "" {
			t.Errorf("<%s> is inline", tag)
		}
	})
}

func TestEveryStatusHasAWordAndAnIcon(t *testing.T) {
	words := map[string]bool{}
	for _, s := range statuses() {
		doc, _ := draw(t, statusMark(s))
		word := strings.TrimSpace(doc.Text())
		if words[word] || word == "" || doc.Find("svg.icon[aria-hidden=true] path").Length() != 1 {
			t.Errorf("%s is shown as %q", s, word)
		}
		words[word] = true
	}
}

func TestEveryCommandOfAStatusIsOffered(t *testing.T) {
	for _, s := range statuses() {
		for _, want := range s.Commands() {
			offered := want == "rerun" // a button of the map's page, once the write ended with errors
			for _, c := range Commands() {
				for _, leads := range c.leads {
					offered = offered || leads == want && c.Valid(s)
				}
			}
			if !offered {
				t.Errorf("%s: nothing offers %q", s, want)
			}
		}
	}
}
