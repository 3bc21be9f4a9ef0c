package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Object is one JSON object of a payload; numbers are json.Number.
type Object map[string]any

// Note is control information by its bare name ("etag", "nextLink"), in the
// spelling of 4.0 ("@odata.etag") or of 4.01 ("@etag").
func (o Object) Note(name string) string {
	for _, key := range [...]string{"@odata." + name, "@" + name} {
		switch x := o[key].(type) {
		case string:
			return x
		case json.Number:
			return x.String()
		}
	}
	return ""
}

// Text is a property that holds a text, "" where it does not.
func (o Object) Text(name string) string {
	s, _ := o[name].(string)
	return s
}

// Object is a property that holds an object, nil where it does not.
func (o Object) Object(name string) Object {
	m, _ := o[name].(map[string]any)
	return m
}

// Objects are the objects in a property that holds an array.
func (o Object) Objects(name string) []Object {
	list, _ := o[name].([]any)
	out := make([]Object, 0, len(list))
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// DecodeObject reads a JSON object without losing digits. The format of
// versions 2 and 3 is refused by name.
func DecodeObject(body []byte) (Object, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	d.UseNumber()
	var o Object
	if err := d.Decode(&o); err != nil {
		return nil, fmt.Errorf("the answer is not JSON: %w", err)
	}
	if _, old := o["d"]; old && len(o) == 1 {
		return nil, errors.New("the service answers in the format of OData 2 or 3; version 4 is needed")
	}
	return o, nil
}

// Page is one answer with several records.
type Page struct {
	Records []Object
	Next    string // absolute address of the next page, "" at the end
	Delta   string // absolute address that tells what changes from here on
	Count   int64  // -1 where it was not told
}

// DecodePage reads the answer to a request for a collection. Links are resolved
// against the context address, which is resolved against the request's.
func DecodePage(r *Response) (Page, error) {
	o, err := DecodeObject(r.Body)
	if err != nil {
		return Page{}, err
	}
	list, ok := o["value"].([]any)
	if !ok {
		return Page{}, errors.New("the answer holds no collection")
	}
	p := Page{Count: -1, Records: make([]Object, 0, len(list))}
	for _, x := range list {
		m, ok := x.(map[string]any)
		if !ok {
			return Page{}, errors.New("the answer's collection holds something that is no record")
		}
		p.Records = append(p.Records, m)
	}
	if n, err := strconv.ParseInt(o.Note("count"), 10, 64); err == nil {
		p.Count = n
	}
	if p.Next, err = resolve(r.URL, o.Note("context"), o.Note("nextLink")); err == nil {
		p.Delta, err = resolve(r.URL, o.Note("context"), o.Note("deltaLink"))
	}
	return p, err
}

// resolve makes a link absolute without touching its encoding.
func resolve(base *url.URL, context, link string) (string, error) {
	if link == "" {
		return "", nil
	}
	if context, err := url.Parse(context); err == nil && base != nil {
		base = base.ResolveReference(context)
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", fmt.Errorf("the service's link cannot be read: %w", err)
	}
	if u.IsAbs() || base == nil {
		return link, nil
	}
	return base.ResolveReference(u).String(), nil
}

// Deleted reports whether a record of a delta answer tells a deletion, or that
// the record left what was asked for, in the form of 4.0 or 4.01, and gives its
// address or bare id.
func (o Object) Deleted() (id string, deleted bool) {
	if strings.HasSuffix(o.Note("context"), "/$deletedEntity") {
		if id = o.Note("id"); id == "" {
			id = o.Text("id")
		}
		return id, true
	}
	for _, name := range [...]string{"@removed", "@odata.removed"} {
		if _, ok := o[name]; ok {
			return o.Note("id"), true
		}
	}
	return "", false
}
