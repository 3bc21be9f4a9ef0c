package cds

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"dualwrite/connectors/practice/service"
)

// attributesOf describes the columns of an entity.
func attributesOf(m *service.Model, e *service.Entity) []definition {
	out := []definition{}
	for _, f := range e.Columns() {
		out = append(out, attribute(m, e, f))
	}
	return out
}

func attribute(m *service.Model, e *service.Entity, f *service.Field) definition {
	kind, details := attributeKind(m, e, f)
	level := "None"
	if f.Required && !f.HasDefault && !f.Computed {
		level = "SystemRequired"
	}
	d := definition{
		"@odata.type": "#Microsoft.Dynamics.CRM." + kind + "AttributeMetadata", "MetadataId": metadataID(e.Name + "." + f.Name),
		"LogicalName": f.Name, "SchemaName": f.Name, "EntityLogicalName": e.Name, "DisplayName": label(f.Label), "AttributeOf": nil,
		"AttributeType": kindName(kind), "AttributeTypeName": definition{"Value": kindName(kind) + "Type"},
		"IsPrimaryId": f.Primary, "IsValidForRead": true, "IsValidForCreate": !f.Computed, "IsValidForUpdate": !f.Computed && !f.Primary,
		"RequiredLevel": definition{"Value": level, "CanBeChanged": false, "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings"},
	}
	for name, value := range details {
		d[name] = value
	}
	return d
}

func kindName(kind string) string {
	if kind == "UniqueIdentifier" {
		return "Uniqueidentifier"
	}
	return kind
}

// attributeKind is the kind of a column and what only that kind tells.
func attributeKind(m *service.Model, e *service.Entity, f *service.Field) (string, definition) {
	switch f.Type {
	case service.Text:
		if f.Length == 0 || f.Length > 4000 {
			length := f.Length
			if length == 0 {
				length = 1048576
			}
			return "Memo", definition{"MaxLength": length, "Format": "TextArea"}
		}
		return "String", definition{"MaxLength": f.Length, "Format": "Text", "FormatName": definition{"Value": "Text"}}
	case service.Int:
		return "Integer", definition{"MinValue": -1 << 31, "MaxValue": 1<<31 - 1, "Format": "None"}
	case service.BigInt:
		return "BigInt", definition{"MinValue": json.Number("-9223372036854775808"), "MaxValue": json.Number("9223372036854775807")}
	case service.Decimal, service.Money:
		most := json.Number(limit(f))
		kind := map[service.Type]string{service.Decimal: "Decimal", service.Money: "Money"}[f.Type]
		return kind, definition{"Precision": f.Scale, "MinValue": "-" + most, "MaxValue": most}
	case service.Bool:
		return "Boolean", definition{"DefaultValue": false, "GlobalOptionSet": nil, "OptionSet": definition{
			"TrueOption": definition{"Value": 1, "Label": label("Yes")}, "FalseOption": definition{"Value": 0, "Label": label("No")}}}
	case service.Date:
		return "DateTime", definition{"Format": "DateOnly", "DateTimeBehavior": definition{"Value": "DateOnly"}}
	case service.DateTime:
		return "DateTime", definition{"Format": "DateAndTime", "DateTimeBehavior": definition{"Value": "UserLocal"}}
	case service.Choice:
		options := []definition{}
		for _, o := range f.Options {
			options = append(options, definition{"Value": o.Value, "Label": label(o.Label)})
		}
		return "Picklist", definition{"GlobalOptionSet": nil, "DefaultFormValue": -1, "OptionSet": definition{"Name": e.Name + "_" + f.Name, "IsGlobal": false, "OptionSetType": "Picklist", "Options": options}}
	case service.Lookup:
		targets := []string{}
		for _, one := range e.Fields {
			if one.Name == f.Name {
				targets = append(targets, targetName(m, one))
			}
		}
		return "Lookup", definition{"Targets": targets}
	}
	return "UniqueIdentifier", nil
}

func targetName(m *service.Model, lookup *service.Field) string {
	if target := m.Entity(lookup.Target); target != nil {
		return target.Name
	}
	return strings.TrimSuffix(lookup.Target, "s")
}

// limit is the largest number of a decimal's digits: "999.99".
func limit(f *service.Field) string {
	whole := strings.Repeat("9", max(f.Digits-f.Scale, 1))
	if f.Scale == 0 {
		return whole
	}
	return whole + "." + strings.Repeat("9", f.Scale)
}

// metadataID is an identifier made from a name: RFC 9562, version 8.
func metadataID(name string) string {
	h := sha256.Sum256([]byte(name))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

func entityOfMetadataID(m *service.Model, id string) *service.Entity {
	for _, e := range m.Entities {
		if metadataID(e.Name) == strings.ToLower(id) {
			return e
		}
	}
	return nil
}

// messageFilters answers which bulk messages are offered for which entities.
func (c *call) messageFilters() (*service.Response, error) {
	var all []definition
	for _, e := range c.server.store.Model.Entities {
		for _, message := range []string{"CreateMultiple", "UpdateMultiple", "UpsertMultiple"} {
			if e.Bulk {
				all = append(all, definition{"sdkmessagefilterid": metadataID(message + " " + e.Name), "primaryobjecttypecode": e.Name, "sdkmessageid/name": message})
			}
		}
	}
	f, err := service.ParseFilter(c.options["$filter"], c.options.Aliases(), grammar())
	if err != nil {
		return nil, err
	}
	found := []definition{}
	for _, d := range all {
		if service.Passes(f, d) {
			delete(d, "sdkmessageid/name")
			found = append(found, d)
		}
	}
	return c.encode(definition{"@odata.context": c.base + "$metadata#sdkmessagefilters", "value": found})
}
