package interchange

import (
	"fmt"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"dualwrite/models"
)

// mapFile is a document that holds one map, for any environment.
type mapFile struct {
	Map Map `yaml:"map"`
}

// ReadMap reads a file of one map. Its errors are those of Read.
func ReadMap(text []byte) (models.Map, error) {
	var f mapFile
	if err := yaml.Load(text, &f, yaml.WithKnownFields()); err != nil {
		return models.Map{}, models.Errorf(models.Invalid, "the file cannot be read as a map in YAML: %s", reasons(err))
	}
	return f.Map.model()
}

// WriteMap gives one map as a file; ReadMap makes the same map of it, and its
// text is the same each time.
func WriteMap(m *models.Map) ([]byte, error) {
	text, err := yaml.Dump(mapFile{Map: mapOf(m)}, yaml.WithIndent(2))
	if err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return text, nil
}

// FileName is a name for a map's file on any system: its own name with dashes
// for everything but letters and digits.
func FileName(m *models.Map) string {
	words := strings.FieldsFunc(strings.ToLower(m.Name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "map.yaml"
	}
	name := []rune(strings.Join(words, "-"))
	return string(name[:min(len(name), 100)]) + ".yaml"
}
