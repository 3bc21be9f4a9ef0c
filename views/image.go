package views

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dualwrite/models"
)

// ImageField is one line of two records next to each other.
type ImageField struct {
	Left, Right string // paths; "" where the field is not mapped on that side
	LeftValue   ImageValue
	RightValue  ImageValue
	Differs     bool // part of what the two sides disagree about
}

// ImageValue is a value as it was kept: absent, null or some text.
type ImageValue struct {
	Text   string
	Absent bool // the record, or the field in it, is not there
	Null   bool
}

// Image is both sides of a record as they were when something happened.
type Image struct {
	LeftGone, RightGone bool // there was no record on that side
	Fields              []ImageField
}

// NewImage puts two kept images next to each other in the order of the map's
// keys and fields. differing names the paths that collided. An image that
// cannot be read is shown as it is, in one field.
func NewImage(d *models.Definition, left, right string, differing []string) Image {
	l, r := parseImage(left), parseImage(right)
	img := Image{LeftGone: l == nil, RightGone: r == nil}
	shown := map[models.KeyPair]bool{} // paths of one side, the other left empty
	add := func(p models.KeyPair) {
		f := ImageField{Left: p.Left, Right: p.Right, LeftValue: valueIn(l, p.Left), RightValue: valueIn(r, p.Right)}
		f.Differs = p.Left != "" && slices.Contains(differing, p.Left) || p.Left == "" && slices.Contains(differing, p.Right)
		img.Fields = append(img.Fields, f)
		shown[models.KeyPair{Left: p.Left}], shown[models.KeyPair{Right: p.Right}] = true, true
	}
	for _, p := range mappedPaths(d) {
		if !valueIn(l, p.Left).Absent || !valueIn(r, p.Right).Absent {
			add(p)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(l)) {
		if p := (models.KeyPair{Left: path}); !shown[p] {
			add(p)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(r)) {
		if p := (models.KeyPair{Right: path}); !shown[p] {
			add(p)
		}
	}
	return img
}

// collided keeps only the fields that the sides disagree about.
func (img Image) collided() Image {
	img.Fields = slices.DeleteFunc(slices.Clone(img.Fields), func(f ImageField) bool { return !f.Differs })
	return img
}

// mappedPaths pairs the paths of a map, each pair once.
func mappedPaths(d *models.Definition) []models.KeyPair {
	var out []models.KeyPair
	add := func(p models.KeyPair) {
		if p != (models.KeyPair{}) && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	add(models.KeyPair{Left: d.Left.Company, Right: d.Right.Company})
	for _, k := range d.Key {
		add(k)
	}
	for _, f := range d.Fields {
		add(models.KeyPair{Left: f.Left, Right: f.Right})
	}
	return out
}

func parseImage(text string) map[string]ImageValue {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil {
		return map[string]ImageValue{"(unreadable)": {Text: text}}
	}
	out := make(map[string]ImageValue, len(raw))
	for path, v := range raw {
		switch v := v.(type) {
		case nil:
			out[path] = ImageValue{Null: true}
		case string:
			out[path] = ImageValue{Text: v}
		default:
			out[path] = ImageValue{Text: fmt.Sprint(v)}
		}
	}
	return out
}

func valueIn(image map[string]ImageValue, path string) ImageValue {
	v, ok := image[path]
	if !ok {
		return ImageValue{Absent: true}
	}
	return v
}
