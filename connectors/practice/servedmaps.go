package practice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
)

// ServedMaps lists the maps of Maps for the two apps as they are served: fields
// and enumerations of the left app are named as its service names them.
func ServedMaps() ([]MapFile, error) {
	all := Maps()
	for i, f := range all {
		definition, err := servedDefinition(f.Definition)
		if err != nil {
			return nil, fmt.Errorf("name the fields of %s as they are served: %w", f.Name, err)
		}
		all[i].Definition = definition
	}
	return all, nil
}

// filterWord is a column name in a filter of the left app, or a text, which is
// left alone.
var filterWord = regexp.MustCompile(`"[^"]*"|\b[A-Z][A-Z]+\b`)

func servedDefinition(definition []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(definition))
	d.UseNumber()
	var whole map[string]any
	if err := d.Decode(&whole); err != nil {
		return nil, err
	}
	if left, ok := whole["left"].(map[string]any); ok {
		rename(left, "company", wireName)
		rename(left, "filter", func(text string) string {
			return filterWord.ReplaceAllStringFunc(text, func(word string) string {
				if word[0] == '"' {
					return word
				}
				return wireName(word)
			})
		})
	}
	for _, list := range []string{"key", "fields"} {
		entries, _ := whole[list].([]any)
		for _, entry := range entries {
			if field, ok := entry.(map[string]any); ok {
				rename(field, "left", wireName)
				renameMembers(field)
			}
		}
	}
	return json.Marshal(whole)
}

// rename puts a text member through a function.
func rename(object map[string]any, member string, by func(string) string) {
	if text, ok := object[member].(string); ok && text != "" {
		object[member] = by(text)
	}
}

// renameMembers spells the left labels of a field's value maps as members.
func renameMembers(field map[string]any) {
	transforms, _ := field["transforms"].([]any)
	for _, transform := range transforms {
		t, _ := transform.(map[string]any)
		pairs, _ := t["pairs"].([]any)
		for _, pair := range pairs {
			if p, ok := pair.(map[string]any); ok {
				rename(p, "left", wireMember)
			}
		}
	}
}
