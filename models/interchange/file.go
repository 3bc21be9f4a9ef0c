// Package interchange reads and writes what an administrator sets up, as YAML:
// connections, environments and entity maps. A file names things by their
// names, holds no ids and no secrets, and is written in one order, so that it
// can be kept under version control and moved between installations.
package interchange

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"dualwrite/models"
)

// File is one document. Each part may be left out.
type File struct {
	Connections  []Connection  `yaml:"connections,omitempty"`
	Environments []Environment `yaml:"environments,omitempty"`
}

// Connection is how an app is reached. A setting may be given as env:NAME or
// file:PATH: it is then read from there each time the app is connected to, and
// only the reference is kept. Secrets may be given in no other way.
type Connection struct {
	Name     string            `yaml:"name"`
	Kind     string            `yaml:"kind"` // "sqlite", "postgres", "mysql"
	Settings map[string]string `yaml:"settings,omitempty"`
}

// Environment links two connections, which the file or the store names.
type Environment struct {
	Name      string   `yaml:"name"`
	Left      string   `yaml:"left"`
	Right     string   `yaml:"right"`
	Companies []string `yaml:"companies,omitempty"` // legal entities
	Maps      []Map    `yaml:"maps,omitempty"`
}

// Map is an entity map.
type Map struct {
	Name        string      `yaml:"name"`
	Description string      `yaml:"description,omitempty"`
	Publisher   string      `yaml:"publisher,omitempty"`
	Version     string      `yaml:"version,omitempty"`
	Master      models.Side `yaml:"master,omitempty"` // decides conflicts; right if left out
	Left        Endpoint    `yaml:"left"`
	Right       Endpoint    `yaml:"right"`
	Companies   []string    `yaml:"companies,omitempty"` // legal entities that it is limited to; all of the environment's if left out
	Key         []Pair      `yaml:"key"`
	Fields      []Field     `yaml:"fields"`
	Needs       []string    `yaml:"needs,omitempty"` // names of maps that come first, besides those that lookups tell
}

// Endpoint is one side of a map.
type Endpoint struct {
	Entity  string `yaml:"entity"`
	Label   string `yaml:"label,omitempty"`   // the entity's name if left out
	Company string `yaml:"company,omitempty"` // path of the legal entity
	Filter  string `yaml:"filter,omitempty"`
}

// Pair is a path of the left side and one of the right, or a value of each.
type Pair struct {
	Left  string `yaml:"left"`
	Right string `yaml:"right"`
}

// Field maps two paths; one of them may be left out where a default gives the value.
type Field struct {
	Left       string           `yaml:"left,omitempty"`
	Right      string           `yaml:"right,omitempty"`
	Direction  models.Direction `yaml:"direction,omitempty"` // both if left out
	Transforms []Transform      `yaml:"transforms,omitempty"`
}

// Transform is one of its four, from left to right.
type Transform struct {
	Default  *string `yaml:"default,omitempty"`
	ValueMap []Pair  `yaml:"values,omitempty"`
	Truncate int     `yaml:"truncate,omitempty"` // most characters
	// Expression is calculated of the side copied from; the direction must be one way.
	Expression string `yaml:"expression,omitempty"`
}

// Referred reports whether a setting's value is a reference to a variable or a file.
func Referred(value string) bool {
	return strings.HasPrefix(value, "env:") || strings.HasPrefix(value, "file:")
}

// Read parses a file into what the store can apply. Its errors are of kind
// models.Invalid and name the line or the thing at fault.
func Read(text []byte) (*models.Setup, error) {
	var f File
	if err := yaml.Load(text, &f, yaml.WithKnownFields()); err != nil {
		return nil, models.Errorf(models.Invalid, "the file cannot be read as YAML: %s", reasons(err))
	}
	return f.setup()
}

// reasons lists what is wrong, each with its line.
func reasons(err error) string {
	var lines []string
	add := func(e *yaml.LoadError) {
		lines = append(lines, fmt.Sprintf("line %d: %s", e.Mark.Line, strings.TrimPrefix(e.Message, fmt.Sprintf("line %d: ", e.Mark.Line))))
	}
	var all *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &all):
		for _, e := range all.Errors {
			add(e)
		}
	case errors.As(err, &one):
		add(one)
	default:
		return err.Error()
	}
	return strings.Join(lines, "; ")
}

// Write gives a setup as a file; Read makes the same setup of it.
func Write(s *models.Setup) ([]byte, error) {
	text, err := yaml.Dump(fileOf(s), yaml.WithIndent(2))
	if err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return text, nil
}
