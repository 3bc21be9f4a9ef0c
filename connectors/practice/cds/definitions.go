package cds

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"dualwrite/connectors/practice/service"
)

// definition is an object of the metadata as its answers show it.
type definition = map[string]any

// definitions answers calls below EntityDefinitions. They are never paged.
func (c *call) definitions() (*service.Response, error) {
	if err := c.allow("$select", "$filter", "$expand"); err != nil {
		return nil, err
	}
	m, first := c.server.store.Model, c.segments[0]
	if first.Key == nil {
		var all []definition
		for _, e := range m.Entities {
			all = append(all, c.define(e))
		}
		return c.list(all, "#EntityDefinitions")
	}
	var e *service.Entity
	if len(first.Key) == 1 {
		e = m.Named(first.Key[0].Value.Text)
		if first.Key[0].Name == "" {
			e = entityOfMetadataID(m, first.Key[0].Value.Text)
		}
	}
	if e == nil {
		return nil, &wireError{http.StatusNotFound, "0x80060888", "Could not find an entity with the specified name."}
	}
	if len(c.segments) == 1 {
		found, err := c.narrow([]definition{c.define(e)})
		if err != nil {
			return nil, err
		}
		found[0]["@odata.context"] = c.base + "$metadata#EntityDefinitions/$entity"
		return c.encode(found[0])
	}
	switch c.segments[1].Name {
	case "Keys":
		return c.list(keysOf(e), "#Keys")
	case "ManyToOneRelationships":
		return c.list(relationsOf(m, e), "#ManyToOneRelationships")
	case "Attributes":
		return c.attributes(e)
	}
	return nil, notFoundSegment(c.segments[1].Name)
}

// attributes answers the attributes of an entity, of all kinds or of one.
func (c *call) attributes(e *service.Entity) (*service.Response, error) {
	all := attributesOf(c.server.store.Model, e)
	if at := c.segments[1]; len(at.Key) == 1 {
		all = slices.DeleteFunc(all, func(a definition) bool { return a["LogicalName"] != at.Key[0].Value.Text })
	}
	if len(c.segments) > 2 {
		all = slices.DeleteFunc(all, func(a definition) bool { return a["@odata.type"] != "#"+c.segments[2].Name })
	}
	if c.segments[1].Key == nil {
		return c.list(all, "#Attributes")
	}
	found, err := c.narrow(all)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &wireError{http.StatusNotFound, "0x80060888", "Could not find an attribute with the specified name."}
	}
	return c.encode(found[0])
}

// define is one entity with everything that may be selected or expanded.
func (c *call) define(e *service.Entity) definition {
	m := c.server.store.Model
	return definition{
		"MetadataId": metadataID(e.Name), "LogicalName": e.Name, "SchemaName": e.Name, "EntitySetName": e.Set, "LogicalCollectionName": e.Set,
		"PrimaryIdAttribute": e.Primary().Name, "PrimaryNameAttribute": nameOf(e), "ChangeTrackingEnabled": e.Tracked,
		"CanChangeTrackingBeEnabled":     definition{"Value": true, "CanBeChanged": true, "ManagedPropertyLogicalName": "canchangetrackingbeenabled"},
		"IsOptimisticConcurrencyEnabled": true, "IsCustomEntity": strings.Contains(e.Name, "_"), "TableType": "Standard", "IsPrivate": false, "IsIntersect": false,
		"DisplayName": label(e.Label), "DisplayCollectionName": label(e.Label), "Description": label(""),
		"Keys": keysOf(e), "Attributes": attributesOf(m, e), "ManyToOneRelationships": relationsOf(m, e),
	}
}

// nameOf is the first text of an entity that it requires, else its first text.
func nameOf(e *service.Entity) any {
	var first any
	for _, f := range e.Fields {
		if f.Type == service.Text && f.Required {
			return f.Name
		}
		if f.Type == service.Text && first == nil {
			first = f.Name
		}
	}
	return first
}

func keysOf(e *service.Entity) []definition {
	out := []definition{}
	for _, k := range e.Keys {
		out = append(out, definition{"MetadataId": metadataID(k.Name), "LogicalName": k.Name, "SchemaName": k.Name, "EntityLogicalName": e.Name,
			"KeyAttributes": k.Fields, "EntityKeyIndexStatus": strings.ReplaceAll(k.Status, " ", ""), "DisplayName": label(k.Name)})
	}
	return out
}

func relationsOf(m *service.Model, e *service.Entity) []definition {
	out := []definition{}
	for _, f := range e.Fields {
		if target := m.Entity(f.Target); f.Type == service.Lookup && target != nil {
			name := e.Name + "_" + f.Name
			if e.Shared(f) {
				name += "_" + target.Name
			}
			out = append(out, definition{"MetadataId": metadataID(name), "SchemaName": name, "ReferencingEntity": e.Name, "ReferencingAttribute": f.Name,
				"ReferencingEntityNavigationPropertyName": f.Navigation, "ReferencedEntity": target.Name, "ReferencedAttribute": target.Primary().Name,
				"RelationshipType": "OneToManyRelationship"})
		}
	}
	return out
}

func label(text string) definition {
	return definition{"LocalizedLabels": []any{}, "UserLocalizedLabel": definition{"Label": text, "LanguageCode": 1033}}
}

// list answers several objects, filtered and narrowed to what is selected.
func (c *call) list(all []definition, context string) (*service.Response, error) {
	found, err := c.narrow(all)
	if err != nil {
		return nil, err
	}
	return c.encode(definition{"@odata.context": c.base + "$metadata" + context, "value": found})
}

func (c *call) encode(d definition) (*service.Response, error) {
	encoded, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write metadata: %w", err)
	}
	return c.json(http.StatusOK, encoded)
}

// narrow applies $filter, $select and $expand.
func (c *call) narrow(all []definition) ([]definition, error) {
	expands := map[string][]string{}
	for _, part := range splitTop(c.options["$expand"], ',') {
		name, rest, _ := strings.Cut(strings.TrimSpace(part), "(")
		expands[name] = nil
		for _, o := range splitTop(strings.TrimSuffix(rest, ")"), ';') {
			if selected, ok := strings.CutPrefix(strings.TrimSpace(o), "$select="); ok {
				expands[name] = strings.Split(selected, ",")
			}
		}
	}
	if text, has := c.options["$filter"]; has {
		f, err := service.ParseFilter(text, c.options.Aliases(), grammar())
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(d definition) bool { return !service.Passes(f, d) })
	}
	var selected []string
	if text := c.options["$select"]; text != "" {
		selected = strings.Split(text, ",")
	}
	out := make([]definition, len(all))
	for i, d := range all {
		out[i] = cut(d, selected, expands)
	}
	return out, nil
}

// cut keeps of an object what is selected and expanded.
func cut(d definition, selected []string, expands map[string][]string) definition {
	out := definition{}
	for name, value := range d {
		inner, isNavigation := value.([]definition)
		narrow, expanded := expands[name]
		switch {
		case (isNavigation || name == "OptionSet" || name == "GlobalOptionSet") && !expanded:
		case isNavigation && expanded:
			list := make([]definition, len(inner))
			for i, x := range inner {
				list[i] = cut(x, narrow, nil)
			}
			out[name] = list
		case expanded, selected == nil, slices.Contains(selected, name), name == "MetadataId", name == "systemuserid", strings.HasPrefix(name, "@"):
			out[name] = value
		}
	}
	return out
}
