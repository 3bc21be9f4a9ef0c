package views

import "github.com/a-h/templ"

// live opens the page's one event stream.
func live(p Page) templ.Attributes {
	if !p.Live {
		return nil
	}
	return templ.Attributes{"hx-ext": "sse,morph", "sse-connect": "/events"}
}

// refresh lets an element fetch itself when one of the events arrives. The
// answer holds the element with the same id; what people typed or ticked in
// it, named by include, is sent along and kept.
func refresh(url, event, include string) templ.Attributes {
	out := templ.Attributes{
		"hx-get":     url,
		"hx-trigger": "sse:" + event,
		"hx-swap":    "morph:outerHTML",
		"hx-headers": `{"X-Background":"1"}`,
	}
	if include != "" {
		out["hx-include"] = include
	}
	return out
}
