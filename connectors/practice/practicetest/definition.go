package practicetest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// definition is a map's definition as far as comparing needs it. Left is side 0,
// right is side 1.
type definition struct {
	name        string
	Left, Right endpoint
	Key         []struct{ Left, Right string }
	Fields      []field
	compared    []field // fields that must agree
	served      bool    // of the left app, nothing and zero are the same
}

type endpoint struct{ Entity, Company, Filter string }

type field struct {
	Left, Right, Direction string
	Transforms             []struct {
		Type  string
		Pairs []struct{ Left, Right string }
	}
}

func parse(name string, text []byte) (*definition, error) {
	d := &definition{name: name}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("read the definition of %s: %w", name, err)
	}
	keys := map[string]bool{}
	for _, k := range d.Key {
		keys[k.Left+" = "+k.Right] = true
	}
	for _, f := range d.Fields {
		if f.Direction != "both" || keys[f.Left+" = "+f.Right] {
			continue
		}
		for _, t := range f.Transforms {
			if t.Type != "value map" {
				return nil, fmt.Errorf("%s: comparing %s through a transform of type %s is not known", name, f.Left, t.Type)
			}
		}
		d.compared = append(d.compared, f)
	}
	return d, nil
}

func (d *definition) endpoint(side int) endpoint {
	return [2]endpoint{d.Left, d.Right}[side]
}

// keyPaths and comparedPaths are the paths of one side.
func (d *definition) keyPaths(side int) []string {
	var paths []string
	for _, k := range d.Key {
		paths = append(paths, [2]string{k.Left, k.Right}[side])
	}
	return paths
}

func (d *definition) comparedPaths(side int) []string {
	var paths []string
	for _, f := range d.compared {
		paths = append(paths, [2]string{f.Left, f.Right}[side])
	}
	return paths
}

// value is the content of a field as text.
type value struct {
	text string
	set  bool
}

func (v value) String() string {
	if !v.set {
		return "<null>"
	}
	return v.text
}

// nothing reports whether a value is none, an empty text or zero.
func (v value) nothing() bool { return !v.set || v.text == "" || strings.Trim(v.text, "0.") == "" }

// same reports whether two values agree under the field's mapping.
func (f *field) same(left, right value) bool {
	if strings.Contains(f.Left+f.Right, ".") {
		return fold(left.text) == fold(right.text)
	}
	for _, t := range f.Transforms {
		if !left.set {
			break
		}
		mapped := value{}
		for _, p := range t.Pairs {
			if p.Left == left.text {
				mapped = value{text: p.Right, set: true}
			}
		}
		if !mapped.set {
			return false
		}
		left = mapped
	}
	return left == right
}
