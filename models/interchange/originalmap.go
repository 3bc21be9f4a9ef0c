package interchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dualwrite/models"
)

// mapping reads the JSON of one map: its legs, of which one is between the two
// apps. Finance and Operations (AX) becomes the left side.
func (im *Import) mapping(m *models.Map, identity string, mapping object) bool {
	var legs []object
	raw, _ := mapping.get("legs")
	if err := json.Unmarshal(raw, &legs); err != nil || len(legs) == 0 {
		im.note(LeftOut, identity, "legs", "there are none, so nothing says what is mapped")
		return false
	}
	at := slices.IndexFunc(legs, func(l object) bool {
		return !strings.EqualFold(l.text("destinationEnvironmentType"), "UNDEFINED") && l.text("sourceSchema") != "" && l.text("destinationSchema") != ""
	})
	if at < 0 {
		im.note(LeftOut, identity, "legs", "no leg names both a sourceSchema and a destinationSchema")
		return false
	}
	leg := legs[at]
	turned := strings.EqualFold(leg.text("sourceEnvironmentType"), "CRM")
	left, right := end(leg, "sourceSchema", "sourceFilter"), end(leg, "destinationSchema", "reversedSourceFilter", "destinationFilter")
	if turned {
		left, right = right, left
	}
	m.Name = left.Label + " (" + right.Entity + ")"
	m.Definition = models.Definition{Left: left, Right: right}
	for i := range legs {
		if i != at {
			im.note(LeftOut, m.Name, fmt.Sprintf("leg %d", i+1), "a map has one leg, between the two apps; a second is not known")
		}
	}
	im.leave(m.Name, "the mapping", mapping.unknown("name", "version", "legs", "leftEnvironmentType", "centerEnvironmentType", "rightEnvironmentType", "order", "id",
		"leftEnvironment", "centerEnvironment", "rightEnvironment", "leftPartitionName", "centerPartitionName", "rightPartitionName", "connectionSetName"))
	im.leave(m.Name, "the leg", leg.unknown("id", "sourceSchema", "destinationSchema", "sourceEnvironmentType", "destinationEnvironmentType", "sourceFilter", "reversedSourceFilter",
		"destinationFilter", "isSourceFilterEditable", "sourceEnvironment", "destinationEnvironment", "fieldMappings"))
	return im.fields(m, leg, turned)
}

// end is one side of a leg.
func end(leg object, schema string, filters ...string) models.Endpoint {
	name := leg.text(schema)
	return models.Endpoint{Entity: name, Label: name, Filter: strings.TrimSpace(leg.text(filters...))}
}

func (im *Import) fields(m *models.Map, leg object, turned bool) bool {
	var list []json.RawMessage
	raw, _ := leg.get("fieldMappings")
	if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
		im.note(LeftOut, m.Name, "fieldMappings", "there are none, so nothing is copied")
		return false
	}
	for i, raw := range list {
		var o object
		if err := json.Unmarshal(raw, &o); err != nil {
			im.note(LeftOut, m.Name, fmt.Sprintf("field mapping %d", i+1), "%v", err)
			continue
		}
		if f, ok := im.field(m.Name, i, o, turned); ok {
			m.Definition.Fields = append(m.Definition.Fields, f)
		}
	}
	return true
}

// field reads one field mapping.
func (im *Import) field(name string, i int, o object, turned bool) (f models.FieldMapping, ok bool) {
	source, destination := none(o.text("sourceField")), none(o.text("destinationField"))
	where := fmt.Sprintf("field mapping %d, %s = %s", i+1, source, destination)
	if source == "" && destination == "" {
		im.note(LeftOut, name, where, "it names no field")
		return f, false
	}
	f.Left, f.Right = source, destination
	raw, has := o.get("syncDirection")
	word, _ := textOf(raw)
	if f.Direction, ok = directionOf(word); !ok {
		if has && word != "" {
			im.note(LeftOut, name, where, "the direction %q is not known, so it is not clear what to copy", word)
			return f, false
		}
		f.Direction = models.Both
		im.note(Changed, name, where, "it has no syncDirection; both ways is taken")
	}
	im.transforms(name, where, &f, o)
	if turned {
		f = turn(f)
	}
	im.settle(name, where, &f)
	im.leave(name, where, o.unknown("syncDirection", "sourceField", "destinationField", "valueTransforms", "isSystemGenerated", "destinationLookupFieldRelatedEntity", "sourceLookupFieldRelatedEntity"))
	return f, true
}

// settle turns a mapping of one field to the only direction that it can have.
func (im *Import) settle(name, where string, f *models.FieldMapping) {
	only := f.Direction
	switch {
	case f.Left == "":
		only = models.LeftToRight
	case f.Right == "":
		only = models.RightToLeft
	}
	if only != f.Direction {
		im.note(Changed, name, where, "a field without a counterpart can only be given a default: %s instead of %s", only, f.Direction)
		f.Direction = only
	}
}

// none is the field's name, "" for what stands there for none.
func none(field string) string {
	field = strings.TrimSpace(field)
	if strings.EqualFold(strings.Trim(field, "[]"), "none") {
		return ""
	}
	return field
}

// directionOf reads 1, 2 and 3, as numbers or texts, and the names they go by.
func directionOf(word string) (models.Direction, bool) {
	if n, err := strconv.ParseFloat(word, 64); err == nil {
		word = strconv.FormatFloat(n, 'f', -1, 64)
	}
	letters := strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' {
			return -1
		}
		return r
	}, strings.ToLower(word))
	d, ok := map[string]models.Direction{
		"1": models.LeftToRight, "forward": models.LeftToRight, "forwards": models.LeftToRight, "sourcetodestination": models.LeftToRight, "lefttoright": models.LeftToRight, ">": models.LeftToRight,
		"2": models.RightToLeft, "back": models.RightToLeft, "backward": models.RightToLeft, "backwards": models.RightToLeft, "reverse": models.RightToLeft,
		"destinationtosource": models.RightToLeft, "righttoleft": models.RightToLeft, "<": models.RightToLeft,
		"3": models.Both, "both": models.Both, "bidirectional": models.Both, "twoway": models.Both, "=": models.Both,
	}[letters]
	return d, ok
}

// turn exchanges the sides of a mapping.
func turn(f models.FieldMapping) models.FieldMapping {
	f.Left, f.Right = f.Right, f.Left
	switch f.Direction {
	case models.LeftToRight:
		f.Direction = models.RightToLeft
	case models.RightToLeft:
		f.Direction = models.LeftToRight
	}
	for _, t := range f.Transforms {
		for i := range t.Pairs {
			t.Pairs[i].Left, t.Pairs[i].Right = t.Pairs[i].Right, t.Pairs[i].Left
		}
	}
	slices.Reverse(f.Transforms)
	return f
}

func (im *Import) transforms(name, where string, f *models.FieldMapping, o object) {
	raw, has := o.get("valueTransforms")
	if !has || string(raw) == "null" {
		return
	}
	var list []object
	if err := json.Unmarshal(raw, &list); err != nil {
		im.note(LeftOut, name, where, "its valueTransforms are not a list: %v", err)
		return
	}
	for _, t := range list {
		if made, ok := im.transform(name, where, t); ok {
			f.Transforms = append(f.Transforms, made)
		}
	}
}

// transform reads one transform; one that is not known is left out and told.
func (im *Import) transform(name, where string, o object) (out models.Transform, ok bool) {
	kind := o.text("transformType")
	known := []string{"transformType"}
	switch strings.ToLower(kind) {
	case "default":
		known = append(known, "defaultValue", "valueMap", "createValuesOnDestination")
		out = models.Transform{Type: models.Default, Default: o.text("defaultValue")}
	case "valuemap":
		known = append(known, "valueMap", "createValuesOnDestination", "defaultValue")
		out = models.Transform{Type: models.ValueMap, Pairs: im.pairs(name, where, o)}
		if d := o.text("defaultValue"); d != "" {
			im.note(LeftOut, name, where, "the default %q of the value map: a value that the map does not name is an error here", d)
		}
	case "truncate":
		known = append(known, "length", "maxLength", "truncateLength")
		n, err := strconv.Atoi(o.text("length", "maxLength", "truncateLength"))
		if err != nil || n < 1 {
			im.note(LeftOut, name, where, "the transform Truncate says no length")
			return out, false
		}
		out = models.Transform{Type: models.Truncate, Length: n}
	default:
		im.note(LeftOut, name, where, "the transform %q is not known", kind)
		return out, false
	}
	if o.text("createValuesOnDestination") == "true" {
		im.note(LeftOut, name, where, "createValuesOnDestination: values are never created in the other app's lists")
	}
	im.leave(name, where, o.unknown(known...))
	return out, out.Type != models.ValueMap || len(out.Pairs) > 0
}

// pairs reads a value map in the order of the file.
func (im *Import) pairs(name, where string, o object) (out []models.ValuePair) {
	raw, _ := o.get("valueMap")
	var list object
	if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
		im.note(LeftOut, name, where, "a value map without values")
		return nil
	}
	for _, p := range list {
		to, ok := textOf(p.value)
		if !ok {
			im.note(LeftOut, name, where, "the line %s = %s of the value map: only texts, numbers and truth values can be mapped", p.name, p.value)
			continue
		}
		out = append(out, models.ValuePair{Left: p.name, Right: to})
	}
	return out
}
