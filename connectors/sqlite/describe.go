package sqlite

import (
	"strings"

	"dualwrite/connectors"
)

// describe is the catalog in the words of connectors.
func (c *catalog) describe() *connectors.Schema {
	s := &connectors.Schema{}
	for _, name := range c.names {
		t := c.tables[name]
		company := c.company(t)
		e := connectors.EntitySchema{Name: name, Label: name, Company: company, Blind: t.blind()}
		for i := range t.columns {
			e.Fields = append(e.Fields, t.field(&t.columns[i]))
		}
		for _, u := range t.uniques {
			key := connectors.AlternateKey{Name: u.name, Active: true}
			for _, pos := range u.columns {
				key.Fields = append(key.Fields, c.keyPath(t, &t.columns[pos], company))
			}
			e.Keys = append(e.Keys, key)
		}
		s.Entities = append(s.Entities, e)
	}
	return s
}

func (t *table) field(col *column) connectors.Field {
	f := connectors.Field{Name: col.name, Label: col.name, Type: col.typ, Length: col.length, Digits: col.digits, Scale: col.scale,
		Required: col.required, HasDefault: col.hasDefault, ReadOnly: col.generated}
	if t.key() == col {
		f.ReadOnly = f.ReadOnly || t.alias
		f.HasDefault = f.HasDefault || t.alias || col.typ == connectors.GUID
	}
	if col.typ == connectors.DateTime {
		f.Scale = 6
	}
	if f.Scale < 0 {
		f.Scale = col.digits
	}
	if col.parent != nil && col.parent.lookup {
		f.Lookup = col.parent.table
	} else if col.parent != nil {
		f.References = col.parent.table + "." + col.parent.column
	}
	return f
}

// blind tells what triggers cannot see.
func (t *table) blind() []string {
	blind := []string{"rows that a REPLACE conflict removes, unless the app's own connection has recursive_triggers on"}
	for i := range t.columns {
		if p := t.columns[i].parent; p != nil && p.lookup {
			blind = append(blind, "changes of a looked-up record ("+p.table+") that change what "+t.columns[i].name+" reads as")
		}
	}
	if len(t.pk) == 0 {
		blind = append(blind, "VACUUM, which may renumber the rows of a table without a primary key")
	}
	if t.nullableKey() {
		blind = append(blind, "rows without a primary key value, which are left out altogether")
	}
	return blind
}

// nullableKey reports whether SQLite lets rows have a null in their primary key.
func (t *table) nullableKey() bool {
	if t.alias {
		return false
	}
	for _, pos := range t.pk {
		if !t.columns[pos].required {
			return true
		}
	}
	return false
}

// company is the path of the legal entity by the names that the apps of the
// field give it: a column, or a lookup to a table of companies.
func (c *catalog) company(t *table) string {
	if col, ok := t.foldColumn("dataareaid"); ok {
		return col.name
	}
	if p, err := c.resolve(t, "msdyn_company.cdm_companycode"); err == nil {
		return p.text
	}
	return ""
}

// keyPath is a key's column as a path: a lookup leads on to the one field that,
// besides the company, identifies the parent.
func (c *catalog) keyPath(t *table, col *column, company string) string {
	if strings.HasPrefix(company, col.name+".") {
		return company
	}
	if col.parent == nil || !col.parent.lookup {
		return col.name
	}
	parent := c.tables[col.parent.table]
	own := c.company(parent)
	for _, u := range parent.uniques {
		var rest []string
		for _, pos := range u.columns {
			if name := parent.columns[pos].name; name != own && !strings.HasPrefix(own, name+".") {
				rest = append(rest, name)
			}
		}
		if len(rest) == 1 {
			return col.name + "." + rest[0]
		}
	}
	return col.name
}
