package sqlcore

import (
	"slices"
	"strings"

	"dualwrite/connectors"
)

// Describe is the catalog in the words of connectors.
func (c *Catalog) Describe() *connectors.Schema {
	s := &connectors.Schema{}
	for _, name := range c.Names {
		t := c.Tables[name]
		company := c.Company(t)
		e := connectors.EntitySchema{Name: name, Label: name, Company: company, Blind: t.blind()}
		for i := range t.Columns {
			e.Fields = append(e.Fields, t.Columns[i].field())
		}
		for _, u := range t.Uniques {
			for _, fields := range c.spellings(t, u, company) {
				e.Keys = append(e.Keys, connectors.AlternateKey{Name: u.Name, Fields: fields, Active: true})
			}
		}
		s.Entities = append(s.Entities, e)
	}
	return s
}

func (c *Column) field() connectors.Field {
	f := connectors.Field{Name: c.Name, Label: c.Name, Type: c.Type, Length: c.Length, Digits: c.Digits, Scale: c.Scale,
		Required: c.Required, HasDefault: c.HasDefault, ReadOnly: c.Assigned, Options: c.Members}
	if f.Scale < 0 {
		f.Scale = c.Digits
	}
	switch {
	case c.Parent == nil:
	case c.Parent.Lookup:
		f.Lookup = c.Parent.Table
	default:
		f.References = c.Parent.Table + "." + c.Parent.Column
	}
	return f
}

// blind adds what no trigger of the table itself could see.
func (t *Table) blind() []string {
	blind := t.Blind[:len(t.Blind):len(t.Blind)]
	for i := range t.Columns {
		if p := t.Columns[i].Parent; p != nil && p.Lookup {
			blind = append(blind, "changes of a looked-up record ("+p.Table+") that change what "+t.Columns[i].Name+" reads as")
		}
	}
	return blind
}

// Company is the path of the legal entity by the names that the apps of the
// field give it: a column, or a lookup to a table of companies; "" for none.
func (c *Catalog) Company(t *Table) string {
	if col, ok := t.FoldColumn("dataareaid"); ok {
		return col.Name
	}
	if p, err := c.Resolve(t, "msdyn_company.cdm_companycode"); err == nil {
		return p.Text
	}
	return ""
}

// mostSpellings bounds in how many ways one key is described.
const mostSpellings = 16

// spellings are the ways to name the fields of a unique key: where a column of it
// is a lookup, by each field that identifies the parent.
func (c *Catalog) spellings(t *Table, u Unique, company string) [][]string {
	out := [][]string{nil}
	for _, pos := range u.Columns {
		var longer [][]string
		for _, path := range c.keyPaths(t, &t.Columns[pos], company) {
			for _, fields := range out {
				if len(longer) < mostSpellings {
					longer = append(longer, append(fields[:len(fields):len(fields)], path))
				}
			}
		}
		out = longer
	}
	return out
}

// keyPaths are a key's column as paths: a lookup leads on to a field that,
// besides the company, identifies the parent.
func (c *Catalog) keyPaths(t *Table, col *Column, company string) []string {
	if strings.HasPrefix(company, col.Name+".") {
		return []string{company}
	}
	if col.Parent == nil || !col.Parent.Lookup {
		return []string{col.Name}
	}
	parent := c.Tables[col.Parent.Table]
	own := c.Company(parent)
	var paths []string
	for _, u := range parent.Uniques {
		var rest []string
		for _, pos := range u.Columns {
			if name := parent.Columns[pos].Name; name != own && !strings.HasPrefix(own, name+".") {
				rest = append(rest, name)
			}
		}
		if len(rest) == 1 && !slices.Contains(paths, col.Name+"."+rest[0]) {
			paths = append(paths, col.Name+"."+rest[0])
		}
	}
	if len(paths) == 0 {
		return []string{col.Name}
	}
	return paths
}
